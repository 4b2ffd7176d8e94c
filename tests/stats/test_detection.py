"""Signal detection: by hand, on simulated decisions, and where there is nothing to tell."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tracelib.analysis import respondents
from tracelib.stats import detection


def decided(arm, hits, misses, alarms, rejections):
    cells = [(True, True, hits), (True, False, misses), (False, True, alarms), (False, False, rejections)]
    rows = [(arm, right, accepted) for right, accepted, times in cells for _ in range(times)]
    return pd.DataFrame(rows, columns=["arm", "answer_right", "accepted"]).assign(
        participant=lambda table: np.arange(len(table)) % 4
    )


def test_sensitivity_and_criterion_by_hand():
    """Hits 8 of 9, false alarms 2 of 9: rates 8.5 / 10 and 2.5 / 10, quantiles 1.036 and -0.674."""
    (row,) = detection.sensitivity(decided("none", 8, 1, 2, 7), ["none"]).to_dict("records")
    assert row["estimate"] == pytest.approx(1.0364 + 0.6745, abs=1e-3)
    assert row["c"] == pytest.approx(-(1.0364 - 0.6745) / 2, abs=1e-3)
    assert (row["n"], row["clusters"]) == (18, 4)
    assert row["method"].endswith("log-linear correction")
    assert row["d_more"] is None


def test_rates_of_zero_and_one_have_quantiles():
    (row,) = detection.sensitivity(decided("none", 6, 0, 0, 6), ["none"]).to_dict("records")
    assert row["estimate"] == pytest.approx(2 * norm.ppf(6.5 / 7))
    assert row["c"] == pytest.approx(0)


def test_the_rates_of_each_arm():
    found = detection.rates(decided("none", 3, 1, 1, 7), ["none"]).set_index("answer")
    assert found.loc["right", "estimate"] == pytest.approx(3 / 4)
    assert found.loc["wrong", "estimate"] == pytest.approx(1 / 8)
    assert (found.loc["wrong", "outputs"], found.loc["wrong", "n"]) == (8, 4)


def test_simulated_arms_are_recovered():
    """Of 400 simulated people: an explanation shifts the criterion, both sides raise sensitivity."""
    arms = {"none": (0.8, 0.0), "explanation": (0.8, -0.6), "both": (1.4, 0.0)}
    decisions = respondents.decisions(400, arms, pages=12, spread=0.5, seed=1)
    found = detection.sensitivity(decisions, list(arms), resamples=1000).set_index("arm")
    for arm, truth in arms.items():
        d, c = respondents.pooled(*truth, spread=0.5)
        assert found.loc[arm, "estimate"] == pytest.approx(d, abs=0.15)
        assert found.loc[arm, "c"] == pytest.approx(c, abs=0.1)
    assert found.loc["both", "d_more_low"] > 0
    assert found.loc["explanation", "d_more_low"] < 0 < found.loc["explanation", "d_more_high"]
    assert found.loc["explanation", "c_more_high"] < 0


def test_arms_are_resampled_together_or_apart():
    """Seen by the same people, two equal arms do not differ in any resample; by different people they do."""
    one = decided("none", 8, 3, 2, 7)
    same = pd.concat([one, one.assign(arm="trace")])
    row = detection.sensitivity(same, ["none", "trace"], resamples=200).iloc[1]
    assert (row["d_more"], row["d_more_low"]) == (0, None)
    apart = pd.concat([one, one.assign(arm="trace", participant=one["participant"] + 4)])
    row = detection.sensitivity(apart, ["none", "trace"], resamples=200).iloc[1]
    assert row["d_more_low"] < 0 < row["d_more_high"]


@pytest.mark.filterwarnings("error")
def test_without_wrong_answers_there_is_no_sensitivity():
    rows = pd.concat([decided("none", 5, 5, 0, 0), decided("trace", 5, 5, 5, 5)])
    found = detection.sensitivity(rows, ["none", "trace", "both"], resamples=50).to_dict("records")
    assert [pd.isna(row["estimate"]) for row in found] == [True, False, True]
    assert found[0]["note"]
    assert pd.isna(found[1]["d_more"])
