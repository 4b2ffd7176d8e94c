import pandas as pd
import pytest

from tracelib import release, tables
from tracelib.outcomes import counts
from tracelib.stats.proportions import wilson


@pytest.fixture(scope="module")
def outcomes():
    return release.shipped_outcomes()


def test_percent_shows_estimate_and_interval():
    assert tables.percent(wilson(1, 3)) == "33.3 [6.1, 79.2]"
    assert tables.percent(wilson(0, 0)) == "–"


@pytest.mark.parametrize(
    ("p", "shown"), [(None, "–"), (float("nan"), "–"), (0.0004, "< 0.001"), (0.0416, "0.042")]
)
def test_p_values(p, shown):
    assert tables.p_value(p) == shown


def test_association_rates_are_named_for_what_they_are(outcomes):
    pooled = tables.pooled_counts(outcomes, "official")
    row = pooled[(pooled["model"] == "Qwen3-1.7B") & (pooled["condition"] == "correct")]
    (shown,) = tables.association_table(row).to_dict("records")
    assert [shown[cell] for cell in ("T+A+", "T+A-", "T-A+", "T-A-")] == [311, 5, 201, 433]
    assert shown["P(T and A)"].startswith(f"{100 * 311 / 950:.1f} ")  # joint: of all items
    assert shown["P(A | T right)"].startswith(f"{100 * 311 / 316:.1f} ")  # conditional: of right traces
    assert shown["P(A | T wrong)"].startswith(f"{100 * 201 / 634:.1f} ")
    assert shown["difference"].startswith(f"{100 * (311 / 316 - 201 / 634):.1f} ")


def test_runs_without_traces_have_no_association(outcomes):
    shown = tables.association_table(tables.pooled_counts(outcomes, "official"))
    assert set(shown["condition"]) == {"correct", "incorrect"}
    assert "unparsed" in shown


def test_the_main_table_has_every_cotempqa_run(outcomes):
    table = tables.main_table(outcomes)
    assert len(table) == 11
    row = table[(table["model"] == "Llama-3.1-8B-Instruct") & (table["trained on"] == "correct")].iloc[0]
    assert row["official"] == "82.6 [80.1, 84.9]"
    assert (table.loc[table["trained on"] == "vanilla", "trace and answer right (joint)"] == "–").all()


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
    assert row["facts, by the solver"] == tables.percent(wilson(int(hits.sum()), len(hits)))
    gold = part.loc[first, "category_correct"]
    assert row["category, by the gold"] == tables.percent(wilson(int(gold.sum()), len(gold)))


def test_agreement_and_findings_as_people_read_them():
    counted = pd.DataFrame([{"kind": "a", "n": 3, "answers": 1, "label": 3, "facts": 0}])
    (row,) = tables.agreement_table(counted).to_dict("records")
    assert row["answers"] == tables.percent(wilson(1, 3))
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
