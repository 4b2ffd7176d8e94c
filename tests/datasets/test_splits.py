"""The problems that a run trains on and tests: none is in both, and no person's are in two folds."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.test_runner import TINY
from tracelib.core.errors import InputError
from tracelib.datasets import hub, problem_sets, release_problems, splits, teacher_texts
from tracelib.datasets.cotempqa import solver as cotempqa
from tracelib.datasets.distilled import Distilled, Texts
from tracelib.datasets.problem import Problem

ALL = {"facts": 0, "train_items": 0, "test_items": 0}
REAL = replace(TINY, dataset="cotempqa", **ALL)


def made(number: int, who: str = "Ada", category: str = "mix", more: int = 0) -> Problem:
    """A problem about somebody, with one fact for the question and any number of others."""
    first = f"{who} works for Firm {number} from 1948 to 1952."
    return Problem(
        id=f"p{number}",
        dataset="cotempqa",
        question=f"While {who} was working for Firm {number}, which employer did {who} work for as well?",
        facts=(first, *(f"{who} works for Shop {shop} from 1940 to 1950." for shop in range(more))),
        gold=("Shop 0",),
        supporting=(),
        category=category,
    )


@pytest.fixture
def released(monkeypatch):
    """A function that replaces the release's problems."""
    return lambda train, test: monkeypatch.setattr(
        release_problems, "load_splits", lambda _: {"train": train, "test": test}
    )


def ids(problems):
    return [problem.id for problem in problems]


def contents(problems):
    return {splits.content_in_any_order(problem) for problem in problems}


def test_released_problems_are_as_they_are(released):
    train, test = [made(1), made(1), made(2)], [made(2), made(3)]
    released(train, test)
    assert problem_sets.deal(REAL) == (train, test, {"facts": 0})


def test_clean_drops_what_is_tested_and_what_is_there_twice(released):
    spaced = replace(made(1), id="again", question=made(1).question.replace(" ", "  ").upper())
    turned = replace(made(4, more=2), id="turned", facts=made(4, more=2).facts[::-1])
    train = [made(1), made(2), spaced, made(4, more=2), turned]
    released(train, [replace(made(2), id="other"), made(3), made(3)])
    dealt = problem_sets.deal(replace(REAL, split="clean"))
    assert ids(dealt.train) == ["p1", "p4"]  # the order of facts does not count
    assert ids(dealt.test) == ["other", "p3", "p3"]  # unchanged
    assert dealt.dropped == {"facts": 0, "tested": 1, "repeated": 2}


def test_problems_of_more_facts_are_left_out_before_a_sample_is_drawn(released):
    train = [made(number, f"P{number}", more=number % 4) for number in range(40)]
    released(train, [made(50, "B", more=1), made(51, "B", more=9)])
    for split, seed in (("released", 1), ("clean", 1)):
        dealt = problem_sets.deal(replace(REAL, split=split, seed=seed, facts=2, train_items=20))
        assert ids(dealt.train) == [f"p{number}" for number in range(40) if number % 4 < 2]
        assert ids(dealt.test) == ["p50"]
        assert dealt.dropped["facts"] == 21
    folded = problem_sets.deal(replace(REAL, split="folds", facts=2))
    assert len(folded.train) + len(folded.test) == 21


def test_validation_trains_on_what_clean_trains_on_and_tests_what_is_left(released):
    train = [made(number) for number in (*range(30), 3, 5)]
    released(train, [made(number) for number in (4, 90, 91)])
    asked = replace(REAL, train_items=12, test_items=0)
    clean, validation = (problem_sets.deal(replace(asked, split=split)) for split in ("clean", "validation"))
    assert validation.train == clean.train
    assert validation.dropped == clean.dropped == {"facts": 0, "tested": 1, "repeated": 2}
    assert contents(clean.train) | contents(validation.test) == contents(train) - contents([made(4)])
    assert len(validation.test) == 29 - 12
    some = problem_sets.deal(replace(asked, split="validation", test_items=5)).test
    assert set(ids(some)) < set(ids(validation.test))
    assert len(some) == 5
    other = problem_sets.deal(replace(asked, split="validation", data_seed=8))
    assert other.train != validation.train
    with pytest.raises(
        InputError, match=r"'test_items' is 18, but cotempqa has 17 test problems in split val"
    ):
        problem_sets.deal(replace(asked, split="validation", test_items=18))
    with pytest.raises(InputError, match=r"'test_items' is 0, but cotempqa has 0 test problems in split val"):
        problem_sets.deal(replace(asked, split="validation", train_items=29))


