"""Intervals over subjects and over problems: made data with dependence, then the shipped release."""

import numpy as np
import pandas as pd
import pytest

from tracelib.paper import clustered, release, sharing


def outcomes(subjects: int, each: int, alike: bool, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes of two conditions, and the subjects. Problems of a subject have equal answers if `alike`."""
    rng = np.random.default_rng(seed)
    n = subjects * each
    right = rng.random((2, subjects if alike else n)) < 0.5
    right = np.repeat(right, each, axis=1) if alike else right
    names = [f"p{number}" for number in range(n)]
    parts = [
        pd.DataFrame({"item": names, "problem": names, "answer_corrected": answers}).assign(condition=name)
        for name, answers in zip(("correct", "incorrect"), right, strict=True)
    ]
    table = pd.concat(parts).assign(dataset="cotempqa", model="m", seed=pd.NA)
    table = table.astype({"answer_corrected": "boolean", "seed": "Int64"})
    subject = np.repeat(np.arange(1, subjects + 1), each)
    return table, pd.DataFrame({"problem": names, "subject": pd.array(subject, dtype="Int64")})


def test_answers_that_go_by_subject_widen_the_interval_by_the_design_effect():
    """Four equal problems per subject count as one, so the interval is twice as wide."""
    table, subjects = outcomes(100, 4, alike=True)
    (row,) = clustered.beside(table, subjects, "corrected", [("correct", "incorrect")]).to_dict("records")
    assert row["subjects"] == 100
    assert row["widths"] == pytest.approx(2, abs=0.15)


def test_answers_that_do_not_go_by_subject_leave_it_alone():
    table, subjects = outcomes(200, 4, alike=False)
    (row,) = clustered.beside(table, subjects, "corrected", [("correct", "incorrect")]).to_dict("records")
    assert row["widths"] == pytest.approx(1, abs=0.15)
    by_problem = row["high_problems"] - row["low_problems"]
    assert by_problem == pytest.approx(row["high"] - row["low"], rel=0.05)


def test_a_problem_without_a_subject_stands_alone():
    table, subjects = outcomes(50, 2, alike=True)
    nobody = subjects.assign(subject=pd.array([pd.NA] * len(subjects), dtype="Int64"))
    (row,) = clustered.beside(table, nobody, "corrected", [("correct", "incorrect")]).to_dict("records")
    assert row["subjects"] == 100
    assert (row["low_subjects"], row["high_subjects"]) == (row["low_problems"], row["high_problems"])


def test_two_conditions_that_cannot_be_compared_have_no_row():
    table, subjects = outcomes(50, 2, alike=True)
    assert clustered.beside(table[table["condition"] == "correct"], subjects, "corrected").empty


def test_conditions_that_never_differ_have_an_interval_but_none_by_drawing():
    table, subjects = outcomes(50, 2, alike=True)
    table["answer_corrected"] = True
    (row,) = clustered.beside(table, subjects, "corrected", [("correct", "incorrect")]).to_dict("records")
    assert np.isnan(row["widths"])
    assert not any(row[f"told_{name}"] for name in clustered.WAYS)


def test_levels_that_go_by_subject_are_known_less_well_by_the_design_effect():
    """Four equal problems per subject: twice as wide, and so is the joint rate's interval."""
    table, subjects = outcomes(100, 4, alike=True)
    found = clustered.levels(table.assign(trace_correct=True), subjects, "corrected")
    assert found["level"].tolist() == 2 * list(clustered.LEVELS)
    assert found["widths"].to_numpy() == pytest.approx(2, abs=0.2)
    never = clustered.levels(table.assign(trace_correct=False), subjects, "corrected")
    assert never.loc[never["level"] == "joint", "widths"].isna().all()


def test_the_release_as_shipped():
    """Vanilla minus correct: for one model, the ways to tell the difference from zero disagree."""
    table = clustered.beside(
        release.shipped_outcomes(), sharing.SHIPPED.read(), "corrected", [("vanilla", "correct")]
    )
    assert table["subjects"].eq(688).all()
    assert table["widths"].between(0.9, 1.15).all()
    (row,) = clustered.disputed(table).to_dict("records")
    assert row["model"] == "Llama-3.1-8B-Instruct"
    told = {name: row[f"told_{name}"] for name in clustered.WAYS}
    assert told == {"interval": True, "test": False, "problems": True, "subjects": False}
