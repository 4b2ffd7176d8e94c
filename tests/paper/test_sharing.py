"""Sharing between test and training problems: on small made problems, and in the release."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tracelib.paper import release, sharing


@pytest.fixture
def made(problem):
    """A training problem, and four test problems: the same, one with a gold fact of it, one with another
    fact of it, one without."""
    gold, other = problem.facts[1], problem.facts[3]
    far = ("Bea works for Beta from 1948 to 1952.", "Bea works for Gamma from 1940 to 1960.")
    question = "While Bea was working for Beta, which employer did Bea work for at the same time?"
    alien = dataclasses.replace(problem, question=question, facts=far, gold=("Gamma",), supporting=(1,))
    return problem, [
        problem,
        dataclasses.replace(alien, facts=(*far, gold), supporting=(1, 2)),
        dataclasses.replace(alien, facts=(*far, other)),
        alien,
    ]


def test_each_kind_by_hand(made):
    train, test = made
    found = sharing.table([train], test)
    expected = {
        "any_fact": [True, True, True, False],
        "gold_fact": [True, True, False, False],
        "gold_as_gold": [True, True, False, False],
        "same_subject": [True, False, False, False],
        "same_context": [True, False, False, False],
        "duplicate": [True, False, False, False],
    }
    assert {kind: found[kind].tolist() for kind in sharing.KINDS} == expected
    assert found["subject"].tolist() == [1, 2, 2, 2]  # Ada, Bea
    assert found["trained"].tolist() == [1, 1, 1, 1]


def test_a_distractor_is_no_gold_fact(made):
    train, (_, shares_gold, _, _) = made
    distracting = dataclasses.replace(train, supporting=(2,))
    found = sharing.table([distracting], [shares_gold]).iloc[0]
    assert (found["gold_fact"], found["gold_as_gold"]) == (True, False)


def test_nothing_trained_on_is_nothing_shared(made):
    _, test = made
    found = sharing.table([], test)
    assert not found[list(sharing.KINDS)].to_numpy(bool).any()
    assert found["trained"].eq(0).all()


def test_counts_and_what_they_rest_on(made):
    train, test = made
    found = sharing.table([train], test)
    counted = sharing.counts(found)
    whole = counted[counted["category"] == "all"].set_index("kind")
    assert whole["problems"].to_dict() == {
        "any_fact": 3, "gold_fact": 2, "gold_as_gold": 2, "same_subject": 1, "same_context": 1,
        "duplicate": 1,
    }  # fmt: skip
    assert whole["n"].eq(4).all()
    assert sharing.rests_on(found).to_dict("records") == [
        {"dataset": "cotempqa", "category": "mix", "trained": 1, "tested": 4}
    ]


def test_two_conditions_apart_by_hand(made):
    """Two of four problems share a gold fact. On one of these correct is right and incorrect is wrong."""
    train, test = made
    shared = sharing.table([train], test)
    right = {"correct": [True, True, False, True], "incorrect": [True, False, False, True]}
    outcomes = pd.concat(
        [
            pd.DataFrame({"item": list("abcd"), "problem": shared["problem"], "answer_corrected": answers})
            .assign(dataset="cotempqa", model="m", condition=name)
            .astype({"answer_corrected": "boolean"})
            for name, answers in right.items()
        ]
    )
    found = sharing.apart(outcomes, shared, {"cotempqa": "corrected"}, "correct", "incorrect")
    by_gold = found[found["kind"] == "gold_fact"].set_index("shared")
    assert by_gold["estimate"].to_dict() == {True: 0.5, False: 0.0}
    assert by_gold["n"].to_dict() == {True: 2, False: 2}
    assert np.isnan(by_gold.loc[False, "p"])


def test_the_shipped_table_holds_numbers_and_every_test_problem():
    shipped = sharing.SHIPPED.read()
    outcomes = release.shipped_outcomes()
    tested = outcomes.loc[outcomes["condition"] != "prompted", "problem"]
    assert set(tested) <= set(shipped["problem"])
    assert not shipped["problem"].duplicated().any()
    of_cotempqa = shipped[shipped["dataset"] == "cotempqa"]
    assert of_cotempqa["subject"].nunique() == 688
    assert of_cotempqa["subject"].value_counts().max() == 52


COUNTED = {  # available training problems of *during* (none, or the 414 stand-ins) -> counts
    0: {"any_fact": 502, "gold_fact": 415, "gold_as_gold": 308, "same_subject": 366},
    414: {"any_fact": 542, "gold_fact": 480, "gold_as_gold": 392, "same_subject": 412},
}


def test_the_release_as_counted(release_root):
    computed = sharing.compute()
    pd.testing.assert_frame_equal(computed, sharing.SHIPPED.read())
    counted = sharing.counts(computed)
    whole = counted[counted["category"] == "all"].set_index(["dataset", "kind"])["problems"]
    during = sharing.rests_on(computed).set_index("category").loc["during", "trained"]
    assert whole["cotempqa"].to_dict() == COUNTED[during] | {"same_context": 0, "duplicate": 0}
    assert (whole["babi", "same_context"], whole["babi", "duplicate"]) == (39, 18)
