"""Who sees what, in which order: balanced Latin squares and block randomisation.

A *level* is what a design compares, such as a kind of trace. Levels are within (a participant sees all of
them) or between (a participant sees one of them). Participants are numbered from 0 as they come; the number
is the participant's *slot*. The slot and the seed fix everything here.
"""

import random
from collections.abc import Hashable, Sequence
from itertools import product
from typing import NamedTuple


class Seen(NamedTuple):
    """One page of a participant: the index of a problem, and the level at which the problem is shown."""

    problem: int
    level: tuple[Hashable, Hashable]


def williams(levels: int) -> list[tuple[int, ...]]:
    """A balanced Latin square (Williams 1949): orders of the levels 0, 1, ....

    Over all rows, each level is equally often at each position, and each level follows each other level
    equally often. There are `levels` rows if that number is even or 1, else twice as many.
    """
    zigzag = [(place + 1) // 2 if place % 2 else -(place // 2) for place in range(levels)]
    rows = [tuple((step + start) % levels for step in zigzag) for start in range(levels)]
    return rows if levels == 1 or levels % 2 == 0 else rows + [row[::-1] for row in rows]


def assigned(
    slot: int,
    between: Sequence[Hashable],
    within: Sequence[Hashable],
    pages: int,
    problems: int,
    seed: str,
) -> list[Seen]:
    """The pages of a participant, in order. A level is (level of `between`, level of `within`).

    A participant sees each problem at most once, and each level of `within` in every run of as many pages as
    there are levels. Slots are filled in blocks: in each block, every level of `between` meets every row of
    the Latin square once, in random order. Over the blocks of a cycle (one block per level of `within` and
    set of problems), every problem is shown equally often at every level.

    Args:
        slot: the participant's number, from 0.
        between: the levels of which a participant sees one; one level if nothing is compared between.
        within: the levels of which a participant sees all.
        pages: pages per participant, a multiple of the number of levels in `within`.
        problems: the number of problems, a multiple of `pages`.
        seed: fixes all draws.
    """
    rows, sets = williams(len(within)), problems // pages
    cells = list(product(range(len(between)), range(len(rows))))
    block, place = divmod(slot, len(cells))
    group, row = _shuffled(cells, f"{seed}/block/{block}")[place]
    turns = list(product(range(len(within)), range(sets)))
    cycle, at = divmod(block, len(turns))
    turn, chosen = _shuffled(turns, f"{seed}/cycle/{cycle}")[at]
    own = f"{seed}/participant/{slot}"
    parts = _parts(_shuffled(range(problems), seed)[chosen * pages :][:pages], len(within), own)
    return [
        Seen(parts[(level - row - turn) % len(within)][run], (between[group], within[level]))
        for run in range(pages // len(within))
        for level in rows[(row + run) % len(rows)]
    ]


def _parts(problems: Sequence[int], number: int, seed: str) -> list[list[int]]:
    """The problems of a set in equal parts; the order within a part is the participant's own."""
    size = len(problems) // number
    return [
        _shuffled(problems[part * size : (part + 1) * size], f"{seed}/part/{part}") for part in range(number)
    ]


def _shuffled(values: Sequence, seed: str) -> list:
    values = list(values)
    random.Random(seed).shuffle(values)
    return values
