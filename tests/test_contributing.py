"""The examples of CONTRIBUTING.md, put in their places and run; `test_new_dataset` has the dataset's."""

import re
import shutil

from tests.conftest import ROOT
from tracelib.core.paths import TINY_BASE
from tracelib.experiments import profiles, runner, sweep
from tracelib.traces import conditions, described

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
EXAMPLES = dict(re.findall(r"```\w+ (\w+)\n(.*?)```", PAGE, re.DOTALL))


def test_the_condition(problem, monkeypatch):
    monkeypatch.setattr(conditions, "CONDITIONS", dict(conditions.CONDITIONS))
    exec(EXAMPLES["condition"], vars(conditions) | {"CONDITIONS": conditions.CONDITIONS})
    made, correct = (conditions.target(problem, name, 1) for name in ("backwards", "correct"))
    assert made != correct
    assert sorted(made) == sorted(correct)
    assert described.describe("backwards") == "The correct trace with its facts in the opposite order."


def test_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY_BASE, tmp_path / "models" / "my-model")
    (tmp_path / "mine.yaml").write_text(EXAMPLES["model"])
    chosen = sweep.experiments(profiles.load("mine.yaml"))["babi-twin-correct-s1"]
    outcomes = runner.run(chosen, tmp_path / "run")
    assert outcomes["condition"].unique().tolist() == ["correct"]
    assert len(outcomes) == 16
