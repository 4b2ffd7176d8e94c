"""Display tables of `tracelib.analysis.item_analysis`."""

import pandas as pd

from tracelib.stats.as_text import p_value, percent


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """A table of counts without notes: expected counts have one decimal, columns are named in words."""
    return rows.drop(columns="note").round(1).rename(columns=_in_words)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def disputed(rows: pd.DataFrame) -> pd.DataFrame:
    """`item_analysis.disputed`: disputed gold answers per reading, and the difference in points."""
    counts = rows[["reading", "never_disputed", "never", "others_disputed", "others"]]
    points = [percent(row) for row in rows.to_dict("records")]
    tested = {"points [95% interval]": points, "p (Holm)": rows["p_holm"].map(p_value)}
    return counts.assign(**tested).rename(columns=_in_words)


def disputed_by_pattern(rows: pd.DataFrame) -> pd.DataFrame:
    """`item_analysis.disputed_by_pattern`: shares in percent with Wilson intervals."""
    shares = [percent(row) for row in rows.to_dict("records")]
    shown = rows.assign(**{"percent [95% Wilson]": shares})
    return shown[["pattern", "n", "disputed", "percent [95% Wilson]", "causes"]]
