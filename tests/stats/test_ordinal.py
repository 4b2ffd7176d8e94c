"""Odds ratios of ratings: hand-made cases and simulated respondents. tests/analysis has published results."""

import numpy as np
import pandas as pd
import pytest

from tracelib.analysis import respondents
from tracelib.analysis.respondents import Respondents
from tracelib.stats import ordinal

KINDS = {"a": 0.0, "b": 0.7, "c": -0.7}


@pytest.fixture(scope="module")
def simulated():
    return respondents.ratings(Respondents(40, KINDS, pages=6, problems=8), seed=3)


def answers(*rows):
    """Answers from (participant, problem, kind, rating)."""
    return pd.DataFrame(rows, columns=["participant", "problem", "kind", "rating"])


def test_an_odds_ratio_by_hand():
    """Of ten persons' answers 6 of 10 about a are high and 3 of 10 about b: (6 x 7) / (4 x 3)."""
    rows = [(p, "x", kind, 2 if p < high else 1) for p in range(10) for kind, high in (("a", 6), ("b", 3))]
    (row,) = ordinal.odds_ratios(answers(*rows), [("a", "b")]).to_dict("records")
    assert row["estimate"] == pytest.approx(42 / 12, rel=1e-4)
    assert (row["n"], row["clusters"], row["note"]) == (20, 10, "")
    assert row["low"] < row["estimate"] < row["high"]


def test_turning_a_pair_round_inverts_its_row(simulated):
    pair, turned = ordinal.odds_ratios(simulated, [("a", "b"), ("b", "a")]).to_dict("records")
    assert turned["estimate"] == pytest.approx(1 / pair["estimate"])
    assert (turned["low"], turned["high"]) == pytest.approx((1 / pair["high"], 1 / pair["low"]))
    assert turned["p"] == pytest.approx(pair["p"])


def test_simulated_odds_ratios_are_found():
    rows = respondents.ratings(Respondents(300, KINDS, pages=6, problems=8), seed=0)
    found = ordinal.odds_ratios(rows, [("b", "a"), ("c", "a"), ("b", "c")])
    assert np.log(found["estimate"]).tolist() == pytest.approx([0.7, -0.7, 1.4], abs=0.2)
    assert (found["p"] < 0.001).all()


def test_a_covariate_takes_its_part():
    """Ratings depend on length alone, and kinds differ in length: with length in the model they are alike."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"participant": np.repeat(range(60), 6), "kind": ["a", "b"] * 180, "problem": "x"})
    rows["words"] = rng.normal(np.where(rows["kind"] == "a", 1.0, 0.0), 1.0)
    rows["rating"] = np.digitize(rows["words"] + rng.logistic(size=360), [-1, 0, 1, 2])
    (plain,) = ordinal.odds_ratios(rows, [("a", "b")]).to_dict("records")
    (adjusted,) = ordinal.odds_ratios(rows, [("a", "b")], covariates=["words"]).to_dict("records")
    assert plain["p"] < 0.01 < adjusted["p"]
    assert adjusted["low"] < 1 < adjusted["high"]


def test_kinds_of_different_problems_cannot_be_told_from_the_problems(simulated):
    rows = simulated[(simulated["kind"] == "a") == (simulated["problem"] < 4)]
    found = ordinal.odds_ratios(rows, [("a", "b"), ("b", "c")]).set_index(["first", "second"])
    assert found.loc[("a", "b"), "note"] == "kind and problem cannot be told apart"
    assert pd.isna(found.loc[("a", "b"), "estimate"])
    assert found.loc[("b", "c"), "estimate"] > 1


def test_a_note_says_why_there_is_no_number(simulated):
    def note(rows, pair=("a", "b")):
        (row,) = ordinal.odds_ratios(rows, [pair]).to_dict("records")
        return row["estimate"], row["p"], row["note"]

    assert note(simulated, ("a", "d")) == (None, None, "no ratings of d")
    assert note(simulated.assign(rating=3)) == (None, None, "all ratings are alike")
    top = simulated.assign(rating=simulated["rating"].where(simulated["kind"] != "a", 6))
    estimate, p, why = note(top)
    assert (estimate, p) == (None, None)
    assert why
    few = simulated[simulated["participant"] < ordinal.LEAST - 1]
    assert note(few, ("b", "c")) == (None, None, "fewer than 10 participants, no odds ratio")


def test_incomplete_answers_are_left_out_and_counted(simulated):
    broken = simulated.astype({"rating": float})
    broken.loc[broken.index[:3], "rating"] = np.nan
    (row,) = ordinal.odds_ratios(broken, [("a", "b")]).to_dict("records")
    (whole,) = ordinal.odds_ratios(simulated.iloc[3:], [("a", "b")]).to_dict("records")
    assert row["note"] == "3 answers with something missing, left out"
    assert row["estimate"] == pytest.approx(whole["estimate"])


@pytest.mark.nightly
@pytest.mark.parametrize("within", [True, False])
def test_intervals_hold_the_truth_in_95_percent_of_simulated_studies(within):
    """Size and coverage with statsmodels itself; the grid of power has them for the fast fit."""
    study = Respondents(40, KINDS, within, pages=6, problems=8)
    held = wrong = 0
    for seed in range(200):
        rows = respondents.ratings(study, seed)
        (row,) = ordinal.odds_ratios(rows, [("b", "a")]).to_dict("records")
        held += row["low"] <= np.exp(0.7) <= row["high"]
        same = respondents.ratings(
            Respondents(40, dict.fromkeys(KINDS, 0.0), within, pages=6, problems=8), seed
        )
        wrong += ordinal.odds_ratios(same, [("b", "a")])["p"].iloc[0] < 0.05
    assert held / 200 > 0.91
    assert wrong / 200 < 0.09
