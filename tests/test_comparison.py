import pandas as pd
import pytest

from tracelib.comparison import compare_conditions
from tracelib.files import InputError


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
    assert table["p_holm"].tolist() == table["p"].tolist()  # one test per family: nothing to adjust


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
