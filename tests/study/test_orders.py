from collections import Counter
from itertools import pairwise

import pytest

from tracelib.study.orders import assigned, williams


def test_the_square_of_four_is_the_textbooks():
    assert williams(4) == [(0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1)]


@pytest.mark.parametrize(("levels", "rows"), [(1, 1), (2, 2), (3, 6), (4, 4), (5, 10), (8, 8), (9, 18)])
def test_positions_and_successions_are_balanced(levels, rows):
    square = williams(levels)
    assert len(square) == rows
    for column in zip(*square, strict=True):
        assert set(Counter(column).values()) == {rows // levels}
    followed = Counter(pair for row in square for pair in pairwise(row))
    assert len(followed) == levels * (levels - 1)
    assert len(set(followed.values())) <= 1


def everybody(people, between=(None,), within=("a", "b", "c"), pages=6, problems=12):
    return [assigned(slot, between, within, pages, problems, "seed") for slot in range(people)]


def test_a_participant_sees_each_problem_once_and_each_level_in_every_run():
    for seen in everybody(40):
        assert len({page.problem for page in seen}) == 6
        for run in (seen[:3], seen[3:]):
            assert {page.level[1] for page in run} == {"a", "b", "c"}


def test_a_block_has_every_order_once():
    for block in range(4):
        seen = everybody(24)[6 * block : 6 * block + 6]
        orders = {tuple(page.level[1] for page in pages[:3]) for pages in seen}
        assert len(orders) == 6


def test_after_a_cycle_every_problem_was_seen_equally_often_at_every_level():
    cycle = 6 * 3 * 2  # rows, levels, sets of problems
    counted = Counter((page.problem, page.level) for seen in everybody(cycle) for page in seen)
    assert len(counted) == 12 * 3
    assert set(counted.values()) == {cycle * 6 // (12 * 3)}


def test_between_participants_each_sees_one_level_and_blocks_are_balanced():
    seen = everybody(8, between=("x", "y"), within=("right", "wrong"), pages=4, problems=4)
    groups = [{page.level[0] for page in pages} for pages in seen]
    assert all(len(group) == 1 for group in groups)
    for block in (seen[:4], seen[4:]):
        assert Counter(pages[0].level[0] for pages in block) == {"x": 2, "y": 2}
    for pages in seen:
        assert Counter(page.level[1] for page in pages) == {"right": 2, "wrong": 2}


def test_slot_and_seed_fix_everything_and_participants_differ():
    assert everybody(10) == everybody(10)
    assert assigned(0, (None,), "abc", 6, 12, "seed") != assigned(0, (None,), "abc", 6, 12, "other")
    assert len({tuple(seen) for seen in everybody(30)}) == 30
