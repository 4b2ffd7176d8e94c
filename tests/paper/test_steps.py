"""Right answers by facts and label: by hand, and in the release's outcomes."""

import json

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from tracelib.cli.main import main
from tracelib.paper import release, steps
from tracelib.reporting import tables_steps
from tracelib.stats.proportions import difference, wilson

WRITTEN = {"+": True, "-": False}


def outcomes(*rows: str, condition: str = "correct", dataset: str = "cotempqa") -> pd.DataFrame:
    """Outcomes of one run. A row has a category, and + or - for facts, label and answer: ``mix ++-``."""
    found = []
    for row in rows:
        category, verdicts = row.split()
        facts, label, answer = (WRITTEN[sign] for sign in verdicts)
        found.append((dataset, "m", condition, category, facts, label, answer))
    columns = ["dataset", "model", "condition", "category", "retrieval_correct", "category_correct"]
    return pd.DataFrame(found, columns=[*columns, "answer_correct"])


def test_the_four_cells_by_hand():
    table = steps.cells(outcomes("mix +++", "mix ++-", "mix -++", "mix -++", "mix ---"))
    assert list(table) == steps.KEYS
    counted = table.set_index(steps.CELL)[["n", "answer_correct"]].T.to_dict("list")
    assert counted == {
        (True, True): [2, 1],
        (True, False): [0, 0],
        (False, True): [2, 2],
        (False, False): [1, 0],
    }
    rates = steps.rates(table).set_index(steps.CELL)
    assert rates.loc[(True, True), "low"] == wilson(1, 2)["low"]
    assert rates.loc[(True, False), "note"] == "no items"


def test_models_that_write_no_trace_are_left_out():
    vanilla, prompted = (outcomes("mix +++", condition=name) for name in ("vanilla", "prompted"))
    both = pd.concat([vanilla, prompted, outcomes("mix +++", condition="incorrect")])
    assert set(steps.cells(both)["condition"]) == {"incorrect"}
    for nothing in (steps.cells(vanilla), steps.rates(steps.cells(vanilla)), steps.contrasts(vanilla)):
        assert nothing.empty


def test_datasets_come_in_their_usual_order():
    both = pd.concat([outcomes("qa +++", dataset="babi"), outcomes("mix +++")])
    assert steps.cells(both)["dataset"].drop_duplicates().tolist() == ["cotempqa", "babi"]


def test_a_contrast_by_hand():
    """With right facts, 3 of 4 answers are right if the label is right, 1 of 3 if wrong. Fisher's test."""
    rows = ["mix +++"] * 3 + ["mix ++-"] + ["mix +-+"] + ["mix +--"] * 2 + ["mix --+"]
    found = steps.contrasts(outcomes(*rows)).set_index(["step", "given"])
    label = found.loc[("label", "facts right")]
    assert label[["n_right", "n_wrong"]].tolist() == [4, 3]
    by_hand = difference(3, 4, 1, 3)
    assert label[["estimate", "low", "high"]].tolist() == [
        by_hand[name] for name in ("estimate", "low", "high")
    ]
    assert label["odds_ratio"] == pytest.approx(3 * 2 / (1 * 1))
    assert label["p"] == pytest.approx(fisher_exact([[3, 1], [1, 2]]).pvalue)
    facts = found.loc[("facts", "label wrong")]
    assert facts["estimate"] == pytest.approx(1 / 3 - 1)
    assert found.loc[("facts", "label right"), "n_wrong"] == 0
    assert pd.isna(found.loc[("facts", "label right"), "p"])
    assert found["p_holm"].notna().sum() == 2  # only contrasts with a test are in the family


def test_right_answers_with_the_label_alone_wrong():
    """Three right answers follow a wrong trace, one of them with right facts."""
    found = steps.label_alone(steps.cells(outcomes("mix +++", "mix +-+", "mix -++", "mix --+", "mix +--")))
    (row,) = found.to_dict("records")
    assert (row["count"], row["n"], row["low"]) == (1, 3, wilson(1, 3)["low"])


