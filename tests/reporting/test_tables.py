import pandas as pd
import pytest

from tracelib.analysis import clustered_rates, trace_answer
from tracelib.paper import release, specifications
from tracelib.reporting import tables
from tracelib.scoring.outcomes import counts, pooled
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


@pytest.fixture(scope="module")
def outcomes():
    return release.shipped_outcomes()


def test_percent_shows_estimate_and_interval():
    assert as_text.percent(wilson(1, 3)) == "33.3 [6.1, 79.2]"
    assert as_text.percent(wilson(0, 0)) == "–"


@pytest.mark.parametrize(
    ("p", "shown"), [(None, "–"), (float("nan"), "–"), (0.0004, "< 0.001"), (0.0416, "0.042")]
)
def test_p_values(p, shown):
    assert as_text.p_value(p) == shown


def test_association_rates_are_named_for_what_they_are(outcomes):
    runs = pooled(counts(outcomes, "official"))
    runs = runs[runs["dataset"] == "cotempqa"]  # bAbI has an official metric too
    row = runs[(runs["model"] == "Qwen3-1.7B") & (runs["condition"] == "correct")]
    (shown,) = tables.association_table(row).to_dict("records")
    assert [shown[cell] for cell in ("T+A+", "T+A-", "T-A+", "T-A-")] == [311, 5, 201, 433]
    assert shown["P(T and A)"].startswith(f"{100 * 311 / 950:.1f} ")  # joint: of all items
    assert shown["P(A | T right)"].startswith(f"{100 * 311 / 316:.1f} ")  # conditional: of right traces
    assert shown["P(A | T wrong)"].startswith(f"{100 * 201 / 634:.1f} ")
    assert shown["difference"].startswith(f"{100 * (311 / 316 - 201 / 634):.1f} ")


def test_runs_without_traces_have_no_association(outcomes):
    shown = tables.association_table(pooled(counts(outcomes, "official")))
    assert set(shown["condition"]) == {"correct", "incorrect"}
    assert "unparsed" in shown


def test_the_main_table_has_every_cotempqa_run(outcomes):
    table = tables.main_table(outcomes)
    assert len(table) == 11
    row = table[(table["model"] == "Llama-3.1-8B-Instruct") & (table["trained on"] == "correct")].iloc[0]
    assert row["official"] == "82.6 [80.1, 84.9]"
    assert table["trained on"].tolist()[:3] == ["vanilla", "correct", "incorrect"]
    assert table["model"].is_monotonic_increasing


def test_seeds_are_shown_only_where_there_are_any(outcomes):
    assert "seed" not in tables.accuracy_table(counts(outcomes, "exact"))
    assert "seed" in tables.accuracy_table(counts(outcomes.assign(seed=1), "exact"))


def test_validity_leaves_out_what_the_solver_cannot_judge(outcomes):
    part = outcomes[(outcomes["dataset"] == "babi") & (outcomes["condition"] == "correct")]
    part = part.assign(retrieval_valid=part["retrieval_valid"].where(part.index % 2 == 0))
    known = part["retrieval_valid"].dropna()
    row = tables.validity_table(part).iloc[0]
    first = part["model"] == row["model"]
    assert row["n"] == first.sum() == 376
    hits = known[first.loc[known.index]]
    assert row["facts, by the solver"] == as_text.percent(wilson(int(hits.sum()), len(hits)))
    gold = part.loc[first, "category_correct"]
    assert row["category, by the gold"] == as_text.percent(wilson(int(gold.sum()), len(gold)))


def test_agreement_and_findings_as_people_read_them():
    counted = pd.DataFrame([{"kind": "a", "n": 3, "answers": 1, "label": 3, "facts": 0}])
    (row,) = tables.agreement_table(counted).to_dict("records")
    assert row["answers"] == as_text.percent(wilson(1, 3))
    assert (row["kind"], row["n"]) == ("a", 3)
    findings = pd.DataFrame(
        [
            {"dataset": "babi", "split": "train", "check": "b", "problems": 2, "n": 1000},
            {"dataset": "babi", "split": "test", "check": "b", "problems": 0, "n": 10},
            {"dataset": "babi", "split": "train", "check": "a", "problems": 1, "n": 1000},
            {"dataset": "babi", "split": "test", "check": "a", "problems": 3, "n": 10},
        ]
    )
    wide = tables.findings_table(findings)
    assert wide.columns.tolist() == ["check", "babi train", "babi test"]
    assert wide.to_numpy().tolist() == [["b", "2 of 1,000", "0 of 10"], ["a", "1 of 1,000", "3 of 10"]]


