"""Baselines that read no dates: by hand on four facts, and on the release's test problems."""

from dataclasses import replace

import pandas as pd
import pytest

from tracelib.analysis import baselines, effects
from tracelib.datasets import release_problems
from tracelib.datasets.problem import Problem

FACTS = (
    "Ann Lee works for Acme from 1990 to 1995.",
    "Ann Lee plays for Reds from 1991 to 1993.",
    "Ann Lee plays for Blues from 2001 to 2003.",
    "Bob Ray plays for Greens from 1991 to 1993.",
)


def problem(gold: tuple[str, ...], facts: tuple[str, ...] = FACTS, person: str = "Ann Lee") -> Problem:
    question = f"While Ann Lee was working for Acme, on what team was {person} at the same time?"
    return Problem("x", "cotempqa", question, facts, gold, (1,), "during", "S1_R2_O2")


def test_one_of_two_is_right_half_the_time_and_both_never():
    rows = baselines.rates([problem(("Reds",)), problem(("Reds",), FACTS[:2])]).set_index("rule")
    assert rows.loc["one of them, at random", "estimate"] == pytest.approx((0.5 + 1) / 2)
    assert rows.loc["all of them", "estimate"] == 0.5
    assert rows["n"].tolist() == [2, 2]


def test_an_unclear_problem_counts_as_wrong():
    rows = baselines.rates([problem(("Reds",), FACTS[1:]), problem(("Reds",), FACTS[:2])])
    assert rows["estimate"].tolist() == [0.5, 0.5]


def test_the_rule_that_names_all_divides_the_problems():
    divided = baselines.guessable([problem(("Reds",)), replace(problem(("Reds",), FACTS[:2]), id="y")])
    assert divided.to_dict() == {"x": False, "y": True}


def test_rules_stand_beside_conditions_by_kind_of_problems():
    """The second of two problems needs no date. One condition is always right, the other never."""
    test = [problem(("Reds",)), replace(problem(("Reds",), FACTS[:2]), id="y")]
    outcomes = pd.DataFrame(
        {"setting": "s", "condition": name, "seed": seed, "item": p.id, "answer_correct": name == "correct"}
        for name in ("correct", "incorrect")
        for seed in (1, 2)
        for p in test
    )
    rows = baselines.beside_conditions(test, outcomes)
    assert rows[["kind", "problems", "who", "is_rule", "estimate"]].values.tolist() == [
        [effects.WHOLE, 2, "one of them, at random", True, 0.75],
        [effects.WHOLE, 2, "all of them", True, 0.5],
        [effects.WHOLE, 2, "correct", False, 1.0],
        [effects.WHOLE, 2, "incorrect", False, 0.0],
        [effects.UNDATED, 1, "one of them, at random", True, 1.0],
        [effects.UNDATED, 1, "all of them", True, 1.0],
        [effects.UNDATED, 1, "correct", False, 1.0],
        [effects.UNDATED, 1, "incorrect", False, 0.0],
        [effects.DATED, 1, "one of them, at random", True, 0.5],
        [effects.DATED, 1, "all of them", True, 0.0],
        [effects.DATED, 1, "correct", False, 1.0],
        [effects.DATED, 1, "incorrect", False, 0.0],
    ]
    assert baselines.above(rows) == []  # all seeds and problems are equal: no interval
    assert baselines.above(rows.assign(low=rows["estimate"] - 0.1)) == ["correct"]


def test_a_wrong_trace_tells_what_not_to_answer():
    """The trace cites one of two distractors. If it is a candidate, a guess hits it with chance 1/2."""
    shown = problem(("Reds",), FACTS[:3])
    rows = baselines.excluding([shown], range(1, 30), "wrong facts")
    fits = rows["chance"].notna()
    assert 5 < fits.sum() < 25
    assert rows.loc[fits, "chance"].unique().tolist() == [0.5]
    assert rows.loc[fits, "others_right"].all()
    assert not rows.loc[~fits, "others_right"].any()  # the event itself is cited: both candidates are left
    assert baselines.excluding([shown], [1], "gold")["others_right"].tolist() == [False]


def test_on_the_papers_problems_such_rules_fail(release_root):
    rows = baselines.rates(release_problems.load_splits("cotempqa")["test"])
    assert rows["estimate"].round(3).tolist() == [0.072, 0.001]
    assert rows["n"].tolist() == [950, 950]


def test_most_frequent_answer_of_a_category():
    """Of `during` Reds is the most frequent, of `before` two are, of which the alphabet takes Blues."""
    train = [problem((name,)) for name in ("Reds", "Reds", "Blues")]
    train += [replace(problem((name,)), category="before") for name in ("Reds", "Blues")]
    test = [problem(("Reds",)), problem(("Blues",)), problem(("Reds", "Blues"))]
    test += [replace(problem((name,)), category="before") for name in ("Reds", "Blues")]
    test += [replace(problem(("Reds",)), category="after")]
    test = [replace(one, id=str(number)) for number, one in enumerate(test)]
    right = baselines.most_frequent(train, test)
    assert right.to_dict() == {"0": True, "1": False, "2": False, "3": False, "4": True, "5": False}
