"""Random-effects meta-analysis: combine several estimates of one kind of effect, and predict a new effect.

Each effect is drawn from a normal distribution with mean mu and standard deviation tau. It is observed with a
known error. All effects and errors are in the same unit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import chi2, t
from statsmodels.stats.meta_analysis import combine_effects

from tracelib.core.errors import InputError
from tracelib.stats.estimate import Estimate, estimated, not_estimated
from tracelib.stats.proportions import CONFIDENCE, wilson

METHOD = "random effects (Paule-Mandel), Hartung-Knapp t interval"
MORE = ("error", "df", "tau", "tau_low", "tau_high", "i2", "q", "p_q", "predicted_low", "predicted_high")


def random_effects(
    effects: ArrayLike, errors: ArrayLike, estimator: str = "pm", confidence: float = CONFIDENCE
) -> Estimate:
    """The mean of the effects, their spread tau, and a prediction interval for a new effect.

    Tau is estimated by Paule and Mandel's method (1982). The interval of the mean is Hartung and Knapp's
    (2001), with t on k - 1 degrees of freedom and the change of Roever, Knapp and Friede (2015), which keeps
    it from being too narrow if tau is zero. The prediction interval is that of Higgins, Thompson and
    Spiegelhalter (2009), with t on k - 2. The interval of tau inverts the generalised Q (Viechtbauer 2007).

    Args:
        effects, errors: (k,) finite estimates and their standard errors.
        estimator: of tau, ``pm`` (Paule and Mandel) or ``dl`` (DerSimonian and Laird 1986).

    Returns:
        estimate, low, high, error (standard error of the mean), n (k), df, tau, tau_low, tau_high, i2 (share
        of the estimates' variance that is not error), q and p_q (test that all effects are equal),
        predicted_low, predicted_high (None for two effects: no degree of freedom is left), method, note.
        With fewer than two effects every number is None, and the note says so.

    Raises:
        InputError: a number is not finite, or an error is not above zero.
    """
    effects, errors = np.asarray(effects, float), np.asarray(errors, float)
    if len(errors) != len(effects) or not (errors > 0).all() or not np.isfinite([effects, errors]).all():
        raise InputError("expected finite effects, each with an error above zero")
    if len(effects) < 2:
        note = f"{('no effects', 'one effect')[len(effects)]}, nothing to combine"
        return not_estimated(len(effects), _method(estimator), note, **dict.fromkeys(MORE))
    tau_low, tau_high = _tau_interval(effects, errors**2, confidence)
    return _combined(effects, errors**2, estimator, confidence) | {"tau_low": tau_low, "tau_high": tau_high}


def _combined(effects: np.ndarray, variances: np.ndarray, estimator: str, confidence: float) -> Estimate:
    """`random_effects` without the interval of tau."""
    k = len(effects)
    with np.errstate(divide="ignore"):  # statsmodels' i2 divides by Q, which is zero if all effects are equal
        combined = combine_effects(effects, variances, method_re=estimator)
    tau2 = max(0.0, float(combined.tau2))
    weights = 1 / (variances + tau2)
    mean = float(weights @ effects / weights.sum())
    scale = max(1.0, float(weights @ (effects - mean) ** 2 / (k - 1)))
    error = float(np.sqrt(scale / weights.sum()))
    half = t.ppf(0.5 + confidence / 2, k - 1) * error
    beyond = t.ppf(0.5 + confidence / 2, k - 2) * np.sqrt(tau2 + error**2) if k > 2 else None
    return estimated(
        mean,
        float(mean - half),
        float(mean + half),
        k,
        _method(estimator),
        "" if k > 2 else "two effects: no prediction interval",
        error=error,
        df=k - 1,
        tau=float(np.sqrt(tau2)),
        i2=max(0.0, float(combined.i2)),
        q=float(combined.q),
        p_q=float(chi2.sf(combined.q, k - 1)),
        predicted_low=None if beyond is None else float(mean - beyond),
        predicted_high=None if beyond is None else float(mean + beyond),
    )


def _method(estimator: str) -> str:
    return METHOD if estimator == "pm" else METHOD.replace("Paule-Mandel", "DerSimonian-Laird")


def _tau_interval(effects: np.ndarray, variances: np.ndarray, confidence: float) -> tuple[float, float]:
    """The interval of tau: where the generalised Q lies between its two chi-square quantiles."""

    def excess(tau2: float, quantile: float) -> float:
        weights = 1 / (variances + tau2)
        mean = weights @ effects / weights.sum()
        return float(weights @ (effects - mean) ** 2) - quantile

    limits = []
    for tail in (0.5 + confidence / 2, 0.5 - confidence / 2):
        quantile = chi2.ppf(tail, len(effects) - 1)
        largest = (
            float(np.ptp(effects) ** 2 * len(effects) / quantile) + 1e-12
        )  # Q is below the quantile here
        none = excess(0.0, quantile) <= 0
        limits.append(0.0 if none else float(np.sqrt(brentq(excess, 0.0, largest, args=(quantile,)))))
    return limits[0], limits[1]


def p_below(pooled: Estimate, margin: float) -> float | None:
    """One-sided p-value for a mean effect below the margin, by the t distribution of `random_effects`.

    The null hypothesis is a mean at or above the margin. None if no effects were combined.
    """
    if pooled["estimate"] is None:
        return None
    return float(t.cdf((pooled["estimate"] - margin) / pooled["error"], pooled["df"]))


def leave_out(effects: ArrayLike, errors: ArrayLike, groups: Sequence[str]) -> list[dict]:
    """`random_effects` without each group in turn. If every effect is its own group, this is leave-one-out.

    Args:
        groups: (k,) the group of each effect.

    Returns:
        A row per group: left_out (its name) and the keys of `random_effects`. If fewer than two effects
        remain, the row has a note and no numbers.
    """
    effects, errors, groups = np.asarray(effects, float), np.asarray(errors, float), np.asarray(groups)
    rows = []
    for name in dict.fromkeys(groups.tolist()):
        others = groups != name
        rows.append({"left_out": name, **random_effects(effects[others], errors[others])})
    return rows


def coverage(errors: ArrayLike, tau: float, simulations: int = 500, seed: int = 0) -> dict[str, dict]:
    """Coverage of the 95% intervals of `random_effects`, by simulation of normal effects around zero.

    Returns:
        ``mean``: how often the interval of the mean holds zero. ``prediction``: how often the prediction
        interval holds a new effect (two effects have no such interval). Each is a share of the simulations
        with its Wilson interval.
    """
    errors = np.asarray(errors, float)
    rng = np.random.default_rng(seed)
    held = {"mean": 0, "prediction": 0}
    predicted = len(errors) > 2
    for _ in range(simulations):
        effects = rng.normal(rng.normal(0, tau, len(errors)), errors)
        row = _combined(effects, errors**2, "pm", CONFIDENCE)
        held["mean"] += row["low"] <= 0 <= row["high"]
        further = rng.normal(0, tau)
        held["prediction"] += predicted and row["predicted_low"] <= further <= row["predicted_high"]
    made = {"mean": simulations, "prediction": simulations if predicted else 0}
    return {name: wilson(count, made[name]) for name, count in held.items()}
