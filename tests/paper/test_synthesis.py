"""One contrast from every source: made releases, cases by hand, golden numbers of the shipped tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tracelib.core.errors import InputError
from tracelib.paper import r1_totals, release, synthesis
from tracelib.stats import meta, proportions
from tracelib.stats.holm import holm
from tracelib.stats.paired import equivalence

PAIR = ("correct", "incorrect")


@pytest.fixture(scope="module")
def evidence():
    shipped = release.shipped_outcomes()
    return synthesis.Gathered(
        shipped, release.shipped_accuracies(), release.SHIPPED_MATRICES.read(), r1_totals.load()
    )


@pytest.fixture(scope="module")
def rows(evidence):
    return synthesis.rows(evidence, *PAIR)


@pytest.fixture(scope="module")
def vanilla(evidence):
    return synthesis.rows(evidence, "vanilla", "correct")


def points(row: dict) -> tuple[float, ...]:
    return tuple(round(100 * row[name], 1) for name in ("estimate", "low", "high"))


def of(rows, source, dataset="cotempqa", metric=None):
    part = rows[(rows["source"] == source) & (rows["dataset"] == dataset)]
    part = part if metric is None else part[part["metric"] == metric]
    return {row["model"]: points(row) for row in part.to_dict("records")}


def test_every_source_has_its_rows(rows):
    """The differences of the chapter, in points. On MARCO 337 and 289, 263 and 203 of 1,000 are right."""
    assert of(rows, synthesis.RELEASED, "babi") == {
        "Llama-3.2-1B-Instruct": (8.8, 4.6, 12.8),
        "Qwen3-1.7B": (1.1, -1.5, 3.6),
    }
    assert of(rows, synthesis.RELEASED, metric="corrected") == {
        "Llama-3.1-8B-Instruct": (-1.6, -4.2, 1.1),
        "Llama-3.2-1B-Instruct": (1.4, -1.7, 4.5),
        "Qwen3-1.7B": (3.3, -0.2, 6.7),
    }
    assert {model: found[0] for model, found in of(rows, synthesis.STATED, "marco").items()} == {
        "Llama-3.2-1B-Instruct": 4.8,
        "Qwen3-1.7B": 6.0,
    }
    assert {model: found[0] for model, found in of(rows, synthesis.R1).items()} == {
        "Llama-3.2-1B-Instruct": 4.7,  # 276 and 241 right of 740
        "Qwen3-1.7B": 3.0,
        "Llama-3.1-8B-Instruct": 2.7,
        "Qwen3-8B": 5.9,
    }
    assert of(rows, synthesis.REPEATED) == {
        "Llama-3.2-1B-Instruct": (4.3, 3.2, 5.4),
        "Qwen3-1.7B": (-6.3, -11.9, -0.7),
    }


def test_no_cell_is_combined_twice(rows, vanilla):
    for table in (rows, vanilla):
        one = table[table["combined"]]
        assert not one.duplicated(synthesis.CELL).any()
        assert set(one[synthesis.CELL].apply(tuple, axis=1)) == set(
            table[synthesis.CELL].apply(tuple, axis=1)
        )
    assert (rows["combined"].sum(), vanilla["combined"].sum()) == (11, 9)


def test_a_row_of_pairs_by_hand(rows):
    """Llama on bAbI has 48 and 15 discordant of 376; one is added to each, two to n."""
    row = rows[(rows["dataset"] == "babi") & (rows["model"] == "Llama-3.2-1B-Instruct")].iloc[0]
    p1, p2 = 49 / 378, 16 / 378
    error = np.sqrt((p1 + p2 - (p1 - p2) ** 2) / 378)
    assert row["error"] == pytest.approx(error)
    assert row["p_5"] == pytest.approx(norm.cdf((p1 - p2 - 0.05) / error))
    assert row["p_3"] == pytest.approx(norm.cdf((p1 - p2 - 0.03) / error))


def test_non_inferiority_is_what_the_equivalence_test_has(evidence, rows):
    """Incorrect not worse than correct by 5 points is one of Schuirmann's two one-sided tests."""
    part = evidence.outcomes
    part = part[(part["dataset"] == "cotempqa") & (part["model"] == "Qwen3-1.7B")].set_index("item")
    correct, incorrect = (part.loc[part["condition"] == name, "answer_corrected"] for name in PAIR)
    expected = equivalence(incorrect, correct, 0.05)["p_noninferior"]
    found = rows[(rows["model"] == "Qwen3-1.7B") & (rows["metric"] == "corrected")].iloc[0]
    assert found["p_5"] == pytest.approx(expected)


