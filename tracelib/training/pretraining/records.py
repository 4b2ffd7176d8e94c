"""Dated records of who did what, and questions: look up, quote, compare, find what happened at a time."""

import random
from typing import NamedTuple

from tracelib.training.pretraining import words
from tracelib.training.pretraining.document import Document


class Deed(NamedTuple):
    """A kind of deed: in the present, in the past, and as questions about a person."""

    now: str
    past: str
    asked: tuple[str, ...]


DEEDS = (
    Deed("leads the {}", "led the {}", ("what did {} lead", "which group had {} as its leader")),
    Deed("writes for the {}", "wrote for the {}", ("what did {} write for", "for which paper did {} write")),
    Deed("is employed by {}", "was employed by {}", ("who employed {}", "which employer was that of {}")),
    Deed("has a job at {}", "had a job at {}", ("where did {} have a job", "which workplace was that of {}")),
    Deed("is the {}", "was the {}", ("what was {}", "which position was that of {}")),
    Deed("has the office of {}", "had the office of {}", ("what office did {} have", "as what did {} serve")),
    Deed(
        "belongs to the {}", "belonged to the {}", ("what did {} belong to", "to which party did {} belong")
    ),
    Deed("is in the {}", "was in the {}", ("what was {} in", "which union had {} among its members")),
    Deed("studies at {}", "studied at {}", ("where did {} study", "which school was that of {}")),
    Deed("teaches at {}", "taught at {}", ("where did {} teach", "what school had {} as a teacher")),
    Deed(
        "is on the side of {}", "was on the side of {}", ("for whom did {} play", "which team was that of {}")
    ),
    Deed("sings with {}", "sang with {}", ("with whom did {} sing", "which choir had {} in it")),
)
JOINED = (  # a question about the time of an event
    "{asked} while {event}?",
    "While {event}, {asked}?",
    "When {event}, {asked} in those years?",
    "In the time in which {event}: {asked}?",
    "{event}. At that time, {asked}?",
)
SPANS = ("from {} to {}", "from {} to {}", "between {} and {}", "{} to {}")


class Record(NamedTuple):
    who: str
    deed: Deed
    what: str
    span: tuple[int, int]
    when: str  # the span in the words of the line

    @property
    def event(self) -> str:
        return f"{self.who} {self.deed.past.format(self.what)}"

    @property
    def line(self) -> str:
        return f"{self.who} {self.deed.now.format(self.what)} {self.when}."


def relation(span: tuple[int, int], other: tuple[int, int]) -> str:
    """How `span` lies to `other`: ``same``, ``inside``, ``around``, ``partly`` or ``apart``."""
    if span == other:
        return "same"
    if span[1] < other[0] or other[1] < span[0]:
        return "apart"
    if other[0] <= span[0] and span[1] <= other[1]:
        return "inside"
    return "around" if span[0] <= other[0] and other[1] <= span[1] else "partly"


