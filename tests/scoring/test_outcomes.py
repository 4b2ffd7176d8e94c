from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.core.pylist import listed
from tracelib.scoring.outcomes import DTYPES, counts, metrics_in, records, score
from tracelib.scoring.outputs import Output
from tracelib.traces.format import render

GOLD = "['Gamma', 'Delta']"


def outputs(problem):
    """Four outputs, one for each cell of trace x answer, and one without a trace."""
    right = listed(problem.supporting_facts)
    wrong = replace(problem, gold=("Epsilon",))
    texts = [
        render(problem, "mix", right),
        render(wrong, "mix", right),
        render(problem, "equal", right),
        render(wrong, "mix", "[]"),
        GOLD,
    ]
    return [Output(replace(problem, id=str(i)), text, "m", "correct") for i, text in enumerate(texts)]


def test_one_row_per_output_with_the_contracts_columns(problem):
    table = score(outputs(problem))
    assert list(table.columns) == list(DTYPES)
    assert {c: str(t) for c, t in table.dtypes.items()} == DTYPES
    assert table["answer_correct"].tolist() == [True, False, True, False, True]
    assert table["trace_correct"].tolist() == [True, True, False, False, False]
    assert table["answer_exact"].isna().all()
    assert table["status"].tolist() == ["complete"] * 4 + ["no trace"]
    assert table["facts_both"].tolist() == [2, 2, 2, 0, 0]
    assert table["category_valid"].tolist() == [True, True, False, True, False]
    assert table["retrieval_valid"].tolist() == [True, True, True, False, False]
    assert table["official_f1"].tolist() == [1, 0, 1, 0, 1]


def test_counts_by_hand(problem):
    table = counts(score(outputs(problem)), "corrected")
    assert table["category"].tolist() == ["mix", "all"]
    row = table.iloc[1].to_dict()
    assert row["n"] == 5
    assert (row["answer_correct"], row["category_correct"], row["retrieval_correct"]) == (3, 3, 3)
    assert row["trace_correct"] == 2
    cells = ("right_answer_right", "right_answer_wrong", "wrong_answer_right", "wrong_answer_wrong")
    assert [row[f"trace_{cell}"] for cell in cells] == [1, 1, 2, 1]
    assert row["unparsed"] == 1


def test_records_have_the_contracts_keys(problem):
    (first, _) = records(counts(score(outputs(problem)), "strict"))
    expected = "dataset model condition category evaluator metric n answer_correct category_correct "
    expected += "retrieval_correct trace_correct trace_right_answer_right trace_right_answer_wrong "
    expected += "trace_wrong_answer_right trace_wrong_answer_wrong unparsed not_judged"
    assert set(expected.split()) | {"seed"} == set(first)
    assert first["seed"] is None
    assert (first["evaluator"], first["metric"]) == ("exact", "strict")


def test_a_metric_by_which_nothing_has_a_verdict_is_an_error_that_names_the_others(problem):
    table = score(outputs(replace(problem, kind="")))
    assert table["answer_official"].isna().all()
    with pytest.raises(
        InputError, match=r"no output .* metric 'official', expected one of corrected, strict"
    ):
        counts(table, "official")
    assert len(counts(table, "strict")) == 2
    assert len(counts(table.iloc[:0], "official")) == 0


def test_a_dataset_without_the_metric_has_no_rows_beside_one_that_has_it(problem):
    own = replace(problem, dataset="mine", kind="")
    table = score([*outputs(problem), *outputs(own)])
    assert set(counts(table, "corrected")["dataset"]) == {"cotempqa"}
    assert metrics_in(table) == ["corrected", "exact", "official", "strict"]


def partly(problem):
    """An output with a right trace, and two whose problems lack the steps to judge a trace by."""
    text = render(problem, "mix", listed(problem.supporting_facts))
    problem = replace(problem, dataset="mine", kind="")
    without = replace(problem, has_steps=False)
    return [
        Output(problem, text, "m", "c"),
        Output(replace(without, id="p2", question="Who?"), text, "m", "c"),
        Output(replace(without, id="p3", question="When?"), "no", "m", "c"),
    ]


def test_a_trace_that_is_not_judged_has_no_verdict_and_is_in_no_count(problem):
    table = score(partly(problem))
    steps = [name for name in DTYPES if "category_" in name or "retrieval_" in name or "facts_" in name]
    steps += ["trace_correct", "parsed"]
    assert table.loc[1:, steps].isna().all(axis=None)
    assert table["status"].tolist() == ["complete", "not judged", "not judged"]
    assert table.loc[0, ["category_correct", "trace_correct", "parsed"]].tolist() == [True] * 3
    whole = counts(table, "strict").set_index("category").loc["all"]
    assert (whole["n"], whole["not_judged"], whole["answer_correct"]) == (3, 2, 2)
    assert (whole["trace_correct"], whole["trace_right_answer_right"], whole["unparsed"]) == (1, 1, 0)
    assert whole["trace_wrong_answer_right"] == whole["trace_wrong_answer_wrong"] == 0
    alone = counts(table[1:], "strict")
    assert (
        alone[["trace_correct", "category_correct", "trace_wrong_answer_wrong", "unparsed"]]
        .isna()
        .all(axis=None)
    )
    assert alone["not_judged"].tolist() == alone["n"].tolist()


def test_conditions_and_categories_come_in_their_order(problem):
    rows = [
        Output(replace(problem, category=category), "x", "m", condition)
        for condition in ("incorrect", "zeta", "vanilla")
        for category in ("mix", "equal", "odd")
    ]
    table = counts(score(rows), "strict")
    assert list(dict.fromkeys(table["condition"])) == ["vanilla", "incorrect", "zeta"]
    assert table["category"].tolist()[:4] == ["equal", "mix", "odd", "all"]


def test_an_unknown_metric_is_an_error(problem):
    with pytest.raises(InputError, match="unknown metric 'best', expected one of corrected"):
        counts(score(outputs(problem)), "best")


def test_a_large_seed_beside_a_missing_one_is_kept_exactly(problem):
    table = score([Output(problem, "x", "m", "c", 2**60 + 1), Output(problem, "x", "m", "d")])
    assert table["seed"].tolist()[0] == 2**60 + 1
    assert table["seed"].isna().tolist() == [False, True]
