"""What the means of ratings imply if the single ratings are unknown: the scale has ends, and they bound it.

The variance of ratings with a known mean is at most that of ratings at both ends of the scale alone. It
follows how wide a t interval can be at most. Hoeffding's inequality gives an interval that holds for any
ratings and any number of raters. The ratings of one person may depend on each other; persons are independent.
"""

from itertools import product
from math import ceil, exp, log, sqrt
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from tracelib.stats.estimate import Estimate, estimated
from tracelib.stats.proportions import CONFIDENCE

WIDEST = "widest possible t interval"
GUARANTEED = "Hoeffding's interval"
ALWAYS = "whatever the ratings"
ROUNDING = 1e-12  # a variance below this is zero
CHANCES = 1001  # chances that are tried


class Scale(NamedTuple):
    """A rating scale: its lowest and highest point. Ratings are the whole numbers in between."""

    low: int = 1
    high: int = 5

    @property
    def width(self) -> int:
        return self.high - self.low

    def share(self, mean: float) -> float:
        """Where a mean lies between the ends, from 0 to 1."""
        return (mean - self.low) / self.width


LIKERT = Scale()


# --- How much ratings can vary ----------------------------------------------------------------


def greatest_variance(mean: float, scale: Scale = LIKERT) -> float:
    """The greatest variance of ratings with this mean (Bhatia and Davis 2000).

    Ratings at the two ends of the scale alone have it.
    """
    return (scale.high - mean) * (mean - scale.low)


def greatest_variance_of_difference(first: float, second: float, scale: Scale = LIKERT) -> float:
    """The greatest variance of the difference of two ratings by one person, from the two means.

    If all ratings are at an end of the scale, a difference is zero or the whole width. The marginal shares
    bound how often the two ratings differ (Frechet 1951).
    """
    both = scale.share(first) + scale.share(second)
    return scale.width**2 * min(both, 2 - both) - (first - second) ** 2


def shares_of_top(mean: float, scale: Scale = LIKERT) -> tuple[float, float]:
    """The smallest and the largest share of ratings at the top that this mean allows."""
    return max(0.0, mean - (scale.high - 1)), scale.share(mean)


def cliffs_delta_range(first: float, second: float, scale: Scale = LIKERT) -> tuple[float, float]:
    """The smallest and the largest Cliff's delta of two groups of ratings with these means.

    Delta is linear in the shares of ratings of either group. So its extremes are at distributions with two
    points each.
    """
    pairs = product(_two_points(first, scale), _two_points(second, scale))
    deltas = [_delta(*pair) for pair in pairs]
    return min(deltas), max(deltas)


def _two_points(mean: float, scale: Scale) -> list[dict[int, float]]:
    """The distributions of two ratings with this mean: rating -> share."""
    ratings = range(scale.low, scale.high + 1)
    around = product([r for r in ratings if r <= mean], [r for r in ratings if r > mean])
    found = [{low: (high - mean) / (high - low), high: (mean - low) / (high - low)} for low, high in around]
    return found or [{scale.high: 1.0}]


def _delta(first: dict[int, float], second: dict[int, float]) -> float:
    pairs = product(first.items(), second.items())
    return sum(p * q * ((a > b) - (a < b)) for (a, p), (b, q) in pairs)


# --- Intervals --------------------------------------------------------------------------------


def widest_mean(mean: float, n: int, scale: Scale = LIKERT) -> Estimate:
    """A mean of n raters with the widest t interval that any ratings can give.

    Returns:
        estimate, low, high (points of the scale, cut at its ends), n, method, note.
    """
    return _cut(_widest(mean, greatest_variance(mean, scale), n), scale.low, scale.high)


def widest_difference(first: float, second: float, n: int, paired: bool, scale: Scale = LIKERT) -> Estimate:
    """The difference of two means, first minus second, with the widest t interval that any ratings can give.

    Args:
        n: the raters of each mean.
        paired: whether the same persons rated both.

    Returns:
        As `widest_mean`, with the largest p that a t test of no difference can give.
    """
    if paired:
        variance = greatest_variance_of_difference(first, second, scale)
    else:  # Welch's degrees of freedom are at least those of one group
        variance = greatest_variance(first, scale) + greatest_variance(second, scale)
    row = _widest(first - second, variance, n)
    if row["note"]:
        return row | {"p": None}
    p = 2 * float(stats.t.sf(abs(first - second) / sqrt(variance / (n - 1)), n - 1))
    return _cut(row | {"p": p}, -scale.width, scale.width)


