"""bAbI's stories about people who move, take, drop and give: replay a story, then ask about it.

Every rule takes the world and the words of its question. It gives a `Solution` whose supporting facts are
those that the dataset marks. For most questions these are the last statement that settles each step. If
the question asks what a person carries, they are everything that the person took, dropped, gave or received;
if it asks for a motive, they are the state alone.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from tracelib.datasets.solution import UNKNOWN, Solution

LONGEST_FACT = 1000  # characters; the dataset's longest has 60. Longer text fits no pattern.
WORD = r"[\w'-]+"
MOVES = ("went back", "went", "journeyed", "travelled", "moved", "walked", "hurried", "returned", "strolled")
TAKES = ("took", "got", "grabbed", "picked up", "collected", "fetched", "lifted")
DROPS = ("left", "dropped", "discarded", "put down", "set down", "released")
GIVES = ("gave", "passed", "handed", "lent", "offered")
TIMES = ("yesterday", "this morning", "this afternoon", "this evening")  # in order
CONNECTIVES = ("Then", "After that", "Afterwards", "Following that")
PRONOUNS = ("he", "she", "they")
WANTED_PLACE = {"hungry": "kitchen", "thirsty": "kitchen", "bored": "garden", "tired": "bedroom"}
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DAY = "|".join(TIMES)
OPENING = "|".join((*CONNECTIVES, *map(str.capitalize, TIMES)))
PATTERNS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "move",
            rf"(?:(?P<opening>{OPENING}),? )?(?P<who>{WORD})(?: and (?P<other>{WORD}))? "
            rf"(?:{'|'.join(MOVES)}) to the (?P<place>{WORD})(?: (?P<day>{DAY}))?\.",
        ),
        ("take", rf"(?P<who>{WORD}) (?:{'|'.join(TAKES)}) the (?P<thing>{WORD})(?: there)?\."),
        ("drop", rf"(?P<who>{WORD}) (?:{'|'.join(DROPS)}) the (?P<thing>{WORD})(?: there)?\."),
        ("give", rf"(?P<who>{WORD}) (?:{'|'.join(GIVES)}) the (?P<thing>{WORD}) to (?P<to>{WORD})\."),
        ("move", rf"(?P<who>{WORD}) (?:is|was) in the (?P<place>{WORD})\."),
        ("absent", rf"(?P<who>{WORD}) is (?:no longer|not) in the (?P<place>{WORD})\."),
        ("move", rf"(?P<who>{WORD}) is either in the (?P<place>{WORD}) or the (?P<second>{WORD})\."),
        ("state", rf"(?P<who>{WORD}) is (?P<state>{'|'.join(WANTED_PLACE)})\."),
    )
)


class Event(NamedTuple):
    """One statement: who did what, or was where. Fields that its kind does not have are empty."""

    kind: str
    who: tuple[str, ...]
    places: tuple[str, ...]
    thing: str
    to: str
    state: str
    time: int


class Visit(NamedTuple):
    """A statement that somebody was in a place, in one of two places, or not in a place."""

    places: tuple[str, ...]
    absent: bool
    time: int
    used: tuple[int, ...]  # indices of the facts that say so
    came: tuple[int, ...] = ()  # in the trail of a thing: the fact by which its holder got it


@dataclass
class World:
    """Everything that a story says, in its order."""

    visits: dict[str, list[Visit]] = field(default_factory=dict)  # person -> visits
    trail: dict[str, list[Visit]] = field(default_factory=dict)  # thing -> visits of its holders
    held: dict[str, dict[str, int]] = field(default_factory=dict)  # person -> thing -> fact by which it came
    lost: dict[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # person -> facts by which the last thing came and went
    handling: dict[str, list[int]] = field(default_factory=dict)  # person -> facts of all coming and going
    handled: dict[str, int] = field(default_factory=dict)  # thing -> last fact that took, dropped or gave it
    gifts: list[tuple[str, str, str, int]] = field(default_factory=list)  # giver, thing, receiver, fact
    states: dict[str, tuple[str, int]] = field(default_factory=dict)  # person -> last state, fact
    deeds: dict[tuple[str, str], int] = field(default_factory=dict)  # (person, place or thing) -> last fact


@lru_cache(maxsize=65536)
def parse(sentence: str) -> Event | None:
    """The event that a sentence states; None if it fits no pattern."""
    if len(sentence) > LONGEST_FACT:
        return None
    for kind, pattern in PATTERNS:
        if match := pattern.fullmatch(sentence):
            part = {name: text for name, text in match.groupdict().items() if text}
            day = (part.get("day") or part.get("opening", "")).lower()
            return Event(
                kind,
                who=tuple(part[name] for name in ("who", "other") if name in part),
                places=tuple(part[name] for name in ("place", "second") if name in part),
                thing=part.get("thing", ""),
                to=part.get("to", ""),
                state=part.get("state", ""),
                time=TIMES.index(day) if day in TIMES else 0,
            )
    return None


def replay(facts: tuple[str, ...]) -> World | None:
    """The world after the story; None if a sentence fits no pattern.

    A pronoun stands for the people of the sentence before it; then both sentences are used.
    """
    world = World()
    people: tuple[str, ...] = ()
    for index, fact in enumerate(facts):
        event = parse(fact)
        if event is None:
            return None
        used = (index,)
        if event.who[0].lower() in PRONOUNS:
            used = (index - 1, index) if people else used
        else:
            people = event.who
        for who in people:
            _happens(world, event, who, index, used)
    return world


def _happens(world: World, event: Event, who: str, index: int, used: tuple[int, ...]) -> None:
    if event.kind in ("move", "absent"):
        visit = Visit(event.places, event.kind == "absent", event.time, used)
        world.visits.setdefault(who, []).append(visit)
        for thing, came in world.held.get(who, {}).items():
            world.trail[thing].append(visit._replace(came=(came,)))
        world.deeds[who.lower(), event.places[0]] = index
    elif event.kind == "state":
        world.states[who.lower()] = event.state, index
    elif event.kind == "take":
        _gets(world, who, event.thing, index)
        world.deeds[who.lower(), event.thing] = index
    else:
        _loses(world, who, event.thing, index)
        if event.kind == "give":
            _gets(world, event.to, event.thing, index)
            world.gifts.append((who, event.thing, event.to, index))


def _gets(world: World, who: str, thing: str, index: int) -> None:
    world.handling.setdefault(who, []).append(index)
    world.held.setdefault(who, {})[thing] = index
    world.handled[thing] = index
    world.trail.setdefault(thing, []).extend(world.visits.get(who, ())[-1:])


def _loses(world: World, who: str, thing: str, index: int) -> None:
    world.handling.setdefault(who, []).append(index)
    came = world.held.get(who, {}).pop(thing, None)
    if came is None:  # the story says where it is, but not how it came
        world.trail.setdefault(thing, []).extend(world.visits.get(who, ())[-1:])
    world.lost[who] = (index,) if came is None else (came, index)
    world.handled[thing] = index


def _known(visits: list[Visit]) -> bool:
    """Whether the last visit states exactly one place."""
    return bool(visits) and len(visits[-1].places) == 1 and not visits[-1].absent


# --- The rules --------------------------------------------------------------------------------


def place(world: World, who: str) -> Solution:
    """Where is WHO?"""
    visits = world.visits.get(who, [])
    return Solution(visits[-1].places, visits[-1].used) if _known(visits) else UNKNOWN


def place_of_object(world: World, thing: str) -> Solution:
    """Where is THING? At the last place that its last holder visited with it."""
    trail = world.trail.get(thing, [])
    if not _known(trail):
        return UNKNOWN
    return Solution(trail[-1].places, (world.handled[thing], *trail[-1].used))


def object_before(world: World, thing: str, where: str) -> Solution:
    """Where was THING before WHERE?

    The dataset marks the last statement about the thing, even a drop, which does not say how the holder got
    it. The alternatives include the statement that does.
    """
    pair = _pair_before(world.trail.get(thing, []), where)
    if pair is None:
        return UNKNOWN
    earlier, later = pair
    went, last = (*earlier.used, *later.used), world.handled[thing]
    fuller = ((*later.came, *went), (*later.came, *went, last)) if later.came else ()
    return Solution(earlier.places, (last, *went), alternatives=fuller)


def before(world: World, who: str, where: str) -> Solution:
    """Where was WHO before WHERE? Visits are in the order of the times of day that the sentences name."""
    pair = _pair_before(sorted(world.visits.get(who, []), key=lambda visit: visit.time), where)
    if pair is None:
        return UNKNOWN
    earlier, later = pair
    return Solution(earlier.places, (*earlier.used, *later.used))


def _pair_before(visits: list[Visit], where: str) -> tuple[Visit, Visit] | None:
    """The last visit elsewhere before the last visit to a place, and that visit; None if not known."""
    later = None
    for visit in reversed(visits):
        if visit.places == (where,) and not visit.absent:
            later = later or visit
        elif later:
            return (visit, later) if _known([visit]) else None
    return None


def is_in(world: World, who: str, where: str) -> Solution:
    """Is WHO in WHERE? The answer is maybe if the last statement leaves two places."""
    visits = world.visits.get(who, [])
    if not visits or (visits[-1].absent and where not in visits[-1].places):
        return UNKNOWN
    last = visits[-1]
    there = where in last.places and not last.absent
    answer = "no" if not there else "yes" if len(last.places) == 1 else "maybe"
    return Solution((answer,), last.used)


def how_many(world: World, who: str) -> Solution:
    """How many objects is WHO carrying? Numbers up to ten are words."""
    held = world.held.get(who, {})
    number = NUMBERS[len(held)] if len(held) < len(NUMBERS) else str(len(held))
    return _carrying(world, who, number)


def carried(world: World, who: str) -> Solution:
    """What is WHO carrying? Things are in the order in which they came; some gold lists differ in order."""
    return _carrying(world, who, ",".join(world.held.get(who, ())) or "nothing")


def _carrying(world: World, who: str, answer: str) -> Solution:
    """The answer with all that the person handled as supporting facts.

    The alternative has only the facts by which the held things came. If nothing is held, it has the facts by
    which the last thing came and went.
    """
    least = tuple(world.held.get(who, {}).values()) or world.lost.get(who, ())
    return Solution((answer,), tuple(world.handling.get(who, ())), alternatives=(least,))


def gift(world: World, who: str, to: str) -> Solution:
    """What did WHO give to TO?"""
    return _last_gift(world, 1, who, None, to)


def giver(world: World, thing: str, to: str | None = None) -> Solution:
    """Who gave the THING, or the THING to TO?"""
    return _last_gift(world, 0, None, thing, to)


def receiver(world: World, who: str, thing: str) -> Solution:
    """Who did WHO give the THING to?"""
    return _last_gift(world, 2, who, thing, None)


def last_receiver(world: World, thing: str) -> Solution:
    """Who received the THING?"""
    return _last_gift(world, 2, None, thing, None)


def _last_gift(world: World, answer: int, *asked: str | None) -> Solution:
    for *parts, index in reversed(world.gifts):
        if all(word in (None, part) for word, part in zip(asked, parts, strict=True)):
            return Solution((parts[answer],), (index,))
    return UNKNOWN


def will_go(world: World, who: str) -> Solution:
    """Where will WHO go? To the place where people in this state go."""
    if who.lower() not in world.states:
        return UNKNOWN
    state, index = world.states[who.lower()]
    return Solution((WANTED_PLACE[state],), (index,))


def why(world: World, who: str, what: str) -> Solution:
    """Why did WHO go to WHAT, or get it? Because of WHO's state. The question itself states the deed."""
    who = who.lower()
    if who not in world.states or (who, what) not in world.deeds:
        return UNKNOWN
    state, index = world.states[who]
    return Solution((state,), (index,), anchor=(world.deeds[who, what],))
