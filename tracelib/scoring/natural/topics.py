"""What each sentence of a trace is about: the events that it names, and those that it carries over."""

import re
from dataclasses import dataclass

from tracelib.scoring.natural.dates import agrees
from tracelib.scoring.natural.names import Mention
from tracelib.scoring.natural.phrases import LINK, LOOK_BACK, OBJECT, WITH
from tracelib.scoring.natural.reading import Read, Setting

NEW_ITEM = re.compile(r"\s*(?:[-*\u2022]|\d{1,3}[.)])\s")

MOST_LISTED = 3  # items of a list that "both" or "these" can stand for


@dataclass(frozen=True)
class About:
    """The events of a sentence.

    Attributes:
        mentions: those that it names, each narrowed to the facts that it can mean here.
        subjects: those of them other than the question's event that nothing is compared with.
        carried: the facts of the last sentence before it that names any, in the order in which it names them.
        focus: the facts of the last sentence before it that has subjects.
        listed: the facts of the list that ends just before it.
    """

    mentions: tuple[Mention, ...]
    subjects: tuple[Mention, ...]
    carried: tuple[int, ...]
    focus: tuple[int, ...]
    listed: tuple[int, ...]

    @property
    def together(self) -> tuple[int, ...]:
        """The facts that *both* or *these* can stand for, if there are several."""
        return (
            self.focus if len(self.focus) > 1 else self.listed if 1 < len(self.listed) <= MOST_LISTED else ()
        )


def about(reads: list[Read], trace: str, setting: Setting) -> list[About]:
    """What each sentence is about."""
    found: list[About] = []
    carried = focus = listed = ()
    in_list, end = False, 0
    for read in reads:
        mentions = tuple(_narrowed(mention, read, focus, setting) for mention in read.mentions)
        subjects = tuple(_subjects(mentions, read, setting))
        same_line = end > 0 and "\n" not in trace[end : read.start]
        in_list, was_in_list = bool(NEW_ITEM.match(read.text)) or (in_list and same_line), in_list
        ended = was_in_list and not in_list
        found.append(About(mentions, subjects, carried, focus, listed if ended else ()))
        named = _facts(subjects)
        if in_list:
            listed = (*(listed if was_in_list else ()), *named)[: MOST_LISTED + 1]
        carried = _facts(mentions) or carried
        focus = named or focus
        end = read.end
    return found


def _facts(mentions: tuple[Mention, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(fact for mention in mentions for fact in mention.facts))


def _subjects(mentions: tuple[Mention, ...], read: Read, setting: Setting) -> list[Mention]:
    """The mentions of facts other than the event that nothing is compared with.

    If there are none, those that overlap with the event ("he overlapped with Ada").
    """
    found, overlapping, last = [], [], None  # last: the last mention that something is compared with
    for mention in mentions:
        start = mention.start - read.start
        is_fact = set(mention.facts) - set(setting.event)
        joined = last is not None and LINK.match(read.text[last.end - read.start : start])
        if joined or OBJECT.search(read.text, max(0, start - LOOK_BACK), start):
            goes_on = joined and last in overlapping
            if is_fact and (goes_on or WITH.search(read.text, max(0, start - LOOK_BACK), start)):
                overlapping.append(mention)
            last = mention
        elif is_fact:
            found.append(mention)
    return found or overlapping


def _narrowed(mention: Mention, read: Read, focus: tuple[int, ...], setting: Setting) -> Mention:
    """A mention that can mean several facts, narrowed by the times in its sentence, else by those before."""
    if len(mention.facts) == 1:
        return mention
    dated = tuple(fact for fact in mention.facts if _has_time(fact, mention, read, setting))
    known = tuple(fact for fact in mention.facts if fact in focus)
    return mention._replace(facts=dated or known or mention.likely)


def _has_time(fact: int, mention: Mention, read: Read, setting: Setting) -> bool:
    stated = setting.facts[fact]
    after = [period for period in read.periods if period.start >= mention.end]
    return any(
        agrees(period.first, stated.start) and agrees(period.last, stated.end)
        for period in after[:1] or read.periods
    )
