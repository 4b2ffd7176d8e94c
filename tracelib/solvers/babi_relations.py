"""bAbI's tasks about fixed relations: bearings, positions, sizes, fears and colours.

Facts are read into a graph or into `Kinds`. Every rule takes these and the words of its question
and gives a `Solution` whose supporting facts are those it used.
"""

import re
from collections import deque
from functools import lru_cache
from typing import NamedTuple

from tracelib.solvers import Solution

LONGEST_FACT = 1000  # characters; the dataset's longest has 70. Longer text fits no pattern.
WORD = r"[\w'-]+"
STEPS = {
    "north": (0, 1),
    "south": (0, -1),
    "east": (1, 0),
    "west": (-1, 0),
    "above": (0, 1),
    "below": (0, -1),
    "to the right": (1, 0),
    "to the left": (-1, 0),
}
OPPOSITE = {
    "north": "south",
    "south": "north",
    "east": "west",
    "west": "east",
    "above": "below",
    "below": "above",
    "to the right": "to the left",
    "to the left": "to the right",
}
LIES = re.compile(
    r"The (.+?) is (?:(north|south|east|west|to the left|to the right) of|(above|below)) the (.+)\."
)
BIGGER = re.compile(r"The (.+?) is bigger than the (.+)\.")
INSIDE = re.compile(r"The (.+?) fits inside the (.+)\.")
FEARS = re.compile(rf"({WORD}) are (?:afraid|scared) of ({WORD})\.")
IS_A = re.compile(rf"({WORD}) is an? ({WORD})\.")
IS = re.compile(rf"({WORD}) is ({WORD})\.")
SINGULAR = {"mice": "mouse", "geese": "goose", "wolves": "wolf", "calves": "calf"}
UNKNOWN = Solution(failure="nothing is said of what is asked")
AMBIGUOUS = Solution(failure="several answers follow")

Told = dict[str, list[tuple[str, int]]]  # whom it is said of -> (what, index of the fact), in story order
Edges = dict[str, list[tuple[str, str, int]]]  # from -> (to, how, index of the fact), in story order


class Kinds(NamedTuple):
    """What the stories about animals say; names in lower case."""

    kind: Told
    colour: Told
    feared: Told  # by a kind


@lru_cache(maxsize=65536)
def _lies(sentence: str) -> tuple[str, str, str] | None:
    """(thing, direction, other thing); None if the sentence fits no pattern."""
    match = LIES.fullmatch(sentence) if len(sentence) <= LONGEST_FACT else None
    return (match[1], match[2] or match[3], match[4]) if match else None


@lru_cache(maxsize=65536)
def _sizes(sentence: str) -> tuple[str, str] | None:
    """(larger, smaller); None if the sentence fits no pattern."""
    if len(sentence) > LONGEST_FACT:
        return None
    if match := BIGGER.fullmatch(sentence):
        return match[1], match[2]
    match = INSIDE.fullmatch(sentence)
    return (match[2], match[1]) if match else None


@lru_cache(maxsize=65536)
def _kind(sentence: str) -> tuple[str, str, str] | None:
    """(field of `Kinds`, whom it is said of, what); None if the sentence fits no pattern."""
    if len(sentence) > LONGEST_FACT:
        return None
    if match := IS_A.fullmatch(sentence):
        return "kind", match[1].lower(), match[2].lower()
    if match := FEARS.fullmatch(sentence):
        return "feared", singular(match[1]), singular(match[2])
    match = IS.fullmatch(sentence)
    return ("colour", match[1].lower(), match[2]) if match else None


def directions(facts: tuple[str, ...]) -> Edges | None:
    """From each thing to its neighbours: `how` says on which side of the neighbour the thing lies."""
    edges: Edges = {}
    for index, fact in enumerate(facts):
        parsed = _lies(fact)
        if parsed is None:
            return None
        thing, side, other = parsed
        edges.setdefault(thing, []).append((other, side, index))
        edges.setdefault(other, []).append((thing, OPPOSITE[side], index))
    return edges


def _chain(edges: Edges, start: str, goal: str) -> list[tuple[str, int]] | None:
    """(how, fact) of every step of a shortest chain, breadth first in story order; None without one."""
    came: dict[str, tuple[str, str, int]] = {start: ("", "", -1)}
    queue = deque([start])
    while queue and goal not in came:
        here = queue.popleft()
        for there, how, index in edges.get(here, ()):
            if there not in came:
                came[there] = here, how, index
                queue.append(there)
    if goal not in came:
        return None
    steps = []
    while goal != start:
        goal, how, index = came[goal]
        steps.append((how, index))
    return steps[::-1]


def what_is_beside(edges: Edges, side: str, thing: str) -> Solution:
    """What is SIDE of the THING? Only what one statement says; two different answers are none."""
    return _neighbour(edges, thing, OPPOSITE[side])


