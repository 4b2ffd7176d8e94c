"""Combined effects: by hand, compared with statsmodels, and coverage of the intervals."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from tracelib.core.errors import InputError
from tracelib.stats import meta

EFFECTS = np.array([0.095, 0.277, 0.367, 0.664, 0.462, 0.185])
VARIANCES = np.array([0.033, 0.031, 0.050, 0.011, 0.043, 0.023])


def test_three_equally_known_effects_by_hand():
    """Effects 0, 2, 4, variance 1: Q = 8 on 2, tau^2 = (8 - 2) / 2 = 3, variance of the mean (1 + 3) / 3."""
    for estimator in ("pm", "dl"):
        row = meta.random_effects([0, 2, 4], [1, 1, 1], estimator)
        error = np.sqrt(4 / 3)
        assert (row["estimate"], row["n"], row["df"]) == (pytest.approx(2), 3, 2)
        assert (row["q"], row["i2"]) == (pytest.approx(8), pytest.approx(0.75))
        assert row["tau"] == pytest.approx(np.sqrt(3), abs=1e-4)
        assert row["high"] - 2 == pytest.approx(4.302653 * error, abs=1e-4)
        assert row["predicted_high"] - 2 == pytest.approx(12.7062 * np.sqrt(3 + 4 / 3), abs=1e-3)
        assert row["p_q"] == pytest.approx(np.exp(-4))  # chi-square on 2


def test_two_unequally_known_effects_by_hand():
    """Effects 0 and 4, variances 1 and 3, by DerSimonian and Laird.

    Weights 1 and 1/3, mean 1, Q = 1 + 9/3 = 4, C = 4/3 - (10/9)/(4/3) = 1/2, tau^2 = (4 - 1) / C = 6. Then
    weights 1/7 and 1/9, mean (4/9) / (16/63) = 7/4, variance 63/16; the scale 49/16/7 + 81/16/9 is 1.
    """
    row = meta.random_effects([0, 4], [1, 3**0.5], "dl")
    assert (row["q"], row["tau"], row["estimate"]) == pytest.approx((4, 6**0.5, 1.75))
    assert row["error"] == pytest.approx((63 / 16) ** 0.5)
    assert row["high"] - 1.75 == pytest.approx(12.7062 * (63 / 16) ** 0.5, abs=1e-3)


def test_mean_tau_and_interval_are_statsmodels_own():
    row = meta.random_effects(EFFECTS, np.sqrt(VARIANCES))
    theirs = combine_effects(EFFECTS, VARIANCES, method_re="pm", use_t=True)
    low, high = theirs.conf_int()[3]  # Hartung and Knapp's
    assert row["tau"] ** 2 == pytest.approx(theirs.tau2)
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((theirs.mean_effect_re, low, high))


def test_the_interval_of_tau_holds_where_q_is_no_surprise():
    """With these errors the interval begins at zero; with half the errors it begins above zero."""
    assert meta.random_effects(EFFECTS, np.sqrt(VARIANCES))["tau_low"] == 0
    row = meta.random_effects(EFFECTS, np.sqrt(VARIANCES / 4))
    for tau, tail in ((row["tau_low"], 0.975), (row["tau_high"], 0.025)):
        weights = 1 / (VARIANCES / 4 + tau**2)
        mean = weights @ EFFECTS / weights.sum()
        assert weights @ (EFFECTS - mean) ** 2 == pytest.approx(stats.chi2.ppf(tail, 5))


def test_effects_closer_than_their_errors_do_not_narrow_the_interval():
    """Equal effects: tau is zero, and the interval is that of a common effect with t quantiles."""
    row = meta.random_effects([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0])
    assert (row["tau"], row["tau_low"], row["tau_high"], row["i2"]) == (0, 0, 0, 0)
    assert row["high"] - row["estimate"] == pytest.approx(stats.t.ppf(0.975, 3) * 2 / 2)


def test_two_effects_have_no_prediction_interval_and_one_is_not_combined():
    row = meta.random_effects([1.0, 2.0], [0.5, 0.5])
    assert (row["predicted_low"], row["predicted_high"]) == (None, None)
    assert "no prediction interval" in row["note"]
    for effects, errors in (([1.0, 2.0], [1.0, 0.0]), ([1.0, np.nan], [1.0, 1.0]), ([1.0], [np.inf])):
        with pytest.raises(InputError, match="finite effects"):
            meta.random_effects(effects, errors)
    for effects, note in (([1.0], "one effect, nothing to combine"), ([], "no effects, nothing to combine")):
        nothing = meta.random_effects(effects, effects)
        assert (nothing["estimate"], nothing["n"], nothing["note"]) == (None, len(effects), note)
        assert nothing.keys() == row.keys()
        assert meta.p_below(nothing, 0.05) is None


def test_a_mean_is_below_a_margin_where_its_one_sided_interval_is():
    row = meta.random_effects(EFFECTS, np.sqrt(VARIANCES))
    margin = row["estimate"] + stats.t.ppf(0.95, 5) * row["error"]
    assert meta.p_below(row, margin) == pytest.approx(0.05)
    assert meta.p_below(row, row["estimate"]) == pytest.approx(0.5)


def test_leaving_out_is_combining_the_others():
    names = ["a", "a", "b", "c", "c", "c"]
    rows = meta.leave_out(EFFECTS, np.sqrt(VARIANCES), names)
    assert [row["left_out"] for row in rows] == ["a", "b", "c"]
    assert rows[1]["n"] == 5
    assert rows[0]["estimate"] == meta.random_effects(EFFECTS[2:], np.sqrt(VARIANCES[2:]))["estimate"]
    for row in meta.leave_out([1.0, 2.0], [1.0, 1.0], ["a", "b"]):
        assert (row["estimate"], row["note"]) == (None, "one effect, nothing to combine")


def test_the_mean_is_held_as_often_as_said_and_a_further_effect_less_often():
    """Eleven cells have the errors and the spread (in percentage points) of the chapter.

    The prediction interval treats the estimate of tau as exact, but it is poor here. The interval covers as
    stated if the errors are small compared with the spread.
    """
    errors = np.array([2.1, 1.3, 1.3, 1.6, 1.8, 2.1, 1.9, 2.5, 2.5, 2.4, 2.5])
    found = meta.coverage(errors, tau=2.0)
    assert found["mean"]["low"] <= 0.95 <= found["mean"]["high"]
    assert 0.80 < found["prediction"]["estimate"] < 0.90
    well_known = meta.coverage(errors / 100, tau=2.0)
    assert well_known["prediction"]["low"] <= 0.95 <= well_known["prediction"]["high"]


def test_two_effects_have_no_prediction_interval_to_cover():
    found = meta.coverage([1.0, 1.0], tau=0.5, simulations=50)
    assert found["prediction"]["estimate"] is None
    assert found["mean"]["n"] == 50
