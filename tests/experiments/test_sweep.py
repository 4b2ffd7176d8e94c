"""The grid's tables: collected from run folders, written whole, and read back only if unchanged."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from tests.experiments.test_profiles import load
from tests.experiments.test_runner import TINY
from tracelib.book import build
from tracelib.cli.main import main, parser
from tracelib.core.errors import InputError
from tracelib.core.reading import sha256
from tracelib.datasets import problem_sets, release_files
from tracelib.experiments import memory, run_folder, runner, sweep, sweep_tables
from tracelib.training import model_files

MINI = """\
datasets:
  cotempqa-twin: {}
  few: {dataset: cotempqa-twin, conditions: [prompted, vanilla], train_items: 8}
conditions: [vanilla, correct]
seeds: [1]
run: {model: tiny-base, train_items: 16, test_items: 6, facts: 5, dates: day, data_seed: 7, method: lora,
  precision: fp32, attention: sdpa, gradient_checkpointing: false,
  epochs: 1, batch_size: 8, accumulation: 1, learning_rate: 0.005, warmup_ratio: 0.03, lora_rank: 4,
  lora_alpha: 8, lora_dropout: 0.05, checkpoint_steps: 0, context: 1024, max_new_tokens: 12,
  generation_batch: 8, intervene_items: 2, threads: 1}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grid")
    profile = load(folder, MINI)
    waiting = sweep.missing(sweep.experiments(profile), folder / "runs")
    assert [run.train_items for run in waiting] == [16, 16, 8, 8]
    for name, chosen in sweep.experiments(profile).items():
        runner.run(chosen, folder / "runs" / name)
    about = sweep.write(profile, folder / "runs", "tracelib grid mine.yaml", folder / "tables")
    return profile, folder, about


def test_every_run_is_named_by_setting_condition_and_seed(made):
    profile, folder, _ = made
    named = sweep.experiments(profile)
    assert list(named) == [
        "cotempqa-twin-vanilla-s1", "cotempqa-twin-correct-s1", "few-prompted-s1", "few-vanilla-s1",
    ]  # fmt: skip
    assert (named["few-vanilla-s1"].dataset, named["few-vanilla-s1"].train_items) == ("cotempqa-twin", 8)
    assert sweep.missing(named, folder / "runs") == []


def test_a_run_that_other_code_made_is_missing(made, monkeypatch):
    profile, folder, _ = made
    monkeypatch.setattr(runner, "_library", lambda twin, taught: {"tracelib.training.sft": "changed"})
    assert len(sweep.missing(sweep.experiments(profile), folder / "runs")) == 4
    with pytest.raises(InputError, match="4 runs are missing, or made by other code"):
        sweep.write(profile, folder / "runs", "again", folder / "none")
    assert not (folder / "none").exists()


def test_tables_hold_what_the_run_folders_hold(made):
    _, folder, about = made
    outcomes, interventions, table, found = sweep_tables.read("mine", folder / "tables")
    assert found["runs"] == len(table) == 4
    assert found["outcomes"] == len(outcomes) == 24
    assert table["last_loss"].isna().tolist() == [False, False, True, False]  # prompted: no training
    assert table[["too_long_train", "too_long_test", "too_long_forced"]].to_numpy().sum() == 0
    assert table[["unfinished_test", "unfinished_forced"]].notna().all(axis=None)
    (state,) = found["computed"]
    assert found == {**about, "sha256": found["sha256"]}
    assert (state["command"], state["base_sha256"]) == (
        "tracelib grid mine.yaml",
        model_files.weights("tiny-base"),
    )
    assert len(state["library_sha256"]) == 64
    assert table["computed"].eq(0).all()
    for (setting, condition), rows in outcomes.groupby(["setting", "condition"]):
        own = run_folder.read_outcomes(folder / "runs" / f"{setting}-{condition}-s1")
        assert rows["item"].tolist() == own["item"].tolist()
        for column in ("answer_correct", "facts_cited", "facts_gold", "facts_both", "tokens"):
            assert rows[column].tolist() == own[column].tolist()
    for run in table.itertuples():
        written = folder / "runs" / f"{run.setting}-{run.condition}-s{run.seed}"
        assert run.predictions_sha256 == sha256(written / "predictions.jsonl")
        if run.condition == "correct":
            assert run.interventions_sha256 == sha256(written / "interventions.csv")
        assert run.git_commit == run_folder.read_about(written)["git_commit"]
    assert set(interventions["condition"]) == {"correct"}  # vanilla writes no trace
    assert interventions.groupby("intervention").size().loc["gold"] == 2
    assert table.set_index("condition")["target_tokens"].loc["correct"] > 20


