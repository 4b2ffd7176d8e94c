"""The runs that chapters show: a build's, or those that ship, and how the shipped ones were made."""

import json
import shutil

import pytest

from tests.conftest import ROOT
from tracelib.book import contents
from tracelib.book.declared import declared
from tracelib.core import provenance
from tracelib.core.errors import InputError
from tracelib.datasets import problem_sets
from tracelib.experiments import profiles, run_folder, shown_runs, sweep
from tracelib.experiments.config import from_parameters
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import score

NAMES = sorted(path.name for path in shown_runs.SHIPPED.iterdir())
RUN = NAMES[0]


@pytest.fixture
def work(tmp_path):
    """A build's folder with the shipped runs."""
    shutil.copytree(shown_runs.SHIPPED, tmp_path / "mine" / "runs")
    return tmp_path / "mine"


def without(name: str, inner: str = ""):
    """Remove what a run.json records."""

    def change(run):
        about = json.loads((run / "run.json").read_text())
        del (about[name] if inner else about)[inner or name]
        (run / "run.json").write_text(json.dumps(about))

    return change


def renamed_parameter(run):
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"train_items"', '"training_items"'))


def without_a_column(run):
    text = (run / "outcomes.csv").read_text()
    (run / "outcomes.csv").write_text(text.replace("retrieval_correct", "facts_correct"))


FAULTS = {
    "no file loss.csv": lambda run: (run / "loss.csv").unlink(),
    "no file predictions.jsonl": lambda run: (run / "predictions.jsonl").unlink(),
    "run.json has no 'unfinished'": without("unfinished"),
    "run.json has no 'parameters'": without("parameters"),
    "run.json, 'too_long': expected train, test": without("too_long", "train"),
    "experiment parameters: unknown training_items": renamed_parameter,
    "experiment parameters: missing model": without("parameters", "model"),
    "outcomes.csv has no column 'retrieval_correct'": without_a_column,
}


def test_a_builds_own_runs_come_first(work, capsys):
    assert shown_runs.find(work, NAMES) == (
        work / "runs", "mine", "the runs that were made when the book was built",
    )  # fmt: skip
    assert not capsys.readouterr().out


@pytest.mark.parametrize("reason", FAULTS)
def test_a_run_of_another_version_is_replaced_by_what_ships_and_that_is_said(work, capsys, reason):
    FAULTS[reason](work / "runs" / RUN)
    found = shown_runs.find(work, NAMES)
    assert found.folder == shown_runs.SHIPPED
    (said,) = capsys.readouterr().out.splitlines()
    assert said == (
        f"{work}/runs/{RUN}: a run of another version ({reason}); make it again: tracelib run mine {RUN}. "
        "Until then the runs that ship with the package are shown"
    )


def test_a_missing_run_is_replaced_by_what_ships_and_that_is_said(tmp_path, capsys):
    assert shown_runs.find(tmp_path / "laptop", NAMES).folder == shown_runs.SHIPPED
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(
        f"{tmp_path}/laptop/runs: no run '{RUN}'; make it first: tracelib run laptop {RUN}"
    )


def test_where_nothing_ships_in_its_place_a_run_is_named(work):
    for name in ("mine-s1", RUN):
        with pytest.raises(InputError, match="no run 'mine-s1'"):
            shown_runs.find(work, list({name, "mine-s1"}))
    shutil.copytree(work / "runs" / RUN, work / "runs" / "mine-s1")
    (work / "runs" / "mine-s1" / "loss.csv").unlink()
    with pytest.raises(InputError, match=r"mine-s1: a run of another version \(no file loss.csv\)"):
        shown_runs.find(work, ["mine-s1"])


def test_no_build_is_shown_by_what_ships():
    """A build shows the runs of its profile; were all of them shipped, a failed build could go unseen."""
    for name in ("laptop", "smoke"):
        assert not set(profiles.load(name).runs()) <= set(NAMES)


def test_the_chapters_show_by_default_what_ships():
    asked = [declared(contents.notebook(name)).get("run_names") for name in contents.chapters()]
    assert {frozenset(names.default) for names in asked if names} == {frozenset(NAMES)}


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_runs_are_the_laptops(name):
    """Their parameters, problems and verdicts are what this version gives; else `make shipped-runs`."""
    folder = shown_runs.SHIPPED / name
    about = run_folder.read_about(folder)
    chosen = from_parameters(about["parameters"])
    assert chosen == sweep.experiments(profiles.load(shown_runs.PROFILE))[name]
    train, test = problem_sets.load(chosen)
    assert about["data_sha256"] == provenance.text_hash(*(repr(problem) for problem in train + test))
    assert run_folder.read_outcomes(folder).equals(score(outputs.read(folder / "predictions.jsonl")))


def test_the_shipped_files_are_small():
    files = [path for path in shown_runs.SHIPPED.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"run.json", *shown_runs.FILES}
    assert sum(path.stat().st_size for path in files) < 300_000
    assert (ROOT / "Makefile").read_text().count("cp run.json outcomes.csv loss.csv predictions.jsonl") == 1