def test_a_row_of_totals_by_hand():
    """30 and 20 of 100 right in one category, 10 and 10 of 50 in another: 10 to 70 items are discordant."""
    row = synthesis._of_totals([((30, 100), (20, 100)), ((10, 50), (10, 50))])
    assert row["estimate"] == pytest.approx(10 / 150)
    assert row["n"] == 150
    fewest = r1_totals.paired_totals(10, 0, 150)
    most = r1_totals.paired_totals(30 + 10, 20 + 10, 150)
    assert (row["low_fewest"], row["high_fewest"]) == (fewest["low"], fewest["high"])
    assert (row["low_most"], row["high_most"]) == (most["low"], most["high"])
    pooled = norm.cdf((10 / 150 - 0.2) / np.sqrt(40 / 150 * 110 / 150 / 150 + 30 / 150 * 120 / 150 / 150))
    below = proportions.p_below(40, 150, 30, 150, 0.2)
    assert below == pytest.approx(pooled, abs=0.005)  # Wald's test is close at this size
    assert proportions.p_below(40, 150, 30, 150, 0.0) > 0.5


def test_totals_of_other_numbers_of_items_are_refused():
    with pytest.raises(InputError, match="totals of 100 and of 98 items"):
        synthesis._of_totals([((30, 100), (20, 98))])


def test_a_zero_beside_a_matrix_that_counts_is_not_believed(evidence, vanilla):
    found = synthesis.contradicted(evidence.accuracies)
    assert list(zip(found["dataset"], found["model"], found["condition"], strict=True)) == [
        ("marco", "Llama-3.2-1B-Instruct", "correct")
    ]
    assert "marco" not in set(vanilla["dataset"])  # its accuracies are zeros without a matrix


def test_more_files_are_taken_in_and_nothing_is_taken_twice(evidence):
    """Outputs on MARCO replace stated totals. Accuracies of a fourth model add a row."""
    outcomes = evidence.outcomes
    marco = outcomes[(outcomes["dataset"] == "babi") & (outcomes["model"] == "Qwen3-1.7B")]
    marco = marco.assign(dataset="marco", item="m" + marco["item"].astype(str))
    accuracies = evidence.accuracies
    eighth = accuracies[(accuracies["model"] == "Llama-3.1-8B-Instruct")].assign(model="Qwen3-8B")
    eighth = eighth[~((eighth["condition"] == "correct") & (eighth["category"] == "mix"))]
    fuller = synthesis.Gathered(
        pd.concat([outcomes, marco]), pd.concat([accuracies, eighth]), evidence.matrices, evidence.totals
    )
    rows = synthesis.rows(fuller, *PAIR)
    assert of(rows, synthesis.STATED, "marco").keys() == {"Llama-3.2-1B-Instruct"}
    assert of(rows, synthesis.RELEASED, "marco") == {"Qwen3-1.7B": (1.1, -1.5, 3.6)}
    (added,) = rows[(rows["model"] == "Qwen3-8B") & (rows["training"] == "main")].to_dict("records")
    assert (added["n"], added["metric"], added["note"]) == (837, "official", "without mix")
    assert added["combined"]
    assert not rows[rows["combined"]].duplicated(synthesis.CELL).any()


def without(outcomes, model, condition, relation):
    wanted = {"dataset": "cotempqa", "model": model, "condition": condition, "category": relation}
    return outcomes[~(outcomes[list(wanted)] == pd.Series(wanted)).all(axis=1)]


def test_a_part_of_a_run_does_not_displace_the_totals_of_all_of_it(evidence):
    """Qwen3-1.7B on correct traces without *during* has 331 paired problems, but stated totals for 950."""
    part = without(evidence.outcomes, "Qwen3-1.7B", "correct", "during")
    rows = synthesis.rows(dataclasses.replace(evidence, outcomes=part), *PAIR)
    assert synthesis.lacking(part, *PAIR) == {"Qwen3-1.7B": ["during"]}
    assert "Qwen3-1.7B" not in of(rows, synthesis.RELEASED)
    (stated,) = rows[(rows["source"] == synthesis.STATED) & (rows["dataset"] == "cotempqa")].to_dict(
        "records"
    )
    assert (stated["model"], stated["n"], stated["combined"]) == ("Qwen3-1.7B", 950, True)
    assert len(synthesis.sensitivities(rows)) == 9


