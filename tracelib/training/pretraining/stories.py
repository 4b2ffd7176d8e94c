"""Short stories (who went where, took what, stands where); each kind has its own questions."""

import random
from itertools import pairwise

from tracelib.training.pretraining import words
from tracelib.training.pretraining.document import Document
from tracelib.training.pretraining.numbers import NUMBERS

MOVES = ("went", "moved", "ran", "drove", "came", "headed", "walked back", "rushed")
TAKES = ("took", "grabbed", "picked up")
LEAVES = ("left", "put down", "dropped")
HOURS = ("at dawn", "at noon", "in the evening", "at night", "on Monday", "on Friday", "last week")
Turn = tuple[str, str, list[str]]  # question, answer, lines that the answer rests on
DIRECTIONS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
SIDES = {"over": (0, 1), "under": (0, -1), "left of": (-1, 0), "right of": (1, 0)}


def draw(rng: random.Random, level: float) -> Document:
    """A story of a random kind; easy stories say one thing about each person."""
    size = 3 + round(3 * level * rng.random()) + rng.randint(0, 1)
    if rng.random() >= level:
        return _once(rng, size)
    return _document(rng, *told(rng, size))


def told(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """The lines of a story, and its possible questions."""
    lines, turns = rng.choice(KINDS)(rng, size)
    return lines, [(question, answer, sorted(set(why), key=lines.index)) for question, answer, why in turns]


def _first_names(rng: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[words.word(rng)] = None
    return list(names)


ONCE = (  # words, verbs, the text between them; a question about the word, a question about the name
    (words.PLACES, MOVES, "to the ", "Who is in the {}?", "Where is {} now?"),
    (words.NOUNS, TAKES, "the ", "Who has the {}?", "What does {} hold?"),
    (words.COLOURS, ("is",), "", "Who is {}?", "What colour is {}?"),
)


def _once(rng: random.Random, size: int) -> Document:
    """Where each person went, what each carries, or what colour each is; asked from either side."""
    people = _first_names(rng, size)
    choices, verbs, between, of_the_word, of_the_name = rng.choice(ONCE)
    lines, turns = [], []
    for name, word in zip(people, rng.sample(choices, size), strict=True):
        lines.append(f"{name} {rng.choice(verbs)} {between}{word}.")
        backwards = rng.random() < 0.25
        turns.append((of_the_word.format(word), name) if backwards else (of_the_name.format(name), word))
    rng.shuffle(turns)
    return Document(tuple(lines), tuple(turns))


def _wanderers(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """People who move and carry things: where people and things are or were, what and how many they hold."""
    people, things = _first_names(rng, rng.randint(2, 4)), rng.sample(words.NOUNS, 3)
    lines: list[str] = []
    places: dict[str, list[tuple[str, str]]] = {}
    held: dict[str, tuple[str, str]] = {}  # thing -> who has it, line
    lying: dict[str, tuple[str, str, str]] = {}  # thing -> place, lines that say so
    handled: dict[str, list[str]] = {name: [] for name in people}
    while len(lines) < size:
        group = rng.sample(people, 2 if rng.random() < 0.25 else 1)
        name = group[0]
        mine = [thing for thing, (owner, _) in held.items() if owner == name]
        free = [thing for thing in things if thing not in held and thing not in lying]
        action = rng.random()
        if name in places and free and action < 0.3:
            thing = rng.choice(free)
            lines.append(f"{name} {rng.choice(TAKES)} the {thing} there.")
            held[thing] = name, lines[-1]
            handled[name].append(lines[-1])
        elif mine and action < 0.45:
            thing = rng.choice(mine)
            lines.append(f"{name} {rng.choice(LEAVES)} the {thing} there.")
            lying[thing] = (places[name][-1][0], places[name][-1][1], lines[-1])
            handled[name].append(lines[-1])
            del held[thing]
        else:
            place = rng.choice(words.PLACES)
            lines.append(f"{' and '.join(group)} {rng.choice(MOVES)} to the {place}.")
            for one in group:
                places.setdefault(one, []).append((place, lines[-1]))
    turns = []
    for name, been in places.items():
        turns.append((f"Where is {name} now?", been[-1][0], been[-1:]))
        if len(been) > 1 and been[-1][0] != been[-2][0]:
            before = f"Where had {name} been before the {been[-1][0]}?"
            turns.append((before, been[-2][0], been[-2:]))
        has = [thing for thing, (owner, _) in held.items() if owner == name]
        because = [("", line) for line in handled[name]]
        turns.append((f"What does {name} hold?", ",".join(has) or "nothing", because))
        turns.append((f"How many things does {name} hold?", NUMBERS[len(has)], because))
    for thing, (owner, line) in held.items():
        place, arrival = places[owner][-1]
        turns.append((f"Where is the {thing} now?", place, [("", arrival), ("", line)]))
    for thing, (place, arrival, line) in lying.items():
        turns.append((f"Where is the {thing} now?", place, [("", arrival), ("", line)]))
    return lines, [(q, a, [line for _, line in b]) for q, a, b in turns]


def _days(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """Where somebody was at an hour, and where before; the lines are out of order."""
    hours = HOURS[: rng.randint(3, 4)]
    people = _first_names(rng, max(2, size // 3))
    where = {name: rng.sample(words.PLACES, len(hours)) for name in people}
    lines, turns = [], []
    for name in people:
        said = []
        for place, hour in zip(where[name], hours, strict=True):
            verb = rng.choice(MOVES)
            early = f"{hour.capitalize()} {name} {verb} to the {place}."
            said.append(early if rng.random() < 0.5 else f"{name} {verb} to the {place} {hour}.")
        lines += said
        for at in range(1, len(hours)):
            asked = f"Where had {name} been before the {where[name][at]}?"
            turns.append((asked, where[name][at - 1], said[at - 1 : at + 1]))
        at = rng.randrange(len(hours))
        turns.append((f"Where was {name} {hours[at]}?", where[name][at], [said[at]]))
    rng.shuffle(lines)
    order = f"First {', then '.join(hours)}."
    return [order, *lines], turns


def _kinds(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """Kinds of animals: what each animal fears, by a rule; what colour a new one has, by example."""
    kinds = rng.sample(list(words.ANIMALS), 4)
    fears = {kind: rng.choice([other for other in kinds if other != kind]) for kind in kinds}
    rules = {k: f"{words.ANIMALS[k].capitalize()} run from {words.ANIMALS[v]}." for k, v in fears.items()}
    looks = dict(zip(kinds, rng.sample(words.COLOURS, 4), strict=True))
    names = _first_names(rng, max(3, size - 3))
    lines, turns = [], []
    if rng.random() < 0.5:
        lines += list(rules.values())
        for name in names[: max(2, size - 4)]:
            kind = rng.choice(kinds)
            lines.append(f"{name} is a {kind}.")
            turns.append((f"What does {name.lower()} run from?", fears[kind], [rules[kind], lines[-1]]))
    else:
        shown: dict[str, tuple[str, str]] = {}
        for name in names:
            kind = rng.choice(kinds[:3])
            is_a, looks_so = f"{name} is a {kind}.", f"{name} is {looks[kind]}."
            lines.append(is_a)
            if kind in shown and rng.random() < 0.6:
                turns.append((f"What colour is {name}?", looks[kind], [*shown[kind], is_a]))
            else:
                lines.append(looks_so)
                shown.setdefault(kind, (is_a, looks_so))
                turns.append((f"What colour is {name}?", looks[kind], [looks_so]))
    rng.shuffle(lines)
    return lines, turns


def _sizes(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """Which of two things is larger, along a chain."""
    things = words.things(rng, min(6, max(3, size - 1)))
    lines, turns = [], []
    for small, large in pairwise(things):
        lines.append(
            f"The {large} is larger than the {small}."
            if rng.random() < 0.5
            else f"The {small} goes into the {large}."
        )
    chain = list(lines)
    for _ in range(4):
        one, two = sorted(rng.sample(range(len(things)), 2))
        why = chain[one:two]
        if rng.random() < 0.5:
            turns.append((f"Does the {things[one]} go into the {things[two]}?", "yes", why))
        else:
            turns.append((f"Does the {things[two]} go into the {things[one]}?", "no", why))
    rng.shuffle(lines)
    return lines, turns


def _positions(rng: random.Random, size: int) -> tuple[list[str], list[Turn]]:
    """How things lie to each other, over one or two steps."""
    sides = SIDES if rng.random() < 0.5 else DIRECTIONS
    things = words.things(rng, 8)
    at, lines, said = {things[0]: (0, 0)}, [], {}
    for thing in things[1 : max(3, size)]:
        anchor, side = rng.choice(list(at)), rng.choice(list(sides))
        spot = at[anchor][0] + sides[side][0], at[anchor][1] + sides[side][1]
        if spot in at.values():
            continue
        at[thing] = spot
        middle = f"{side} of" if sides is DIRECTIONS else side
        lines.append(f"The {thing} is {middle} the {anchor}.")
        said[thing] = anchor, side, lines[-1]
    turns = []
    for thing, (anchor, side, line) in said.items():
        middle = f"{side} of" if sides is DIRECTIONS else side
        turns.append((f"What is {middle} the {anchor}?", _only(said, anchor, side) or thing, [line]))
        for asked, (dx, dy) in rng.sample(list(sides.items()), 2):
            other = said[anchor][0] if anchor in said and rng.random() < 0.6 else anchor
            why = [line] if other == anchor else [said[anchor][2], line]
            gap = at[thing][0] - at[other][0], at[thing][1] - at[other][1]
            yes = gap[0] * dx + gap[1] * dy > 0
            middle = f"{asked} of" if sides is DIRECTIONS else asked
            turns.append((f"Is the {thing} {middle} the {other}?", "yes" if yes else "no", why))
    rng.shuffle(lines)
    return lines, turns


def _only(said: dict, anchor: str, side: str) -> str:
    return next(thing for thing, (a, s, _) in said.items() if (a, s) == (anchor, side))


KINDS = (_wanderers, _wanderers, _wanderers, _days, _kinds, _sizes, _positions)


CATEGORIES = {
    "before": "time", "Where": "place", "How many": "number", "hold": "things", "run from": "reasons",
    "colour": "looks", " go into ": "size", "What is": "neighbours", "Is the": "position",
}  # fmt: skip


def category(question: str) -> str:
    """The category of a question, found by its wording."""
    return next(name for words_in_it, name in CATEGORIES.items() if words_in_it in question)


def _document(rng: random.Random, lines: list[str], turns: list[Turn]) -> Document:
    """A document with some of the questions; some ask for the lines first, some for the lines alone."""
    chosen = []
    for question, answer, because in rng.sample(turns, min(len(turns), rng.randint(4, 9))):
        way = rng.random()
        if way < 0.15:
            chosen.append((f"{question} Show the lines.", f"{because} {answer}"))
        elif way < 0.3:
            shown = f"{category(question)}; {because} {answer}"
            chosen.append((f"{question} Show the category, then the lines.", shown))
        elif way < 0.4:
            small = str([line.lower() for line in because])
            chosen.append((f"{question} Only the lines, in small letters.", small))
        elif way < 0.5:
            chosen.append((f"What is the category of the question: {question}", category(question)))
        else:
            chosen.append((question, answer))
    return Document(tuple(lines), tuple(chosen))
