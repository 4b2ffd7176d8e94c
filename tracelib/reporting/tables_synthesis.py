"""Display tables of `tracelib.paper.synthesis`, `clustered` and `sharing`: points with intervals."""

import pandas as pd

from tracelib.paper import clustered, sharing
from tracelib.paper.synthesis import DATASETS
from tracelib.reporting.tables import without_empty_notes
from tracelib.stats.as_text import p_value, percent
from tracelib.stats.estimate import unprefixed

ABSENT = "–"


def rows_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Every row of the synthesis: its source, its interval and method, and whether it is combined."""
    shown = []
    for row in rows.to_dict("records"):
        bounds = [_interval(row, f"_{end}") for end in ("fewest", "most")]
        shown.append(
            {
                "source": row["source"],
                "model": row["model"],
                "test problems": f"{DATASETS[row['dataset']]}, {row['training']}",
                "metric": row["metric"],
                "n": row["n"],
                "runs": row["runs"],
                "points": percent(row),
                "interval": row["method"],
                "fewest discordant": bounds[0],
                "most discordant": bounds[1],
                "combined": "yes" if row["combined"] else "",
                "note": row["note"],
            }
        )
    return without_empty_notes(pd.DataFrame(shown))


def _interval(row: dict, suffix: str) -> str:
    """The limits of an interval; a dash if it has none."""
    if pd.isna(row[f"low{suffix}"]):
        return ABSENT
    return f"[{100 * row[f'low{suffix}']:.1f}, {100 * row[f'high{suffix}']:.1f}]"


def _ends(row: dict, name: str) -> dict:
    return {end: row[f"{name}_{end}"] for end in ("low", "high")}


def sensitivity_table(found: pd.DataFrame) -> pd.DataFrame:
    """Combined estimates under other choices of rows."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "rows": found["rows"],
            "k": found["n"],
            "points": [percent(row) for row in rows],
            "prediction interval": [_interval(_ends(row, "predicted"), "") for row in rows],
            "tau": [percent(unprefixed("tau", row)) for row in rows],
            "p, lower by 5 or more": found["p_5"].map(p_value),
            "p, lower by 3 or more": found["p_3"].map(p_value),
            "note": found["note"],
        }
    ).pipe(without_empty_notes)


def leave_out_table(found: pd.DataFrame) -> pd.DataFrame:
    """Combined estimates with one cell, model or set of test problems left out."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "one": found["by"],
            "left out": found["left_out"],
            "k": found["n"],
            "points": [percent(row) for row in rows],
            "prediction interval": [_interval(_ends(row, "predicted"), "") for row in rows],
            "note": found["note"],
        }
    ).pipe(without_empty_notes)


def non_inferiority_table(found: pd.DataFrame) -> pd.DataFrame:
    """One-sided p-values for the hypothesis that the second condition is lower by a margin or more."""
    return pd.DataFrame(
        {
            "model": found["model"],
            "test problems": found["dataset"].map(DATASETS) + ", " + found["training"],
            "metric": found["metric"],
            "points": [percent(row) for row in found.to_dict("records")],
            **{
                f"{name}, {margin} points": found[f"{key}_{margin}"].map(p_value)
                for margin in ("5", "3")
                for name, key in (("p", "p"), ("Holm", "p_holm"))
            },
        }
    )


def bayesian_table(found: pd.DataFrame) -> pd.DataFrame:
    """The posterior of the mean effect under each prior, and three probabilities."""
    return pd.DataFrame(
        {
            "prior sd of the mean": (100 * found["mu_sd"]).map("{:.0f}".format),
            "prior scale of tau": (100 * found["tau_sd"]).map("{:.0f}".format),
            "k": found["n"],
            "points [95% credible]": [percent(row) for row in found.to_dict("records")],
            **{
                title: found[name].map(chance)
                for title, name in (
                    ("mean above zero", "mean_positive"),
                    ("mean within 3 points of zero", "mean_close"),
                    ("a further cell within 3 points", "new_close"),
                )
            },
            "a further cell, 95%": [
                _interval(_ends(row, "predicted"), "") for row in found.to_dict("records")
            ],
        }
    )


def chance(probability: float) -> str:
    """A probability in percent; a value close to 0 or 100 is written as below 0.1% or over 99.9%."""
    if 0.001 <= probability <= 0.999:
        return f"{100 * probability:.1f}%"
    return "over 99.9%" if probability > 0.5 else "below 0.1%"


def clustered_table(found: pd.DataFrame) -> pd.DataFrame:
    """Intervals from resampled problems and subjects, and the methods that tell a difference from zero."""
    rows = found.to_dict("records")
    told = [[words for name, words in clustered.WAYS.items() if row[f"told_{name}"]] for row in rows]
    return pd.DataFrame(
        {
            "metric": found["metric"],
            "model": found["model"],
            "comparison": found["first"] + " − " + found["second"],
            "points [Bonett-Price]": [percent(row) for row in rows],
            "problems drawn": [_interval(row, "_problems") for row in rows],
            "subjects drawn": [_interval(row, "_subjects") for row in rows],
            "ratio of widths": [ABSENT if pd.isna(width) else f"{width:.2f}" for width in found["widths"]],
            "p (McNemar)": found["p"].map(p_value),
            "told from zero by": [
                "all four" if len(ways) == len(clustered.WAYS) else ", ".join(ways) or "none" for ways in told
            ],
            "note": found["note"],
        }
    ).pipe(without_empty_notes)


def sharing_table(counted: pd.DataFrame, rests_on: pd.DataFrame) -> pd.DataFrame:
    """How many test problems share something with training problems: a row per dataset and kind."""
    there = rests_on.groupby("dataset")["trained"].sum()
    rows = [
        {
            "dataset": DATASETS[row["dataset"]],
            "training problems there": f"{there[row['dataset']]:,}",
            "shared": sharing.KINDS[row["kind"]],
            "test problems": f"{row['problems']} of {row['n']}",
            "percent": f"{100 * row['problems'] / row['n']:.1f}",
        }
        for row in counted[counted["category"] == "all"].to_dict("records")
    ]
    return pd.DataFrame(rows)


def apart_table(found: pd.DataFrame) -> pd.DataFrame:
    """Differences on test problems that share something with training problems, and on the others."""
    return pd.DataFrame(
        {
            "dataset": found["dataset"].map(DATASETS),
            "model": found["model"],
            "shared": found["kind"].map(sharing.KINDS),
            "problems": found["shared"].map({True: "sharing", False: "not sharing"}),
            "n": found["n"],
            "points": [percent(row) for row in found.to_dict("records")],
            "p": found["p"].map(p_value),
            "p (Holm)": found["p_holm"].map(p_value),
        }
    )