def test_a_missing_run_is_named(made):
    profile, folder, _ = made
    with pytest.raises(InputError, match=r"run\.json"):
        sweep.collect(sweep.experiments(profile), folder / "elsewhere")


def test_some_cells_are_written_anew_and_the_others_stay(made, tmp_path, monkeypatch):
    profile, folder, _ = made
    shutil.copytree(folder / "tables", tmp_path / "tables")
    shutil.copytree(folder / "runs", tmp_path / "runs")
    before = sweep_tables.read("mine", tmp_path / "tables")
    monkeypatch.setattr(runner, "_library", lambda twin, taught: {"tracelib.training.sft": "changed"})
    cells = ["cotempqa-twin-correct", "few-prompted"]
    for name in sweep.experiments(profile, cells):
        about = tmp_path / "runs" / name / "run.json"
        changed = {"library_sha256": {"tracelib.training.sft": "changed"}, "git_commit": "b" * 40}
        about.write_text(json.dumps(json.loads(about.read_text()) | changed))
    sweep.write(profile, tmp_path / "runs", "part", tmp_path / "tables", cells)
    *tables, about = sweep_tables.read("mine", tmp_path / "tables")
    for old, new in zip(before[:2], tables, strict=False):  # the answers are the same
        pd.testing.assert_frame_equal(old, new)
    assert [state["command"] for state in about["computed"]] == ["tracelib grid mine.yaml", "part"]
    table = tables[2]
    assert table["computed"].tolist() == [0, 1, 1, 0]
    assert table["git_commit"].eq("b" * 40).tolist() == [False, True, True, False]
    own = [name for name in table if name not in ("computed", "git_commit")]
    pd.testing.assert_frame_equal(table[own], before[2][own])
    # Once the other cells are also made anew, nothing is left of the first state.
    shutil.copytree(tmp_path / "tables", tmp_path / "again")
    monkeypatch.setattr(sweep, "missing", lambda chosen, folder: [])
    others = [cell for cell in profile.cells() if cell not in cells]
    about = sweep.write(profile, tmp_path / "runs", "rest", tmp_path / "again", others)
    assert [state["command"] for state in about["computed"]] == ["part", "rest"]
    assert sweep_tables.read("mine", tmp_path / "again")[2]["computed"].tolist() == [1, 0, 0, 1]
    about = sweep.write(profile, tmp_path / "runs", "all", tmp_path / "again", list(profile.cells()))
    assert about["runs"] == 4
    assert {state["command"] for state in about["computed"]} == {"all"}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """A profile of two seeds, and the folder of its runs."""
    folder = tmp_path_factory.mktemp("seeded")
    text = MINI.replace("  few:", "  #").replace("conditions: [vanilla", "conditions: [prompted")
    profile = load(
        folder, text.replace("seeds: [1]", "seeds: [1, 2]").replace("test_items: 6", "test_items: 3")
    )
    for name, chosen in sweep.experiments(profile).items():
        runner.run(chosen, folder / "runs" / name)
    return profile, folder / "runs"


