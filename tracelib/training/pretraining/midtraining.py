"""The last part of pre-training: name the kind of a question, quote the lines it rests on, answer it.

Fine-tuning asks for the same steps; here they come in the project's own sentences. A reply is the answer
alone, or the lines and the answer, or all three steps. The words between the steps and around the question
are drawn anew each time and are not learned, so the base learns the steps and no wording. Lines, and several
answers, are written as Python lists, as in the corpus.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from transformers import PreTrainedTokenizerFast

from tracelib.training.models import ASSISTANT, USER
from tracelib.training.pretraining import corpus, passages, records, stories, words
from tracelib.training.pretraining.document import FIRST, FRAMES, framed
from tracelib.training.pretraining.numbers import NUMBERS
from tracelib.training.pretraining.records import JOINED, Calendar, Deed, Record, meet, relation
from tracelib.training.sft import IGNORED, Example

AT_ONCE, WITH_LINES = 0.3, 0.25  # shares of replies: the answer alone, the lines and the answer
FEWEST_YEARS = 30  # in the calendar of a text: in fewer, spans can hardly be told apart
BEGIN, GO_ON = ("", "", "<", "[", "- "), (".\n", ". ", "\n", "; ", "</", "] ")  # before the words of a step
END = (": ", ": ", " ", "\n", "> ", ">", " = ")


class Task(NamedTuple):
    """A question about some lines, and the steps to its answer."""

    question: str
    kind: str
    lines: list[str]
    answer: str


STEMS = (
    "sail", "row", "paint", "cook", "hunt", "report", "film", "print", "dance", "act", "train",
    "farm", "sew", "fish", "call", "jump", "count", "sort", "draft", "edit", "mend", "pack",
)  # fmt: skip
PREPOSITIONS = ("for", "with", "at", "in", "under", "near")
NOUNS = ("seat", "rank", "post", "title", "role", "club", "crew", "firm", "band", "class")
WHEN = (
    *JOINED,
    "In the years when {event}, {asked}?",
    "During the time that {event}, {asked} at any point?",
    "{asked}, at a time when {event}?",
    "As long as {event}, {asked}?",
    "For the years in which {event}: {asked} in them?",
)
EXCHANGED = (*words.PLACES, *words.NOUNS, *stories.MOVES, *stories.TAKES, *stories.LEAVES)
ANY_EXCHANGED = words.any_of(EXCHANGED)
KINDS = {"same": "alike", "inside": "within", "around": "within", "partly": "in part"}


def _regular(stem: str, preposition: str) -> Deed:
    return Deed(
        f"{stem}s {preposition} {{}}",
        f"{stem}ed {preposition} {{}}",
        (f"{preposition} what did {{}} {stem}", f"what did {{}} {stem} {preposition}"),
    )


def _owned(noun: str) -> Deed:
    return Deed(
        f"has the {noun} of {{}}",
        f"had the {noun} of {{}}",
        (f"what {noun} did {{}} have", f"in what {noun} was {{}}", f"which {noun} was that of {{}}"),
    )


DEEDS = (
    *records.DEEDS,
    *(_regular(stem, preposition) for stem in STEMS for preposition in PREPOSITIONS),
    *(3 * [_owned(noun) for noun in NOUNS]),
)


def _dated(rng: random.Random) -> tuple[list[str], list[Task]]:
    """Dated records, and questions about any time or about the time of an event."""
    calendar = Calendar(rng, 1.0)
    while calendar.last - calendar.first < FEWEST_YEARS:
        calendar = Calendar(rng, 1.0)
    kept = records.dated(rng, calendar, _deeds(rng), 0.75)
    tasks = [rng.choice(ASKS)(rng, kept) for _ in range(rng.randint(6, 12))]
    tasks = [task for task in tasks if task.lines or rng.random() < 0.3][:6]
    return [record.line for record in kept], tasks


def _deeds(rng: random.Random) -> list[tuple[str, Deed, str]]:
    """Who did what: a few people did several things, or several people did the same."""
    count = rng.randint(3, 5)
    who, what = words.people(rng, count), words.organisations(rng, count)
    deeds = rng.sample(DEEDS, 3)
    if rng.random() < 0.6:
        few = who[: rng.choice((1, 2, 2, 3))]
        some = deeds[: rng.choice((1, 2, 2, 3))]
        return [(rng.choice(few), rng.choice(some), what[n]) for n in range(count)]
    same = rng.randint(2, count)  # so many did one thing
    return [(who[n], deeds[0], what[0]) if n < same else (who[n], deeds[1], what[n]) for n in range(count)]


def _at_the_time(rng: random.Random, kept: list[Record]) -> Task:
    """A question about the time of an event; its kind says how the times meet."""
    anchor, pool, side, asked = records.at_a_time(rng, kept, 0.9)
    found = [r for r in pool if meet(r.span, anchor.span)]
    kinds = {KINDS[relation(r.span, anchor.span)] for r in found}
    kind = kinds.pop() if len(kinds) == 1 else "several" if kinds else "apart"
    question = rng.choice(WHEN).format(asked=asked, event=anchor.event)
    answers = [getattr(record, side) for record in found]
    return Task(records.sentence(question), kind, [r.line for r in found], str(answers))


def _all_of(rng: random.Random, kept: list[Record]) -> Task:
    """A question about any time: all that somebody did of one kind, or all who did something."""
    one = max(rng.sample(kept, 2), key=lambda r: sum((o.who, o.deed) == (r.who, r.deed) for o in kept))
    if rng.random() < 0.7:
        found = [r for r in kept if (r.who, r.deed) == (one.who, one.deed)]
        side, question = "what", rng.choice(one.deed.asked).format(one.who)
    else:
        found = [r for r in kept if (r.what, r.deed) == (one.what, one.deed)]
        side, question = "who", f"who {one.deed.past.format(one.what)}"
    answers = [getattr(record, side) for record in found]
    return Task(records.sentence(question), NUMBERS[len(found)], [r.line for r in found], str(answers))


ASKS = (_all_of, _at_the_time, _at_the_time)


def _told(rng: random.Random) -> tuple[list[str], list[Task]]:
    """A story and its questions; in half of the texts, places, things and verbs are other words."""
    lines, turns = stories.told(rng, rng.randint(3, 5))
    other = _exchange(rng)
    tasks = []
    for question, answer, because in rng.sample(turns, min(len(turns), rng.randint(3, 6))):
        quoted = [other(line) for line in because]
        tasks.append(Task(other(question), stories.category(question), quoted, other(answer)))
    return [other(line) for line in lines], tasks


def _exchange(rng: random.Random) -> Callable[[str], str]:
    """A function that replaces places, things and verbs in a text; for half of the texts it does nothing."""
    if rng.random() < 0.5:
        return str
    new = dict(zip(EXCHANGED, rng.sample(words.ORDINARY, len(EXCHANGED)), strict=True))
    return lambda text: ANY_EXCHANGED.sub(lambda found: new[found[0]], text)


def _stated(rng: random.Random) -> tuple[list[str], list[Task]]:
    """Passages and queries: one passage, several or none answer a query."""
    lines, found = passages.stated(rng)
    tasks = [Task(query, kind, [lines[n] for n in places], answer) for query, kind, places, answer in found]
    return lines, tasks


DRAWS = {_dated: 50, _told: 20, _stated: 30}
READ_BEFORE = 0.15  # share of documents from the corpus, so that the base does not forget them


def draw(rng: random.Random) -> list[tuple[str, list[tuple[str, bool]]]]:
    """A text's turns: the user message, and the reply in pieces (text, whether it is learned)."""
    lines, tasks = rng.choices([*DRAWS], [*DRAWS.values()])[0](rng)
    frame = _frame(rng)
    turns = []
    for task in {task.question: task for task in tasks}.values():
        user = task.question
        if not turns:
            user = framed(frame, lines, task.question)
        turns.append((user, _reply(rng, task)))
    return turns


