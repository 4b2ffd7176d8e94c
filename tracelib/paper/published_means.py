"""The paper's human study: what the stated means imply without a single rating.

The project page states three means of a five-point scale, and 100 participants. How many persons rated each
kind of trace, whether the same persons rated several kinds, and how much ratings varied: we have not found
it. So every plausible design is tried, with the widest interval that any ratings can give.
"""

from collections.abc import Iterable
from itertools import product
from math import floor

import pandas as pd

from tracelib.stats import bounded
from tracelib.stats.estimate import Estimate

INTERPRETABILITY, LOAD = "interpretability", "cognitive load"
R1, DECOMPOSED = "R1's traces", "decomposed traces"
STATED = {  # (scale, kind of trace): mean, as the project page prints it
    (INTERPRETABILITY, R1): "3.39",
    (INTERPRETABILITY, DECOMPOSED): "4.86",
    (LOAD, R1): "4.59",
}
PEOPLE, KINDS = 100, 4  # participants and kinds of trace, as the project page states
ROUNDING = 0.005  # a printed mean is off by at most this
SIZES = (PEOPLE // KINDS, PEOPLE)  # persons who rated a kind: each person one kind, or each person all
METHODS = {bounded.WIDEST: bounded.widest_mean, bounded.GUARANTEED: bounded.guaranteed_mean}
OF_DIFFERENCES = {
    bounded.WIDEST: bounded.widest_difference,
    bounded.GUARANTEED: bounded.guaranteed_difference,
}


def means() -> pd.DataFrame:
    """Every stated mean with both intervals, if `SIZES` persons rated it.

    Returns:
        columns scale, kind, estimate, low, high (points), n (persons), method, note.
    """
    rows = []
    for (scale, kind), printed in STATED.items():
        for n, (method, interval) in product(SIZES, METHODS.items()):
            found = [interval(mean, n) for mean in _ends(printed)]
            row = _outermost(float(printed), found) | {"method": method, "note": found[0]["note"]}
            rows.append({"scale": scale, "kind": kind, **row})
    return pd.DataFrame(rows)


def differences() -> pd.DataFrame:
    """Interpretability of decomposed traces minus R1's, under each plausible design.

    Returns:
        columns paired, n (persons per kind), estimate, low, high (points), p, p_ends (exact, if all ratings
        are at the ends of the scale), method, note.
    """
    rows = []
    for n, paired, (method, interval) in product(SIZES, (False, True), OF_DIFFERENCES.items()):
        found = [interval(*pair, n, paired) for pair in product(*map(_ends, compared()))]
        first, second = map(float, compared())
        row = _outermost(first - second, found) | {"p": max(row["p"] for row in found)}
        row["p_ends"] = bounded.p_at_the_ends(least_difference(), n, paired)
        rows.append({"paired": paired, **row, "method": method, "note": found[0]["note"]})
    return pd.DataFrame(rows)


def compared() -> tuple[str, str]:
    """The two means that are on one scale, as printed: decomposed traces, R1's traces."""
    return STATED[INTERPRETABILITY, DECOMPOSED], STATED[INTERPRETABILITY, R1]


def least_difference() -> float:
    """The smallest difference of the two means that are on one scale, within their rounding."""
    first, second = map(float, compared())
    return first - second - 2 * ROUNDING


def _ends(printed: str) -> tuple[float, float]:
    """The smallest and the largest mean that are printed so."""
    return float(printed) - ROUNDING, float(printed) + ROUNDING


def _outermost(estimate: float, found: Iterable[Estimate]) -> dict:
    """The interval that contains all these intervals."""
    found = list(found)
    low, high = min(row["low"] for row in found), max(row["high"] for row in found)
    return {"estimate": estimate, "low": low, "high": high, "n": found[0]["n"]}


def people_needed() -> dict[bool, int]:
    """How many persons per kind give p < 0.05 by Hoeffding's bound, by `paired`."""
    return {paired: bounded.raters_needed(least_difference(), paired) for paired in (False, True)}


def distributions() -> pd.DataFrame:
    """What each mean says of the ratings.

    Returns:
        columns scale, kind, mean, sd (the greatest possible), top_low, top_high (the share of the highest
        rating that the mean allows).
    """
    rows = []
    for (scale, kind), printed in STATED.items():
        most = max(map(bounded.greatest_variance, _ends(printed))) ** 0.5
        tops = [bounded.shares_of_top(mean) for mean in _ends(printed)]
        row = {"mean": float(printed), "sd": most, "top_low": tops[0][0], "top_high": tops[1][1]}
        rows.append({"scale": scale, "kind": kind, **row})
    return pd.DataFrame(rows)


def ends_below() -> float:
    """The exact p, if 25 persons rated both kinds 1 or 5, of the largest difference below the stated one.

    Such differences are whole widths of the scale, so their mean takes few values. `p_at_the_ends` takes the
    next one above the stated difference.
    """
    n, width = SIZES[0], bounded.LIKERT.width
    below = floor(n * least_difference() / width) * width / n
    return bounded.p_at_the_ends(below, n, paired=True)


def delta_range(answers: int = 1) -> tuple[float, float]:
    """The smallest and the largest Cliff's delta, decomposed traces against R1's, that the means allow.

    Args:
        answers: how many whole-number answers are averaged to one rating.
    """
    scale = bounded.Scale(answers * bounded.LIKERT.low, answers * bounded.LIKERT.high)
    sums = ([answers * mean for mean in _ends(printed)] for printed in compared())
    found = [bounded.cliffs_delta_range(*pair, scale) for pair in product(*sums)]
    return min(low for low, _ in found), max(high for _, high in found)


def possible() -> pd.DataFrame:
    """For each stated mean, the numbers of single ratings up to 100 that can have it.

    Returns:
        columns scale, kind, mean (as printed), sizes (a list of numbers).
    """
    rows = []
    for (scale, kind), printed in STATED.items():
        sizes = [n for n in range(1, PEOPLE + 1) if bounded.is_possible(printed, n)]
        rows.append({"scale": scale, "kind": kind, "mean": printed, "sizes": sizes})
    return pd.DataFrame(rows)