def test_the_relation_is_held_fixed():
    """In one relation all answers and most labels are right. Within each relation nothing differs."""
    rows = ["equal +++"] * 8 + ["equal +-+"] * 2 + ["mix ++-"] * 2 + ["mix +--"] * 8
    label = steps.contrasts(outcomes(*rows)).set_index(["step", "given"]).loc[("label", "facts right")]
    assert label["estimate"] == pytest.approx(0.8 - 0.2)
    assert pd.isna(label["p"])


def test_the_released_outputs():
    """On correct traces: right facts go with right answers whatever the label, wrong facts rarely do."""
    table = steps.cells(release.shipped_outcomes())
    found = table.set_index(["model", "condition", "dataset", *steps.CELL])[["n", "answer_correct"]]
    of = {key: tuple(row) for key, row in zip(found.index, found.to_numpy().tolist(), strict=True)}
    assert of["Llama-3.1-8B-Instruct", "correct", "cotempqa", True, True] == (529, 528)
    assert of["Llama-3.1-8B-Instruct", "correct", "cotempqa", True, False] == (151, 151)
    assert of["Llama-3.1-8B-Instruct", "correct", "cotempqa", False, True] == (154, 24)
    assert of["Llama-3.2-1B-Instruct", "correct", "cotempqa", False, True] == (293, 19)
    assert of["Qwen3-1.7B", "correct", "cotempqa", False, True] == (291, 15)
    assert of["Qwen3-1.7B", "incorrect", "cotempqa", True, False] == (29, 5)
    assert of["Qwen3-1.7B", "incorrect", "babi", True, True] == (0, 0)
    assert (table.groupby(["model", "condition", "dataset"]).size() == 4).all()


def test_no_contrast_of_the_label_is_significant_and_all_of_the_facts_are_on_correct_traces():
    found = steps.contrasts(release.shipped_outcomes())
    significant = found[found["p_holm"].astype(float) < 0.05]
    assert set(significant["step"]) == {"facts"}
    on_correct = found[(found["condition"] == "correct") & (found["dataset"] == "cotempqa")]
    assert (on_correct.loc[on_correct["step"] == "facts", "p_holm"] < 0.001).all()
    turned = significant[significant["condition"] == "incorrect"]
    assert len(turned) == 3
    assert (turned["estimate"] < 0).all()


def test_tables_for_people():
    shown = tables_steps.cells(steps.rates(steps.cells(outcomes("mix +++", "mix ---"))))
    assert shown["answer right"].tolist() == ["100.0 [20.7, 100.0]", "–", "–", "0.0 [0.0, 79.3]"]
    assert tables_steps.contrasts(steps.contrasts(outcomes("mix +++", "mix ---"))).empty


@pytest.fixture
def shipped(monkeypatch):
    source = release.Source("shipped outcomes", "per-item outcomes shipped with the package")
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: (release.shipped_outcomes(), source))


def test_the_command_prints_counts_for_machines(capsys, shipped):
    assert main(["release", "show", "--steps", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "tracelib: note: source: per-item outcomes shipped with the package\n"
    rows = json.loads(printed.out)
    assert all(list(row) == steps.KEYS for row in rows)
    assert {type(row["facts_correct"]) for row in rows} == {bool}
    assert len(rows) == 4 * (3 + 2) * 2
    assert sum(row["n"] for row in rows) == 2 * (3 * 950 + 2 * 376)


def test_the_command_prints_tables_for_people(capsys, shipped):
    assert main(["release", "show", "--steps"]) == 0
    out = capsys.readouterr().out
    assert "Source: per-item outcomes shipped with the package." in out
    assert "15.6 [10.7, 22.1]" in out
    assert "84.2 [77.6, 89.1]" in out


@pytest.mark.parametrize("flag", ["--steps", "--follow"])
@pytest.mark.parametrize("other", [["--metric", "official"], ["--evaluator", "exact"]])
def test_a_part_takes_no_metric_and_no_evaluator(capsys, flag, other):
    assert main(["release", "show", flag, *other]) == 2
    assert f"leave out {other[0]}" in capsys.readouterr().err
