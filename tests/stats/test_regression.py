"""Contrasts of conditions from two regressions: by hand, compared with paired differences, and coverage."""

import numpy as np
import pandas as pd
import pytest

from tracelib.paper import release
from tracelib.reporting import tables
from tracelib.stats import regression
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
    """Without categories the marginal difference equals the paired one, and its error nearly does."""
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
    """Correct traces do harm only in the second half of the problems."""
    flat = simulated(3, problems=400, effect=0.0, models=("m",))
    flat["category"] = ["x" if int(problem) < 200 else "y" for problem in flat["problem"]]
    hurt = (flat["condition"] == "correct") & (flat["category"] == "y")
    rng = np.random.default_rng(4)
    steep = flat.assign(right=flat["right"] & ~(hurt & (rng.random(len(flat)) < 0.5)))
    found = [gee(table).set_index("model").loc["interaction with category"] for table in (flat, steep)]
    assert [row["df"] for row in found] == [1, 1]
    assert found[1]["p"] < 0.001 < found[0]["p"]


NUMBERS = ["odds_ratio", "odds_ratio_low", "odds_ratio_high"]


def answered(cells: dict[tuple[str, str], str], copies: int = 1, model: str = "m") -> pd.DataFrame:
    """Answers with one row per digit of each (condition, category); digit k is problem k of the category."""
    rows = [
        (condition, category, f"{category}{copy}/{place}", digit == "1")
        for copy in range(copies)
        for (condition, category), digits in cells.items()
        for place, digit in enumerate(digits)
    ]
    table = pd.DataFrame(rows, columns=["condition", "category", "problem", "right"])
    return table.assign(model=model)


def only(table: pd.DataFrame, **names) -> pd.Series:
    for name, value in names.items():
        table = table[table[name] == value]
    return table.iloc[0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("digit", "word"), [("0", "no"), ("1", "every")])
def test_a_condition_never_or_always_right_has_no_odds_ratio_but_a_paired_difference(digit, word):
    table = answered({("vanilla", "x"): "0110", ("correct", "x"): digit * 4}, copies=30)
    row = only(gee(table))
    assert row[NUMBERS].isna().all()
    assert row["note"] == f"no odds ratio: {word} answer is right under correct"
    pair = [
        table[table["condition"] == name].set_index("problem")["right"] for name in ("correct", "vanilla")
    ]
    paired = paired_difference(*pair)
    assert [row[name] for name in ("estimate", "low", "high", "p")] == [
        paired[name] for name in ("estimate", "low", "high", "p")
    ]
    assert row["method"] == paired["method"]


@pytest.mark.filterwarnings("error")
def test_a_combination_of_condition_and_category_that_separates_has_no_odds_ratio():
    """No condition and no category is constant (see test_separation), yet the odds ratio is zero."""
    cells = {("vanilla", "x"): "01", ("vanilla", "y"): "11", ("correct", "x"): "00", ("correct", "y"): "01"}
    row = only(gee(answered(cells, copies=25)))
    assert row[NUMBERS].isna().all()
    assert row["note"] == "no odds ratio: category and condition cannot be told apart"
    assert row["estimate"] == pytest.approx(-0.5)


@pytest.mark.filterwarnings("error")
def test_one_models_separation_leaves_the_others_odds_ratio_as_it_is_alone():
    plain = answered({("vanilla", "x"): "0110", ("correct", "x"): "0010"}, copies=30)
    other = answered({("vanilla", "x"): "0110", ("correct", "x"): "0000"}, copies=30, model="k")
    found = gee(pd.concat([plain, other]))
    assert only(found, model="k")[NUMBERS].isna().all()
    row = only(found, model="m")
    assert row["odds_ratio"] == pytest.approx(1 / 3, rel=1e-6)
    assert row["note"] == "120 answers that the design predicts without exception, left out"
    assert only(found, model="interaction")["note"] == "no test, not identified: correct of k"
    assert pd.isna(only(found, model="interaction")["p"])


@pytest.mark.filterwarnings("error")
def test_a_category_that_all_answer_says_nothing_of_the_odds_but_counts_in_the_difference():
    """In x, 2 and 1 of 4 are right: odds ratio 1/3. In y all are right. The paired difference is -1/8."""
    cells = {("vanilla", "x"): "0110", ("correct", "x"): "0010"}
    cells |= {("vanilla", "y"): "1111", ("correct", "y"): "1111"}
    row = only(gee(answered(cells, copies=30)))
    assert row["odds_ratio"] == pytest.approx(1 / 3, rel=1e-6)
    assert row["estimate"] == pytest.approx(-1 / 8)
    assert "Bonett-Price" in row["method"]
    assert "a category without exception" in row["note"]