def test_rates_and_strata_as_people_read_them():
    """One run with cells 20, 5, 30, 45, and a run without a right trace."""
    names = {"dataset": "d", "condition": "correct", "seed": pd.NA, "evaluator": "exact", "metric": "strict"}
    rows = [
        {**names, "model": model, "category": category, **dict(zip(trace_answer.CELLS, cells, strict=True))}
        for model, category, cells in (
            ("m", "all", (20, 5, 30, 45)),
            ("none", "all", (0, 0, 3, 2)),
            ("m", "a", (10, 5, 5, 10)),
            ("m", "b", (20, 10, 10, 20)),
        )
    ]
    counts = pd.DataFrame(rows)
    shown = tables.rates_table(trace_answer.rates(counts[counts["category"] == "all"])).set_index("model")
    assert shown.loc["m", "P(A | T right)"].startswith("80.0 [")
    assert shown.loc["m", "odds ratio"].startswith("6.00 [")
    assert shown.loc["m", "chi-square (p)"].startswith("12.00 (")
    assert shown.loc["none", ["P(A | T right)", "odds ratio", "chi-square (p)"]].tolist() == ["–"] * 3
    strata = tables.stratified_table(trace_answer.by_category(counts)).iloc[0]
    assert strata["odds ratio [95% interval]"].startswith("4.0 [")


def test_repeated_problems_widen_the_clustered_interval(outcomes):
    found = tables.cluster_table(
        pooled(counts(outcomes, "corrected")), clustered_rates.cells(outcomes, "corrected", 500)
    )
    prompted = found[found["condition"] == "prompted"]
    assert (prompted["problems"] < prompted["n"]).all()
    assert (prompted["ratio of widths"].astype(float) > 1.3).all()
    assert (found.loc[found["condition"] == "vanilla", "ratio of widths"].astype(float) < 1.1).all()


def test_what_is_missing_is_a_dash():
    table = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "note": ["a", None]})
    assert tables.dashed(table).to_dict("list") == {"n": [1, "–"], "note": ["a", "–"]}


def test_readings_are_rounded_by_what_they_are():
    row = {"n": 3, "estimate": 0.66666, "low": 0.2077, "high": 0.9385, "kappa": 0.4567}
    (shown,) = tables.readings_table(pd.DataFrame([row])).to_dict("records")
    assert shown == {"n": 3, "percent": 66.7, "low": 20.8, "high": 93.8, "kappa": 0.46}


def test_averages_over_models_name_their_comparison():
    row = {"dataset": "d", "metric": "exact", "first": "a", "second": "b", "models": 2, "n": 8, "clusters": 4}
    found = pd.DataFrame([row | {"estimate": 0.25, "low": 0.1, "high": 0.4}])
    (shown,) = tables.over_models_table(found).to_dict("records")
    assert shown == {
        "dataset": "d", "metric": "exact", "comparison": "a − b", "models": 2, "n": 8, "problems": 4,
        "points [95% interval]": "25.0 [10.0, 40.0]",
    }  # fmt: skip


def test_a_comparison_stands_beside_itself_without_its_pairing():
    paired = pd.DataFrame([{"estimate": 0.25, "low": 0.2, "high": 0.3}])
    apart = pd.DataFrame(
        [{"model": "m", "first": "a", "second": "b", "estimate": 0.25, "low": 0.1, "high": 0.4, "ratio": 3.0}]
    )
    (shown,) = tables.unpaired_table(paired, apart).to_dict("records")
    assert (shown["comparison"], shown["paired"]) == ("a − b", "25.0 [20.0, 30.0]")
    assert (shown["as if independent"], shown["ratio"]) == ("25.0 [10.0, 40.0]", "3.00")


def test_the_path_names_its_steps(outcomes):
    path = specifications.along_the_path(outcomes, specifications.SHIPPED.read(), "official")
    shown = tables.path_table(path[path["condition"] == "correct"])
    assert shown["check"].unique().tolist() == [name for name, _ in specifications.path()]
    curve = specifications.curve(
        outcomes[outcomes["condition"] == "correct"], specifications.SHIPPED.read(), ["strict"]
    )
    summed = tables.specification_table(curve, specifications.AXES).set_index("choice")
    assert summed.loc["facts: supporting", "cotempqa, Qwen3-1.7B"].startswith("+")
    assert (summed.loc["metric: strict"] != "–").all()