def _frame(rng: random.Random) -> str:
    """A frame for the lines and the question: one of `FRAMES`, or made of random words."""
    if rng.random() < 0.3:
        return rng.choice(FRAMES)
    start, middle, end = (_some_words(rng, most) for most in (8, 3, 6))
    between = rng.choice((": ", ":\n", "\n", "? "))
    held = rng.choice(("{lines}", "{list}", "{list}"))
    after = f" {end}.\n" if rng.random() < 0.5 else ""
    return f"{start}{between}{held}\n{middle}{between}{{question}}{after}"


def _some_words(rng: random.Random, most: int) -> str:
    return " ".join(words.common(rng, rng.randint(1, most)))


def _reply(rng: random.Random, task: Task) -> list[tuple[str, bool]]:
    """The pieces of a reply: its steps, and before them words that are not learned."""
    way = rng.random()
    steps = [task.answer]
    if way > AT_ONCE:
        steps.insert(0, str(task.lines))
    if way > AT_ONCE + WITH_LINES:
        steps.insert(0, task.kind)
    pieces = []
    for number, step in enumerate(steps):
        if len(steps) > 1 or rng.random() < 0.5:
            pieces.append((_said(rng, first=number == 0), False))
        pieces.append((step, True))
    return pieces


def _said(rng: random.Random, first: bool) -> str:
    """The words before a step: one of `FIRST`, or random words."""
    start = rng.choice(BEGIN if first else GO_ON)
    body = rng.choice(FIRST) if rng.random() < 0.25 else _some_words(rng, rng.choice((1, 2, 12)))
    return start + body + rng.choice(END)


def texts(seed: int, count: int) -> list[str]:
    """The practice texts among the first `count` of a stream, in plain text."""
    streams = (_stream(seed, number) for number in range(count))
    drawn = (draw(rng) for rng in streams if rng.random() >= READ_BEFORE)
    return ["\n".join(f"{user}\n{''.join(t for t, _ in reply)}" for user, reply in turns) for turns in drawn]


def _stream(seed: int, number: int) -> random.Random:
    return random.Random(f"practice/{seed}/{number}")


def encode(tokenizer: PreTrainedTokenizerFast, seed: int, number: int, progress: float = 1.0) -> Example:
    """Text `number` of a stream as tokens; only steps are learned. Some texts are documents of the corpus."""
    rng = _stream(seed, number)
    if rng.random() < READ_BEFORE:
        return corpus.encode(tokenizer, f"{seed}/practice", number, 1.0)
    ids, labels = [], []
    for user, reply in draw(rng):
        tokens, steps = _turn(tokenizer, user, reply)
        ids += tokens
        labels += [token if step else IGNORED for token, step in zip(tokens, steps, strict=True)]
    longest = tokenizer.model_max_length
    return {"item": str(number), "input_ids": ids[:longest], "labels": labels[:longest]}


def _turn(tokenizer, user: str, reply: list[tuple[str, bool]]) -> tuple[list[int], list[bool]]:
    """A turn's tokens, and whether each starts in a step; the token that ends the reply counts as a step."""
    text, spans = f"{USER}{user}{ASSISTANT}", []
    for piece, is_step in reply:
        spans += [(len(text), len(text) + len(piece))] if is_step else []
        text += piece
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    steps = [any(first <= start < last for first, last in spans) for start, _ in found["offset_mapping"]]
    return [*found["input_ids"], tokenizer.eos_token_id], [*steps, True]
