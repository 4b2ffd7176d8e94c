"""Signal detection: do people tell right answers from wrong ones, and how readily do they accept any?

A right answer is a signal, accepting it is a hit, accepting a wrong one a false alarm. Sensitivity d' is the
distance of the two rates in normal quantiles; the criterion c is minus their middle: below zero people accept
more than half of what they cannot tell (Macmillan and Creelman 2005). Half a decision is added to either
side, so that rates of zero and one have quantiles (Hautus 1995). Decisions of all participants are pooled: if
their criteria differ, the pooled d' is smaller than that of a single person.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from tracelib.stats import bootstrap
from tracelib.stats.dominance import RESAMPLES
from tracelib.stats.estimate import INTERVAL, prefixed
from tracelib.stats.proportions import clustered_wilson

METHOD = "log-linear correction"
CELLS = ((True, True), (True, False), (False, True), (False, False))  # (answer right, accepted)


def rates(decisions: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """How often right and wrong answers are accepted in each arm, clustered on the participant.

    Args:
        decisions: columns participant, arm, answer_right and accepted (booleans).

    Returns:
        A row per arm and truth: arm, answer ("right" or "wrong"), estimate, low, high, n (participants),
        outputs (decisions), method, note.
    """
    rows = []
    for arm in arms:
        for right, answer in ((True, "right"), (False, "wrong")):
            part = decisions[(decisions["arm"] == arm) & (decisions["answer_right"] == right)]
            people = part.groupby("participant")["accepted"].agg(["sum", "count"])
            rows.append({"arm": arm, "answer": answer} | clustered_wilson(people["sum"], people["count"]))
    return pd.DataFrame(rows)


def sensitivity(
    decisions: pd.DataFrame, arms: Sequence[str], resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """d' and c in each arm, and how much they differ from the first arm, by a participant bootstrap.

    Args:
        decisions: as in `rates`.
        arms: what stood beside the answer; the first is what the others are compared with.

    Returns:
        A row per arm: arm, estimate (d'), low, high, c, c_low, c_high, d_more, d_more_low, d_more_high (d'
        minus that of the first arm), c_more, c_more_low, c_more_high, n (decisions), clusters (participants),
        method, note.
    """
    cells = np.concatenate([_cells(decisions, arm) for arm in arms], axis=1).astype(int)
    one_arm = (decisions.groupby("participant")["arm"].nunique() == 1).all()
    strata = decisions["arm"] if one_arm else None
    drawn = bootstrap.cluster_sums(cells, decisions["participant"], strata, resamples, seed)
    d, c = _measures(cells.sum(axis=0).reshape(1, len(arms), 4))
    d_drawn, c_drawn = _measures(drawn.reshape(-1, len(arms), 4))
    rows = []
    for place, arm in enumerate(arms):
        part = decisions[decisions["arm"] == arm]
        size = {"n": len(part), "clusters": part["participant"].nunique()}
        row = bootstrap.interval(d[0, place], d_drawn[:, place], **size)
        row["method"] += f", {METHOD}"
        row |= prefixed("c", bootstrap.interval(c[0, place], c_drawn[:, place], **size))
        for name, seen, resampled in (("d_more", d, d_drawn), ("c_more", c, c_drawn)):
            gap, apart = seen[0, place] - seen[0, 0], resampled[:, place] - resampled[:, 0]
            more = bootstrap.interval(gap, apart, **size) if place else dict.fromkeys(INTERVAL)
            row |= prefixed(name, more)
        rows.append({"arm": arm, **row})
    return pd.DataFrame(rows)


def _cells(decisions: pd.DataFrame, arm: str) -> np.ndarray:
    """A column per cell of `CELLS`, one where a decision is in this arm and cell: (decisions, 4)."""
    right, accepted = (decisions[name].to_numpy(bool) for name in ("answer_right", "accepted"))
    own = (decisions["arm"] == arm).to_numpy()
    return np.column_stack([own & (right == is_right) & (accepted == taken) for is_right, taken in CELLS])


def _measures(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """d' and c of counts by `CELLS`, (..., 4). NaN without right answers, or without wrong ones."""
    accepted, rejected = counts[..., ::2], counts[..., 1::2]
    of = accepted + rejected
    quantiles = norm.ppf((accepted + 0.5) / (of + 1))
    quantiles = np.where((of > 0).all(axis=-1, keepdims=True), quantiles, np.nan)
    return quantiles[..., 0] - quantiles[..., 1], -quantiles.mean(axis=-1)
