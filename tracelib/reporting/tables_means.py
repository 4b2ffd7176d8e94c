"""Display tables of `tracelib.paper.published_means`."""

import pandas as pd

from tracelib.core.frames import where
from tracelib.paper.published_means import PEOPLE, SIZES
from tracelib.stats import bounded
from tracelib.stats.as_text import decimal, p_value, percentage, plain

RATED_BY = {False: "different people", True: "the same people"}  # paired -> in words
METHODS = (bounded.WIDEST, bounded.GUARANTEED)


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
                "exact p, all ratings 1 or 5": p_value(widest["p_ends"]),
            }
        )
    return pd.DataFrame(rows)


def _ends(row: pd.Series) -> str:
    return f"[{row['low']:.2f}, {row['high']:.2f}]"


def means(means: pd.DataFrame, distributions: pd.DataFrame) -> pd.DataFrame:
    """A row per stated mean: its intervals, and what it says of the ratings."""
    rows = []
    for of in distributions.to_dict("records"):
        own = where(means, scale=of["scale"], kind=of["kind"])
        intervals = {
            f"{n} people [{name}]": _ends(where(own, n=n, method=method).iloc[0])
            for n in SIZES
            for method, name in zip(METHODS, ("widest t", "Hoeffding"), strict=True)
        }
        top = f"{percentage(of['top_low'])} to {percentage(of['top_high'])}"
        spread = {"greatest standard deviation": decimal(of["sd"]), "percent that rated 5": top}
        rows.append({"scale": of["scale"], "kind": of["kind"], "mean": of["mean"]} | intervals | spread)
    return pd.DataFrame(rows)


def possible(possible: pd.DataFrame) -> pd.DataFrame:
    """A row per stated mean: which numbers of single ratings up to 100 can have it."""
    return pd.DataFrame(
        {
            "scale": possible["scale"],
            "kind": possible["kind"],
            "mean": possible["mean"],
            f"numbers of ratings up to {PEOPLE}": possible["sizes"].map(ranges),
            **{f"of {n} ratings": [_can(n in sizes) for sizes in possible["sizes"]] for n in SIZES},
        }
    )


def _can(possible: bool) -> str:
    return "possible" if possible else "impossible"


def ranges(numbers: list[int]) -> str:
    """Sorted numbers, with runs as ranges: ``1, 3 to 5``."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    pairs = zip(starts, ends, strict=True)
    return ", ".join(f"{low}" if low == high else f"{low} to {high}" for low, high in pairs)
