"""Effects over seeds as people read them: rows of `tracelib.effects`, in percent and points."""

import pandas as pd

from tracelib.effects import MEASURES
from tracelib.tables import p_value, percent


def rates(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.by_condition`: a row per condition, a column per measure, percent with t intervals."""
    shown = []
    for (group, condition), part in rows.groupby([by, "condition"], sort=False):
        found = {MEASURES[row["measure"]]: percent(row) for row in part.to_dict("records")}
        first = part.iloc[0]
        shown.append(
            {by: group, "condition": condition, "seeds": first["n"], "items per seed": first["items"]} | found
        )
    return pd.DataFrame(shown)


def contrasts(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.contrasts`: points with the t interval, p-values, equivalence, and the check within seeds."""
    shown = [
        {
            by: row[by],
            "comparison": f"{row['first']} − {row['second']}",
            "seeds": row["n"],
            "points [95% interval]": percent(row),
            "p": p_value(row["p_value"]),
            "p (Holm)": p_value(row["p_holm"]),
            "p, equivalence": p_value(row["p_equivalence"]),
            "seeds where items differ": f"{row['mcnemar']} of {row['n']}",
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return _without_empty_notes(pd.DataFrame(shown))


def association(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.association`: answer right given a right and a wrong trace, and the difference over seeds."""
    shown = [
        {
            by: row[by],
            "trained on": row["condition"],
            "seeds": row["n"],
            "answer right, of right traces": f"{100 * row['given_right']:.1f}",
            "of wrong traces": f"{100 * row['given_wrong']:.1f}",
            "difference [95% interval]": percent(row),
            "p (Holm)": p_value(row["p_holm"]),
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return _without_empty_notes(pd.DataFrame(shown))


def mixed(rows: pd.DataFrame, reference: str) -> pd.DataFrame:
    """`effects.mixed`: points against the reference condition."""
    shown = [
        {
            "comparison": f"{row['condition']} − {reference}",
            "answers": row["n"],
            "points [95% interval]": percent(row),
            "p": p_value(row["p_value"]),
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return _without_empty_notes(pd.DataFrame(shown))


def _without_empty_notes(table: pd.DataFrame) -> pd.DataFrame:
    return table if "note" not in table or table["note"].any() else table.drop(columns="note")
