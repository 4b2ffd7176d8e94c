"""What a trace says about how two times stand to each other, and whether the facts confirm it.

Every claim is made by a phrase (`CUES`). It is about the event that is named nearest before the phrase; else
about the one named after it ("the only one that overlaps is Ada"); else about the event that the sentences
before are about. Plans and questions make no claims about events that they do not name, nor do sentences
about all others.
"""

from typing import NamedTuple

from tracelib.scoring.natural.dates import Period, agrees
from tracelib.scoring.natural.intervals import NONE, POSITIVE, RIGHT, WRONG, holds, is_shared_time
from tracelib.scoring.natural.names import Mention
from tracelib.scoring.natural.phrases import (
    ANY,
    ASKED,
    COMPARISONS,
    COPULA,
    DOUBTS,
    ENDS,
    IS,
    LINK,
    NO_CLAIM,
    PLANS,
    SO,
    STARTS,
    SUPPOSES,
    THE_ONE,
    TOGETHER,
)
from tracelib.scoring.natural.reading import Read, Setting
from tracelib.scoring.natural.topics import About

LOOK_LEFT = 60  # characters before a phrase that can say that it compares one end
SETTLED = {  # relation -> the ends of a time that settle it
    "before": [("last", "end")],
    "after": [("first", "start")],
    "within": [("first", "start"), ("last", "end")],
}


class Claim(NamedTuple):
    """A sentence says how the time of one fact stands to that of another.

    Attributes:
        sentence: the number of the sentence.
        fact, other: the indices of the two facts; `other` is usually the question's event.
        relation: one of `tracelib.scoring.natural.intervals.RELATIONS`, of `fact` to `other`.
        holds: whether the facts confirm it: ``yes``, ``no`` or ``unclear``.
        interval: whether the stated shared time is ``right`` or ``wrong``; ``none`` if none is stated.
        start, end: the place of the phrase that makes the claim.
    """

    sentence: int
    fact: int
    other: int
    relation: str
    holds: str
    interval: str
    start: int
    end: int


class _Cue(NamedTuple):
    relation: str
    start: int
    end: int


def claims(
    reads: list[Read], abouts: list[About], shared: dict[int, list[Period]], setting: Setting
) -> list[Claim]:
    """The claims of a trace about the question's event, in order; none if no fact states that event.

    Args:
        shared: for each sentence the periods that it gives as a shared time.
    """
    if not setting.event:
        return []
    found: list[Claim] = []
    for read, about in zip(reads, abouts, strict=True):
        if not DOUBTS.search(read.text):
            found += _Compared(read, about, shared.get(read.number, []), setting).claims()
    return found


