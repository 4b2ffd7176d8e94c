import pandas as pd
import pytest

from tracelib.analysis.comparison import (
    MARGIN,
    as_if_independent,
    at_the_edge,
    cochran,
    compare_conditions,
    over_models,
    pairs_present,
    significant,
    under_each,
)
from tracelib.core.errors import InputError
from tracelib.paper import release
from tracelib.stats.proportions import difference


def outcomes(rows):
    columns = ["dataset", "model", "seed", "condition", "item", "answer_strict"]
    return pd.DataFrame(rows, columns=columns).astype({"seed": "Int64", "answer_strict": "boolean"})


def test_pairs_families_and_common_items():
    rows = []
    for dataset in ("a", "b"):
        for item in range(20):
            rows.append((dataset, "m", None, "vanilla", item, True))
            rows.append((dataset, "m", None, "correct", item, item >= 8))
        rows.append((dataset, "m", None, "vanilla", 99, True))
    table = compare_conditions(outcomes(rows), "strict")
    assert table[["dataset", "first", "second"]].values.tolist() == [
        ["a", "vanilla", "correct"],
        ["b", "vanilla", "correct"],
    ]
    assert table["n"].tolist() == [20, 20]
    assert table["estimate"].tolist() == pytest.approx([0.4, 0.4])
    assert table["p"].tolist() == pytest.approx([2 / 2**8] * 2)
    assert table["p_holm"].tolist() == table["p"].tolist()  # families of one test


def test_holm_runs_over_models_seeds_and_pairs_of_one_dataset():
    rows = [
        ("a", model, seed, condition, item, condition == "vanilla" or item > 7)
        for model in ("m", "k")
        for seed in (1, 2)
        for condition in ("vanilla", "correct", "incorrect")
        for item in range(20)
    ]
    table = compare_conditions(outcomes(rows), "strict")
    assert len(table) == 12
    tested = table["p"].notna()
    assert tested.sum() == 8  # correct and incorrect agree on every item: no test
    assert table.loc[tested, "p_holm"].tolist() == pytest.approx([8 * 2 / 2**8] * 8)


def test_an_unknown_metric_is_an_error():
    with pytest.raises(InputError, match="unknown metric 'best'"):
        compare_conditions(outcomes([]), "best")


def test_every_pair_carries_its_equivalence_and_what_could_be_found():
    """20 of 200 items are right only under vanilla, and 20 only under correct: no difference."""
    rows = []
    for item in range(200):
        rows.append(("a", "m", None, "vanilla", item, item < 100 or item >= 180))
        rows.append(("a", "m", None, "correct", item, item < 120))
    (row,) = compare_conditions(outcomes(rows), "strict").to_dict("records")
    assert (row["estimate"], row["only_first"], row["only_second"]) == (0, 20, 20)
    assert row["smallest_margin"] == pytest.approx(row["high_90"])
    assert (row["p_equivalence"] < 0.05) == (row["smallest_margin"] < MARGIN)
    assert 0.05 < row["detectable"] < 0.2


def test_splitting_by_category_makes_a_family_of_all_parts():
    rows = [
        ("a", "m", None, condition, item, condition == "vanilla" or item > 7)
        for condition in ("vanilla", "correct")
        for item in range(40)
    ]
    table = outcomes(rows).assign(category=lambda t: ["x" if item < 20 else "y" for item in t["item"]])
    found = compare_conditions(table, "strict", by=["category"])
    assert found[["category", "n", "only_first"]].values.tolist() == [["x", 20, 8], ["y", 20, 0]]
    assert found["note"].tolist() == ["", "no discordant pairs, no test"]
    assert found["p_holm"].tolist()[0] == found["p"].tolist()[0]


def test_a_category_with_one_item_gets_a_row():
    rows = [("a", "m", None, condition, 1, condition == "vanilla") for condition in ("vanilla", "correct")]
    (row,) = compare_conditions(outcomes(rows), "strict").to_dict("records")
    assert (row["n"], row["estimate"], row["p"], row["detectable"]) == (1, 1.0, 1.0, None)


