"""Whose time a period in a sentence is: that of one event or several, or the time that two events share.

A period belongs to the event that is named nearest before it and has that time; else to another one of the
sentence, or to one that the sentences before are about. With *both* or *all* it belongs to every event named
that has it. A range of no other event can be that of the question's event. A time that fits no fact is an
altered one if it follows the name of an event.
"""

import re
from typing import NamedTuple

from tracelib.datasets.cotempqa.reader import Fact
from tracelib.scoring.natural.dates import Period, agrees
from tracelib.scoring.natural.intervals import is_shared_time
from tracelib.scoring.natural.names import Mention
from tracelib.scoring.natural.phrases import ANY, OTHERS
from tracelib.scoring.natural.reading import Read, Setting
from tracelib.scoring.natural.topics import About

SEVERAL = re.compile(r"\b(?:both|all|each|they|them|these|those)\b")
OVERLAPS = (
    r"(?:overlap\w*|simultaneous\w*|concurrent\w*|together|in common|common period"
    r"|(?:at|during) the same time)"
)
BOTH_HELD = r"both (?:positions|roles|posts|jobs|offices|memberships)"
SHARES = re.compile(rf"\b{OVERLAPS}\b")
SHARED_NEAR = re.compile(
    rf"\b(?:{OVERLAPS}|{BOTH_HELD})(?!\W+with\W*\Z)(?:\W+(?!is\b|are\b|and\b|but\b|since\b)[\w']+){{0,4}}\W*\Z"
)
SHARED_BESIDE = re.compile(
    rf"\b{OVERLAPS}(?!\W+(?:with|since)\W*\Z)(?:\W+(?!is\b|are\b|and\b|but\b|since\b|because\b|as\b)[\w']+){{0,5}}"
    r"\W+(?:from|in|during|until|on|for)(?:\W+(?:late|early|mid|\d{4} and|about))*\W*\Z"
)
SHARED_FAR = re.compile(rf"\b{OVERLAPS}\b[^;]{{0,120}}\Z")
SHARED_AFTER = re.compile(rf"\W{{0,3}}(?:[\w']+ ){{0,4}}?(?:both|{OVERLAPS})\b")
YARDSTICK = re.compile(r"\b(?:includ\w+|cover\w*|within|inside|overlap\w*|with|end of|into)\W*(?:the )?\W*\Z")
COMPARES = re.compile(r"\W*(?:is|was|falls?|comes?|would be)\b(?! when| the period| his| her)")
STATES = re.compile(
    r"\b(?:h[eo]lds?|holding|work\w*|play\w*|attend\w*|serv\w+|was|were|is|are|start\w*|began|begin\w*|end\w*"
    r"|last\w*|left|until|from|since|join\w*|period|tenure|term|member\w*|dates?|dated|ran|listed|appointed|became"
    r"|own\w+|stayed|only|that's|it's)\b"
)
BOTH = re.compile(r"\bboth\b")
BREAK = re.compile(r"[;!?]|\b(?:before|after|since|so|but|when|while|than|until)\b")
NEXT_TO = re.compile(r"(?:'s)?[^\w,;.]*(?:[\w']+[^\w,;.]+){0,5}")
LONGEST_GAP = 120  # characters between a name and a time that contradicts its fact
LOOK = 140  # characters around a period that are searched for words


class Owner(NamedTuple):
    """A fact whose time a period is.

    Attributes:
        fact: the index of the fact.
        named: how its event was recognised: ``full``, ``short``, ``close`` or ``carried``.
        altered: whether the fact has another time.
    """

    fact: int
    named: str
    altered: bool = False