def test_tables_that_grow_seed_by_seed_end_as_if_written_at_once(seeded, tmp_path):
    profile, work = seeded
    sizes = []
    for seed in (1, 2):
        found = sweep.write(
            profile, work, f"tracelib grid mine --seeds {seed}", tmp_path / "grown", seeds=[seed]
        )
        sizes.append((found["runs"], found["planned"]))
    assert sizes == [(2, 3), (3, 3)]  # the prompted condition runs once
    sweep.write(profile, work, "tracelib grid mine", tmp_path / "whole")
    grown, whole = (sweep_tables.read("mine", tmp_path / name) for name in ("grown", "whole"))
    for some, every in zip(grown[:3], whole[:3], strict=True):
        pd.testing.assert_frame_equal(
            some.drop(columns="computed", errors="ignore"), every.drop(columns="computed", errors="ignore")
        )
    assert grown[2]["condition"].tolist() == ["prompted", "correct", "correct"]
    assert grown[2]["computed"].tolist() == [0, 0, 1]
    assert whole[2]["computed"].tolist() == [0, 0, 0]
    apart = {"computed", "sha256"}
    assert {name: value for name, value in grown[3].items() if name not in apart} == {
        name: value for name, value in whole[3].items() if name not in apart
    }
    # A seed that is written again replaces its old rows.
    again = sweep.write(profile, work, "tracelib grid mine --seeds 1", tmp_path / "grown", seeds=[1])
    assert (again["runs"], [state["command"][-1] for state in again["computed"]]) == (3, ["2", "1"])


def test_the_seeds_of_a_profile_are_asked_for_and_no_others(seeded, tmp_path, capsys):
    profile, _ = seeded
    assert list(sweep.experiments(profile, seeds=[2, 2])) == ["cotempqa-twin-correct-s2"]
    assert main(["grid", str(profile.path), "--seeds", "9"]) == 2
    assert f"{profile.path}: no seed 9, expected some of 1, 2" in capsys.readouterr().err
    assert main(["grid", str(profile.path), "--seeds", "1", "--seeds", "9"]) == 2
    assert "no seed 9" in capsys.readouterr().err
    given = ["grid", "mine", "--seeds", "1", "--seeds", "2", "--cells", "a", "--cells", "b"]
    asked = parser().parse_args(given)
    assert (asked.seeds, asked.cells) == ([1, 2], ["a", "b"])
    assert parser().parse_args(["grid"]).seeds == []


def test_runs_of_one_seed_are_of_one_kind_of_processor(seeded, tmp_path):
    """Pairs are compared within a seed, so other seeds may come from another kind of processor."""
    profile, work = seeded
    shutil.copytree(work, tmp_path / "runs")
    other = {
        "hardware": run_folder.read_about(work / "cotempqa-twin-correct-s1")["hardware"]
        | {"processor": "XPU"}
    }

    def moved(name: str) -> None:
        about = tmp_path / "runs" / name / "run.json"
        about.write_text(json.dumps(json.loads(about.read_text()) | other))

    moved("cotempqa-twin-correct-s2")
    assert sweep.write(profile, tmp_path / "runs", "all", tmp_path / "tables")["runs"] == 3
    sweep.write(profile, tmp_path / "runs", "first", tmp_path / "grown", seeds=[2])
    moved("cotempqa-twin-correct-s1")
    before = sweep_tables.read("mine", tmp_path / "tables")[-1]
    with pytest.raises(InputError, match=r"runs of cotempqa-twin with seed 1 were made on .*XPU .* one kind"):
        sweep.write(profile, tmp_path / "runs", "again", tmp_path / "tables", seeds=[1])
    assert sweep_tables.read("mine", tmp_path / "tables")[-1] == before


