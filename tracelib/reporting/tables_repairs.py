"""Tables of `tracelib.paper.repairs` for people: what repairing the official metric changes."""

import pandas as pd

from tracelib.paper import repairs
from tracelib.scoring.metrics import REPAIRS
from tracelib.stats.as_text import percent

TOUCHED = ["model", "condition", "repair", "n", "official", "right to wrong", "wrong to right", "right"]


def touched(turned: pd.DataFrame) -> pd.DataFrame:
    """`repairs.touched`: a row per run and repair, with the share of outputs turned in percent (Wilson)."""
    return turned[TOUCHED].assign(share=[percent(row) for row in turned.to_dict("records")])


def orders(ranks: pd.DataFrame) -> pd.DataFrame:
    """`repairs.ranked`: the order of conditions under each repair alone and all, a column per model."""
    variants = ["official", *REPAIRS, repairs.name(frozenset(REPAIRS))]
    wide = ranks.pivot(index="variant", columns="model", values="order")
    return wide.loc[variants].reset_index()
