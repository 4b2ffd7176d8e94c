"""Display tables of the changes from repairs."""

import pandas as pd

from tracelib.paper import repairs
from tracelib.reporting import tables_repairs
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def answers(condition: str, official: str, side: str, corrected: str) -> pd.DataFrame:
    """A run's right (1) and wrong (0) answers under three variants; other variants equal the official one."""
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


def test_changes_of_accuracy_and_of_differences_are_in_signed_points():
    """Correct falls from 3 right answers of 4 to 1; incorrect stays at 2. The difference: +25, then -25."""
    table = TABLE.assign(item=[*range(4), *range(4)], problem=[*"abcd", *"abcd"])
    found = repairs.against_official(table)
    shown = tables_repairs.against_official(found).set_index("condition")
    assert shown["n"].tolist() == [4, 4]
    assert shown.loc["correct", "corrected − official"] == as_text.points(found.iloc[0])
    assert shown.loc["correct", "corrected − official"].startswith("-50.0 [")
    assert shown.loc["incorrect", "corrected − official"].startswith("+0.0 [")
    contrast = repairs.contrasts(table, ["m"])
    assert contrast["first"].tolist() == ["vanilla", "vanilla", "correct"]
    (row,) = tables_repairs.contrasts(contrast.tail(1)).to_dict("records")
    assert (row["comparison"], row["official"], row["corrected"]) == (
        "correct − incorrect", "+25.0", "-25.0",
    )  # fmt: skip
    assert row["change [95% interval]"].startswith("-50.0 [")
    assert row["n"] == 4


def test_a_change_of_check_has_its_method_beside_it():
    found = pd.DataFrame([{"model": "m", "estimate": 0.5, "low": None, "high": None, "n": 4, "method": "x"}])
    assert tables_repairs.changes(found).to_dict("records") == [
        {"model": "m", "n": 4, "change, points [95% interval]": "+50.0 [–]", "method": "x"}
    ]


def test_orders_have_a_row_per_repair_and_a_column_per_model():
    shown = tables_repairs.orders(repairs.ranked(TABLE))
    assert shown["variant"].tolist() == ["official", "side", "objects", "echo", "text", "corrected"]
    assert shown["m"].tolist() == [
        "correct > incorrect", "incorrect > correct", *["correct > incorrect"] * 3, "incorrect > correct",
    ]  # fmt: skip
