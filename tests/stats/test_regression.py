"""Contrasts of conditions from two regressions: by hand, against the paired difference, coverage."""

import numpy as np
import pandas as pd
import pytest

from tracelib import release
from tracelib.stats.paired import paired_difference
from tracelib.stats.regression import gee, mixed


def simulated(seed, problems=150, effect=0.8, models=("m", "k")):
    """Answers whose odds share a random intercept per problem; correct traces lower them by `effect`."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0, 1, problems)
    rows = []
    for model in models:
        for condition, shift in (("vanilla", 0.0), ("correct", -effect)):
            right = rng.random(problems) < 1 / (1 + np.exp(-(ease + shift)))
            rows.append(pd.DataFrame({"problem": np.arange(problems).astype(str), "right": right}))
            rows[-1] = rows[-1].assign(model=model, condition=condition, category="only")
    return pd.concat(rows, ignore_index=True)


def test_one_model_two_conditions_by_hand():
    """30 and 20 of 50 right: odds ratio (20/30) / (30/20) = 4/9, difference -0.2."""
    rows = [("vanilla", item, item < 30) for item in range(50)] + [
        ("correct", item, item < 20) for item in range(50)
    ]
    table = pd.DataFrame(rows, columns=["condition", "problem", "right"]).assign(model="m", category="c")
    (row,) = gee(table).to_dict("records")
    assert row["odds_ratio"] == pytest.approx(4 / 9)
    assert row["estimate"] == pytest.approx(-0.2)
    assert (row["n"], row["clusters"], row["note"]) == (100, 50, "")
    (check,) = mixed(table).to_dict("records")
    assert check["estimate"] == pytest.approx(-0.2)


def test_the_robust_interval_is_nearly_that_of_the_paired_difference():
    """Without categories the marginal difference is the paired one, and nearly so its error."""
    table = simulated(0)
    found = gee(table).set_index("model").loc["m"]
    answers = {
        name: part.set_index("problem")["right"]
        for name, part in table[table["model"] == "m"].groupby("condition")
    }
    paired = paired_difference(answers["correct"], answers["vanilla"])
    assert found["estimate"] == pytest.approx(paired["estimate"], abs=1e-6)
    assert (found["low"], found["high"]) == pytest.approx((paired["low"], paired["high"]), abs=0.01)


def test_an_interaction_is_found_when_there_is_one():
    table = simulated(1, problems=400)
    flat = gee(table).set_index("model").loc["interaction"]
    opposite = table.assign(
        right=table["right"] ^ ((table["model"] == "k") & (table["condition"] == "correct"))
    )
    steep = gee(opposite).set_index("model").loc["interaction"]
    assert (flat["df"], steep["df"]) == (1, 1)
    assert steep["p"] < 1e-6 < flat["p"]


def test_a_difference_in_one_category_only_is_found():
    """Correct traces do harm in the second half of the problems alone."""
    flat = simulated(3, problems=400, effect=0.0, models=("m",))
    flat["category"] = ["x" if int(problem) < 200 else "y" for problem in flat["problem"]]
    hurt = (flat["condition"] == "correct") & (flat["category"] == "y")
    rng = np.random.default_rng(4)
    steep = flat.assign(right=flat["right"] & ~(hurt & (rng.random(len(flat)) < 0.5)))
    found = [gee(table).set_index("model").loc["interaction with category"] for table in (flat, steep)]
    assert [row["df"] for row in found] == [1, 1]
    assert found[1]["p"] < 0.001 < found[0]["p"]


def test_a_rate_of_one_gives_a_note_and_no_warning():
    table = simulated(2)
    never = table.assign(right=table["right"] | (table["condition"] == "vanilla"))
    for found in (gee(never), mixed(never)):
        assert len(found) >= 1
        assert (found["n"] == len(never)).all()


@pytest.mark.parametrize("data_sets", [60, pytest.param(2000, marks=pytest.mark.nightly)])
def test_coverage_of_the_marginal_difference(data_sets):
    """The true difference is that of two logistic-normal means, by numerical integration."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    truth = float(weights @ (1 / (1 + np.exp(-(nodes - 0.8))) - 1 / (1 + np.exp(-nodes))))
    covered = 0
    for seed in range(data_sets):
        row = gee(simulated(1000 + seed, models=("m",))).iloc[0]
        covered += row["low"] <= truth <= row["high"]
    assert abs(covered / data_sets - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / data_sets)


def test_the_releases_contrasts_agree_with_the_paired_ones():
    """Both regressions within half a point of the paired differences, corrected metric."""
    table = release.shipped_outcomes().query("dataset == 'cotempqa' and condition != 'prompted'")
    table = table.assign(right=table["answer_corrected"])
    for found in (gee(table), mixed(table)):
        for row in found[found["condition"] != ""].itertuples():
            run = table[table["model"] == row.model]
            answers = {name: part.set_index("item")["right"] for name, part in run.groupby("condition")}
            paired = paired_difference(answers[row.condition], answers["vanilla"])["estimate"]
            assert row.estimate == pytest.approx(paired, abs=0.005)
