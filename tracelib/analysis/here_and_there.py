"""Compare effects in the models trained here with the same effects in other models."""

from collections.abc import Mapping

import pandas as pd

from tracelib.analysis.effects import pattern, side
from tracelib.stats.estimate import INTERVAL

COLUMNS = (
    "setting", "first", "second", *INTERVAL, "model", "n_there", *(f"{name}_there" for name in INTERVAL),
    "pattern",
)  # fmt: skip


def contrasts(here: pd.DataFrame, there: pd.DataFrame, datasets: Mapping[str, str]) -> pd.DataFrame:
    """Each contrast of a setting beside the same contrast of every other model on the matching dataset.

    Args:
        here: rows of `effects.contrasts`.
        there: rows of `tracelib.analysis.comparison.compare_conditions`, of one or several datasets.
        datasets: setting -> the dataset in `there` that its problems imitate.

    Returns:
        `COLUMNS`, a row per contrast and other model. Columns ending in _there are the other model's; pattern
        says whether both show the same after Holm's correction (`effects.pattern`).
    """
    rows = []
    for mine in here.to_dict("records"):
        same = there["first"].eq(mine["first"]) & there["second"].eq(mine["second"])
        same &= there["dataset"].eq(datasets[mine["setting"]])
        for theirs in there[same].to_dict("records"):
            row = {name: mine[name] for name in ("setting", "first", "second", *INTERVAL)}
            row |= {"model": theirs["model"], "n_there": theirs["n"]}
            row |= {f"{name}_there": theirs[name] for name in INTERVAL}
            rows.append(row | {"pattern": pattern(side(mine), side(theirs))})
    return pd.DataFrame(rows, columns=COLUMNS)


def patterns(beside: pd.DataFrame) -> str:
    """How often each pattern occurs in the rows of `contrasts`, as a phrase."""
    counted = beside["pattern"].value_counts()
    return "; ".join(f"{name}: {n}" for name, n in counted.items()) or "nothing to compare"
