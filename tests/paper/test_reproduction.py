"""Stated and computed figures compared by hand, and for the whole release."""

import pandas as pd
import pytest

from tracelib.paper import release, reproduction, specifications
from tracelib.scoring.outcomes import counts_under

RUN = {"dataset": "d", "model": "m", "condition": "c"}
STATED = "main/results/Cotempqa/evaluation_results/{}/Qwen3-8B-sft-adapter{}_default.json"
PUBLIC, LOST = STATED.format("equal", ""), STATED.format("during", "-reasoning-facts")
MATRIX_FILE = (
    "marcoqa/results/Marcoqa/confusion_matrix/"
    "Qwen3-1.7B-sft-adapter-reasoning-facts_default_confusion_matrix.json"
)


def test_accuracies_tell_the_cases_apart():
    computed = pd.DataFrame([{**RUN, "category": name, "answer_correct": 1, "n": 3} for name in ("a", "b")])
    not_here, lost = "outputs public, not in this copy; ", "outputs not in the public tree; "
    cases = {  # stated accuracy, right answers of 10 in its matrix, file, status, part of the reason
        "a": (33.3, None, PUBLIC, "reproduced", ""),
        "b": (33.4, None, PUBLIC, "differs", "-0.1 points"),
        "c": (9.0, None, PUBLIC, "cannot be checked", f"{not_here}the release states no confusion matrix"),
        "d": (20.0, 2.0, PUBLIC, "cannot be checked", f"{not_here}agrees with"),
        "e": (0.0, 2.0, LOST, "cannot be checked", f"{lost}contradicts"),
    }
    stated = pd.DataFrame(
        [
            {
                **RUN,
                "category": name,
                "accuracy": accuracy,
                "matrix_right": right,
                "matrix_n": 10.0,
                "file": file,
            }
            for name, (accuracy, right, file, *_) in cases.items()
        ]
    ).astype({"matrix_right": "float"})
    table = reproduction.accuracies(computed, stated)
    assert table["status"].tolist() == [status for *_, status, _ in cases.values()]
    for why, (*_, expected) in zip(table["why"], cases.values(), strict=True):
        assert expected in why
        assert bool(why) == bool(expected)


def test_marcos_zeros_and_the_first_that_its_matrix_contradicts():
    names = {"dataset": "marco", "condition": "c"}
    rows = [(0.0, None), (12.5, 12.5), (0.0, 33.7), (0.0, 20.0)]
    table = pd.DataFrame(
        [{**names, "model": f"m{n}", "accuracy": one, "matrix": other} for n, (one, other) in enumerate(rows)]
    )
    assert reproduction.zeros(table) == 3
    assert reproduction.contradicted(table)["model"] == "m2"


def test_a_matrix_of_other_outputs_is_told_from_one_that_agrees():
    quantities = ("answer right", "category right")
    stated = pd.DataFrame(
        [
            {**RUN, "condition": condition, "quantity": name, "stated": count, "file": MATRIX_FILE}
            for condition, found in (("same", (5, 6)), ("other", (5, 7)), ("lost", (1, 1)))
            for name, count in zip(quantities, found, strict=True)
        ]
    )
    computed = pd.DataFrame(
        [
            {**RUN, "condition": condition, "quantity": name, "computed": count}
            for condition in ("same", "other")
            for name, count in zip(quantities, (5, 6), strict=True)
        ]
    )
    accuracies = pd.DataFrame([{**RUN, "condition": "other", "n": 10, "accuracy": 60.0}])
    table = reproduction.matrices(stated, computed, accuracies)
    assert table["status"].tolist() == [
        *("reproduced", "reproduced"),
        *("reproduced", "differs"),
        *("cannot be checked", "cannot be checked"),
    ]
    assert table["why"].iloc[0] == ""
    assert "counts 5 right answers, the stated accuracies of this run 6" in table["why"].iloc[2]
    assert table["why"].iloc[4] == "outputs public, not in this copy"


@pytest.fixture(scope="module")
def tables(release_root):
    outcomes, _ = release.load_outcomes()
    stated = release.read_accuracies()
    computed = counts_under(outcomes, "official")
    accuracies = reproduction.accuracies(computed, stated)
    credit = reproduction.partial_credit(outcomes, stated)
    found = specifications.matrices(outcomes, specifications.load())
    return accuracies, credit, reproduction.matrices(release.read_matrices(), found, accuracies)


def test_every_figure_of_the_release_has_a_status_and_a_reason(tables):
    """52 accuracies, 208 other shares and bAbI's 64 counts are reproduced; MARCO has no outputs."""
    found = reproduction.summary(*tables).set_index("dataset").to_dict("index")
    assert found == {
        "cotempqa": {"reproduced": 223, "differs": 57, "cannot be checked": 0},
        "babi": {"reproduced": 104, "differs": 0, "cannot be checked": 0},
        "marco": {"reproduced": 0, "differs": 0, "cannot be checked": 104},
    }
    for table in tables:
        assert (table.loc[table["status"] != "reproduced", "why"] != "").all()


def test_one_of_marcos_accuracies_contradicts_its_matrix(tables):
    accuracies = tables[0]
    (row,) = accuracies[accuracies["why"].str.contains("contradicts")].itertuples()
    assert (row.model, row.condition, row.accuracy, row.matrix) == (
        "Llama-3.2-1B-Instruct",
        "correct",
        0.0,
        33.7,
    )


def test_cotempqas_matrices_are_of_other_outputs(tables):
    """Their label counts, which do not depend on the gold row, differ from those of the outputs."""
    table = tables[2]
    labels = table[(table["dataset"] == "cotempqa") & (table["quantity"] == "category right")]
    found = {(row.model, row.condition): (row.stated, row.computed) for row in labels.itertuples()}
    assert found == {
        ("Llama-3.2-1B-Instruct", "correct"): (522, 533),
        ("Llama-3.2-1B-Instruct", "incorrect"): (132, 148),
        ("Qwen3-1.7B", "correct"): (608, 607),
        ("Qwen3-1.7B", "incorrect"): (109, 99),
    }