def meet(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return relation(span, other) != "apart"


class Calendar:
    """The years of one document: 12 at level 0, and up to 120 at level 1."""

    def __init__(self, rng: random.Random, level: float):
        self.rng = rng
        years = round(12 + level * rng.random() * 108)
        self.first = rng.randint(1900, 2021 - years)
        self.last = self.first + years - 1

    def span(self, near: tuple[int, int] | None = None) -> tuple[int, int]:
        """A random span (first year, last year); with `near`, mostly one whose ends are close to it."""
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
        return f"in {span[0]}" if span[0] == span[1] else self.rng.choice(SPANS).format(*span)


def draw(rng: random.Random, level: float) -> Document:
    """Records about a few people, and questions that look up, quote and compare them.

    Easy documents have one record per person and one kind of question.
    """
    calendar = Calendar(rng, level)
    records = dated(rng, calendar, _deeds(rng, level), 0.7)
    asks = ASKS[: LOOK_UPS + round(level * (len(ASKS) - LOOK_UPS))]
    if rng.random() >= level:
        asks = (rng.choice(asks),)
    turns = dict(rng.choice(asks)(rng, records) for _ in range(rng.randint(5, 8)))
    return Document(tuple(record.line for record in records), tuple(turns.items()))


def dated(
    rng: random.Random, calendar: Calendar, done: list[tuple[str, Deed, str]], near: float
) -> list[Record]:
    """The deeds with random times, in random order; a share `near` of the times lies close to another."""
    records: list[Record] = []
    for who, deed, what in done:
        close = rng.choice(records).span if records and rng.random() < near else None
        span = calendar.span(close)
        records.append(Record(who, deed, what, span, calendar.text(span)))
    rng.shuffle(records)
    return records


def _deeds(rng: random.Random, level: float) -> list[tuple[str, Deed, str]]:
    """Who did what. Easy: each person did something else. Else a few did much, or several did the same.

    The answer depends on the time only if somebody did several things of one kind.
    """
    count = rng.randint(2, 3 + round(2 * level))
    who, what = words.people(rng, count + 1), words.organisations(rng, count + 1)
    deeds = rng.sample(DEEDS, rng.randint(1, 3))
    if rng.random() >= level:
        return [(who[n], rng.choice(deeds), what[n]) for n in range(count)]
    count, deeds = count + 1, deeds[:2]
    if rng.random() < 0.6:
        few = who[: rng.choice((1, 2, 2, 3))]
        return [(rng.choice(few), rng.choice(deeds), what[n]) for n in range(count)]
    same = what[: rng.choice((1, 2, 2))]
    return [(who[n], deeds[0], rng.choice(same)) for n in range(count)]


def _lookup(rng, records):
    record = rng.choice(records)
    return rng.choice(("When was it that {}?", "Give the time: {}")).format(record.event), record.when


def _quote(rng, records):
    chosen = rng.choice(records)
    field = rng.choice(("who", "what"))
    wanted = getattr(chosen, field)
    lines = [record.line for record in records if getattr(record, field) == wanted]
    return f"Copy every line with {wanted}.", str(lines)


def _all_of(rng, records):
    record = rng.choice(records)
    found = [r.what for r in records if (r.who, r.deed) == (record.who, record.deed)]
    return sentence(rng.choice(record.deed.asked).format(record.who)), str(found)


def _all_who(rng, records):
    record = rng.choice(records)
    found = [r.who for r in records if (r.what, r.deed) == (record.what, record.deed)]
    return f"Who {record.deed.past.format(record.what)}?", str(found)


def _compare(rng, records):
    one, other = rng.sample(records, 2)
    found = relation(one.span, other.span)
    return (
        f"The temporal relation between the event {one.event} and the event {other.event}?",
        f"{one.when} / {other.when}: {found}",
    )


def _at_the_time(rng, records):
    return _met(rng, *at_a_time(rng, records, 0.7))


def at_a_time(
    rng: random.Random, records: list[Record], answered: float
) -> tuple[Record, list[Record], str, str]:
    """A question about the time of an event: who else did the same or, if nobody did, what a person did.

    Returns the record of the event, the records that may answer, the field of them that answers ("who" or
    "what"), and the question. If any record meets the event, at least a share `answered` of the questions of
    the second kind have an answer.
    """
    shared = [r for r in records if sum((o.what, o.deed) == (r.what, r.deed) for o in records) > 1]
    if shared:
        anchor = rng.choice(shared)
        pool = [r for r in records if r is not anchor and (r.what, r.deed) == (anchor.what, anchor.deed)]
        return anchor, pool, "who", f"who else {anchor.deed.past.format(anchor.what)}"
    anchor = rng.choice(records)
    others = [r for r in records if r is not anchor]
    meeting = [r for r in others if meet(r.span, anchor.span)]
    asked = rng.choice(meeting if meeting and rng.random() < answered else others)
    pool = [r for r in others if (r.who, r.deed) == (asked.who, asked.deed)]
    return anchor, pool, "what", rng.choice(asked.deed.asked).format(asked.who)


def _met(rng, anchor, pool, side, question):
    """A question and its answer from the pool's records that meet the anchor; half show these records."""
    found = [r for r in pool if meet(r.span, anchor.span)]
    question = sentence(rng.choice(JOINED).format(asked=question, event=anchor.event))
    answer = str([getattr(r, side) for r in found])
    way = rng.random()
    if way < 0.25:
        return f"{question} Show the lines.", f"{[r.line for r in found]} {answer}"
    if way < 0.5:
        how = ", ".join(dict.fromkeys(relation(r.span, anchor.span) for r in found)) or "apart"
        return f"{question} Show how, and the lines.", f"{how}; {[r.line for r in found]} {answer}"
    return question, answer


def sentence(question: str) -> str:
    """The question with a capital first letter and one question mark."""
    return question[0].upper() + question[1:].rstrip("?") + "?"


LOOK_UPS = 4  # how many of `ASKS`, from the first, only look things up
ASKS = (  # from easy to hard
    _all_of, _all_of, _lookup, _all_who, _quote, _compare,
    _at_the_time, _at_the_time, _at_the_time, _at_the_time, _at_the_time,
)  # fmt: skip
