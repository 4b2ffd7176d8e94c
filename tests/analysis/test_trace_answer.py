"""Joint and conditional rates: by hand, and of the release."""

import pandas as pd
import pytest

from tracelib.analysis import trace_answer
from tracelib.paper import release, specifications
from tracelib.scoring.outcomes import counts


def counted(*cells, **names):
    row = {"dataset": "d", "model": "m", "condition": "correct", "seed": pd.NA, "category": "all"}
    row |= {"evaluator": "exact", "metric": "strict", "n": sum(cells), **names}
    return row | dict(zip(trace_answer.CELLS, cells, strict=True))


def test_the_rates_by_hand():
    """Cells 20, 5, 30, 45: joint 20 %, given_right 80 %, given_wrong 40 %, trace_given_answer 40 %."""
    table = trace_answer.rates(pd.DataFrame([counted(20, 5, 30, 45)])).set_index("quantity")
    assert table["estimate"][list(trace_answer.SHARES)].tolist() == pytest.approx([0.2, 0.8, 0.4, 0.4])
    assert table["n"][list(trace_answer.SHARES)].tolist() == [100, 25, 75, 50]
    assert table["estimate"][["difference", "ratio", "odds_ratio"]].tolist() == pytest.approx([0.4, 2.0, 6.0])


def test_a_run_without_right_traces_says_so():
    table = trace_answer.rates(pd.DataFrame([counted(0, 0, 3, 2)])).set_index("quantity")
    assert table.loc["joint", "estimate"] == 0
    assert pd.isna(table.loc["given_right", "estimate"])
    assert table.loc["given_right", "note"]


def test_differences_are_those_over_all_categories():
    rows = [counted(20, 5, 30, 45), counted(1, 1, 1, 1, category="a")]
    (found,) = trace_answer.differences(pd.DataFrame(rows)).to_dict("records")
    assert (found["category"], found["n"]) == ("all", 100)
    assert found["estimate"] == pytest.approx(0.4)


def test_rounding_keeps_shares_only():
    table = trace_answer.rates(pd.DataFrame([counted(28, 0, 28, 44), counted(275, 195, 248, 282)]))
    found = trace_answer.rounding_to(table, 28)
    assert found["quantity"].tolist() == ["joint", "joint"]  # 28 of 100 and 27.5 of 100
    assert trace_answer.rounding_to(table, 3).empty


def test_how_many_whole_percents_the_shares_cover():
    """The shares are 28, 100, 38.9 (28 of 72) and 50 %: four whole percents."""
    table = trace_answer.rates(pd.DataFrame([counted(28, 0, 28, 44)]))
    assert trace_answer.percents_covered(table) == 4


def test_one_count_over_what_it_may_be_a_share_of():
    stated = pd.DataFrame([counted(8, 1, 1, 9, n=20), counted(5, 5, 5, 5, model="n")])
    again = pd.DataFrame([counted(7, 2, 2, 9)])
    found = trace_answer.by_denominator(stated, again, stated.iloc[0])
    assert found == {
        "matrix": {"count": 8, "n": 19},
        "all": {"count": 8, "n": 20},
        "outputs": {"count": 7, "n": 20},
    }


@pytest.mark.parametrize("here", [[], [counted(3, 1, 1, 2)]])
def test_a_count_is_over_all_test_items_whatever_outputs_are_here(here):
    """With some outputs missing, or all, the stated count keeps its denominators and nothing is recounted."""
    stated = pd.DataFrame([counted(8, 1, 1, 9, n=20)])
    published = pd.DataFrame(here, columns=list(stated))
    assert trace_answer.by_denominator(stated, published, stated.iloc[0]) == {
        "matrix": {"count": 8, "n": 19},
        "all": {"count": 8, "n": 20},
    }


def test_no_counts_give_no_rates():
    assert trace_answer.rounding_to(trace_answer.rates(pd.DataFrame()), 28).empty


def test_only_one_denominator_rounds_to_the_headline():
    """In the release 261 of 949 is 27.50 %, 261 of 950 is 27.47 %, and the outputs' 258 of 950 is 27.16 %."""
    outcomes, stated = release.shipped_outcomes(), trace_answer.stated(release.SHIPPED_MATRICES.read())
    (run,) = trace_answer.rounding_to(trace_answer.rates(stated), 28).itertuples()
    traced = outcomes[(outcomes["condition"] == "correct") & (outcomes["dataset"] == "cotempqa")]
    published = specifications.published_counts(traced, specifications.SHIPPED.read(), "official")
    found = trace_answer.by_denominator(stated, published, pd.Series(run._asdict()))
    assert found == {
        "matrix": {"count": 261, "n": 949},
        "all": {"count": 261, "n": 950},
        "outputs": {"count": 258, "n": 950},
    }


def test_categories_are_pooled_within_a_run():
    rows = [
        counted(10, 5, 5, 10, category="a"),
        counted(20, 10, 10, 20, category="b"),
        counted(30, 15, 15, 30),
        counted(1, 1, 1, 1, category="a", model="n"),
    ]
    table = trace_answer.by_category(pd.DataFrame(rows)).set_index(["model", "quantity"])
    assert table.loc[("m", "odds_ratio"), "estimate"] == pytest.approx(4)
    assert table.loc[("m", "odds_ratio"), "n"] == 90
    assert table.loc[("n", "homogeneity"), "note"]


def test_stated_matrices_have_the_shape_of_counts():
    """The cells that the release states."""
    table = trace_answer.stated(release.SHIPPED_MATRICES.read())
    assert len(table) == 12
    row = (
        table[(table["model"] == "Qwen3-1.7B") & (table["condition"] == "correct")]
        .set_index("dataset")
        .loc["cotempqa"]
    )
    assert row[trace_answer.CELLS].tolist() == [261, 195, 248, 245]
    sizes = {
        "cotempqa": {950},
        "babi": {376},
        "marco": {1000},
    }  # one of MARCO's matrices leaves out two items, which count
    assert table.groupby("dataset")["n"].agg(set).to_dict() == sizes
    assert dict(zip(table["dataset"], table["metric"], strict=True)) == {
        "cotempqa": "official",
        "babi": "official",
        "marco": "exact",
    }


def test_one_share_of_the_whole_release_rounds_to_28_percent():
    """The result of the chapter 'What is the 28%?'."""
    outcomes = release.shipped_outcomes().query("condition in ('correct', 'incorrect')")
    checks = specifications.SHIPPED.read()
    tables = [trace_answer.stated(release.SHIPPED_MATRICES.read())]
    for metric in ("official", "corrected", "strict", "exact"):
        tables += [counts(outcomes, metric), specifications.published_counts(outcomes, checks, metric)]
    rates = trace_answer.rates(pd.concat(tables, ignore_index=True).query("category == 'all'"))
    (found,) = trace_answer.rounding_to(rates, 28).to_dict("records")
    assert (found["model"], found["condition"], found["quantity"]) == ("Qwen3-1.7B", "correct", "joint")
    assert (found["evaluator"], found["n"]) == ("published, as stated", 949)
