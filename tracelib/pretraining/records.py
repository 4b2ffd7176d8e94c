"""Records of who did what when: looking up, quoting, and what happened at the same time."""

import random
from typing import NamedTuple

from tracelib.pretraining import words
from tracelib.pretraining.document import Document

DEEDS = {  # as a statement, as something that is asked for
    "lead": ("led the {}", "What did {} lead"),
    "write": ("wrote for the {}", "What did {} write for"),
    "serve": ("served on the {}", "What did {} serve on"),
    "teach": ("taught at the {}", "Where did {} teach"),
    "sing": ("sings with the {}", "What did {} sing with"),
    "study": ("is a student of the {}", "Where was {} a student"),
    "belong": ("belongs to the {}", "What did {} belong to"),
    "run": ("holds a seat in the {}", "Where did {} hold a seat"),
}
SPANS = ("from {} to {}", "from {} to {}", "between {} and {}", "{} to {}")
RELATIONS = ("same", "inside", "around", "partly", "apart")


class Record(NamedTuple):
    who: str
    deed: str
    what: str
    span: tuple[int, int]
    when: str  # the span as the line writes it

    @property
    def event(self) -> str:
        return f"{self.who} {DEEDS[self.deed][0].format(self.what)}"

    @property
    def line(self) -> str:
        return f"{self.event} {self.when}."


def relation(span: tuple[int, int], other: tuple[int, int]) -> str:
    """How `span` lies to `other`, in our words: one of `RELATIONS`."""
    if span == other:
        return "same"
    if span[1] < other[0] or other[1] < span[0]:
        return "apart"
    if other[0] <= span[0] and span[1] <= other[1]:
        return "inside"
    return "around" if span[0] <= other[0] and other[1] <= span[1] else "partly"


class Calendar:
    """Dates of one document: years or months, in a window that the level widens."""

    def __init__(self, rng: random.Random, level: float):
        self.rng = rng
        self.months = rng.random() < 0.25 * level
        years = round(12 + level * rng.random() * 108)
        first = rng.randint(1900, 2021 - years)
        unit = 12 if self.months else 1
        self.first, self.last = first * unit, (first + years) * unit - 1

    def span(self, near: tuple[int, int] | None = None) -> tuple[int, int]:
        """Any span of time, or one whose ends are close to another's."""
        rng, longest = self.rng, max(2, (self.last - self.first) // 3)
        if near:
            kind = rng.choice(("same", "shifted", "shifted", "within", "about"))
            reach = max(1, (near[1] - near[0]) // 2)
            shift = {"same": (0, 0), "within": (rng.randint(0, reach), -rng.randint(0, reach))}.get(kind)
            if kind == "about":
                shift = -rng.randint(1, reach + 1), rng.randint(1, reach + 1)
            if kind == "shifted":
                shift = (rng.choice((-1, 1)) * rng.randint(1, 2 * reach + 1),) * 2
            start, end = near[0] + shift[0], near[1] + shift[1]
            if self.first <= start <= end <= self.last:
                return start, end
        length = 0 if rng.random() < 0.2 else rng.randint(1, longest)
        start = rng.randint(self.first, self.last - length)
        return start, start + length

    def text(self, span: tuple[int, int]) -> str:
        if span[0] == span[1]:
            return f"in {self.date(span[0])}"
        return self.rng.choice(SPANS).format(self.date(span[0]), self.date(span[1]))

    def date(self, unit: int) -> str:
        if not self.months:
            return str(unit)
        year, month = divmod(unit, 12)
        return f"{words.MONTHS[month]}, {year}"


def draw(rng: random.Random, level: float) -> Document:
    """Records about a few people, and questions that look up, quote and compare them."""
    calendar = Calendar(rng, level)
    count = rng.randint(2, 3 + round(5 * level))
    who = words.people(rng, rng.randint(2, 2 + round(2 * level)))
    objects = words.organisations(rng, count)
    deeds = rng.sample(list(DEEDS), rng.randint(1, 3))
    records: list[Record] = []
    for what in objects:
        near = records[0].span if records and rng.random() < 0.6 else None
        span, name, deed = calendar.span(near), rng.choice(who), rng.choice(deeds)
        records.append(Record(name, deed, what, span, calendar.text(span)))
    rng.shuffle(records)
    style = rng.choice(("bracket", "bracket", "semicolon", "and"))
    asks = [_lookup, _quote, _all_of, _compare, _at_the_time, _at_the_time]
    turns = [rng.choice(asks)(rng, records, calendar, style) for _ in range(rng.randint(3, 7))]
    return Document(tuple(record.line for record in records), tuple(turns))


def _lookup(rng, records, calendar, style):
    record = rng.choice(records)
    return rng.choice(("When was it that {}?", "Give the time: {}")).format(record.event), record.when


def _quote(rng, records, calendar, style):
    chosen = rng.choice(records)
    field = rng.choice(("who", "what"))
    wanted = getattr(chosen, field)
    lines = [record.line for record in records if getattr(record, field) == wanted]
    return f"Copy every line with {wanted}.", words.listed(lines, "bracket")


def _all_of(rng, records, calendar, style):
    record = rng.choice(records)
    found = [r.what for r in records if (r.who, r.deed) == (record.who, record.deed)]
    return f"{DEEDS[record.deed][1].format(record.who)}?", words.listed(found, style)


def _compare(rng, records, calendar, style):
    one, other = rng.sample(records, 2)
    found = relation(one.span, other.span)
    return (
        f"The temporal relation between the event {one.event} and the event {other.event}?",
        f"{one.when} / {other.when}: {found}",
    )


def _at_the_time(rng, records, calendar, style):
    """What somebody did while something else was so; with or without the lines it rests on."""
    anchor = rng.choice(records)
    asked = rng.choice([r for r in records if r is not anchor])
    pool = [r for r in records if r is not anchor and (r.who, r.deed) == (asked.who, asked.deed)]
    found = [r for r in pool if relation(r.span, anchor.span) != "apart"]
    question = f"{DEEDS[asked.deed][1].format(asked.who)} while {anchor.event}?"
    answer = words.listed([r.what for r in found], style)
    if rng.random() < 0.4:
        return f"{question} Show the lines.", f"{words.listed([r.line for r in found], 'bracket')} {answer}"
    return question, answer
