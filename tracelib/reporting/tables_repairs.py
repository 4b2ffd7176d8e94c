"""Display tables of the changes from repairing the official metric or the check of traces."""

import pandas as pd

from tracelib.paper import repairs
from tracelib.scoring.metrics import REPAIRS
from tracelib.stats.as_text import p_value, percent, points

TOUCHED = ["model", "condition", "repair", "n", "official", "right to wrong", "wrong to right", "right"]


def touched(turned: pd.DataFrame) -> pd.DataFrame:
    """`repairs.touched`: a row per run and repair, and the share of changed verdicts in percent (Wilson)."""
    return turned[TOUCHED].assign(share=[percent(row) for row in turned.to_dict("records")])


def orders(ranks: pd.DataFrame) -> pd.DataFrame:
    """`repairs.ranked`: the order of conditions under each repair and all repairs, a column per model."""
    variants = ["official", *REPAIRS, repairs.name(frozenset(REPAIRS))]
    wide = ranks.pivot(index="variant", columns="model", values="order")
    return wide.loc[variants].reset_index()


def changes(found: pd.DataFrame) -> pd.DataFrame:
    """`specifications.changes`: how far the exact check changes a difference, a row per model."""
    moved = [points(row) for row in found.to_dict("records")]
    columns = ["model", "n", "change, points [95% interval]", "method"]
    return found.assign(**{columns[2]: moved})[columns]


def against_official(found: pd.DataFrame) -> pd.DataFrame:
    """`repairs.against_official`: the corrected minus the official accuracy, a row per run."""
    rows = found.to_dict("records")
    return found[["model", "condition", "n"]].assign(
        **{"corrected − official": [points(row) for row in rows], "p": [p_value(row["p"]) for row in rows]}
    )


def contrasts(found: pd.DataFrame) -> pd.DataFrame:
    """`repairs.contrasts`: differences of conditions under both metrics, in points, and the change."""
    shown = found[["model"]].assign(comparison=found["first"] + " − " + found["second"])
    for column, name in (("official", "official"), ("corrected", "variant")):
        shown[column] = [f"{100 * gap:+.1f}" for gap in found[name]]
    shown["change [95% interval]"] = [points(row) for row in found.to_dict("records")]
    return shown.assign(n=found["n"])
