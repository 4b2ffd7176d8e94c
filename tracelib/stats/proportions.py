"""Rates and their differences, each with an interval, n and the name of the method."""

from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

CONFIDENCE = 0.95


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> dict:
    """A rate with its Wilson score interval (Wilson 1927).

    Returns:
        estimate, low, high (fractions), n, method, note. With n = 0 there is nothing to estimate:
        estimate, low and high are None and the note says so.
    """
    row = {"n": int(n), "method": "Wilson score"}
    if n == 0:
        return {"estimate": None, "low": None, "high": None, **row, "note": "no items"}
    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    return {"estimate": successes / n, "low": float(low), "high": float(high), **row, "note": ""}


def difference(s1: int, n1: int, s2: int, n2: int, confidence: float = CONFIDENCE) -> dict:
    """Difference of two independent rates, s1/n1 - s2/n2, with Newcombe's hybrid score interval.

    The interval is method 10 of Newcombe (1998) for unpaired proportions, by statsmodels.

    Returns:
        As `wilson`; n counts both groups. Without items in one group there is no estimate.
    """
    row = {"n": int(n1 + n2), "method": "Newcombe hybrid score"}
    if n1 == 0 or n2 == 0:
        return {"estimate": None, "low": None, "high": None, **row, "note": "a group has no items"}
    low, high = confint_proportions_2indep(
        s1, n1, s2, n2, method="newcomb", compare="diff", alpha=1 - confidence
    )
    return {"estimate": s1 / n1 - s2 / n2, "low": float(low), "high": float(high), **row, "note": ""}
