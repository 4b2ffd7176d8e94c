"""Association of trace and answer in 2x2 tables: a joint rate, two conditional rates, contrasts, tests.

All methods here assume independent items. For repeated problems use the clustered intervals of
`tracelib.stats.bootstrap`.
"""

from collections.abc import Sequence
from math import atanh, exp, sqrt, tanh

import numpy as np
from pandas import isna
from scipy.optimize import brentq
from scipy.stats import chi2, chi2_contingency, fisher_exact, hypergeom, norm
from statsmodels.stats.contingency_tables import StratifiedTable

from tracelib.stats.estimate import Estimate, estimated, not_estimated, noted
from tracelib.stats.proportions import CONFIDENCE, difference, wilson

SMALL = 5  # large-sample methods are doubtful if an expected count is smaller (Cochran 1954)
WIDEST = 40.0  # no counts of items give a log ratio this large


def joint_and_conditional(row) -> dict[str, dict]:
    """The three rates of one 2x2 table of trace and answer, each with its Wilson interval.

    Args:
        row: a row of `tracelib.scoring.outcomes.counts`, with the four counts trace_right_answer_right, ...,
            trace_wrong_answer_wrong as attributes. A missing count (no trace was judged) is taken as zero.

    Returns:
        ``joint``: share of the judged items whose trace and answer are both right. ``given_right``,
        ``given_wrong``: share of right answers among the items whose trace is right, or wrong.
    """
    cells = [
        getattr(row, f"trace_{trace}_answer_{answer}")
        for trace in ("right", "wrong")
        for answer in ("right", "wrong")
    ]
    both, answer_missed, answer_only, neither = (0 if isna(cell) else cell for cell in cells)
    right, wrong = both + answer_missed, answer_only + neither
    return {
        "joint": wilson(both, right + wrong),
        "given_right": wilson(both, right),
        "given_wrong": wilson(answer_only, wrong),
    }


def two_by_two(
    right_right: int, right_wrong: int, wrong_right: int, wrong_wrong: int, confidence: float = CONFIDENCE
) -> dict[str, dict]:
    """Rates, contrasts and a test of independence of one 2x2 table.

    Args:
        right_right, right_wrong, wrong_right, wrong_wrong: counts of items; the trace is named first, the
            answer second.

    Returns:
        ``joint``, ``given_right``, ``given_wrong``: as in `joint_and_conditional`. ``trace_given_answer``:
        share of right traces among the items whose answer is right (Wilson). ``difference`` (Newcombe) and
        ``ratio`` (score) of given_right and given_wrong, ``odds_ratio`` (logit), ``phi``. Each is a row with
        estimate, low, high, n, method, note. ``chi_square``: Pearson's test without continuity correction,
        with statistic, p, p_exact (Fisher's), n, method, note. An undefined number is None, and the note
        says why.
    """
    table = tuple(map(int, (right_right, right_wrong, wrong_right, wrong_wrong)))
    both, _, answer_only, _ = table
    right, wrong, answered, _ = _margins(table)
    return {
        "joint": wilson(both, right + wrong, confidence),
        "given_right": wilson(both, right, confidence),
        "given_wrong": wilson(answer_only, wrong, confidence),
        "trace_given_answer": wilson(both, answered, confidence),
        "difference": difference(both, right, answer_only, wrong, confidence),
        "ratio": _ratio(both, right, answer_only, wrong, confidence),
        "odds_ratio": _odds_ratio(table, confidence),
        "phi": _phi(table, confidence),
        "chi_square": _chi_square(table),
    }


def stratified(
    tables: Sequence[tuple[int, int, int, int]], confidence: float = CONFIDENCE
) -> dict[str, dict]:
    """The pooled odds ratio of several 2x2 tables (for instance one per category), and its homogeneity.

    Args:
        tables: per stratum the four counts of `two_by_two`, in its order. A stratum with an empty margin
            says nothing about the association; it is left out and counted in the note.

    Returns:
        ``odds_ratio``: the pooled odds ratio of Mantel and Haenszel (1959), with the variance of Robins,
        Breslow and Greenland (1986) and a test of no association without continuity correction.
        ``homogeneity``: the test of Breslow and Day (1980) with the correction of Tarone (1985). Both rows
        have n (items in the strata used) and strata (how many are used).
    """
    used = [tuple(map(int, table)) for table in tables if not _empty_margin(table)]
    left_out = len(tables) - len(used)
    row = {"n": sum(map(sum, used)), "strata": len(used)}
    note = f"strata left out for an empty margin: {left_out}" if left_out else ""
    pooled = _pooled_odds_ratio(used, row, note, confidence)
    return {"odds_ratio": pooled, "homogeneity": _homogeneity(used, pooled["estimate"], row, note)}


