from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets.babi import solver_stories as stories
from tracelib.datasets.babi import twin as babi
from tracelib.datasets.babi.reader import RELEASED
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.babi.twin import Knobs, generate

KNOBS = st.builds(
    Knobs,
    categories=st.lists(st.sampled_from(RELEASED), min_size=1, max_size=11, unique=True).map(tuple),
    facts=st.integers(4, 40),
    people=st.integers(2, 20),
    objects=st.integers(1, 8),
)


@settings(deadline=None)
@given(st.integers(0, 2**32), KNOBS)
def test_every_problem_is_as_asked_for_and_solved(seed, knobs):
    for problem in generate(5, seed, knobs):
        assert problem.category in knobs.categories
        assert len(problem.facts) == knobs.facts
        found = solve(problem)
        assert (found.answers, found.categories) == (problem.gold, (problem.category,))
        assert problem.supporting in found.accepted


@settings(deadline=None)
@given(st.integers(0, 2**32), KNOBS)
def test_the_gold_facts_alone_lead_to_the_gold_answer(seed, knobs):
    for problem in generate(3, seed, knobs):
        alone = replace(problem, facts=problem.supporting_facts)
        assert solve(alone).answers == problem.gold


@settings(deadline=None)
@given(st.integers(0, 2**32), KNOBS)
def test_the_twin_repeats_and_is_distinct(seed, knobs):
    first = generate(12, seed, knobs)
    assert first == generate(12, seed, knobs)
    assert first[:4] == generate(4, seed, knobs)
    assert len({problem.id for problem in first}) == 12


def test_another_seed_gives_other_problems():
    assert not {p.id for p in generate(50, 1)} & {p.id for p in generate(50, 2)}


def test_nothing_has_to_be_drawn_again(monkeypatch):
    """The twin acts out its stories without the solver; where the two differ, one of them is wrong."""
    outcomes = Counter()
    judge = babi._as_solved

    def counted(problem):
        outcomes[judge(problem)] += 1
        return True

    monkeypatch.setattr(babi, "_as_solved", counted)
    generate(2000, 7)
    assert outcomes == {True: 2000}


def test_every_task_is_drawn_and_yes_is_half():
    problems = generate(3000, 3)
    per_task = Counter(problem.category for problem in problems)
    assert set(per_task) == set(RELEASED)
    assert min(per_task.values()) > 200
    for category in ("positional-reasoning", "size-reasoning"):
        answers = Counter(problem.gold[0] for problem in generate(2000, 3, Knobs(categories=(category,))))
        assert set(answers) == {"yes", "no"}
        assert 900 < answers["yes"] < 1100


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"facts": 3}, "facts=3, expected 4 to 40"),
        ({"facts": 41}, "facts=41, expected 4 to 40"),
        ({"people": 1}, "people=1, expected 2 to 20"),
        ({"objects": 0}, "objects=0, expected 1 to 8"),
        ({"objects": 9}, "objects=9, expected 1 to 8"),
        ({"categories": ()}, "expected some of single-supporting-fact, "),
        ({"categories": ("path-finding",)}, "expected some of single-supporting-fact, "),
    ],
)
def test_impossible_knobs_are_refused(change, message):
    with pytest.raises(InputError) as error:
        Knobs(**change)
    assert message in str(error.value)


def test_the_vocabulary_is_its_own_and_large_enough():
    assert set(babi.MOVES) <= set(stories.MOVES)
    assert set(babi.TAKES) <= set(stories.TAKES)
    assert set(babi.DROPS) <= set(stories.DROPS)
    assert set(babi.GIVES) <= set(stories.GIVES)
    for names in (babi.ROOMS, babi.CONTAINERS, babi.SHAPES, babi.NAMES):
        assert len(set(names)) == len(names) > max(babi.FACTS)
