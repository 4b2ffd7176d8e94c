"""What repairs change, as people read it."""

import pandas as pd

from tracelib.paper import repairs
from tracelib.reporting import tables_repairs
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def answers(condition: str, official: str, side: str, corrected: str) -> pd.DataFrame:
    """Right (1) and wrong (0) answers of a run under three variants; the other variants are as official."""
    verdicts = {variant: list(map(bool, map(int, official))) for variant in repairs.VARIANTS}
    for name, right in (("side", side), ("corrected", corrected)):
        verdicts[name] = list(map(bool, map(int, right)))
    return pd.DataFrame({"model": "m", "condition": condition, **verdicts})


TABLE = pd.concat([answers("correct", "1110", "1000", "1000"), answers("incorrect", "1100", "1100", "1100")])


def test_what_a_repair_turns_is_shown_with_its_share():
    shown = tables_repairs.touched(repairs.touched(TABLE)).set_index(["condition", "repair"])
    side = shown.loc[("correct", "side")]
    assert side["right to wrong"] == 2
    assert side["right"] == 1
    assert side["share"] == as_text.percent(wilson(2, 4))
    assert shown.loc[("incorrect", "all of them"), "share"] == as_text.percent(wilson(0, 4))


def test_orders_have_a_row_per_repair_and_a_column_per_model():
    shown = tables_repairs.orders(repairs.ranked(TABLE))
    assert shown["variant"].tolist() == ["official", "side", "objects", "echo", "text", "corrected"]
    assert shown["m"].tolist() == [
        "correct > incorrect", "incorrect > correct", *["correct > incorrect"] * 3, "incorrect > correct",
    ]  # fmt: skip