def test_any_conditions_can_be_compared():
    rows = [("a", "m", None, name, item, True) for name in ("mine", "correct", "yours") for item in range(3)]
    table = outcomes(rows)
    assert pairs_present(table) == (("correct", "mine"), ("correct", "yours"), ("mine", "yours"))
    assert len(compare_conditions(table, "strict", pairs_present(table))) == 3
    assert compare_conditions(table, "strict").empty


def test_cochran_is_adjusted_within_a_dataset():
    rows = [
        ("a", model, None, condition, item, condition != "incorrect" or item > 5)
        for model in ("m", "k")
        for condition in ("vanilla", "correct", "incorrect")
        for item in range(20)
    ]
    table = cochran(outcomes(rows), "strict")
    assert table["statistic"].tolist() == pytest.approx([12.0, 12.0])  # only incorrect fails, on six items
    assert table["p_holm"].tolist() == pytest.approx((2 * table["p"]).tolist())
    assert cochran(outcomes(rows[:20]), "strict").empty


def test_over_models_averages_and_draws_problems():
    """Model m loses 8 of 20 items, model k none: 0.2 on average, from 20 problems."""
    rows = [
        ("a", model, None, condition, item, condition == "vanilla" or model == "k" or item > 7)
        for model in ("m", "k")
        for condition in ("vanilla", "correct")
        for item in range(20)
    ]
    table = outcomes(rows).assign(problem=lambda t: "p" + t["item"].astype(str))
    (row,) = over_models(table, "strict").to_dict("records")
    assert (row["estimate"], row["n"], row["clusters"], row["models"]) == (0.2, 40, 20, 2)
    assert 0 < row["low"] < 0.2 < row["high"]
    (without,) = over_models(table.drop(columns="problem"), "strict").to_dict("records")
    assert without["low"] == row["low"]


def test_each_metric_has_its_own_rows():
    pair = ("vanilla", "correct")
    rows = [("a", "m", None, name, item, name == "vanilla") for name in pair for item in (0, 1)]
    table = outcomes(rows).assign(answer_exact=True)
    found = under_each(over_models, table, ("strict", "exact"))
    assert found["metric"].tolist() == ["strict", "exact"]
    assert found["estimate"].tolist() == [1, 0]


def test_what_is_significant_and_what_is_at_the_edge():
    table = pd.DataFrame(
        {
            "low": [0.01, -0.01, 0.01, None],
            "high": [0.2, 0.2, 0.2, None],
            "p": [0.01, 0.2, 0.06, None],
            "p_holm": [0.03, 0.4, None, None],
        }
    )
    assert significant(table).tolist() == [True, False, False, False]
    assert at_the_edge(table).index.tolist() == [2]


def test_without_the_pairing_only_totals_are_left():
    """20 of 20 right, and 12 of 20 right: the difference is the same, with Newcombe's interval."""
    rows = [
        ("a", "m", None, condition, item, condition == "vanilla" or item >= 8)
        for condition in ("vanilla", "correct")
        for item in range(20)
    ]
    compared = compare_conditions(outcomes(rows), "strict")
    (found,) = as_if_independent(outcomes(rows), compared, "strict").to_dict("records")
    expected = difference(20, 20, 12, 20)
    assert (found["estimate"], found["low"], found["high"]) == (0.4, expected["low"], expected["high"])
    paired = compared.iloc[0]
    width = (expected["high"] - expected["low"]) / (paired["high"] - paired["low"])
    assert found["ratio"] == pytest.approx(width)


def test_the_releases_comparisons():
    """The pairs that are significant after Holm, by metric (chapter 'Do incorrect traces hurt?')."""
    shipped = release.shipped_outcomes()
    surviving = {
        metric: {
            (row.dataset, row.model, row.first, row.second)
            for row in compare_conditions(shipped, metric).itertuples()
            if row.p_holm is not None and row.p_holm < 0.05
        }
        for metric in ("official", "corrected", "exact")
    }
    llama, qwen = "Llama-3.2-1B-Instruct", "Qwen3-1.7B"
    babi = {("babi", llama, "vanilla", "incorrect"), ("babi", llama, "correct", "incorrect")}
    assert surviving["exact"] == babi
    assert surviving["official"] == babi | {
        ("cotempqa", llama, "vanilla", name) for name in ("correct", "incorrect")
    }
    assert surviving["corrected"] == {
        ("cotempqa", qwen, "vanilla", name) for name in ("correct", "incorrect")
    }