def _widest(middle: float, variance: float, n: int) -> Estimate:
    if n < 2 or variance < ROUNDING:
        why = "one rater" if n < 2 else "all ratings are at an end of the scale"
        return estimated(middle, None, None, n, WIDEST, f"{why}, no interval")
    # The greatest sample variance is n / (n - 1) times the greatest variance of the shares.
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)) * sqrt(variance / (n - 1))
    return estimated(middle, middle - half, middle + half, n, WIDEST)


def _cut(row: Estimate, lowest: float, highest: float) -> Estimate:
    if row["low"] is None:
        return row
    return row | {"low": max(lowest, row["low"]), "high": min(highest, row["high"])}


def guaranteed_mean(mean: float, n: int, scale: Scale = LIKERT) -> Estimate:
    """A mean of n raters with an interval that holds whatever the ratings (Hoeffding 1963, theorem 1).

    Returns:
        estimate, low, high (points of the scale), n, method, note.
    """
    low, high = (scale.low + scale.width * end for end in _hoeffding(scale.share(mean), n))
    return estimated(mean, low, high, n, GUARANTEED, ALWAYS)


def guaranteed_difference(
    first: float, second: float, n: int, paired: bool, scale: Scale = LIKERT
) -> Estimate:
    """The difference of two means with an interval and a p-value that hold whatever the ratings.

    Different persons: with the second scale turned round, all 2n ratings are one sample, and its mean says
    how large the difference is. The same persons: the n differences are a sample, on a scale twice as wide.

    Returns:
        As `guaranteed_mean`, with p.
    """
    share, size = (1 + (first - second) / scale.width) / 2, n if paired else 2 * n
    low, high = (scale.width * (2 * end - 1) for end in _hoeffding(share, size))
    p = min(1.0, 2 * exp(-size * _divergence(share, 0.5)))
    return estimated(first - second, low, high, n, GUARANTEED, ALWAYS, p=p)


def p_at_the_ends(gap: float, n: int, paired: bool, scale: Scale = LIKERT) -> float:
    """The largest exact p-value of a difference of means if all ratings are at an end of the scale.

    Without a true difference, a rater's (or, with different persons, a pair's) difference is one width up or
    down, equally often, or zero. The p-value is the largest over all chances of zero: at least a half if
    different persons rate.
    """
    least = ceil(n * abs(gap) / scale.width - ROUNDING)
    moving = np.linspace(0, 1.0 if paired else 0.5, CHANCES)
    steps = np.column_stack([moving / 2, 1 - moving, moving / 2])
    ends = np.fft.irfft(np.fft.rfft(steps, 2 * n + 1) ** n, 2 * n + 1)  # n steps added up
    reached = ends[:, np.abs(np.arange(-n, n + 1)) >= least].sum(axis=1)
    return float(np.clip(reached, 0, 1).max())


def raters_needed(gap: float, paired: bool, scale: Scale = LIKERT) -> int:
    """How many raters of each mean make `guaranteed_difference` significant at 5%."""
    share = (1 + gap / scale.width) / 2
    apart = log(2 / (1 - CONFIDENCE)) / _divergence(share, 0.5)
    return ceil(apart if paired else apart / 2)


def _hoeffding(share: float, n: int) -> tuple[float, float]:
    """The expected shares that a mean share of n values in [0, 1] does not contradict."""
    most = log(2 / (1 - CONFIDENCE)) / n

    def apart(expected: float) -> float:
        return _divergence(share, expected) - most

    tiny = 1e-12
    low = 0.0 if share == 0 or apart(tiny) < 0 else brentq(apart, tiny, share)
    high = 1.0 if share == 1 or apart(1 - tiny) < 0 else brentq(apart, share, 1 - tiny)
    return low, high


def _divergence(share: float, expected: float) -> float:
    """Kullback and Leibler's divergence of two shares."""
    parts = ((share, expected), (1 - share, 1 - expected))
    return sum(p * log(p / q) for p, q in parts if p > 0)


# --- Which means are possible -----------------------------------------------------------------


def is_possible(mean: str, n: int, scale: Scale = LIKERT) -> bool:
    """Whether n ratings can have this mean, as it was printed (GRIM: Brown and Heathers 2017).

    The sum of n whole numbers is whole. A half may have been rounded up or down.

    Args:
        mean: with its decimals, such as ``"3.39"``.
        n: the number of ratings: persons times ratings per person.
    """
    whole, _, decimals = mean.partition(".")
    unit = 10 ** len(decimals)
    printed = int(whole + decimals)
    least = -(-(2 * printed - 1) * n // (2 * unit))  # rounded up
    most = (2 * printed + 1) * n // (2 * unit)
    return max(least, scale.low * n) <= min(most, scale.high * n)
