"""Documents of years, numbers and lists: order, spans, copying, membership, letter case."""

import random

from tracelib.training.pretraining import words
from tracelib.training.pretraining.document import Document
from tracelib.training.pretraining.records import Calendar, meet, relation


def spans(rng: random.Random, level: float) -> Document:
    """Questions: which of two dates is earlier, how two spans relate, which spans meet."""
    calendar = Calendar(rng, level)
    kinds = (0, 1, 2) if rng.random() < level else (rng.randrange(2 if level < 0.3 else 3),)
    turns = []
    for _ in range(rng.randint(4, 8)):
        one = calendar.span()
        other = calendar.span(one) if rng.random() < 0.7 else calendar.span()
        kind = rng.choice(kinds)
        if kind == 0:
            found = "equal" if one[0] == other[0] else "earlier" if one[0] < other[0] else "later"
            turns.append((f"{one[0]} against {other[0]}?", found))
        elif kind == 1:
            turns.append((f"{calendar.text(one)} / {calendar.text(other)}?", relation(one, other)))
        else:
            others = [calendar.span(one) for _ in range(rng.randint(2, 4))]
            texts = [calendar.text(span) for span in others]
            met = [t for t, s in zip(texts, others, strict=True) if meet(s, one)]
            turns.append((f"Which meet {calendar.text(one)}: {'; '.join(texts)}?", "; ".join(met) or "none"))
    return Document((), tuple(turns))


def echo(rng: random.Random, level: float) -> Document:
    """Items to repeat word for word: a model must copy before it can quote."""
    draw = rng.choice((words.people, words.organisations, words.things, words.common, words.nonsense))
    items = draw(rng, rng.randint(2, 3 + round(5 * level)))
    if rng.random() < 0.3:
        items = [f"{item} {rng.randint(1900, 2020)}" for item in items]
    between = rng.choice((", ", "; ", "\n", " and ", "', '"))
    text = between.join(items)
    turns = [
        (f"{text}\nSay it again.", text),
        (f"{text}\nThree times.", between.join(3 * [text])),
        ("As a list.", str(items)),
        ("From last to first.", between.join(items[::-1])),
    ]
    return Document((), (rng.choice(turns[:2]), *rng.sample(turns, rng.randint(0, 2))))


def lists(rng: random.Random, level: float) -> Document:
    """Questions about a list: copy it, pick, search, write in lower case, count."""
    draw = rng.choice((words.people, words.organisations, words.things, words.common))
    items = draw(rng, rng.randint(2, 3 + round(5 * level)))
    absent = next(item for item in draw(rng, len(items) + 1) if item not in items)
    following = dict(zip(items, [*items[1:], "the end"], strict=True))
    turns = []
    for _ in range(rng.randint(3, 6)):
        item = rng.choice(items)
        turns.append(
            rng.choice(
                (
                    ("Write it out as a list.", str(items)),
                    (f"In small letters: {item}", item.lower()),
                    (f"Find the line: {item.lower()}", item),
                    (f"What comes right after {item}?", following[item]),
                    (f"Is {item} here?", "yes"),
                    (f"Is {absent} here?", "no"),
                    ("How many are there?", NUMBERS[len(items)]),
                )
            )
        )
    return Document(tuple(items), tuple(turns))


NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