def beside_what(edges: Edges, thing: str, side: str) -> Solution:
    """What is the THING SIDE of?"""
    return _neighbour(edges, thing, side)


def _neighbour(edges: Edges, thing: str, side: str) -> Solution:
    found = [(other, index) for other, how, index in edges.get(thing, ()) if how == side]
    if not found:
        return UNKNOWN
    if any(other != found[0][0] for other, _ in found):
        return AMBIGUOUS
    return Solution((found[0][0],), (found[0][1],))


def way(edges: Edges, start: str, goal: str) -> Solution:
    """How do you go from START to GOAL? The first letters of the bearings, as in ``s,w``."""
    steps = _chain(edges, start, goal)
    if not steps:
        return UNKNOWN
    return Solution((",".join(OPPOSITE[how][0] for how, _ in steps),), tuple(index for _, index in steps))


def lies(edges: Edges, thing: str, side: str, other: str) -> Solution:
    """Does THING lie SIDE of OTHER?

    Every statement is one step on a grid: what is above something has the same horizontal
    position. (The dataset has this convention: without it most of its questions are open.)
    """
    steps = _chain(edges, thing, other)
    if not steps:
        return UNKNOWN
    right, up = STEPS[side.removesuffix(" of")]
    offset = sum(right * STEPS[how][0] + up * STEPS[how][1] for how, _ in steps)
    return Solution(("yes" if offset > 0 else "no",), tuple(index for _, index in steps))


def sizes(facts: tuple[str, ...]) -> Edges | None:
    """From each thing to those that are stated to be smaller; None if a sentence fits no pattern."""
    smaller: Edges = {}
    for index, fact in enumerate(facts):
        parsed = _sizes(fact)
        if parsed is None:
            return None
        smaller.setdefault(parsed[0], []).append((parsed[1], "", index))
    return smaller


def is_bigger(smaller: Edges, thing: str, other: str) -> Solution:
    """Is the THING bigger than the OTHER?

    The dataset supports its answers with two statements even where a third says it at once; so
    a statement about the two things themselves is used only where there is no longer chain.
    """
    chains = [_size_chain(smaller, *pair) for pair in ((thing, other), (other, thing))]
    if all(chains):
        return Solution(failure="the sizes contradict each other")
    for answer, steps in zip(("yes", "no"), chains, strict=True):
        if steps:
            return Solution((answer,), tuple(index for _, index in steps))
    return UNKNOWN


def fits(smaller: Edges, thing: str, other: str) -> Solution:
    """Does the THING fit in the OTHER? If the OTHER is bigger."""
    return is_bigger(smaller, other, thing)


def _size_chain(smaller: Edges, large: str, small: str) -> list[tuple[str, int]] | None:
    steps = _chain(smaller, large, small)
    if steps is None or len(steps) > 1:
        return steps
    indirect = {**smaller, large: [edge for edge in smaller.get(large, ()) if edge[0] != small]}
    return _chain(indirect, large, small) or steps


def singular(plural: str) -> str:
    """The singular of an animal's plural, in lower case."""
    plural = plural.lower()
    if plural in SINGULAR:
        return SINGULAR[plural]
    for ending, replacement in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if plural.endswith(ending):
            return plural.removesuffix(ending) + replacement
    return plural


def kinds(facts: tuple[str, ...]) -> Kinds | None:
    """Who is of what kind and colour, and what each kind fears; None if a sentence fits no pattern."""
    told = Kinds({}, {}, {})
    for index, fact in enumerate(facts):
        parsed = _kind(fact)
        if parsed is None:
            return None
        relation, who, what = parsed
        getattr(told, relation).setdefault(who, []).append((what, index))
    return told


def fears(told: Kinds, who: str) -> Solution:
    """What is WHO afraid of? What its kind is afraid of."""
    if who.lower() not in told.kind:
        return UNKNOWN
    kind, first = told.kind[who.lower()][-1]
    feared = told.feared.get(kind, [])
    if len({what for what, _ in feared}) > 1:
        return AMBIGUOUS
    return Solution((feared[0][0],), (feared[0][1], first)) if feared else UNKNOWN


def colour(told: Kinds, who: str) -> Solution:
    """What color is WHO? That of an animal of the same kind.

    Animals of a kind may differ in colour; the dataset then goes by the one whose kind is stated
    last among those whose colour is told.
    """
    who = who.lower()
    if who in told.colour:
        what, index = told.colour[who][-1]
        return Solution((what,), (index,))
    if who not in told.kind:
        return UNKNOWN
    kind, first = told.kind[who][-1]
    alike = [(told.kind[name][-1], told.colour[name][-1]) for name in told.kind if name in told.colour]
    alike = [(index, what) for (other, index), what in alike if other == kind]
    if not alike:
        return UNKNOWN
    second, (what, third) = max(alike)
    return Solution((what,), (first, second, third))
