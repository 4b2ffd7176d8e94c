"""Compare ratings of kinds without a model: Cliff's delta and means by a participant bootstrap, rank tests.

A row of `ratings` is one answer: participant, kind, rating. Answers of one participant depend on each other;
participants are independent. If every participant has rated one kind alone, participants are drawn within the
kinds.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from tracelib.stats import bootstrap
from tracelib.stats.estimate import Estimate, not_estimated, noted, prefixed

RESAMPLES = 4000
Pairs = Sequence[tuple[str, str]]


def distributions(ratings: pd.DataFrame, resamples: int = RESAMPLES, seed: int = 0) -> pd.DataFrame:
    """The mean rating of each kind, with a participant bootstrap, and how often each rating was given.

    Returns:
        A row per kind: kind, estimate (mean), low, high, n (answers), clusters, method, note, and a column
        per rating with its count.
    """
    counted = _Counted.of(ratings, resamples, seed)
    rows = []
    for kind in counted.kinds:
        observed, drawn = counted.observed[kind], counted.drawn[kind]
        people = ratings.loc[ratings["kind"] == kind, "participant"].nunique()
        row = bootstrap.interval(
            _mean(observed, counted.levels)[0], _mean(drawn, counted.levels), int(observed.sum()), people
        )
        counts = dict(zip(counted.levels.tolist(), observed[0].astype(int).tolist(), strict=True))
        rows.append({"kind": kind, **row, **counts})
    return pd.DataFrame(rows)


def dominance(ratings: pd.DataFrame, pairs: Pairs, resamples: int = RESAMPLES, seed: int = 0) -> pd.DataFrame:
    """Cliff's delta (1993) of pairs of kinds, and the difference of their means, by a participant bootstrap.

    Delta is how often an answer about the first kind is above one about the second, minus how often it is
    below, over all pairs of answers. The test is over participants' mean ratings: Wilcoxon's signed ranks if
    participants have rated both kinds, else Mann and Whitney's.

    Returns:
        A row per pair: first, second, estimate (delta), low, high, n (answers), clusters (participants),
        points, points_low, points_high (difference of means), p, method, note.
    """
    counted = _Counted.of(ratings, resamples, seed)
    rows = []
    for first, second in pairs:
        both = ratings[ratings["kind"].isin([first, second])]
        rows.append({"first": first, "second": second, **_compared(both, counted, first, second)})
    return pd.DataFrame(rows)


def _compared(both: pd.DataFrame, counted: "_Counted", first: str, second: str) -> dict:
    """The row of a pair of kinds, from the answers about these two."""
    size = {"n": len(both), "clusters": both["participant"].nunique()}
    if missing := [kind for kind in (first, second) if kind not in counted.kinds]:
        row = not_estimated(method="Cliff's delta", note=f"no ratings of {missing[0]}", p=None, **size)
        return row | prefixed("points", row)
    observed, drawn = (
        [counts[kind] for kind in (first, second)] for counts in (counted.observed, counted.drawn)
    )
    delta, gap = (
        bootstrap.interval(of(*observed, counted.levels)[0], of(*drawn, counted.levels), **size)
        for of in (_delta, _gap)
    )
    tested = _ranked(both, first, second)
    method = f"Cliff's delta, {delta['method']}; {tested['method']}"
    note = noted(delta["note"], tested["note"])
    return delta | prefixed("points", gap) | {"p": tested["p"], "method": method, "note": note}


class _Counted(NamedTuple):
    """Counts of ratings by kind: as observed, (1, levels), and in resamples of participants."""

    kinds: list[str]
    levels: np.ndarray
    observed: dict[str, np.ndarray]
    drawn: dict[str, np.ndarray]

    @classmethod
    def of(cls, ratings: pd.DataFrame, resamples: int, seed: int) -> "_Counted":
        """Draw participants; if each has rated one kind, within the kinds."""
        if ratings.empty:
            return cls([], np.array([]), {}, {})
        kinds, levels = sorted(ratings["kind"].unique()), np.sort(ratings["rating"].unique())
        kind = pd.Categorical(ratings["kind"], kinds).codes
        cell = kind * len(levels) + np.searchsorted(levels, ratings["rating"])
        chosen = np.eye(len(kinds) * len(levels), dtype=np.int64)[cell]
        strata = ratings["kind"] if is_between(ratings) else None
        drawn = bootstrap.cluster_sums(chosen, ratings["participant"], strata, resamples, seed)
        split = [
            dict(zip(kinds, np.split(sums, len(kinds), axis=1), strict=True))
            for sums in (chosen.sum(axis=0, keepdims=True), drawn)
        ]
        return cls(kinds, levels, *split)


def is_between(ratings: pd.DataFrame) -> bool:
    """Whether every participant has rated one kind alone."""
    return bool((ratings.groupby("participant")["kind"].nunique() == 1).all())


def _mean(counts: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return bootstrap.divided(counts @ levels, counts.sum(axis=1))


def _gap(first: np.ndarray, second: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return _mean(first, levels) - _mean(second, levels)


def _delta(first: np.ndarray, second: np.ndarray, levels: np.ndarray) -> np.ndarray:
    signs = np.sign(np.subtract.outer(levels, levels))
    above = np.einsum("ri,ij,rj->r", first, signs, second)
    return bootstrap.divided(above, first.sum(axis=1) * second.sum(axis=1))


# --- Ranks ------------------------------------------------------------------------------------


def ranks(ratings: pd.DataFrame) -> Estimate:
    """Test that all kinds are rated alike, over participants' mean ratings of each kind.

    Friedman's test over the participants who have rated all kinds; or Kruskal and Wallis's if every
    participant has rated one kind alone.

    Returns:
        statistic, df, p, n (participants), method, note. There is no estimate.
    """
    means = ratings.groupby(["participant", "kind"])["rating"].mean()
    return _kruskal(means) if is_between(ratings) else _friedman(means.unstack("kind"))


def _kruskal(means: pd.Series) -> Estimate:
    groups = [part.to_numpy() for _, part in means.groupby(level="kind")]
    method = "Kruskal-Wallis over participants' means"
    if len(groups) < 2:
        return _untested(len(means), method, "one kind alone, no test")
    if means.nunique() == 1:
        return _untested(len(means), method, "all participants' means are alike, no test")
    return _untested(len(means), method) | _tested(stats.kruskal(*groups), len(groups))


def _friedman(means: pd.DataFrame) -> Estimate:
    """Friedman's test of a table with a row per participant and a column per kind."""
    whole = means.dropna()
    method = "Friedman over participants' means"
    lost = len(means) - len(whole)
    note = f"{lost} participants have not rated all kinds, left out" if lost else ""
    if whole.shape[1] < 3:
        return _untested(len(whole), method, "fewer than three kinds, no test")
    if len(whole) < 2:
        return _untested(len(whole), method, noted("fewer than two participants, no test", note))
    if (whole.nunique(axis=1) == 1).all():
        return _untested(len(whole), method, noted("every participant rates all kinds alike, no test", note))
    found = stats.friedmanchisquare(*whole.to_numpy().T)
    return _untested(len(whole), method, note) | _tested(found, whole.shape[1])


def _untested(n: int, method: str, note: str = "") -> Estimate:
    return {"n": n, "statistic": None, "df": None, "p": None, "method": method, "note": note}


def _tested(found, kinds: int) -> dict:
    return {"statistic": float(found.statistic), "df": kinds - 1, "p": float(found.pvalue)}


def _ranked(ratings: pd.DataFrame, first: str, second: str) -> dict:
    """The rank test of two kinds: p, method, note."""
    means = ratings.groupby(["participant", "kind"])["rating"].mean().unstack("kind")
    if is_between(ratings):
        found = stats.mannwhitneyu(means[first].dropna(), means[second].dropna())
        return {"p": float(found.pvalue), "method": "Mann-Whitney over participants' means", "note": ""}
    gaps = (means[first] - means[second]).dropna()
    row = {"p": None, "method": "Wilcoxon over participants' means", "note": ""}
    if not gaps.any():
        return row | {"note": "no participant tells the kinds apart, no test"}
    return row | {"p": float(stats.wilcoxon(gaps).pvalue)}
