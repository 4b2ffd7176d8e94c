"""Which facts a trace states, and whether it alters them.

A period in a sentence belongs to the event that is named nearest before it and has that time; else to another
one of the sentence, or to one that the sentences before are about. With *both* or *all* it belongs to every
event named that has it. A range of no other event can be that of the question's event. A time that fits no
fact is an altered one if it follows the name of an event.
"""

import re
from dataclasses import dataclass, field

from tracelib.datasets.cotempqa.reader import Fact
from tracelib.scoring.natural.dates import Period, agrees
from tracelib.scoring.natural.intervals import is_shared_time
from tracelib.scoring.natural.letters import plain
from tracelib.scoring.natural.names import Mention
from tracelib.scoring.natural.phrases import ANY, ASKS, OTHERS
from tracelib.scoring.natural.reading import Read, Setting
from tracelib.scoring.natural.topics import About

VERBATIM, REWORDED, ALTERED = "verbatim", "reworded", "altered"
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
NEXT_TO = re.compile(r"(?:'s)?[^\w,;.]*(?:[\w']+[^\w,;.]+){0,5}")
LONGEST_GAP = 120  # characters between a name and a time that contradicts its fact
LOOK = 140  # characters around a period that are searched for words


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
            near = _Near(read, about, period)
            if near.is_shared(setting) or near.is_shared_with_the_event(setting):
                found.shared.setdefault(read.number, []).append(period)
                continue
            for fact, named, altered in near.facts(setting):
                form = ALTERED if altered else VERBATIM if quotable[fact] in read.text else REWORDED
                old = made.get(fact)
                if old is None or (old.form == ALTERED and not altered):
                    made[fact] = Citation(read.number, fact, form, period.start, period.end, period, named)
        found.citations += made.values()
    return found


class _Near:
    """A period in its sentence."""

    def __init__(self, read: Read, about: About, period: Period):
        self.period, self.about = period, about
        start, end = period.start - read.start, period.end - read.start
        self.left, self.right = read.text[max(0, start - LOOK) : start], read.text[end : end + LOOK]
        self.before = [mention for mention in about.mentions if mention.end <= period.start]
        self.after = [mention for mention in about.mentions if mention.start >= period.end]

    def is_shared(self, setting: Setting) -> bool:
        """Whether the sentence gives the period as the time that two events share."""
        if self.period.shape != "range":
            return self.period.shape != "compared" and bool(SHARED_BESIDE.search(self.left))
        last = self.before[-1] if self.before and self._matching(self.before[-1], setting) else None
        own = last and NEXT_TO.fullmatch(self._gap(last)) and not SHARES.search(self._gap(last))
        if near := SHARED_NEAR.search(self.left):
            both = near[0].startswith("both") and len(self._several(setting)) > 1
            return not own and not both and not (" with " in near[0] and self._of_the_event(setting))
        if SHARED_AFTER.match(self.right):
            return not own
        return bool(SHARED_FAR.search(self.left)) and not last and not self._of_the_event(setting)

    def is_shared_with_the_event(self, setting: Setting) -> bool:
        """Whether the period after a name is not its fact's, but the time that it shares with the event."""
        if self.period.shape != "range" or not self.before or not setting.event:
            return False
        mention, event = self.before[-1], setting.facts[setting.event[0]]
        return (
            self._contradicts(mention)
            and mention.facts[0] not in setting.event
            and not self._matching(mention, setting)
            and is_shared_time(self.period, setting.facts[mention.facts[0]], event)
        )

    def facts(self, setting: Setting) -> list[tuple[int, str, bool]]:
        """The facts that the period belongs to: (index, how the event was recognised, whether altered)."""
        if self.period.shape == "compared" or YARDSTICK.search(self.left[-20:]):
            return []
        if (SEVERAL.search(self.left) or (not self.before and BOTH.search(self.right))) and (
            several := self._several(setting)
        ):
            return several
        for mention in [*self.before[::-1], *self.after]:
            if matching := self._matching(mention, setting):
                return [(fact, mention.form, False) for fact in matching]
        if self.before and self._contradicts(self.before[-1]):
            return [(self.before[-1].facts[0], self.before[-1].form, True)]
        if COMPARES.match(self.right) or SHARED_NEAR.search(self.left):
            return []
        return self._carried(setting) or self._of_the_event(setting)

    def _several(self, setting: Setting) -> list[tuple[int, str, bool]]:
        """The events that *both* or *all* stand for: those named, else those carried over."""
        if self.before or BOTH.search(self.right):
            named = [
                (fact, m.form) for m in (*self.before, *self.after) for fact in self._matching(m, setting)
            ]
        elif OTHERS.search(self.left):
            named = []
        else:
            carried = dict.fromkeys(
                (*self.about.together, *self.about.carried, *self.about.focus, *setting.event)
            )
            named = [(fact, "carried") for fact in carried if _fits(self.period, setting.facts[fact])]
        return [(fact, form, False) for fact, form in dict(named).items()]

    def _matching(self, mention: Mention, setting: Setting) -> list[int]:
        return [fact for fact in mention.facts if _fits(self.period, setting.facts[fact])]

    def _gap(self, mention: Mention) -> str:
        return self.left[len(self.left) - (self.period.start - mention.end) :]

    def _contradicts(self, mention: Mention) -> bool:
        """Whether a time that does not fit follows the name so closely that it must be meant for it."""
        gap = self._gap(mention)
        return (
            len(mention.facts) == 1
            and self.period.start - mention.end <= LONGEST_GAP
            and not re.search(r"[;!?]|\b(?:before|after|since|so|but|when|while|than|until)\b", gap)
            and not COMPARES.match(self.right)
        )

    def _carried(self, setting: Setting) -> list[tuple[int, str, bool]]:
        if ANY.search(self.left):
            return []
        carried = dict.fromkeys((*self.about.carried, *self.about.focus))
        fitting = [fact for fact in carried if _fits(self.period, setting.facts[fact])]
        states = self.period.shape != "point" or STATES.search(self.left)
        return [(fitting[0], "carried", False)] if fitting and states else []

    def _of_the_event(self, setting: Setting) -> list[tuple[int, str, bool]]:
        if self.period.shape != "range":
            return []
        fitting = [fact for fact in setting.event if _fits(self.period, setting.facts[fact])]
        return [(fact, "carried", False) for fact in fitting[:1]]


def _fits(period: Period, fact: Fact) -> bool:
    """Whether a fact has the time of a period, as far as it is written out."""
    starts, ends = agrees(period.first, fact.start), agrees(period.last, fact.end)
    if period.shape == "range":
        return starts and ends
    return {"start": starts, "end": ends}.get(period.shape, starts or ends)
