"""Read a natural trace: its sentences, each with the events and the times that it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tracelib.core.errors import InputError, quoted
from tracelib.datasets.cotempqa.reader import Fact
from tracelib.datasets.cotempqa.solver import Wanted, asked_for, solve
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural import names
from tracelib.scoring.natural.dates import Period, periods
from tracelib.scoring.natural.letters import Word, plain, words
from tracelib.scoring.natural.names import Mention
from tracelib.scoring.natural.sentences import Sentence, sentences


@dataclass(frozen=True)
class Setting:
    """What a trace is read against.

    Attributes:
        facts: the parsed context facts; None for one that fits no template or has no time.
        event: the indices of the facts that state the question's event.
        asked: the indices of the other facts of the kind that the question asks for, at any time.
        known: the names of the events.
    """

    facts: tuple[Fact | None, ...]
    event: tuple[int, ...]
    asked: frozenset[int]
    known: names.Index


@dataclass(frozen=True)
class Read:
    """A sentence with what it names; all places count from the start of the trace.

    Attributes:
        number: the number of the sentence, from 0.
        start, end: its place in the trace.
        text: its plain text.
    """

    number: int
    start: int
    end: int
    text: str
    mentions: tuple[Mention, ...]
    periods: tuple[Period, ...]


@lru_cache(maxsize=256)
def setting(problem: Problem) -> Setting:
    """The setting of a problem. `InputError` for a dataset whose facts have no times."""
    if problem.dataset != "cotempqa":
        raise InputError(f"a problem of {quoted(problem.dataset)}, expected one of cotempqa")
    facts = tuple(map(names.dated_fact, problem.facts))
    event = solve(problem).anchor
    wanted = asked_for(problem)
    asked = frozenset(n for n, fact in enumerate(facts) if fact and n not in event and _fits(fact, wanted))
    return Setting(facts, event, asked, names.index(problem.facts, _stand_ins(facts, event, wanted)))


def _fits(fact: Fact, wanted: Wanted | None) -> bool:
    if wanted is None:
        return False
    subject, relation, object_ = wanted
    return fact.relation == relation and subject in (None, fact.subject) and object_ in (None, fact.object)


def _stand_ins(
    facts: tuple[Fact | None, ...], event: tuple[int, ...], wanted: Wanted | None
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The person of the question's event stands for it where the question asks about another one."""
    if not event or wanted is None or wanted[0] in (None, facts[event[0]].subject):
        return ()
    return ((facts[event[0]].subject, event),)


def read(trace: str, known: names.Index) -> list[Read]:
    """The sentences of a trace, read."""
    text = plain(trace)
    found = words(text)
    full, free = names.full_names(trace, found, known)
    dates = periods(_masked(text, full))
    _occupy(free, found, dates)
    mentioned = sorted(full + names.shortened(trace, found, known, free))
    return list(_dealt(sentences(trace), text, mentioned, dates))


def _masked(text: str, mentioned: list[Mention]) -> str:
    """The text with its full names blanked: the 1929 of "A.S.D. Mestrina 1929" is no date."""
    pieces, end = [], 0
    for mention in mentioned:
        pieces += [text[end : mention.start], "_" * (mention.end - mention.start)]
        end = mention.end
    return "".join([*pieces, text[end:]])


def _occupy(free: list[bool], found: list[Word], dates: list[Period]) -> None:
    """Words of dates are in no name: May is a month there."""
    place = 0
    for date in dates:
        while place < len(found) and found[place].end <= date.start:
            place += 1
        while place < len(found) and found[place].start < date.end:
            free[place] = False
            place += 1


def _dealt(cut: list[Sentence], text: str, mentioned: list[Mention], dates: list[Period]) -> Iterator[Read]:
    """The sentences with the mentions and the periods that begin in each."""
    mention = date = 0
    for number, sentence in enumerate(cut):
        first_mention, first_date = mention, date
        while mention < len(mentioned) and mentioned[mention].start < sentence.end:
            mention += 1
        while date < len(dates) and dates[date].start < sentence.end:
            date += 1
        yield Read(
            number,
            sentence.start,
            sentence.end,
            text[sentence.start : sentence.end],
            tuple(mentioned[first_mention:mention]),
            tuple(dates[first_date:date]),
        )