def exact_p(tables: Sequence[tuple[int, int, int, int]]) -> float | None:
    """Two-sided p-value of the exact test of no association within strata. It is valid for few items too.

    Given all margins, the first cells of the strata are independent hypergeometric counts under the null
    hypothesis. The p-value is the probability of every sum of first cells that is no likelier than the
    observed one (Gart 1970). With one stratum this is Fisher's test.

    Args:
        tables: per stratum four counts, as in `stratified`.

    Returns:
        The p-value; None if every stratum has an empty margin.
    """
    used = [tuple(map(int, table)) for table in tables if not _empty_margin(table)]
    if not used:
        return None
    chances, observed = np.ones(1), 0
    for a, b, c, d in used:
        least, most = max(0, a - d), min(a + b, a + c)
        counts = np.arange(least, most + 1)
        chances = np.convolve(chances, hypergeom.pmf(counts, a + b + c + d, a + b, a + c))
        observed += a - least
    as_unlikely = chances <= chances[observed] * (1 + 1e-7)  # equal up to rounding, as in scipy's Fisher test
    return float(min(1.0, chances[as_unlikely].sum()))


def _margins(table: Sequence[int]) -> tuple[int, int, int, int]:
    """Counts of right traces, wrong traces, right answers, wrong answers."""
    a, b, c, d = table
    return a + b, c + d, a + c, b + d


def _empty_margin(table: Sequence[int]) -> str:
    """Names of the empty margins; an empty text if there are none."""
    names = ("no right trace", "no wrong trace", "no right answer", "no wrong answer")
    return noted(*(name for name, count in zip(names, _margins(table), strict=True) if count == 0))


def _least_expected(table: Sequence[int]) -> float:
    right, wrong, answered, failed = _margins(table)
    return min(right, wrong) * min(answered, failed) / sum(table)


def _ratio(s1: int, n1: int, s2: int, n2: int, confidence: float) -> Estimate:
    """Ratio of s1/n1 to s2/n2 with the score interval of Miettinen and Nurminen (1985).

    statsmodels computes this interval by a closed form that fails if all items of a group are right
    (5/5 against 10/10 gives 1 to 1.4). So this function inverts the score statistic itself.
    """
    n, method = n1 + n2, "Miettinen-Nurminen score"
    if n1 == 0 or n2 == 0:
        return not_estimated(n, method, "a group has no items")
    if s2 == 0:
        return not_estimated(n, method, "no right answer after a wrong trace, no ratio")
    z = norm.ppf(0.5 + confidence / 2)

    def limit(at: float) -> float:
        return exp(brentq(lambda x: _score(s1, n1, s2, n2, exp(x)) - at, -WIDEST, WIDEST))

    return estimated(s1 / n1 / (s2 / n2), limit(z) if s1 else 0.0, limit(-z), n, method)


def _score(s1: int, n1: int, s2: int, n2: int, ratio: float) -> float:
    """Score statistic of p1 = ratio * p2; it falls as the ratio grows."""
    n, s = n1 + n2, s1 + s2
    b = n1 * ratio + s1 + n2 + s2 * ratio
    p2 = 2 * s / (b + sqrt(max(b * b - 4 * n * ratio * s, 0)))  # maximum likelihood under the hypothesis
    p1 = ratio * p2
    variance = n / (n - 1) * (p1 * (1 - p1) / n1 + ratio * p1 * (1 - p2) / n2)
    return (s1 / n1 - ratio * s2 / n2) / sqrt(variance) if variance > 0 else 0.0


def _odds_ratio(table: tuple[int, ...], confidence: float) -> Estimate:
    """Odds ratio with Woolf's (1955) logit interval.

    If a cell is zero, one half is added to every cell (Haldane 1956, Anscombe 1956). The interval is then
    Gart's (1966).
    """
    n, method, note = sum(table), "logit (Woolf)", _empty_margin(table)
    if note:
        return not_estimated(n, method, note)
    if 0 in table:
        table, note = tuple(cell + 0.5 for cell in table), "a zero cell, one half added to each cell"
    a, b, c, d = table
    estimate = a * d / (b * c)
    factor = exp(norm.ppf(0.5 + confidence / 2) * sqrt(sum(1 / cell for cell in table)))
    return estimated(estimate, estimate / factor, estimate * factor, n, method, note)