def test_a_part_of_a_run_of_which_no_more_is_stated_says_what_it_lacks(evidence):
    part = without(evidence.outcomes, "Qwen3-1.7B", "correct", "mix")
    of_run = (evidence.accuracies["model"] == "Qwen3-1.7B") & (evidence.accuracies["dataset"] == "cotempqa")
    known = evidence.accuracies[~(of_run & (evidence.accuracies["category"] == "mix"))]
    rows = synthesis.rows(dataclasses.replace(evidence, outcomes=part, accuracies=known), *PAIR)
    found = rows[(rows["source"] == synthesis.RELEASED) & (rows["model"] == "Qwen3-1.7B")]
    found = found[found["dataset"] == "cotempqa"]
    assert found["n"].eq(837).all()
    assert found["note"].str.contains("without mix").all()


def test_the_combined_estimate(rows, vanilla):
    """Correct minus incorrect and vanilla minus correct, over all cells and over the main runs."""
    found = synthesis.combined(rows)
    assert points(found["all"]) == (3.3, 1.3, 5.3)
    assert points(found["main"]) == (3.1, -0.1, 6.3)
    assert found["all"]["n"] == 11
    assert [round(100 * found["all"][f"predicted_{end}"], 1) for end in ("low", "high")] == [-2.1, 8.7]
    assert (round(found["all"]["p_5"], 3), round(found["all"]["p_3"], 2)) == (0.045, 0.64)
    assert points(synthesis.combined(vanilla)["all"]) == (8.1, 2.4, 13.8)
    assert points(synthesis.combined(vanilla)["main"]) == (2.6, 0.4, 4.7)


def test_sensitivities_choose_what_they_say(rows):
    found = synthesis.sensitivities(rows).set_index("rows")
    one = rows[rows["combined"]]
    assert (
        found.loc["one row per cell", "estimate"]
        == meta.random_effects(one["estimate"], one["error"])["estimate"]
    )
    assert found["n"].to_dict() == {
        "one row per cell": 11,
        "totals as if paired, fewest discordant": 11,
        "totals as if paired, most discordant": 11,
        "the same, tau by DerSimonian and Laird": 11,
        "official metric on CoTempQA throughout": 11,
        "all runs of two models (official) in place of one": 11,
        "item by item only": 5,
        "without the R1 family": 7,
        "every row, cells counted twice": 16,
    }
    assert found["estimate"].between(0.02, 0.04).all()
    ends = [found.loc[f"totals as if paired, {end} discordant", "error"] for end in ("fewest", "most")]
    assert ends[0] < found.loc["one row per cell", "error"] < ends[1]


def test_leaving_out_by_cell_model_and_test_problems(rows):
    counted = synthesis.leave_out(rows).groupby("by")["left_out"].nunique().to_dict()
    assert counted == {"cell": 11, "model": 4, "test problems": 4}


def test_holm_is_over_the_cells(rows):
    found = synthesis.non_inferiority(rows)
    assert len(found) == 11
    assert found["p_holm_5"].tolist() == holm(found["p_5"].tolist())
    shown = found[found["p_holm_5"] < 0.05]
    assert set(zip(shown["model"], shown["dataset"], strict=True)) == {
        ("Qwen3-1.7B", "babi"),
        ("Llama-3.1-8B-Instruct", "cotempqa"),
    }


def test_what_is_probable(rows):
    first = synthesis.bayesian(rows).iloc[0]
    assert points(first) == (3.3, 1.3, 5.4)
    assert round(first["mean_positive"], 3) == 0.998
    assert (round(first["mean_close"], 2), round(first["new_close"], 2)) == (0.38, 0.44)


def test_differences_of_models_hardly_go_together(evidence):
    found = synthesis.correlations(evidence.outcomes, *PAIR)
    assert len(found) == 4
    assert found["correlation"].abs().max() < 0.05


def test_what_one_model_lacks_is_left_out_of_its_pairs_alone(evidence):
    part = without(evidence.outcomes, "Qwen3-1.7B", "correct", "during")
    found = synthesis.correlations(part, *PAIR)
    of_cotempqa = found[found["dataset"] == "cotempqa"]
    lacks = (of_cotempqa[["model", "other"]] == "Qwen3-1.7B").any(axis=1)
    assert of_cotempqa.loc[lacks, "n"].tolist() == [331, 331]
    assert of_cotempqa.loc[~lacks, "n"].tolist() == [950]
