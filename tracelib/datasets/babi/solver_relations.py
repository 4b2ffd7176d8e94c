"""bAbI's tasks about fixed relations: bearings, positions, sizes, fears and colours.

Facts are read into a graph or into `Kinds`. Every rule takes the result and the words of its question. It
gives a `Solution` whose supporting facts are those that the rule used. If another statement, or another
shortest chain of statements, gives the same answer, it is among the alternatives.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from tracelib.datasets.solution import UNKNOWN, Solution

LONGEST_FACT = 1000  # characters; the dataset's longest has 70. Longer text fits no pattern.
MOST_CHAINS = 100  # considered between two things; the number of chains can double with every step
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
AMBIGUOUS = Solution(failure="several answers follow")

Told = dict[str, list[tuple[str, int]]]  # who -> (what is said, index of the fact), in story order
Edges = dict[str, list[tuple[str, str, int]]]  # from -> (to, how, index of the fact), in story order
Chain = tuple[tuple[str, int], ...]  # (how, index of the fact) of every step


class Kinds(NamedTuple):
    """The statements of a story about animals; names are in lower case."""

    kind: Told
    colour: Told
    feared: Told  # who: a kind of animal


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
    """(field of `Kinds`, who, what is said); None if the sentence fits no pattern."""
    if len(sentence) > LONGEST_FACT:
        return None
    if match := IS_A.fullmatch(sentence):
        return "kind", match[1].lower(), match[2].lower()
    if match := FEARS.fullmatch(sentence):
        return "feared", singular(match[1]), singular(match[2])
    match = IS.fullmatch(sentence)
    return ("colour", match[1].lower(), match[2]) if match else None


def _first_places(facts: tuple[str, ...]) -> Iterable[tuple[str, int]]:
    """Every distinct fact with the index of its first copy; later copies add no chain."""
    places: dict[str, int] = {}
    for index, fact in enumerate(facts):
        places.setdefault(fact, index)
    return places.items()


def directions(facts: tuple[str, ...]) -> Edges | None:
    """From each thing to its neighbours: `how` is the side of the neighbour on which the thing lies.

    None if a sentence fits no pattern.
    """
    edges: Edges = {}
    for fact, index in _first_places(facts):
        parsed = _lies(fact)
        if parsed is None:
            return None
        thing, side, other = parsed
        edges.setdefault(thing, []).append((other, side, index))
        edges.setdefault(other, []).append((thing, OPPOSITE[side], index))
    return edges


def _chains(edges: Edges, start: str, goal: str) -> list[Chain]:
    """The shortest chains from `start` to `goal`, in story order, at most `MOST_CHAINS`."""
    distance = {start: 0}
    came: dict[str, list[tuple[str, str, int]]] = {}  # the steps of shortest chains that lead to each thing
    queue = deque([start])
    while queue and (here := queue.popleft()) != goal:
        for there, how, index in edges.get(here, ()):
            if there not in distance:
                distance[there] = distance[here] + 1
                queue.append(there)
            if distance[there] == distance[here] + 1:
                came.setdefault(there, []).append((here, how, index))
    return list(islice(_back(came, goal, start), MOST_CHAINS))


def _back(came: dict[str, list[tuple[str, str, int]]], goal: str, start: str) -> Iterator[Chain]:
    """Every chain, followed back from the goal, without recursion: a chain can have a thousand steps."""
    left: list[tuple[str, Chain]] = [(goal, ())]
    while left:
        here, chain = left.pop()
        if here == start and chain:
            yield chain
        else:
            steps = came.get(here, ())
            left.extend((before, ((how, index), *chain)) for before, how, index in reversed(steps))


def _by_chains(answers: list[str], chains: list[Chain]) -> Solution:
    """The answer of the chains, with their facts; no answer if the chains give none or disagree."""
    if not chains:
        return UNKNOWN
    if len(set(answers)) > 1:
        return AMBIGUOUS
    first, *others = (tuple(index for _, index in chain) for chain in chains)
    return Solution((answers[0],), first, alternatives=tuple(others))


def what_is_beside(edges: Edges, side: str, thing: str) -> Solution:
    """What is SIDE of the THING? Only direct statements count; if they disagree, there is no answer."""
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
    first, *others = ((index,) for _, index in found)
    return Solution((found[0][0],), first, alternatives=tuple(others))


def way(edges: Edges, start: str, goal: str) -> Solution:
    """How do you go from START to GOAL? The first letters of the directions on the shortest path: ``s,w``."""
    chains = _chains(edges, start, goal)
    return _by_chains([",".join(OPPOSITE[how][0] for how, _ in chain) for chain in chains], chains)


def lies(edges: Edges, thing: str, side: str, other: str) -> Solution:
    """Does THING lie SIDE of OTHER?

    Every statement is one step on a grid: a thing above another has the same horizontal position. (This is
    the dataset's convention; without it most of its questions would be open.)
    """
    chains = _chains(edges, thing, other)
    right, up = STEPS[side.removesuffix(" of")]
    offsets = [sum(right * STEPS[how][0] + up * STEPS[how][1] for how, _ in chain) for chain in chains]
    return _by_chains(["yes" if offset > 0 else "no" for offset in offsets], chains)


def sizes(facts: tuple[str, ...]) -> Edges | None:
    """From each thing to the things stated to be smaller; None if a sentence fits no pattern."""
    smaller: Edges = {}
    for fact, index in _first_places(facts):
        parsed = _sizes(fact)
        if parsed is None:
            return None
        smaller.setdefault(parsed[0], []).append((parsed[1], "", index))
    return smaller


def is_bigger(smaller: Edges, thing: str, other: str) -> Solution:
    """Is the THING bigger than the OTHER?

    The dataset marks a chain of two statements even where a third compares the two things directly. So
    chains of two come first, then direct statements; longer chains count only without either.
    """
    chains = [_size_chains(smaller, *pair) for pair in ((thing, other), (other, thing))]
    if all(chains):
        return Solution(failure="the sizes contradict each other")
    for answer, found in zip(("yes", "no"), chains, strict=True):
        if found:
            return _by_chains([answer] * len(found), found)
    return UNKNOWN


def fits(smaller: Edges, thing: str, other: str) -> Solution:
    """Does the THING fit in the OTHER? It does if the OTHER is bigger."""
    return is_bigger(smaller, other, thing)


def _size_chains(smaller: Edges, large: str, small: str) -> list[Chain]:
    """The chains of two statements, then the direct ones; if there are neither, the shortest chains."""
    steps = smaller.get(large, ())
    direct: list[Chain] = [((how, index),) for there, how, index in steps if there == small]
    without = {**smaller, large: [step for step in steps if step[0] != small]}
    indirect = _chains(without, large, small)
    if direct and indirect and len(indirect[0]) > 2:
        return direct
    return indirect + direct


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
    """The kind and colour of each animal, and the fears of each kind; None if a sentence fits no pattern."""
    told = Kinds({}, {}, {})
    for index, fact in enumerate(facts):
        parsed = _kind(fact)
        if parsed is None:
            return None
        relation, who, what = parsed
        getattr(told, relation).setdefault(who, []).append((what, index))
    return told


def fears(told: Kinds, who: str) -> Solution:
    """What is WHO afraid of? The animal that its kind is afraid of."""
    if who.lower() not in told.kind:
        return UNKNOWN
    kind, first = told.kind[who.lower()][-1]
    feared = told.feared.get(kind, [])
    if len({what for what, _ in feared}) > 1:
        return AMBIGUOUS
    if not feared:
        return UNKNOWN
    used, *others = ((index, first) for _, index in feared)
    return Solution((feared[0][0],), used, alternatives=tuple(others))


def colour(told: Kinds, who: str) -> Solution:
    """What color is WHO? The colour that is stated, else the colour of an animal of the same kind.

    Animals of a kind may differ in colour. Of those whose colour is stated, the dataset takes the one whose
    kind is stated last. The others are no alternatives, whatever their colour.
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
