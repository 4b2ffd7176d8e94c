"""The real model's benchmark, on the tiny base: its figures are right, or it says why there are none."""

import json
from dataclasses import replace

import pytest

from tests.experiments.test_runner import TINY
from tracelib.bench import smollm2 as bench_smollm2
from tracelib.bench import training as bench_training
from tracelib.bench.smollm2 import Effort
from tracelib.datasets import release_files
from tracelib.training import model_files, models

LITTLE = Effort(train=8, passes=1, answers=3, single=1, compared=2, new_tokens=3)


@pytest.mark.slow
def test_every_figure_is_measured(capsys):
    pytest.importorskip("trl")
    chosen = replace(
        TINY, dataset="babi-twin", condition="correct", train_items=LITTLE.train, test_items=LITTLE.answers,
        precision="fp32",
    )  # fmt: skip
    found = bench_smollm2.measure(chosen, LITTLE)
    figures = {f"smollm2_{name}": value for name, value in found.items()}
    for name, (_, ours, _) in bench_smollm2.COMPARED.items():
        assert figures[name] == pytest.approx(figures[ours] / figures[f"{name}_peer"], rel=0.1, abs=0.2)
    assert found["precision"] == "fp32"
    assert found["texts_equal_in_fp32"] is True
    assert 0 < found["matrix_share"] < found["operations_share"]
    assert found["peak_mb"] > 0
    assert capsys.readouterr().out == ""  # standard output is read as JSON
    rows = bench_training.table(figures, bench_smollm2.COMPARED)
    assert [row[0] for row in rows[1:]] == [what for what, *_ in bench_smollm2.COMPARED.values()]


def test_texts_that_differ_are_an_error(monkeypatch):
    monkeypatch.setattr(bench_training, "one_at_a_time", lambda model, tokenizer, prompts, most: ["other"])
    tokenizer = models.tokenizer("tiny-base")
    with pytest.raises(AssertionError, match="other"):
        bench_smollm2._texts_are_equal(TINY, tokenizer, ["What is it?"], LITTLE)


def test_a_model_that_is_not_here_is_left_out_and_said(monkeypatch, tmp_path):
    monkeypatch.setenv(model_files.VARIABLE, str(tmp_path))
    figures = bench_smollm2.run()
    assert list(figures) == ["smollm2_not_measured"]
    assert "tracelib models fetch" in figures["smollm2_not_measured"]
    assert bench_training.table(figures, bench_smollm2.COMPARED)[1:] == []


def test_it_is_measured_in_a_process_of_its_own(monkeypatch):
    commands = []

    class Done:
        stdout = json.dumps({"smollm2_tokens_per_s": 3})

    monkeypatch.setattr(model_files, "folder", lambda name: name)
    monkeypatch.setattr(
        bench_smollm2.subprocess, "run", lambda command, **_: commands.append(command) or Done
    )
    assert bench_smollm2.run() == {"smollm2_tokens_per_s": 3}
    assert commands[0][1:] == ["-m", bench_smollm2.__name__]


def test_without_the_release_its_twin_stands_in_and_that_is_said(monkeypatch):
    def unreachable(chosen):
        raise release_files.Unreachable("cannot download the release")

    monkeypatch.setattr(bench_smollm2.problem_sets, "deal", unreachable)
    chosen, problems = bench_smollm2.as_profiled(LITTLE)
    assert (chosen.dataset, chosen.model, problems) == (
        "babi-twin",
        "smollm2-135m",
        "a twin of bAbI's, of like length",
    )
    assert (chosen.condition, chosen.train_items, chosen.test_items) == ("correct", 8, 3)
