"""Rates and their differences, each with an interval, n and the name of the method."""

from collections.abc import Iterable

import numpy as np
from scipy.stats import fisher_exact, norm, t
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    test_proportions_2indep,
)

from tracelib.stats.estimate import Estimate, estimated, not_estimated

CONFIDENCE = 0.95
Z = norm.ppf(0.5 + CONFIDENCE / 2)


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """A rate with its Wilson score interval (Wilson 1927).

    Returns:
        estimate, low, high (fractions), n, method, note. With n = 0 there is nothing to estimate:
        estimate, low and high are None and the note says so.
    """
    method = "Wilson score"
    if n == 0:
        return not_estimated(0, method, "no items")
    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    return estimated(successes / n, float(low), float(high), int(n), method)


def difference(s1: int, n1: int, s2: int, n2: int, confidence: float = CONFIDENCE) -> Estimate:
    """Difference of two independent rates, s1/n1 - s2/n2, with Newcombe's hybrid score interval.

    The interval is method 10 of Newcombe (1998) for unpaired proportions, by statsmodels.

    Returns:
        As `wilson`; n counts both groups. Without items in one group there is no estimate.
    """
    n, method = int(n1 + n2), "Newcombe hybrid score"
    if n1 == 0 or n2 == 0:
        return not_estimated(n, method, "a group has no items")
    low, high = confint_proportions_2indep(
        s1, n1, s2, n2, method="newcomb", compare="diff", alpha=1 - confidence
    )
    return estimated(s1 / n1 - s2 / n2, float(low), float(high), n, method)


def difference_tested(s1: int, n1: int, s2: int, n2: int) -> Estimate:
    """`difference` with p of Fisher's exact test. There is no test if all items are alike."""
    row = difference(s1, n1, s2, n2)
    row["method"] += ", Fisher's exact test"
    if row["note"] or s1 + s2 in (0, n1 + n2):
        return row | {"p": None, "note": row["note"] or "all items alike, no test"}
    return row | {"p": float(fisher_exact([[s1, n1 - s1], [s2, n2 - s2]]).pvalue)}


def p_below(s1: int, n1: int, s2: int, n2: int, margin: float) -> float:
    """One-sided score test (Miettinen and Nurminen 1985) that `difference` is below the margin."""
    tested = test_proportions_2indep(
        s1, n1, s2, n2, value=margin, compare="diff", method="score", alternative="smaller"
    )
    return float(tested.pvalue)


def error(row: Estimate) -> float:
    """A standard error of half the interval's width, as if the interval were a normal one."""
    return (row["high"] - row["low"]) / (2 * Z)


def clustered_wilson(right: Iterable[int], of: Iterable[int], confidence: float = CONFIDENCE) -> Estimate:
    """Share of right outputs, if the outputs of one problem depend on each other.

    The interval is Wilson's at the effective number of outputs: the number of independent outputs with the
    same variance (Kish 1965, design effect), reduced because few problems give a poor estimate of that
    variance (Korn and Graubard 1998). If all outputs are right, or all wrong, each problem counts once.
    Unlike a percentile bootstrap, the interval also serves for few problems: with 20 problems its coverage
    is a few points too low only if nearly all outputs are right.

    Args:
        right: (problems,) number of right outputs.
        of: (problems,) number of outputs.

    Returns:
        estimate, low, high (fractions), n (problems), outputs, method, note.
    """
    right, of = np.asarray(right, float), np.asarray(of, float)
    n, outputs = len(of), int(of.sum())
    method = "Wilson score, clustered on the problem"
    if not outputs:
        return not_estimated(n, method, "no items", outputs=outputs)
    share = float(right.sum() / outputs)
    if n == 1:
        return estimated(share, None, None, n, method, "one problem, no interval", outputs=outputs)
    effective = n if share in (0, 1) else _effective(right, of, share, confidence)
    low, high = proportion_confint(share * effective, effective, alpha=1 - confidence, method="wilson")
    return estimated(share, float(low), float(high), n, method, outputs=outputs)


def _effective(right: np.ndarray, of: np.ndarray, share: float, confidence: float) -> float:
    n, outputs = len(of), of.sum()
    variance = n / (n - 1) * ((right - share * of) ** 2).sum() / outputs**2
    effective = min(outputs, share * (1 - share) / variance) if variance else outputs
    tail = 0.5 + confidence / 2
    return effective * (norm.ppf(tail) / t.ppf(tail, n - 1)) ** 2
