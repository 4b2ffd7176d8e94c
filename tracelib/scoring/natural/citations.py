"""Which facts a trace states, and whether it alters them."""

from dataclasses import dataclass, field

from tracelib.scoring.natural.dates import Period
from tracelib.scoring.natural.letters import plain
from tracelib.scoring.natural.owners import Timed
from tracelib.scoring.natural.phrases import ASKS
from tracelib.scoring.natural.reading import Read, Setting
from tracelib.scoring.natural.topics import About

VERBATIM, REWORDED, ALTERED = "verbatim", "reworded", "altered"


@dataclass(frozen=True)
class Citation:
    """A sentence states a fact.

    Attributes:
        sentence: the number of the sentence.
        fact: the index of the fact.
        form: ``verbatim``, ``reworded`` or ``altered``.
        start, end: the place of the stated time.
        stated: the time as it is stated.
        named: how the event was recognised: ``full``, ``short``, ``close`` or ``carried``.
    """

    sentence: int
    fact: int
    form: str
    start: int
    end: int
    stated: Period
    named: str


@dataclass
class Cited:
    """The citations of a trace, and the periods of each sentence that are a shared time."""

    citations: list[Citation] = field(default_factory=list)
    shared: dict[int, list[Period]] = field(default_factory=dict)


def cited(reads: list[Read], abouts: list[About], setting: Setting, facts: tuple[str, ...]) -> Cited:
    """What a trace cites, in order."""
    found = Cited()
    quotable = [plain(fact).rstrip(". ") for fact in facts]
    for read, about in zip(reads, abouts, strict=True):
        if ASKS.search(read.text):
            continue
        made: dict[int, Citation] = {}
        for period in read.periods:
            timed = Timed(read, about, period, setting)
            if timed.is_shared:
                found.shared.setdefault(read.number, []).append(period)
                continue
            for fact, named, altered in timed.owners:
                form = ALTERED if altered else VERBATIM if quotable[fact] in read.text else REWORDED
                old = made.get(fact)
                if old is None or (old.form == ALTERED and not altered):
                    made[fact] = Citation(read.number, fact, form, period.start, period.end, period, named)
        found.citations += made.values()
    return found
