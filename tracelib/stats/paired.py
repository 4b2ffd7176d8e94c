"""Compare conditions that answered the same items: paired differences, exact tests, equivalence, power."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binom, norm
from statsmodels.stats.contingency_tables import cochrans_q as cochrans_q_test
from statsmodels.stats.contingency_tables import mcnemar

from tracelib.stats.estimate import Estimate, estimated, not_estimated, noted
from tracelib.stats.proportions import CONFIDENCE

ALPHA = 1 - CONFIDENCE
POWER = 0.8
UNLIKELY = 1e-12  # probability of each tail of counts of discordant pairs that is not enumerated


def bonett_price(only_first: ArrayLike, only_second: ArrayLike, n: int) -> tuple:
    """Bonett and Price's (2012) adjusted difference and its standard error. Each count is raised by one."""
    p1, p2 = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    return p1 - p2, np.sqrt((p1 + p2 - (p1 - p2) ** 2) / (n + 2))


@dataclass(frozen=True)
class Pairs:
    """Counts of two conditions on the same items: all items, and those that only one condition got right."""

    n: int
    only_first: int
    only_second: int

    @property
    def estimate(self) -> float:
        """Rate of the first minus rate of the second."""
        return (self.only_first - self.only_second) / self.n

    def centre(self) -> tuple[float, float]:
        """The adjusted difference and its standard error."""
        centre, error = bonett_price(self.only_first, self.only_second, self.n)
        return float(centre), float(error)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Bonett and Price's interval of the difference."""
        centre, error = self.centre()
        half = norm.ppf(0.5 + confidence / 2) * error
        return max(-1.0, centre - half), min(1.0, centre + half)


def matched(first: pd.Series, second: pd.Series) -> Pairs:
    """Counts over the items that both series have, aligned on the index."""
    pairs = pd.concat([first, second], axis=1, join="inner").astype(bool)
    one, other = pairs.iloc[:, 0], pairs.iloc[:, 1]
    return Pairs(len(pairs), int((one & ~other).sum()), int((~one & other).sum()))


def paired_difference(first: pd.Series, second: pd.Series, confidence: float = CONFIDENCE) -> Estimate:
    """Rate of `first` minus rate of `second` over the items that both have, aligned on the index.

    The interval is Bonett and Price's (2012), an adjusted Wald interval for paired rates. The test is the
    exact McNemar test: binomial on the discordant pairs. Without discordant pairs there is no test: p is
    None and the note says so.

    Args:
        first, second: booleans indexed by item, each item at most once.

    Returns:
        estimate, low, high (fractions), n (pairs), only_first, only_second (discordant
        counts), p, method, note. The note counts items that only one of the two has.
    """
    pairs = matched(first, second)
    row = {"only_first": pairs.only_first, "only_second": pairs.only_second}
    method = "Bonett-Price interval, exact McNemar test"
    if pairs.n == 0:
        return not_estimated(pairs.n, method, "no common items", **row, p=None)
    low, high = pairs.interval(confidence)
    discordant = [[0, pairs.only_first], [pairs.only_second, 0]]
    tested = pairs.only_first + pairs.only_second > 0
    p = float(mcnemar(discordant, exact=True).pvalue) if tested else None
    alone = len(first) + len(second) - 2 * pairs.n
    note = noted(
        "" if tested else "no discordant pairs, no test",
        f"{alone} items that only one of the two has, left out" if alone else "",
    )
    return estimated(pairs.estimate, low, high, pairs.n, method, note, **row, p=p)


def equivalence(first: pd.Series, second: pd.Series, margin: float, alpha: float = ALPHA) -> Estimate:
    """Two one-sided tests that the paired difference lies within plus or minus a margin.

    Equivalence holds at level alpha if and only if the interval of confidence 1 - 2 alpha lies within
    the margin (Schuirmann 1987). The interval is Bonett and Price's. With 950 items, and a share of
    discordant pairs of at least twice the margin, the test's size is at most 5.4% (enumerated in the tests).

    Args:
        first, second: as in `paired_difference`.
        margin: a fraction. It must be chosen before the data are seen.

    Returns:
        estimate, low, high (of confidence 1 - 2 alpha), n, margin, p (the larger of the two one-sided),
        p_noninferior (first not worse than second by the margin), smallest_margin (for which equivalence
        would hold), method, note.
    """
    pairs = matched(first, second)
    method = f"two one-sided tests, Bonett-Price {1 - 2 * alpha:.0%} interval"
    if pairs.n == 0:
        names = ("p", "p_noninferior", "smallest_margin")
        return not_estimated(0, method, "no common items", margin=margin, **dict.fromkeys(names))
    low, high = pairs.interval(1 - 2 * alpha)
    centre, error = pairs.centre()
    not_below = float(norm.sf((centre + margin) / error))
    not_above = float(norm.cdf((centre - margin) / error))
    return estimated(
        pairs.estimate,
        low,
        high,
        pairs.n,
        method,
        margin=margin,
        p=max(not_below, not_above),
        p_noninferior=not_below,
        smallest_margin=max(abs(low), abs(high)),
    )


