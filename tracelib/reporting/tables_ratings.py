"""Display tables of `tracelib.analysis.ratings`."""

from collections.abc import Mapping

import pandas as pd

from tracelib.stats.as_text import NONE, decimal, p_value, percent, plain
from tracelib.stats.estimate import noted, unprefixed

Labels = Mapping[str, str]
PAIR = ("measures", "first", "second")
NOTHING = {"estimate": None, "p_holm": None}  # of a pair whose raters are all excluded


def _named(value: str, labels: Labels) -> str:
    return labels.get(value, value)


def _pair(row: Mapping, labels: Labels) -> str:
    return f"{_named(row['first'], labels)} − {_named(row['second'], labels)}"


def questions(rows: pd.DataFrame) -> pd.DataFrame | None:
    """The wording of a study's questions. None if it is not known."""
    if rows.empty:
        return None
    return rows.rename(columns={"answers": "answers, from 1", "turned": "turned round"})


def all_kinds(rows: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """`ratings.all_kinds`: a test per construct."""
    return _without_empty_notes(
        [
            {
                "construct": _named(row["measures"], labels),
                "participants": row["n"],
                "statistic": decimal(row["statistic"]),
                "degrees of freedom": NONE if pd.isna(row["df"]) else int(row["df"]),
                "p": p_value(row["p"]),
                "p (Holm)": p_value(row["p_holm"]),
                "test": row["method"],
                "note": row["note"],
            }
            for row in rows.to_dict("records")
        ]
    )


def pairs(dominance: pd.DataFrame, plain_odds: pd.DataFrame, with_length: pd.DataFrame, labels: Labels):
    """A row per construct and pair of kinds: delta, points, and odds ratios without and with length.

    Args:
        dominance: from `ratings.pairs`.
        plain_odds, with_length: from `ratings.odds_ratios`, without and with length, in the same order.
    """
    columns = zip(*(table.to_dict("records") for table in (dominance, plain_odds, with_length)), strict=True)
    return _without_empty_notes(
        [
            {
                "construct": _named(delta["measures"], labels),
                "pair": _pair(delta, labels),
                "Cliff's delta": plain(delta),
                "points": plain(unprefixed("points", delta)),
                "p (Holm)": p_value(delta["p_holm"]),
                "odds ratio": plain(odds),
                "p (Holm) ": p_value(odds["p_holm"]),
                "odds ratio, same length": plain(length),
                "p (Holm)  ": p_value(length["p_holm"]),
                "note": noted(delta["note"], odds["note"], length["note"]),
            }
            for delta, odds, length in columns
        ]
    )


def without_exclusions(kept: pd.DataFrame, everybody: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """A row per construct and pair of kinds: delta with and without the exclusions.

    Args:
        kept, everybody: from `ratings.pairs`, of included and of all participants who have finished.
    """
    own = {tuple(row[name] for name in PAIR): row for row in kept.to_dict("records")}
    rows = []
    for every in everybody.to_dict("records"):
        found = own.get(tuple(every[name] for name in PAIR), NOTHING)
        rows.append(
            {
                "construct": _named(every["measures"], labels),
                "pair": _pair(every, labels),
                "Cliff's delta": plain(found),
                "p (Holm)": p_value(found["p_holm"]),
                "without exclusions": plain(every),
                "p (Holm) ": p_value(every["p_holm"]),
            }
        )
    return pd.DataFrame(rows)


def agreement(rows: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """`ratings.agreement`: alpha and omega of each construct."""
    if rows.empty:
        return rows
    return pd.DataFrame(
        [
            {
                "construct": _named(name, labels),
                "questions": part["questions"].iloc[0],
                "pages": part["n"].iloc[0],
                **{row["coefficient"]: plain(row) for row in part.to_dict("records")},
            }
            for name, part in rows.groupby("measures", sort=False)
        ]
    )


def trust(acceptance: pd.DataFrame, sensitivity: pd.DataFrame, calibration: pd.DataFrame, labels: Labels):
    """A row per arm: how often answers are accepted, d' and c, their difference to the first, confidence.

    Args:
        acceptance, sensitivity, calibration: from `tracelib.analysis.ratings`.
    """
    accepted = {(row["arm"], row["answer"]): percent(row) for row in acceptance.to_dict("records")}
    sure = {row["arm"]: plain(row) for row in calibration.to_dict("records")}
    return pd.DataFrame(
        [
            {
                "beside the answer": _named(row["arm"], labels),
                "right accepted, %": accepted[row["arm"], "right"],
                "wrong accepted, %": accepted[row["arm"], "wrong"],
                "d′": plain(row),
                "c": plain(unprefixed("c", row)),
                "d′, difference": plain(unprefixed("d_more", row)),
                "c, difference": plain(unprefixed("c_more", row)),
                "confidence, right against wrong": sure.get(row["arm"], NONE),
            }
            for row in sensitivity.to_dict("records")
        ]
    )


def recovered(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """Numbers that were put in or published beside those that came out. None, if none were put in."""
    if rows is None:
        return None
    return pd.DataFrame(
        {
            "quantity": rows["quantity"],
            "expected": rows["expected"].map(_short),
            "found": [_with_ends(row) for row in rows.to_dict("records")],
        }
    )


def _with_ends(row: Mapping) -> str:
    ends = "" if pd.isna(row["low"]) else f" [{_short(row['low'])}, {_short(row['high'])}]"
    return _short(row["estimate"]) + ends


def _short(value: float) -> str:
    """A number to four digits that count."""
    return f"{value:.4g}"


def _without_empty_notes(rows: list[dict]) -> pd.DataFrame:
    """The rows as a table. The column ``note`` is left out if no row has a note."""
    table = pd.DataFrame(rows)
    return table.drop(columns="note") if rows and not any(table["note"]) else table