def _phi(table: tuple[int, ...], confidence: float) -> Estimate:
    """Correlation of the two verdicts, with an interval on Fisher's z scale.

    The large-sample variance under multinomial sampling is that of Bishop, Fienberg and Holland (1975),
    chapter 11. Without the z scale coverage falls to about 0.91 at n = 40.
    """
    n, method, note = sum(table), "Fisher z, Bishop-Fienberg-Holland variance", _empty_margin(table)
    if note:
        return not_estimated(n, method, note)
    a, b, c, d = table
    if b == c == 0 or a == d == 0:
        return estimated(1.0 if a else -1.0, None, None, n, method, "a perfect association, no interval")
    right, wrong, answered, failed = _margins(table)
    root = sqrt(right * wrong * answered * failed)
    phi = (a * d - b * c) / root
    uneven = (right - wrong) ** 2 / (right * wrong) + (answered - failed) ** 2 / (answered * failed)
    tilt = (right - wrong) * (answered - failed) / root
    variance = (1 - phi**2 + phi * (1 + phi**2 / 2) * tilt - 0.75 * phi**2 * uneven) / n
    half = norm.ppf(0.5 + confidence / 2) * sqrt(variance) / (1 - phi**2)
    note = (
        "an expected count is below 5, the interval may be too narrow"
        if _least_expected(table) < SMALL
        else ""
    )
    return estimated(phi, tanh(atanh(phi) - half), tanh(atanh(phi) + half), n, method, note)


def _chi_square(table: tuple[int, ...]) -> dict:
    row = {"n": sum(table), "method": "Pearson chi-square, 1 df, no continuity correction"}
    note = _empty_margin(table)
    if note:
        return {"statistic": None, "p": None, "p_exact": None, **row, "note": note}
    counts = np.reshape(table, (2, 2))
    test = chi2_contingency(counts, correction=False)
    p_exact = float(fisher_exact(counts).pvalue)
    if _least_expected(table) < SMALL:
        note = f"an expected count is below 5, Fisher's exact p = {p_exact:.3g}"
    return {
        "statistic": float(test.statistic),
        "p": float(test.pvalue),
        "p_exact": p_exact,
        **row,
        "note": note,
    }


def _pooled_odds_ratio(used: list[tuple[int, ...]], row: dict, note: str, confidence: float) -> Estimate:
    method = "Mantel-Haenszel, Robins-Breslow-Greenland interval, test without continuity correction"
    untested = not_estimated(row["n"], method, note, strata=row["strata"], statistic=None, p=None)
    if not used:
        return untested | {"note": noted("no informative stratum", note)}
    strata = StratifiedTable(_cube(used))
    statistic = float(strata.test_null_odds().statistic)
    tested = untested | {"statistic": statistic, "p": float(chi2.sf(statistic, 1))}
    if len(used) == 1:
        note = noted("one informative stratum, nothing to pool", note)
    if not any(a * d for a, _, _, d in used) or not any(b * c for _, b, c, _ in used):
        return {**tested, "note": noted("zero cells in all strata, no odds ratio", note)}
    low, high = strata.oddsratio_pooled_confint(alpha=1 - confidence)
    estimate = float(strata.oddsratio_pooled)
    return {**tested, "estimate": estimate, "low": float(low), "high": float(high), "note": note}


def _homogeneity(used: list[tuple[int, ...]], ratio: float | None, row: dict, note: str) -> dict:
    row = {**row, "df": max(len(used) - 1, 0), "method": "Breslow-Day with Tarone's correction"}
    if len(used) < 2:
        return {
            "statistic": None,
            "p": None,
            **row,
            "note": noted("fewer than two informative strata", note),
        }
    if ratio is None:
        return {"statistic": None, "p": None, **row, "note": noted("no pooled odds ratio", note)}
    statistic = _breslow_day(_cube(used), ratio)
    return {"statistic": statistic, "p": float(chi2.sf(statistic, row["df"])), **row, "note": note}


def _breslow_day(cube: np.ndarray, ratio: float) -> float:
    """Breslow and Day's statistic with Tarone's correction.

    The expected count solves a quadratic equation. This form of its solution also holds for a pooled odds
    ratio of exactly one, where statsmodels divides by zero.
    """
    a, right, answered, n = cube[0, 0], cube[0].sum(0), cube[:, 0].sum(0), cube.sum((0, 1))
    b = n - right - answered + ratio * (right + answered)
    c = ratio * right * answered
    expected = 2 * c / (b + np.sqrt(b * b + 4 * (1 - ratio) * c))
    cells = (expected, right - expected, answered - expected, n - right - answered + expected)
    variance = 1 / sum(1 / cell for cell in cells)
    corrected = ((a - expected) ** 2 / variance).sum() - (a - expected).sum() ** 2 / variance.sum()
    return max(float(corrected), 0.0)


def _cube(tables: list[tuple[int, ...]]) -> np.ndarray:
    """Counts as an array (trace, answer, stratum)."""
    return np.array(tables, float).reshape(-1, 2, 2).transpose(1, 2, 0)