class Timed:
    """A period in its sentence."""

    def __init__(self, read: Read, about: About, period: Period, setting: Setting):
        self.read, self.about, self.period, self.setting = read, about, period, setting
        start, end = period.start - read.start, period.end - read.start
        self.left, self.right = read.text[max(0, start - LOOK) : start], read.text[end : end + LOOK]
        self.before = [mention for mention in about.mentions if mention.end <= period.start]
        self.after = [mention for mention in about.mentions if mention.start >= period.end]

    @property
    def is_shared(self) -> bool:
        """Whether the period is the time that two events share, and of none of them alone."""
        return self._said_to_be_shared() or self._shared_with_the_event()

    @property
    def owners(self) -> list[Owner]:
        """The facts whose time the period is; none if something is compared with it."""
        if self.period.shape == "compared" or YARDSTICK.search(self.left[-20:]):
            return []
        together = SEVERAL.search(self.left) or (not self.before and BOTH.search(self.right))
        if together and (several := self._several()):
            return several
        for mention in [*self.before[::-1], *self.after]:
            if matching := self._matching(mention):
                return [Owner(fact, mention.form) for fact in matching]
        if self.before and self._contradicts(self.before[-1]):
            return [Owner(self.before[-1].facts[0], self.before[-1].form, altered=True)]
        if COMPARES.match(self.right) or SHARED_NEAR.search(self.left):
            return []
        return self._carried() or self._of_the_event()

    def _said_to_be_shared(self) -> bool:
        if self.period.shape != "range":
            return self.period.shape != "compared" and bool(SHARED_BESIDE.search(self.left))
        last = self.before[-1] if self.before and self._matching(self.before[-1]) else None
        own = last and NEXT_TO.fullmatch(self._gap(last)) and not SHARES.search(self._gap(last))
        if near := SHARED_NEAR.search(self.left):
            both = near[0].startswith("both") and len(self._several()) > 1
            return not own and not both and not (" with " in near[0] and self._of_the_event())
        if SHARED_AFTER.match(self.right):
            return not own
        return bool(SHARED_FAR.search(self.left)) and not last and not self._of_the_event()

    def _shared_with_the_event(self) -> bool:
        """Whether the period after a name is not its fact's, but the time that it shares with the event."""
        if self.period.shape != "range" or not self.before or not self.setting.event:
            return False
        mention, facts = self.before[-1], self.setting.facts
        return (
            self._contradicts(mention)
            and mention.facts[0] not in self.setting.event
            and not self._matching(mention)
            and is_shared_time(self.period, facts[mention.facts[0]], facts[self.setting.event[0]])
        )

    def _several(self) -> list[Owner]:
        """The events that *both* or *all* stand for: those named, else those carried over."""
        if self.before or BOTH.search(self.right):
            mentions = (*self.before, *self.after)
            named = {fact: mention.form for mention in mentions for fact in self._matching(mention)}
        elif OTHERS.search(self.left):
            named = {}
        else:
            about = self.about
            carried = (*about.together, *about.carried, *about.focus, *self.setting.event)
            named = dict.fromkeys(filter(self._has_it, carried), "carried")
        return [Owner(fact, form) for fact, form in named.items()]

    def _has_it(self, fact: int) -> bool:
        return _fits(self.period, self.setting.facts[fact])

    def _matching(self, mention: Mention) -> list[int]:
        return list(filter(self._has_it, mention.facts))

    def _gap(self, mention: Mention) -> str:
        return self.read.text[mention.end - self.read.start : self.period.start - self.read.start]

    def _contradicts(self, mention: Mention) -> bool:
        """Whether a time that does not fit follows the name so closely that it must be meant for it."""
        gap = self._gap(mention)
        near = len(gap) <= LONGEST_GAP and not BREAK.search(gap)
        return len(mention.facts) == 1 and near and not COMPARES.match(self.right)

    def _carried(self) -> list[Owner]:
        if ANY.search(self.left):
            return []
        fitting = filter(self._has_it, (*self.about.carried, *self.about.focus))
        states = self.period.shape != "point" or STATES.search(self.left)
        return [Owner(fact, "carried") for fact in fitting][:1] if states else []

    def _of_the_event(self) -> list[Owner]:
        if self.period.shape != "range":
            return []
        return [Owner(fact, "carried") for fact in filter(self._has_it, self.setting.event)][:1]


def _fits(period: Period, fact: Fact) -> bool:
    """Whether a fact has the time of a period, as far as it is written out."""
    starts, ends = agrees(period.first, fact.start), agrees(period.last, fact.end)
    if period.shape == "range":
        return starts and ends
    return {"start": starts, "end": ends}.get(period.shape, starts or ends)