@pytest.mark.parametrize("split", ["released", "clean", "validation", "folds"])
def test_with_a_teacher_only_the_training_problems_are_fewer(released, monkeypatch, split):
    train, test = [made(n, who=f"P{n}") for n in range(30)], [made(n, who=f"P{n}") for n in range(30, 40)]
    released(train, test)
    texts = Distilled([(one, Texts("A.", "Hm.")) for one in [*train[:12], *test[:3]]], "")
    monkeypatch.setattr(teacher_texts, "load", lambda name: texts)
    chosen = replace(REAL, split=split, train_items=10 if split == "validation" else 0)
    plain, taught = (problem_sets.deal(replace(chosen, texts=name)) for name in ("", "r1"))
    assert all(problem in texts for problem in taught.train)
    assert "untaught" not in plain.dropped
    if split == "validation":
        assert len(taught.train) == 10
        assert contents(taught.test) == contents(train) - contents(taught.train)
        assert taught.dropped["untaught"] == 18
    else:
        assert taught.test == plain.test
        assert taught.train == [problem for problem in plain.train if problem in texts]
        assert taught.dropped["untaught"] == len(plain.train) - len(taught.train) > 0
    with pytest.raises(InputError, match="train problems with a teacher's text in split"):
        problem_sets.deal(replace(chosen, texts="r1", train_items=20))