def p_below(only_first: int, only_second: int, n: int, margin: float) -> float:
    """One-sided p-value for a paired difference below the margin, by Bonett and Price's estimate."""
    centre, error = bonett_price(only_first, only_second, n)
    return float(norm.cdf((centre - margin) / error))


def cochrans_q(answers: pd.DataFrame) -> dict:
    """Cochran's (1950) Q: the test that several conditions are right equally often on the same items.

    Args:
        answers: (items, conditions) booleans. Items with a missing answer are left out and counted in the
            note.

    Returns:
        statistic, df, p, n (items), method, note. If the conditions differ on no item, there is no test.
    """
    whole = answers.dropna().astype(bool)
    left_out = len(answers) - len(whole)
    lost = f"{left_out} items that not all conditions have, left out" if left_out else ""
    row = {"statistic": None, "df": whole.shape[1] - 1, "p": None, "n": len(whole), "method": "Cochran's Q"}
    if not (whole.nunique(axis=1) > 1).any():
        return {**row, "note": noted("no item on which the conditions differ, no test", lost)}
    tested = cochrans_q_test(whole.astype(int).to_numpy())
    row |= {"statistic": float(tested.statistic), "p": float(tested.pvalue)}
    return {**row, "note": lost}


def power(difference: float, discordant: float, n: int, alpha: float = ALPHA) -> float:
    """Power of the exact McNemar test, summed over all outcomes.

    Args:
        difference: true difference of the two rates.
        discordant: true share of discordant pairs, at least the size of the difference.
        n: items.
    """
    counts, chances = _discordant(discordant, n)
    limit = binom.ppf(alpha / 2, counts, 0.5)  # the test rejects if the smaller count is at most this
    limit = limit - (binom.cdf(limit, counts, 0.5) > alpha / 2)
    share = _share(difference, discordant)
    rejected = binom.cdf(limit, counts, share) + binom.sf(counts - limit - 1, counts, share)
    return float(chances @ rejected)


def minimum_detectable(
    discordant: float, n: int, wanted: float = POWER, alpha: float = ALPHA
) -> float | None:
    """The smallest true paired difference that the exact McNemar test detects with the wanted power.

    The difference cannot exceed the share of discordant pairs. None if the test lacks the power even there.
    """
    if n == 0 or discordant <= 0 or power(discordant, discordant, n, alpha) < wanted:
        return None
    return float(brentq(lambda difference: power(difference, discordant, n, alpha) - wanted, 0.0, discordant))


def equivalence_power(
    margin: float, discordant: float, n: int, difference: float = 0.0, alpha: float = ALPHA
) -> float:
    """How often `equivalence` holds at level alpha, summed over all outcomes.

    This is the test's power at a true difference of zero, and its size at a true difference of the margin.

    Args:
        discordant: true share of discordant pairs.
        difference: true difference of the two rates.
    """
    counts, chances = _discordant(discordant, n)
    total, only_first = np.meshgrid(counts, np.arange(counts.max() + 1), indexing="ij")
    possible = np.where(only_first <= total, only_first, 0)
    centre, error = bonett_price(possible, total - possible, n)
    holds = (abs(centre) + norm.ppf(1 - alpha) * error <= margin) & (only_first <= total)
    split = binom.pmf(only_first, total, _share(difference, discordant))
    return float(chances @ (split * holds).sum(axis=1))


def _discordant(share: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The likely counts of discordant pairs, and the probability of each."""
    low, high = binom.ppf(UNLIKELY, n, share), binom.isf(UNLIKELY, n, share)
    counts = np.arange(int(low), int(high) + 1)
    return counts, binom.pmf(counts, n, share)


def _share(difference: float, discordant: float) -> float:
    """Share of the discordant pairs that only the first got right. Without such pairs any value serves."""
    return (1 + difference / discordant) / 2 if discordant else 0.5
