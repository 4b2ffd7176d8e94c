"""`tracelib live`: which problems it takes, and its summary of the results."""

import json

import pandas as pd
import pytest

from tests.experiments.test_profiles import load
from tests.experiments.test_sweep import MINI
from tracelib.book import build
from tracelib.cli.main import main
from tracelib.core import terminal
from tracelib.core.errors import InputError
from tracelib.datasets import problem_sets, release_files
from tracelib.experiments import profiles, run_folder
from tracelib.reporting import live

BOTH = MINI.replace("  cotempqa-twin: {}", "  babi: {facts: 0}\n  babi-twin: {}").replace("  few:", "  #")
BOTH = BOTH.replace("conditions: [vanilla", "conditions: [prompted")


@pytest.fixture
def no_release(tmp_path, monkeypatch):
    (tmp_path / "trace_check_qa").mkdir()
    monkeypatch.setenv(release_files.VARIABLE, str(tmp_path))


def test_the_profile_is_the_evaluations_recipe_on_fewer_problems():
    small, whole = (profiles.load(name).cells()["babi-correct"] for name in ("smollm2", "smollm2-babi"))
    different = {knob for knob in small if small[knob] != whole[knob]}
    assert different == {
        "train_items", "test_items", "intervene_items", "seeds", "checkpoint_steps",
    }  # fmt: skip


def test_without_the_release_its_twin_stands_in_and_is_said_to(tmp_path, no_release):
    found, instead = live.chosen(load(tmp_path, BOTH))
    assert list(found) == ["babi-twin-prompted-s1", "babi-twin-correct-s1"]
    assert instead.startswith("the problems of babi cannot be had (")
    assert "babi-twin stands in, made by a program: its results say nothing of babi" in instead
    assert "TRACELIB_DATA" in instead


def test_what_can_be_had_is_taken_and_nothing_else_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(problem_sets, "load", lambda run: ([], []))
    found, instead = live.chosen(load(tmp_path, BOTH))
    assert list(found) == ["babi-prompted-s1", "babi-correct-s1"]
    assert instead == ""


def test_where_nothing_stands_in_the_release_is_missed(tmp_path, no_release):
    with pytest.raises(InputError, match=r"dataset_for_prompting.csv: missing"):
        live.chosen(load(tmp_path, BOTH.replace("  babi-twin: {}\n", "")))


def test_rates_are_counted_and_who_writes_no_trace_has_none_of_them():
    outcomes = pd.DataFrame(
        {
            "condition": ["prompted"] * 2 + ["correct"] * 4,
            "answer_correct": [False, True, True, True, False, True],
            "parsed": [None, None, True, True, True, False],
            "retrieval_correct": [None, None, True, False, False, False],
            "category_correct": [None, None, True, True, True, False],
        }
    )
    prompted, correct = live.accuracies(outcomes, ["prompted", "correct"]).to_dict("records")
    assert prompted == {
        "condition": "prompted", "n": 2, "answers right": "50.0 [9.5, 90.5]",
        "traces parsed": "–", "facts right": "–", "category right": "–",
    }  # fmt: skip
    assert (correct["answers right"], correct["traces parsed"]) == ("75.0 [30.1, 95.4]",) * 2
    assert (correct["facts right"], correct["category right"]) == ("25.0 [4.6, 69.9]", "75.0 [30.1, 95.4]")


def test_what_followed_a_trace_that_was_set_is_counted(tmp_path):
    path = tmp_path / "interventions.csv"
    gives = ["forced", "forced", "gold", "none", "gold"]
    names = [live.SHOWN] * 4 + ["gold"]
    pd.DataFrame({"intervention": names, "gives": gives}).to_csv(path, index=False)
    said = " ".join(live._set(path))
    assert "in 4 test problems the trace was set" in said
    assert "the answer that the trace leads to in 2, the gold answer in 1, none in 1" in said
    assert "It follows in 50.0 [15.0, 85.0]%" in said
    pd.DataFrame({"intervention": ["gold"], "gives": ["gold"]}).to_csv(path, index=False)
    assert "no problem whose trace was set" in " ".join(live._set(path))
    assert live._set(tmp_path / "none.csv") == []


def test_it_runs_from_profile_to_summary(tmp_path, no_release, monkeypatch, capsys):
    """On the tiny base; the model's output is untrusted text."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_text(BOTH)
    assert main(["live", str(path)]) == 0
    said = capsys.readouterr()
    assert "babi-twin stands in" in said.err
    for words in ("run 1 of 2: babi-twin-prompted-s1", "percent [95% Wilson interval]", "other answer: in ",
                  "written   ", "the runs:", "what this cannot show"):  # fmt: skip
        assert words in said.out, words
    folder = tmp_path / "work" / "mine" / "runs"
    names = ["babi-twin-prompted-s1", "babi-twin-correct-s1"]
    assert {run_folder.read_about(folder / name)["parameters"]["condition"] for name in names} == {
        "prompted", "correct",
    }  # fmt: skip
    written = folder / names[-1] / "predictions.jsonl"
    lines = written.read_text().splitlines()
    records = [json.loads(line) | {"prediction": "\x1b[31mred\x07"} for line in lines]
    written.write_text("".join(json.dumps(record) + "\n" for record in records))
    shown = "\n".join(live.lines(names, folder))
    assert "written   red" in shown
    assert terminal.plain(shown) == shown


def test_a_model_that_was_not_fetched_is_missed_before_anything_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(problem_sets, "load", lambda run: ([], []))
    monkeypatch.setenv("TRACELIB_MODELS", str(tmp_path / "none"))
    assert main(["live"]) == 2
    assert "'tracelib models fetch smollm2-135m' gets it" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()
