"""Causes of disagreement by hand, and the figures of the dataset chapter."""

from dataclasses import replace

import pandas as pd
import pytest

from tracelib.datasets.cotempqa import solver as cotempqa
from tracelib.paper import label_audit
from tracelib.reporting import tables
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson

FACTS = (
    "Ada works for Beta from 1950 to 1960.",
    "Ada works for Gamma from 1950 to 1960.",
    "Ada works for Delta in 1955.",
    "Ada works for Epsilon from 1980 to 1990.",
    "Ada attended Zeta in 1955.",
    "Ada works for Eta from May, 1960 to 1965.",
)


@pytest.mark.parametrize(
    ("gold", "reading", "cause"),
    [
        (("Gamma", "Delta"), "written", ""),
        (("Gamma",), "written", "gold leaves an answer out"),
        (("Gamma", "Delta", "Epsilon"), "written", "gold is not co-temporal"),
        (("Gamma", "Delta", "Zeta"), "written", "gold answers another question"),
        (("Gamma", "Delta", "Eta"), "calendar", "dates too coarse"),
    ],
)
def test_causes_by_hand(problem, gold, reading, cause):
    asked = replace(problem, facts=FACTS, gold=gold)
    solve = label_audit.SOLVES["cotempqa"][reading]
    row = label_audit._row(asked, "test", reading, solve(asked))
    assert row[-1] == cause
    assert cause in ("", *label_audit.CAUSES)


def test_a_question_without_an_answer_is_a_cause(problem):
    asked = replace(problem, question="Why?")
    assert label_audit.cause(asked, cotempqa.solve(asked)) == "the solver has no answer"


def test_accuracy_with_and_without_problems_of_disputed_gold():
    """The last of four problems is disputed, with dates as written: 2 of 4 are right, then 2 of 3."""
    outcomes = pd.DataFrame(
        {
            "dataset": "cotempqa",
            "model": "m",
            "condition": ["correct"] * 4 + ["prompted"],
            "problem": [*"abcd", "a"],
            "answer_corrected": pd.array([True, True, False, False, True], dtype="boolean"),
        }
    )
    solved = pd.DataFrame(
        {
            "dataset": "cotempqa",
            "split": "test",
            "reading": ["written"] * 4 + ["calendar"],
            "item": [*"abcd", "a"],
            "answers_agree": [True, True, True, False, False],
        }
    )
    found = label_audit.accuracies(outcomes, solved)
    assert found["problems"].tolist() == ["all", "undisputed"]
    assert found["n"].tolist() == [4, 3]
    assert found["estimate"].tolist() == pytest.approx([2 / 4, 2 / 3])
    (row,) = tables.undisputed_table(found).to_dict("records")
    assert (row["condition"], row["n, all"], row["n, undisputed"]) == ("correct", 4, 3)
    assert row["corrected, undisputed"] == as_text.percent(wilson(2, 3))


def test_agreement_counts_per_group(problem):
    asked = replace(problem, facts=FACTS, supporting=(1, 2))
    splits = {"train": [asked, replace(asked, gold=("Gamma",))], "test": [replace(asked, category="equal")]}
    table = label_audit.solved("cotempqa", splits)
    written = table[table["reading"] == "written"]
    assert label_audit.agreement(written, ["split"]).to_dict("list") == {
        "split": ["train", "test"],
        "n": [2, 1],
        "answers": [1, 1],
        "label": [2, 0],
        "facts": [2, 1],
    }
    rates = label_audit.rates(written, ["split"])
    assert rates["estimate"].tolist() == [0.5, 1]
    assert rates["n"].tolist() == [2, 1]
    assert label_audit.causes(written).to_dict("records") == [
        {
            "dataset": "cotempqa",
            "reading": "written",
            "category": "mix",
            "cause": "gold leaves an answer out",
            "n": 1,
        }
    ]


def test_shipped_tables_are_what_the_release_gives(release_root):
    for table in (label_audit.SHIPPED_SOLVED, label_audit.SHIPPED_FINDINGS):
        pd.testing.assert_frame_equal(table.compute(), table.read(), check_dtype=False)


def test_figures_of_the_chapter():
    """CoTempQA with dates as written, the causes, and bAbI; recompute with `tracelib release derive`."""
    table, findings = label_audit.shipped()
    written = table[table["reading"] == "written"]
    assert label_audit.agreement(written, ["dataset"]).to_dict("list") == {
        "dataset": ["cotempqa"],
        "n": [2685],
        "answers": [2569],
        "label": [2629],
        "facts": [2465],
    }
    assert written["cause"].value_counts().to_dict() == {
        "": 2569,
        "gold leaves an answer out": 80,
        "gold answers another question": 35,
        "gold is not co-temporal": 1,
    }
    stories = table[table["dataset"] == "babi"]
    assert label_audit.agreement(stories, ["split"])[
        ["n", "answers", "label", "facts"]
    ].to_numpy().tolist() == [
        [3773, 3773, 3773, 3773],
        [376, 376, 376, 376],
    ]
    leaked = findings[(findings["check"] == "same problem in two splits") & (findings["problems"] > 0)]
    assert leaked[["dataset", "split", "problems", "n"]].values.tolist() == [["babi", "test", 18, 376]]


def test_shipped_tables_hold_no_text():
    table, _ = label_audit.shipped()
    longest = {name: table[name].str.len().max() for name in table.select_dtypes("str")}
    assert max(longest.values()) < 35