def test_where_there_is_no_release_its_problems_are_missed_in_one_line(tmp_path, monkeypatch, capsys):
    """A run and an estimate both fail before they make anything."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / "trace_check_qa").mkdir()
    monkeypatch.setenv(release_files.VARIABLE, str(tmp_path))
    text = MINI.replace("cotempqa-twin: {}", "babi: {facts: 0}").replace("  few:", "  #")
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    for given in (["run", str(path), "babi-correct-s1"], ["grid", str(path), "--estimate"]):
        assert main(given) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith("tracelib: error: ")
        assert "dataset_for_prompting.csv: missing; expected this file of the release" in said
    assert not list((tmp_path / "work").rglob("run.json"))


def test_cells_that_would_stay_must_be_as_the_profile_has_them(made, tmp_path):
    profile, folder, _ = made
    with pytest.raises(InputError, match="no cell 'few', expected some of cotempqa-twin-vanilla, "):
        sweep.experiments(profile, ["few"])
    other = load(tmp_path, MINI.replace("train_items: 8}", "train_items: 9}"))
    with pytest.raises(InputError, match="'few-prompted-s1' is not there as the profile has it"):
        sweep.write(other, folder / "runs", "part", folder / "tables", ["cotempqa-twin-correct"])
    with pytest.raises(InputError, match="no tables of the grid 'mine'"):
        sweep.write(profile, folder / "runs", "part", tmp_path / "none", ["cotempqa-twin-correct"])


def test_a_table_that_was_changed_is_refused(made, tmp_path):
    profile, folder, _ = made
    sweep.write(profile, folder / "runs", "again", tmp_path)
    path = tmp_path / "mine" / "runs.csv"
    path.write_text(path.read_text().replace("correct", "vanilla"))
    with pytest.raises(InputError, match=r"runs.csv: not what was written"):
        sweep_tables.read("mine", tmp_path)
    with pytest.raises(InputError, match="no tables of the grid 'other'"):
        sweep_tables.read("other", tmp_path)


def test_an_estimate_grows_with_the_work_and_shrinks_with_cores(monkeypatch):
    seconds = {"prepare": 1, "train": 10, "generate": 5, "intervene": 0, "verify": 1}
    monkeypatch.setattr(runner, "run", lambda chosen, folder: None)
    monkeypatch.setattr(run_folder, "read_about", lambda folder: {"seconds": seconds})
    monkeypatch.setattr(sweep, "has_gpu", lambda: False)
    assert sweep.estimate([], 2) == 0
    # The trial has as many problems as the run: it costs what the trial took.
    assert sweep.estimate([TINY], 1) == 17
    assert sweep.estimate([TINY] * 4, 1) == 4 * 17
    assert sweep.estimate([TINY] * 4, 2) == 4 * 17  # the seeds of one cell follow each other
    others = [replace(TINY, condition=name) for name in ("correct", "incorrect", "filler", "swapped")]
    assert sweep.estimate(others, 2) == 2 * 17
    # Once without training, once with half of it; generation costs the same.
    assert sweep.estimate([TINY, replace(TINY, condition="prompted", intervene_items=0)], 1) == 17 + 7
    monkeypatch.setattr(sweep, "has_gpu", lambda: True)
    assert sweep.estimate(others, 2) == 4 * 17
    assert sweep.estimate([TINY, replace(TINY, train_items=8)], 1) == 17 + 12


def test_an_estimate_times_a_run_with_traces_of_every_model(monkeypatch):
    seconds = {"prepare": 0, "train": 1, "generate": 0, "intervene": 1, "verify": 0}
    tried = []
    monkeypatch.setattr(runner, "run", lambda chosen, folder: tried.append(chosen))
    monkeypatch.setattr(run_folder, "read_about", lambda folder: {"seconds": seconds})
    plain = replace(TINY, condition="vanilla", train_items=1000)
    other = replace(TINY, model="big", dataset="cotempqa", train_items=0, test_items=0)
    monkeypatch.setattr(problem_sets, "load", lambda run: ([None] * 1735, [None] * 950))
    total = sweep.estimate([plain, replace(TINY, condition="prompted"), TINY, other], 1)
    assert [(run.model, run.condition, run.train_items) for run in tried] == [
        ("tiny-base", "correct", 16), ("big", "correct", 128),
    ]  # fmt: skip
    assert total == pytest.approx((1000 / 16 + 0) + 0 + 2 + (1735 / 128 + 1))


def test_the_estimates_trial_is_no_larger_than_the_run(monkeypatch):
    """A profile may leave few problems, for instance those on which a teacher has written."""
    seconds = {"prepare": 0, "train": 1, "generate": 1, "intervene": 1, "verify": 0}
    tried = []
    monkeypatch.setattr(runner, "run", lambda chosen, folder: tried.append(chosen))
    monkeypatch.setattr(run_folder, "read_about", lambda folder: {"seconds": seconds})
    monkeypatch.setattr(problem_sets, "load", lambda run: ([None] * 56, [None] * 12))
    sweep.estimate([replace(TINY, dataset="cotempqa", facts=7, train_items=0, test_items=0)], 1)
    assert [(run.train_items, run.test_items) for run in tried] == [(56, 12)]


def test_an_estimate_is_said_and_nothing_is_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.yaml").write_text(MINI)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "make", lambda *_, **__: pytest.fail("ran"))
    monkeypatch.setattr(sweep, "estimate", lambda runs, cores: 3600 * len(runs) / cores)
    monkeypatch.setattr(sweep, "memory", lambda runs, cores: f"memory of {len(runs)} runs")
    assert main(["grid", str(tmp_path / "mine.yaml"), "--estimate", "--cores", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "4 of 4 runs to go"
    assert said[1].startswith("about 2.0 h on 2 cores")
    assert said[2:] == ["memory of 4 runs"]


def test_memory_is_said_of_the_largest_run_and_of_all_that_stand_side_by_side(monkeypatch):
    """The seeds of a cell run one after the other, so they are estimated once."""
    sizes, asked = {"vanilla": 1e9, "correct": 2e9}, []

    def needed(run):
        asked.append(run.condition)
        return memory.Needed(0, 0, sizes[run.condition])

    monkeypatch.setattr(runner, "memory_needed", needed)
    monkeypatch.setattr(memory, "available", lambda: 3e9)
    monkeypatch.setattr(sweep, "has_gpu", lambda: False)
    chosen = [replace(TINY, condition=name, seed=seed) for name in sizes for seed in (1, 2)]
    words = "about 2.0 GB of memory for a run, 4.0 GB for 2 side by side; 3.0 GB available"
    assert sweep.memory(chosen, 8) == words
    assert asked == ["vanilla", "correct"]
    assert sweep.memory(chosen, 1).startswith("about 2.0 GB of memory for a run, 2.0 GB for 1 side by side")
    monkeypatch.setattr(sweep, "has_gpu", lambda: True)
    assert "for 1 side by side" in sweep.memory(chosen, 8)


def test_many_machines_are_not_estimated_by_a_trial_on_this_one(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.yaml").write_text(MINI)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(sweep, "estimate", lambda *_: pytest.fail("tried"))
    asked = []
    monkeypatch.setattr(build, "make", lambda *_, executor: asked.append(executor))
    monkeypatch.setattr(sweep, "write", lambda *_, **__: {"outcomes": 6, "runs": 4})
    assert main(["grid", str(tmp_path / "mine.yaml"), "--executor", "profiles/slurm"]) == 0
    assert asked == ["profiles/slurm"]
    assert capsys.readouterr().out.startswith("4 of 4 runs to go\n6 outcomes of 4 runs")


def test_some_cells_by_the_command_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.yaml").write_text(MINI)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(sweep, "estimate", lambda runs, cores: 3600 * len(runs))
    monkeypatch.setattr(sweep, "memory", lambda runs, cores: "some memory")
    done = {}
    monkeypatch.setattr(build, "make", lambda profile, targets, *_, **__: done.update(targets=targets))
    monkeypatch.setattr(sweep, "kept", lambda profile, cells, seeds: done.update(kept=(cells, seeds)))

    def write(profile, work, command, cells, seeds):
        done.update(command=command, cells=cells, seeds=seeds)
        return {"outcomes": 6, "runs": 4}

    monkeypatch.setattr(sweep, "write", write)
    given = ["grid", str(tmp_path / "mine.yaml"), "--cells", "few-vanilla"]
    assert main(given) == 0
    assert capsys.readouterr().out.startswith("1 of 1 runs to go\nabout 1.0 h")
    assert done == {
        "targets": ["work/mine/experiments/few-vanilla.ipynb"],
        "kept": (["few-vanilla"], []),
        "cells": ["few-vanilla"],
        "seeds": [],
        "command": f"tracelib grid {tmp_path / 'mine.yaml'} --cells few-vanilla",
    }


def test_cells_that_cannot_be_merged_are_refused_before_anything_is_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.yaml").write_text(MINI)
    monkeypatch.setattr(build, "make", lambda *_, **__: pytest.fail("ran"))
    assert main(["grid", str(tmp_path / "mine.yaml"), "--cells", "few-vanilla"]) == 2
    assert "no tables of the grid 'mine'" in capsys.readouterr().err


def test_parameters_of_a_run_are_kept_whole(made):
    _, folder, _ = made
    table = sweep_tables.read("mine", folder / "tables")[2]
    for run in table.itertuples():
        kept = json.loads(run.parameters)
        assert (kept["condition"], kept["train_items"]) == (run.condition, run.train_items)
    assert pd.api.types.is_float_dtype(table["last_loss"])
