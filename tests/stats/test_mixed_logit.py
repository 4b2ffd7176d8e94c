"""The mixed logit: against gpboost, against the plain odds ratio, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tracelib.stats import mixed_logit


def simulated(rng, trainings: int, items: int, effect: float, spreads: tuple[float, float]) -> pd.DataFrame:
    own, parts = rng.normal(0, spreads[0], items), []
    for condition, shift in (("a", effect), ("b", 0.0)):
        for seed in range(trainings):
            odds = 0.2 + shift + own + rng.normal(0, spreads[1])
            right = (rng.random(items) < 1 / (1 + np.exp(-odds))).astype(int)
            answers = {"condition": condition, "seed": seed, "item": range(items), "right": right}
            parts.append(pd.DataFrame(answers))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return simulated(np.random.default_rng(3), 4, 40, 0.5, (1.2, 0.5))


def laplace(answers: pd.DataFrame, at: list[float]) -> float:
    """The log likelihood at fixed effects and variances (item, training)."""
    design = np.column_stack([np.ones(len(answers)), answers["condition"].eq("a")]).astype(float)
    trainings = answers["condition"] + answers["seed"].astype(str)
    groups = [pd.factorize(values)[0] for values in (answers["item"], trainings)]
    at = np.array([*at[:2], *np.log(np.sqrt(at[2:]))])
    return -mixed_logit._Laplace(answers["right"].to_numpy(float), design, groups, at).deviance / 2


def test_the_estimate_equals_gpboosts(answers):
    # gpboost 1.8.0, GPModel(likelihood="bernoulli_logit", matrix_inversion_method="cholesky").
    row = mixed_logit.odds_ratio(answers, "a", "b")
    assert np.log(row["estimate"]) == pytest.approx(0.323471, abs=1e-4)
    assert row["sd_item"] ** 2 == pytest.approx(2.046982, abs=1e-3)
    assert row["sd_training"] ** 2 == pytest.approx(0.175859, abs=1e-3)
    theirs = [0.109976, 0.323471, 2.046982, 0.175859]
    assert laplace(answers, theirs) == pytest.approx(-197.51947437, abs=1e-6)
    assert (row["n"], row["items"], row["note"]) == (8, 40, "")


def test_without_spread_it_equals_the_odds_ratio_of_the_table():
    # Two trainings per arm, each on 60 problems of its own: 30 right against 20, so (30/30) / (20/40) = 2.
    rows = [
        {"condition": condition, "seed": seed, "item": f"{condition}{seed}{item}", "right": int(item < right)}
        for condition, right in (("a", 30), ("b", 20))
        for seed in (1, 2)
        for item in range(60)
    ]
    row = mixed_logit.odds_ratio(pd.DataFrame(rows), "a", "b")
    error = np.sqrt(1 / 60 + 1 / 60 + 1 / 40 + 1 / 80)  # Woolf's, from the summed table
    assert row["sd_training"] < 0.01
    assert row["sd_item"] < 0.2
    assert row["estimate"] == pytest.approx(2, rel=3e-2)
    assert np.log(row["high"] / row["estimate"]) == pytest.approx(norm.ppf(0.975) * error, rel=3e-2)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"right": 1}, "an arm is always right, or always wrong"),
        ({"seed": 1}, "an arm has one training"),
    ],
)
def test_an_undefined_odds_ratio_has_no_number(answers, change, note):
    arm = answers["condition"].eq("a")
    changed = answers.assign(**{name: answers[name].where(~arm, value) for name, value in change.items()})
    row = mixed_logit.odds_ratio(changed, "a", "b")
    assert row["note"] == note
    assert row["estimate"] is row["low"] is row["high"] is row["p"] is None


@pytest.mark.nightly
def test_intervals_hold_the_effect():
    """Simulated: with ten trainings per arm, Wald's interval is only a little too narrow."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        row = mixed_logit.odds_ratio(simulated(rng, 10, 100, 0.4, (1.5, 0.3)), "a", "b")
        held += row["low"] <= np.exp(0.4) <= row["high"]
    assert held >= 176  # 88 %
