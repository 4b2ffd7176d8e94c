from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets import twins
from tracelib.datasets.cotempqa.reader import CATEGORIES, parse_fact
from tracelib.datasets.cotempqa.solver import READINGS, solve
from tracelib.datasets.cotempqa.twin import KINDS, Knobs, generate
from tracelib.datasets.dataset import DATES
from tracelib.scoring.metrics import asks_for_subject

KNOBS = st.builds(
    Knobs,
    facts=st.integers(4, 20),
    entities=st.integers(1, 10),
    near=st.floats(0, 1),
    first_year=st.integers(1000, 1900),
    granularities=st.lists(st.sampled_from(DATES), min_size=1, unique=True).map(tuple),
)


@settings(max_examples=50)
@given(KNOBS, st.integers(0, 9))
def test_every_problem_is_what_the_solver_finds(knobs, seed):
    for problem in generate(20, seed, knobs):
        assert len(problem.facts) == knobs.facts
        assert all(parse_fact(fact) for fact in problem.facts)
        assert len(problem.gold) == len(set(problem.gold)) >= (2 if problem.category == "mix" else 1)
        for reading in READINGS:
            found = solve(problem, reading)
            assert (found.answers, found.supporting) == (problem.gold, problem.supporting)
            assert found.categories == (problem.category,)
            assert len(found.anchor) == 1
        years = [date[0] for f in map(parse_fact, problem.facts) for date in (f.start, f.end)]
        assert knobs.first_year <= min(years) <= max(years) <= knobs.last_year


def test_all_kinds_and_relations_come_equally_often():
    problems = generate(2000, seed=4)
    for count in Counter(p.category for p in problems).values():
        assert abs(count - 500) < 100  # five standard errors
    for count in Counter(p.kind for p in problems).values():
        assert abs(count - 400) < 90
    assert {p.category for p in problems} == set(CATEGORIES)
    assert {p.kind for p in problems} == set(KINDS)
    assert all(asks_for_subject(p) == (p.kind == "S2_R1_O1") for p in problems)


def test_the_twin_repeats_and_is_distinct():
    first = generate(100, seed=1)
    assert first == generate(100, seed=1)
    assert first[:50] == generate(50, seed=1)
    assert first != generate(100, seed=2)
    assert len({problem.id for problem in first}) == 100


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"facts": 3}, "facts=3, expected 4 to 40"),
        ({"entities": 0}, "entities=0, expected 1 to 20"),
        ({"near": 1.5}, "near=1.5, expected a share"),
        ({"first_year": 1980}, "years 1980 to 2020, expected 60 or more"),
        ({"granularities": ("week",)}, "expected some of year, month, day"),
    ],
)
def test_impossible_knobs_are_refused(knobs, message):
    with pytest.raises(InputError, match=message):
        Knobs(**knobs)


@pytest.mark.parametrize("dataset", twins.DATASETS)
def test_splits_are_disjoint(dataset):
    made = twins.splits(dataset, {"train": 30, "validation": 10, "test": 20}, 1, 6)
    assert {name: len(problems) for name, problems in made.items()} == {
        "train": 30,
        "validation": 10,
        "test": 20,
    }
    assert len({problem.id for problems in made.values() for problem in problems}) == 60


def test_a_dataset_without_a_twin_is_named():
    with pytest.raises(InputError, match="no twin of 'squad', expected one of cotempqa, babi, marco"):
        twins.generate("squad", 1, 1, 6)