@pytest.mark.filterwarnings("error")
def test_the_row_of_a_test_that_cannot_be_made_stays():
    cells = {("vanilla", "x"): "0110", ("correct", "x"): "0010"}
    cells |= {("vanilla", "y"): "0110", ("correct", "y"): "1111"}
    row = only(gee(answered(cells, copies=30)), model="interaction with category")
    assert (row["df"], row["note"]) == (1, "no test, not identified: correct in y")
    assert pd.isna(row["statistic"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("copies", [1, 9])
def test_robust_errors_are_not_given_for_few_problems(copies):
    row = only(gee(answered({("vanilla", "x"): "0110", ("correct", "x"): "0010"}, copies)))
    assert row["odds_ratio"] == pytest.approx(1 / 3, rel=1e-6)
    assert row[["odds_ratio_low", "odds_ratio_high"]].isna().all()
    assert row["note"].startswith(f"fewer than 40 problems ({4 * copies}), no interval of the odds ratio")
    assert row["low"] < row["estimate"] == -0.25 < row["high"]
    assert only(gee(answered({("vanilla", "x"): "0110", ("correct", "x"): "0010"}, 10)))["odds_ratio_low"] > 0


@pytest.mark.filterwarnings("error")
def test_conditions_that_answer_alike_have_no_interval_of_zero_width():
    table = answered({("vanilla", "x"): "0110", ("correct", "x"): "0110"}, copies=30)
    row, check = only(gee(table)), only(mixed(table))
    assert row["odds_ratio"] == pytest.approx(1)
    assert row[["odds_ratio_low", "odds_ratio_high", "p"]].isna().all()
    assert row["low"] < -0.01 < 0.01 < row["high"]
    assert "no problem tells the conditions apart" in row["note"]
    assert (check["estimate"], check["note"]) == (
        pytest.approx(0, abs=1e-9),
        "no problem tells the conditions apart, no interval",
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "cells",
    [
        {("vanilla", "x"): "1", ("correct", "x"): "1"},
        {("vanilla", "x"): "0" * 50, ("correct", "x"): "1" * 50},
        {("vanilla", "x"): "0" * 50, ("correct", "x"): "0" * 50},
        {("vanilla", "x"): "0101", ("correct", "y"): "0101"},  # no common problem, and collinear
        {("correct", "x"): "0101"},
        {("vanilla", "x"): "0101"},
        {},
    ],
)
def test_whatever_the_answers_there_is_a_number_or_a_note(cells):
    for table in (gee(answered(cells)), mixed(answered(cells))):
        assert (table["condition"] == "correct").sum() == ("correct" in [condition for condition, _ in cells])
        assert (table["low"].notna() | (table["note"] != "")).all()


def test_missing_answers_are_counted():
    table = answered({("vanilla", "x"): "0110", ("correct", "x"): "0010"}, copies=30)
    lacking = table.astype({"right": "boolean"})
    lacking.loc[0, "right"] = pd.NA
    assert only(gee(lacking))["note"] == "1 answers with something missing, left out"
    assert only(gee(lacking))["n"] == len(table) - 1


def test_problems_that_repeat_have_no_pairs():
    table = answered({("vanilla", "x"): "0110", ("correct", "x"): "0000"}, copies=30)
    row = only(gee(pd.concat([table, table])))
    assert pd.isna(row["estimate"])
    assert row["note"].endswith("no difference: a problem was answered more than once")


def marginal(shift: float) -> float:
    """The rate of `simulated` answers with shifted log odds: a logistic-normal mean, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(weights @ (1 / (1 + np.exp(-(nodes + shift)))) / weights.sum())


def covered(problems: int, data_sets: int) -> float:
    """The share of simulated data sets whose interval holds the true difference."""
    truth = marginal(-0.8) - marginal(0)
    found = [gee(simulated(1000 + seed, problems, models=("m",))).iloc[0] for seed in range(data_sets)]
    return float(np.mean([row["low"] <= truth <= row["high"] for row in found]))


nightly = pytest.mark.nightly


@pytest.mark.parametrize(
    ("problems", "data_sets"),
    [(150, 60), pytest.param(150, 2000, marks=nightly), pytest.param(40, 1000, marks=nightly)],
)
def test_coverage_of_the_marginal_difference(problems, data_sets):
    """The intervals cover with 150 problems, and with the fewest that have an interval."""
    assert abs(covered(problems, data_sets) - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / data_sets)


@nightly
def test_fewer_problems_are_left_to_the_pairs_because_robust_errors_are_too_small(monkeypatch):
    """With ten problems the robust interval covers in 91% of data sets, the paired interval in 97%."""
    assert covered(10, 1000) > 0.94
    monkeypatch.setattr(regression, "LEAST_CLUSTERS", 0)
    assert covered(10, 1000) < 0.94


def test_the_releases_contrasts_agree_with_the_paired_ones():
    """Both regressions are within half a percentage point of the paired differences (corrected metric)."""
    table = release.shipped_outcomes().query("dataset == 'cotempqa' and condition != 'prompted'")
    table = table.assign(right=table["answer_corrected"])
    for found in (gee(table), mixed(table)):
        for row in found[found["condition"] != ""].itertuples():
            run = table[table["model"] == row.model]
            answers = {name: part.set_index("item")["right"] for name, part in run.groupby("condition")}
            paired = paired_difference(answers[row.condition], answers["vanilla"])["estimate"]
            assert row.estimate == pytest.approx(paired, abs=0.005)


def test_what_there_is_not_is_a_dash_with_its_reason_for_people():
    table = answered({("vanilla", "x"): "0000", ("correct", "x"): "1111"}, copies=3)
    (row,) = tables.regression_table({"exact": gee(table)}, {"exact": mixed(table)}).to_dict("records")
    assert (row["odds ratio"], row["points, mixed model"]) == ("–", "–")
    assert row["points"].startswith("100.0 [")
    assert row["note"].startswith("no odds ratio: every answer is right under correct and no answer is right")
    assert row["note"].endswith("; mixed model: did not converge")
