"""The rates of a release beside its counts and Wilson's intervals, and the rates of invented runs by hand."""

import numpy as np
import pandas as pd
import pytest

from tracelib.analysis.clustered_rates import cells
from tracelib.core.errors import InputError
from tracelib.paper import release
from tracelib.scoring.outcomes import counts
from tracelib.stats.association import joint_and_conditional
from tracelib.stats.proportions import wilson


@pytest.fixture(scope="module")
def shipped():
    outcomes = release.shipped_outcomes()
    return outcomes, cells(outcomes)


def test_cells_of_the_release_have_the_estimates_of_the_counts(shipped):
    """`cells` has a row for each run and category of `counts`, with the same rates."""
    outcomes, frame = shipped
    keys = ["dataset", "model", "condition", "category", "rate"]
    found = frame.set_index(keys)[["estimate", "n"]].astype(object).T.to_dict("list")
    expected = {}
    for dataset, metric in [("cotempqa", "corrected"), ("babi", "exact")]:
        for row in counts(outcomes[outcomes["dataset"] == dataset], metric).itertuples():
            rates = {"accuracy": wilson(row.answer_correct, row.n), **joint_and_conditional(row)}
            run = row.dataset, row.model, row.condition, row.category
            expected |= {(*run, name): (rate["estimate"], rate["n"]) for name, rate in rates.items()}
    assert len(found) == len(expected) * 5 / 4  # the differences
    for key, (estimate, n) in expected.items():
        assert found[key][1] == n
        assert found[key][0] == pytest.approx(np.nan if estimate is None else estimate, nan_ok=True)


def test_cells_of_the_release_agree_with_wilson_where_no_problem_repeats(shipped):
    _, frame = shipped
    rates = frame[(frame["rate"] != "difference") & (frame["n"] == frame["clusters"]) & (frame["n"] >= 200)]
    rates = rates[rates["low"].notna() & rates["estimate"].between(0.1, 0.9)]
    assert len(rates) > 20
    for row in rates.itertuples():
        expected = wilson(round(row.estimate * row.n), row.n)
        assert row.high - row.low == pytest.approx(expected["high"] - expected["low"], rel=0.1)


def test_ignoring_repeated_problems_makes_intervals_too_narrow(shipped):
    """Prompted runs answer some problems more than once; fine-tuned models rarely do."""
    outcomes, frame = shipped
    keys = ["dataset", "model", "condition", "category", "rate"]
    naive = cells(outcomes[outcomes["dataset"] == "cotempqa"], by="item").set_index(keys)
    frame = frame[frame["dataset"] == "cotempqa"].set_index(keys)
    wider = ((frame["high"] - frame["low"]) / (naive["high"] - naive["low"])).xs("accuracy", level="rate")
    wider = wider.xs("all", level="category").groupby("condition").mean()
    assert wider["prompted"] > 1.4
    assert wider.drop("prompted").to_numpy() == pytest.approx(1, abs=0.05)


def invented(rows):
    """Outcomes from rows of condition, problem, category, trace right, answer right."""
    frame = pd.DataFrame(rows, columns=["condition", "problem", "category", "trace_correct", "answer_exact"])
    frame[["trace_correct", "answer_exact"]] = frame[["trace_correct", "answer_exact"]].astype(bool)
    return frame.assign(dataset="babi", model="m", seed=pd.array([pd.NA] * len(frame), "Int64"))


def test_cells_by_hand():
    """2 of 3 answers are right after a right trace, 1 of 2 after a wrong one. Clusters are too few."""
    rows = [
        ("c", f"p{k}", "x", *verdicts) for k, verdicts in enumerate([(1, 1), (1, 1), (1, 0), (0, 1), (0, 0)])
    ]
    frame = cells(invented(rows), "exact").set_index(["category", "rate"])
    assert frame["estimate"].to_dict() == pytest.approx(
        {
            (category, rate): value
            for category in ("x", "all")
            for rate, value in [
                ("accuracy", 3 / 5),
                ("joint", 2 / 5),
                ("given_right", 2 / 3),
                ("given_wrong", 1 / 2),
                ("difference", 1 / 6),
            ]
        }
    )
    assert frame["n"].tolist() == [5, 5, 3, 2, 5] * 2
    assert frame["note"].str.contains("fewer than 30 clusters").all()


def test_a_difference_is_known_no_better_than_its_worse_rate():
    """One of 60 traces is right: the rate after right traces has no interval, so the difference has none."""
    rows = [("c", f"p{k}", "x", k == 0, k % 3 == 0) for k in range(60)]
    frame = cells(invented(rows), "exact").set_index(["category", "rate"]).loc["all"]
    assert np.isnan(frame.loc["given_right", "low"])
    assert frame.loc["given_wrong", "note"] == ""
    assert frame.loc["difference", "note"] == "one of the two rates has no interval"
    assert np.isnan(frame.loc["difference", "low"])
    no_trace = cells(invented([(*row[:3], False, row[4]) for row in rows]), "exact").set_index("rate")
    assert set(no_trace.loc["difference", "note"]) == {"a group has no items"}


def test_a_run_does_not_depend_on_the_others():
    rows = [(c, f"p{k}", "xy"[k % 2], k % 3 < 1, k % 5 < 3) for k in range(80) for c in ("first", "second")]
    together, alone = cells(invented(rows), "exact"), cells(invented(rows[::2]), "exact")
    pd.testing.assert_frame_equal(together[together["condition"] == "first"].reset_index(drop=True), alone)


def test_a_problem_met_in_two_categories_is_one_cluster():
    rows = [("c", f"p{k % 40}", "xy"[k // 40], k % 3 < 1, k % 5 < 3) for k in range(80)]
    frame = cells(invented(rows), "exact")
    whole = frame[(frame["category"] == "all") & (frame["rate"] == "accuracy")]
    assert whole[["n", "clusters"]].to_numpy().tolist() == [[80, 40]]


def test_cells_refuse_what_they_cannot_read():
    outcomes = invented([("c", "p", "x", True, True), ("c", None, "x", True, True)])
    with pytest.raises(InputError, match="missing values in column 'problem'"):
        cells(outcomes, "exact")
    with pytest.raises(InputError, match="unknown metric 'best'"):
        cells(outcomes, "best")
