"""Display tables of `tracelib.paper.published_means`."""

import pandas as pd

from tracelib.core.frames import where
from tracelib.paper.published_means import SIZES
from tracelib.stats import bounded
from tracelib.stats.as_text import NONE, decimal, p_value, percentage, plain

RATED_BY = {False: "different people", True: "the same people"}  # paired -> in words
METHODS = (bounded.WIDEST, bounded.GUARANTEED)
ROUGH = 0.001  # p below this is not printed


def designs(differences: pd.DataFrame) -> pd.DataFrame:
    """A row per design: the difference with both intervals, and three p-values."""
    rows = []
    for (n, paired), part in differences.groupby(["n", "paired"]):
        widest, guaranteed = (part[part["method"] == name].iloc[0] for name in METHODS)
        rows.append(
            {
                "people per kind": n,
                "the kinds were rated by": RATED_BY[paired],
                "difference [widest t interval]": plain(widest),
                "p at most": p_value(widest["p"]),
                "[Hoeffding's interval]": _ends(guaranteed),
                "p (Hoeffding)": p_value(guaranteed["p"]),
                "exact p, all ratings 1 or 5": _exact(widest["p_ends"]),
            }
        )
    return pd.DataFrame(rows)


def _exact(p: float) -> str:
    """A p-value with a digit more, for one that is close to the level."""
    return f"{p:.4f}" if p >= ROUGH else p_value(p)


def _ends(row: pd.Series) -> str:
    return f"[{row['low']:.2f}, {row['high']:.2f}]"


def means(means: pd.DataFrame, distributions: pd.DataFrame) -> pd.DataFrame:
    """A row per stated mean: what it says of the ratings, and its intervals."""
    rows = []
    for of in distributions.to_dict("records"):
        own = where(means, scale=of["scale"], kind=of["kind"])
        intervals = {
            f"{n} people [widest t]": _ends(where(own, n=n, method=bounded.WIDEST).iloc[0]) for n in SIZES
        }
        top = f"{percentage(of['top_low'])} to {percentage(of['top_high'])}"
        spread = {"greatest standard deviation": decimal(of["sd"]), "percent that rated 5": top}
        rows.append({"scale": of["scale"], "kind": of["kind"], "mean": of["mean"]} | spread | intervals)
    return pd.DataFrame(rows)


def possible(possible: pd.DataFrame) -> pd.DataFrame:
    """A row per stated mean: the fewest single ratings that can have it, and whether `SIZES` can."""
    return pd.DataFrame(
        {
            "scale": possible["scale"],
            "kind": possible["kind"],
            "mean": possible["mean"],
            "fewest ratings": [str(min(sizes, default=NONE)) for sizes in possible["sizes"]],
            **{f"of {n} ratings": [_can(n in sizes) for sizes in possible["sizes"]] for n in SIZES},
        }
    )


def _can(possible: bool) -> str:
    return "possible" if possible else "impossible"