class _Compared:
    """A sentence, and what it says about the question's event."""

    def __init__(self, read: Read, about: About, shared: list[Period], setting: Setting):
        self.read, self.about, self.shared, self.setting = read, about, shared, setting

    def claims(self) -> list[Claim]:
        """The claims of the sentence, one for each fact that it is about."""
        found: dict[int, list[_Cue]] = {}
        cues = _cues(self.read.text)
        if not any(cue.relation in POSITIVE for cue in cues):  # "from 1924 to 1925, Ada and Bob were there"
            cues += [_Cue("shared", self._place(period), self._end(period)) for period in self.shared]
        for cue in cues:
            if cue.relation in POSITIVE and SUPPOSES.search(self.read.text, 0, cue.start):
                continue
            for fact in self._subjects(cue):
                found.setdefault(fact, []).append(cue)
        return [self._claim(fact, found[fact], cues) for fact in sorted(found)]

    def _claim(self, fact: int, own: list[_Cue], cues: list[_Cue]) -> Claim:
        cue, other = _that_counts(own), self.setting.event[0]
        one, two = self.setting.facts[fact], self.setting.facts[other]
        shared = [period for one in own for period in self._shared_by(one, cues)]
        periods = shared if cue.relation in POSITIVE else []
        right = any(is_shared_time(period, one, two) for period in periods)
        interval = NONE if not periods else RIGHT if right else WRONG
        start = self.read.start
        place = start + cue.start, start + cue.end
        return Claim(
            self.read.number, fact, other, cue.relation, holds(cue.relation, one, two), interval, *place
        )

    def _shared_by(self, cue: _Cue, cues: list[_Cue]) -> list[Period]:
        """The shared times that belong to a phrase: those up to the next phrase, else those before it."""
        later = min((one.start for one in cues if one.start > cue.start), default=len(self.read.text))
        after = [period for period in self.shared if cue.start <= self._place(period) < later]
        if after or any(one.start < cue.start for one in cues):
            return after
        return [period for period in self.shared if self._place(period) < cue.start]

    def _subjects(self, cue: _Cue) -> tuple[int, ...]:
        """The facts that a phrase is about; none for a plan, a question, or a claim about all others."""
        left, right = self.read.text[: cue.start], self.read.text[cue.end :]
        if self._is_one_end(cue, SO.split(left)[-1], right):
            return ()
        before = [mention for mention in self.about.subjects if self._place(mention) < cue.start]
        after = [mention for mention in self.about.subjects if self._place(mention) >= cue.end]
        others = max((match.end() for match in ANY.finditer(self.read.text, 0, cue.end)), default=-1)
        if before and self._place(before[-1]) > others:
            return self._facts(self._group(before[::-1], TOGETHER.search(left, self._end(before[-1]))))
        if ASKED.search(left) and not THE_ONE.search(left):
            return ()
        if after and self._points_on(cue, after[0]):
            return self._facts(self._group(after))
        if self.about.subjects or others >= 0 or PLANS.search(self.read.text) or self.read.text.endswith(":"):
            return ()
        return self._carried(cue, left)

    def _place(self, what: Mention | Period) -> int:
        return what.start - self.read.start

    def _end(self, what: Mention | Period) -> int:
        return what.end - self.read.start

    def _points_on(self, cue: _Cue, mention: Mention) -> bool:
        """Whether a phrase is about an event that is named after it."""
        return cue.relation in POSITIVE or bool(COPULA.search(self.read.text, cue.end, self._place(mention)))

    def _group(self, nearest_first: list[Mention], together: bool = False) -> list[Mention]:
        """The nearest mention with those that are joined to it; all of them with *both* or *all*."""
        if together:
            return nearest_first
        group = nearest_first[:1]
        for one in nearest_first[1:]:
            low, high = sorted((group[-1], one))
            if not LINK.match(self.read.text[self._end(low) : self._place(high)]):
                break
            group.append(one)
        return group

    def _facts(self, group: list[Mention]) -> tuple[int, ...]:
        """The facts of mentions; of a mention that can mean several with different times, none."""
        facts = self.setting.facts
        alike = [m.facts for m in group if len({(facts[n].start, facts[n].end) for n in m.facts}) == 1]
        return tuple(fact for found in alike for fact in found if fact not in self.setting.event)

    def _is_one_end(self, cue: _Cue, left: str, right: str) -> bool:
        """Whether the phrase compares one end of a time, which settles nothing."""
        starts, ends = STARTS.search(left[-LOOK_LEFT:]), ENDS.search(left[-LOOK_LEFT:])
        if cue.relation == "before":
            return bool(starts and not ends)
        if cue.relation == "after":
            return bool(ends and not starts) or bool(starts and STARTS.search(right))
        if cue.relation == "equal":  # two points in time that start on one day are equal
            event = self.setting.facts[self.setting.event[0]]
            return bool(ends or (starts and event.start != event.end))
        return cue.relation == "within" and bool(starts or ends)

    def _carried(self, cue: _Cue, left: str) -> tuple[int, ...]:
        """The facts that the sentences before are about.

        If the phrase is about a date ("1921 is after that"), the date must be the end of a fact's time that
        settles it.
        """
        together = TOGETHER.search(left)
        dates = [period for period in self.read.periods if self._end(period) <= cue.start]
        if (
            cue.relation in SETTLED
            and dates
            and IS.fullmatch(self.read.text, self._end(dates[-1]), cue.start)
        ):
            return tuple(fact for fact in self.about.focus if self._settles(cue, dates[-1], fact))
        if together and self.about.together:
            return self.about.together
        return self.about.focus if len(self.about.focus) == 1 else ()

    def _settles(self, cue: _Cue, date: Period, fact: int) -> bool:
        stated = self.setting.facts[fact]
        return all(agrees(getattr(date, one), getattr(stated, two)) for one, two in SETTLED[cue.relation])


def _cues(text: str) -> list[_Cue]:
    """The phrases of a sentence that make claims; where two overlap, the one that `COMPARISONS` has first."""
    taken: list[_Cue] = []
    for relation, stems, pattern in COMPARISONS:
        if not any(stem in text for stem in stems):
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(cue.start < end and start < cue.end for cue in taken):
                taken.append(_Cue(relation, start, end))
    return sorted((cue for cue in taken if cue.relation != NO_CLAIM), key=lambda cue: cue.start)


def _that_counts(cues: list[_Cue]) -> _Cue:
    """What a sentence says about one fact in the end.

    One end that is earlier or later settles nothing if the sentence says that time is shared. Of *apart* and
    the relations that share time, the last one counts, and then the most exact one.
    """
    positive = [cue for cue in cues if cue.relation in POSITIVE]
    ordered = [cue for cue in cues if cue.relation in ("before", "after")]
    apart = [cue for cue in cues if cue.relation == "apart"]
    if positive and not (apart and apart[-1].start > positive[-1].start):
        return min(positive, key=lambda cue: POSITIVE.index(cue.relation))
    return ordered[-1] if ordered else apart[-1]
