"""Two conditions answered the same items: the difference, its interval, and an exact test."""

from math import sqrt

import pandas as pd
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from tracelib.stats.proportions import CONFIDENCE


def paired_difference(first: pd.Series, second: pd.Series, confidence: float = CONFIDENCE) -> dict:
    """Rate of `first` minus rate of `second` over the items that both have (aligned on the index).

    Interval: Bonett and Price (2012), an adjusted Wald interval for paired rates. Test: exact
    McNemar (binomial on the discordant pairs); without discordant pairs there is no test, p is
    None and the note says so.

    Args:
        first, second: booleans indexed by item, each item at most once.

    Returns:
        estimate, low, high (fractions), n (pairs), only_first, only_second (discordant
        counts), p, method, note.
    """
    pairs = pd.concat([first, second], axis=1, join="inner").astype(bool)
    n = len(pairs)
    only_first = int((pairs.iloc[:, 0] & ~pairs.iloc[:, 1]).sum())
    only_second = int((~pairs.iloc[:, 0] & pairs.iloc[:, 1]).sum())
    row = {"n": n, "only_first": only_first, "only_second": only_second}
    method = "Bonett-Price interval, exact McNemar test"
    if n == 0:
        return {
            "estimate": None,
            "low": None,
            "high": None,
            **row,
            "p": None,
            "method": method,
            "note": "no common items",
        }
    low, high = _bonett_price(only_first, only_second, n, confidence)
    note = "" if only_first + only_second else "no discordant pairs, no test"
    p = None if note else float(mcnemar([[0, only_first], [only_second, 0]], exact=True).pvalue)
    return {
        "estimate": (only_first - only_second) / n,
        "low": low,
        "high": high,
        **row,
        "p": p,
        "method": method,
        "note": note,
    }


def _bonett_price(only_first: int, only_second: int, n: int, confidence: float) -> tuple[float, float]:
    p1, p2 = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = norm.ppf(0.5 + confidence / 2) * sqrt((p1 + p2 - (p1 - p2) ** 2) / (n + 2))
    return max(-1.0, p1 - p2 - half), min(1.0, p1 - p2 + half)


def holm(p_values: list[float | None]) -> list[float | None]:
    """Holm-adjusted p-values of one family; None (no test) stays None and does not count."""
    tested = [p for p in p_values if p is not None]
    adjusted = iter(multipletests(tested, method="holm")[1].tolist() if tested else [])
    return [None if p is None else next(adjusted) for p in p_values]