numbers = st.integers(0, 30)
pairs = st.lists(
    st.tuples(numbers, st.sampled_from("ABCDEFGH"), st.sampled_from(["mix", "during"])), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(train=pairs, test=pairs, seed=st.integers(1, 12), size=st.integers(0, 6), few=st.integers(0, 3))
def test_no_problem_is_trained_on_and_tested(train, test, seed, size, few):
    parts = [[made(n, who, kind, n % 4) for n, who, kind in part] for part in (train, test)]
    for split in ("clean", "validation", "folds"):
        size = size or int(split == "validation")
        chosen = replace(REAL, split=split, seed=seed, train_items=size, facts=few)
        try:
            dealt = splits.deal(chosen, *parts)
        except InputError:
            continue  # there are too few problems
        assert not contents(dealt.train) & contents(dealt.test)
        assert len(dealt.train) == len(contents(dealt.train))
        assert {p.id for p in dealt.train} <= {p.id for part in parts for p in part}
        for change in ({"condition": "vanilla"}, {"model": "other"}, *[{"seed": 99}] * (split != "folds")):
            assert splits.deal(replace(chosen, **change), *parts) == dealt
        if split == "validation":
            assert not contents(dealt.test) & contents(parts[1])
        if split == "folds":
            people = [{cotempqa.subject(problem) for problem in part} for part in dealt[:2]]
            assert not people[0] & people[1]
            assert None not in people[0] | people[1]


def test_five_seeds_test_every_problem_once_and_the_next_five_again_in_other_folds(released):
    groups = {f"P{size}{copy}": size for size in (9, 4, 3, 2, 1) for copy in "abcdefg"}
    problems = [
        made(100 * number + n, who, "during" if n % 3 else "mix")
        for number, (who, size) in enumerate(groups.items())
        for n in range(size)
    ]
    released([*problems[::2], problems[1]], problems[1::2])
    dealt = [problem_sets.deal(replace(REAL, split="folds", seed=seed)) for seed in range(1, 11)]
    for partition in (dealt[:5], dealt[5:]):
        assert Counter(name for fold in partition for name in ids(fold.test)) == Counter(ids(problems))
    assert {frozenset(ids(d.test)) for d in dealt[:5]} != {frozenset(ids(d.test)) for d in dealt[5:]}
    for fold in dealt:
        assert set(ids(fold.train)) == set(ids(problems)) - set(ids(fold.test))
        assert fold.dropped == {"facts": 0, "repeated": 1}
        kinds = Counter(problem.category for problem in fold.test)
        every = Counter(problem.category for problem in problems)
        assert all(abs(kinds[kind] - n / 5) <= 2 for kind, n in every.items())
    few = problem_sets.deal(replace(REAL, split="folds", train_items=9, test_items=4))
    assert (len(few.train), len(few.test)) == (9, 4)
    assert set(ids(few.test)) < set(ids(dealt[0].test))


def test_somebody_larger_than_a_fold_stays_whole():
    problems = [made(n, "Ada") for n in range(20)] + [made(100 + n, f"B{n}") for n in range(8)]
    place = splits.folds(problems, 1)
    assert len(set(place[:20])) == 1
    assert Counter(place[20:]) == {fold: 2 for fold in range(5) if fold != place[0]}


def test_a_problem_without_a_person_is_dealt_alone():
    strange = [replace(made(n), question=f"Who is who, {n}?") for n in range(10)]
    assert Counter(splits.folds(strange, 1)) == dict.fromkeys(range(5), 2)


def test_folds_depend_on_what_there_is_not_on_its_order():
    problems = [made(n, who) for n, who in enumerate("ABCDEFGHIJAABBCDDD")]
    place = dict(zip(ids(problems), splits.folds(problems, 3), strict=True))
    turned = dict(zip(ids(problems[::-1]), splits.folds(problems[::-1], 3), strict=True))
    assert place == turned


@pytest.mark.parametrize(
    ("change", "sizes", "dropped"),
    [
        ({"dataset": "babi"}, (3773, 376), {"facts": 0}),
        ({"dataset": "babi", "split": "clean"}, (3589, 376), {"facts": 0, "tested": 33, "repeated": 151}),
        ({"split": "clean"}, (1735, 950), {"facts": 0, "tested": 0, "repeated": 0}),
        ({"split": "clean", "facts": 10}, (805, 362), {"facts": 1518, "tested": 0, "repeated": 0}),
    ],
)
def test_sizes_of_the_releases_splits(release_root, change, sizes, dropped):
    dealt = problem_sets.deal(replace(REAL, **change))
    assert (len(dealt.train), len(dealt.test)) == sizes
    assert dealt.dropped == dropped
    if change.get("split") == "clean":
        assert not contents(dealt.train) & contents(dealt.test)
    if change.get("facts"):
        assert Counter(p.category for p in dealt.train) == {
            "equal": 286,
            "mix": 245,
            "overlap": 179,
            "during": 95,
        }
        assert Counter(p.category for p in dealt.test) == {
            "during": 173,
            "equal": 77,
            "mix": 59,
            "overlap": 53,
        }


def test_folds_of_the_releases_cotempqa(release_root):
    """All 2,685: 1,321 training problems of three relations, 414 stand-ins for during, 950 test problems."""
    parts = release_problems.load_splits("cotempqa")
    every = [*parts["train"], *parts["test"]]
    people = [cotempqa.subject(problem) for problem in every]
    assert len(splits.distinct(every)) == 2685
    assert len(set(people)) == 1659
    for partition in (0, 1):
        place = splits.folds(every, f"7/{partition}")
        assert Counter(place) == dict.fromkeys(range(5), 537)
        assert len(set(zip(people, place, strict=True))) == 1659
        spread = Counter((problem.category, fold) for problem, fold in zip(every, place, strict=True))
        for category, n in Counter(problem.category for problem in every).items():
            assert all(abs(spread[category, fold] - n / 5) < 1 for fold in range(5))


def test_counts_in_words():
    counted = splits.in_words(1000, 376, {"facts": 0, "tested": 20, "repeated": 1085})
    assert counted == (
        "problems: 1,000 to train on, 376 to test; "
        "dropped: 20 that are in the test set too, 1,085 that repeat another"
    )
    assert splits.in_words(2, 1, {"facts": 0}) == "problems: 2 to train on, 1 to test"


def test_marco_is_dealt_as_released(monkeypatch):
    asked = []

    def load(table, split, count):
        asked.append((table, split, count))
        return [made(number, split) for number in range(count)]

    monkeypatch.setattr(hub, "load", load)
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    dealt = problem_sets.deal(replace(REAL, dataset="marco", train_items=3, test_items=2))
    assert (len(dealt.train), len(dealt.test), dealt.dropped) == (3, 2, {"facts": 0})
    assert asked == [("marco-v2.1", "train", 12), ("marco-v2.1", "validation", 8)]
