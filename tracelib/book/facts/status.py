"""The status page: data, versions, parameters and times behind a build."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.book import contents
from tracelib.core import provenance
from tracelib.core.frames import where
from tracelib.core.paths import PAPER
from tracelib.core.reading import sha256
from tracelib.datasets import release_files
from tracelib.experiments import parameters, run_folder, shown_runs
from tracelib.paper import evidence, release
from tracelib.reporting.tables import dashed
from tracelib.stats.as_text import NONE

VARIED = ("condition", "seed")  # parameters that vary between the runs of a setting


@dataclass(frozen=True)
class Facts:
    """Everything that the page cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        data: sources, commits and hashes (what, value).
        machine: versions and hardware (what, value).
        parameters: a row per parameter, a column per setting.
        meanings: of each parameter (`tracelib.experiments.parameters`).
        runs: seconds per stage and the commit, a row per run.
        jobs: seconds of each job of the graph (stage, job, seconds).
        pages: how to execute each chapter again, and the seconds that it took (`tracelib.book.contents`).
        of_chapters: the parameters of the chapters (`tracelib.book.contents`).
    """

    numbers: dict[str, object]
    data: pd.DataFrame
    machine: pd.DataFrame
    parameters: pd.DataFrame
    meanings: pd.DataFrame
    runs: pd.DataFrame
    jobs: pd.DataFrame
    pages: pd.DataFrame
    of_chapters: pd.DataFrame


def facts(work: Path, run_names: Sequence[str]) -> Facts:
    """The facts, from a build's folder and its runs (`shown_runs.find`)."""
    found = shown_runs.find(work, run_names)
    abouts = {name: run_folder.read_about(found.folder / name) for name in run_names}
    settings: dict[str, list[dict]] = {}
    for name, about in abouts.items():
        settings.setdefault(run_folder.setting(name, about), []).append(about)
    jobs = _jobs(work / "times")
    machine = provenance.versions() | provenance.hardware()
    return Facts(
        numbers={"kernels": _outside_runs(abouts, jobs)},
        data=_data(work, found.made, settings),
        machine=_listed({name: str(value) for name, value in machine.items()}),
        parameters=_parameters(found.profile, settings),
        meanings=pd.DataFrame(parameters.described()),
        runs=_runs(abouts),
        jobs=jobs.assign(seconds=[round(seconds, 1) for seconds in jobs["seconds"]]),
        pages=dashed(pd.DataFrame(contents.pages(work))),
        of_chapters=pd.DataFrame(contents.parameters()),
    )


def _listed(values: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame({"what": values.keys(), "value": values.values()})


def _jobs(times: Path) -> pd.DataFrame:
    """The seconds of each job, from the graph's records."""
    rows = [
        {"stage": record.parent.name, "job": record.stem, "seconds": contents.seconds(record)}
        for record in sorted(times.glob("*/*.tsv"))
    ]
    return pd.DataFrame(rows, columns=["stage", "job", "seconds"]).dropna()


def _outside_runs(abouts: Mapping[str, dict], jobs: pd.DataFrame) -> str:
    """The share of the kernels' wall time that was spent outside of runs."""
    taken = where(jobs, stage="runs").set_index("job")["seconds"].to_dict()
    spent: Counter[str] = Counter()
    for name, about in abouts.items():
        spent[name.rpartition("-s")[0]] += sum(about["seconds"].values())
    # A cell that was interrupted and called again took less time than its runs, some of which were finished.
    whole = [cell for cell, seconds in taken.items() if 0 < spent[cell] <= seconds]
    if not whole:
        return NONE
    share = 1 - sum(spent[cell] for cell in whole) / sum(taken[cell] for cell in whole)
    return f"{100 * share:.0f}%"


def _data(work: Path, made: str, settings: Mapping[str, list[dict]]) -> pd.DataFrame:
    """The sources of the released outputs, the runs and the problems; a setting's from its last run."""
    last = {setting: abouts[-1] for setting, abouts in settings.items()}
    stand_ins = {name: about["stand_ins"] for name, about in last.items() if about.get("stand_ins")}
    texts = {name: about["texts"]["source"] for name, about in last.items() if "texts" in about}
    values = {
        "released outputs, source": evidence.read(work / "data").source.detail,
        **{f"release, branch {branch}": commit for branch, commit in release_files.COMMITS.items()},
        "sha256 of the list of the release's files": sha256(PAPER / "release_tree.csv"),
        "sha256 of the shipped outcomes": sha256(release.SHIPPED_OUTCOMES.path),
        "runs": made,
        **{f"sha256 of the problems, {name}": about["data_sha256"] for name, about in last.items()},
        **{f"training problems, {name}": detail for name, detail in stand_ins.items()},
        **{f"teacher's texts, {name}": detail for name, detail in texts.items()},
    }
    return _listed(values)


def _parameters(profile: str, settings: Mapping[str, list[dict]]) -> pd.DataFrame:
    """Each setting's parameters from its last run; all values of the parameters that vary."""
    shown = {}
    for setting, abouts in settings.items():
        about = abouts[-1]
        runs = [own["parameters"] for own in abouts]
        varied = {name: ", ".join(dict.fromkeys(str(run[name]) for run in runs)) for name in VARIED}
        done = {"matrix products in": f"{about['precision']}, on {about['device']}"}
        shown[setting] = {"profile": profile, "texts": "", **about["parameters"], **varied, **done}
    return pd.DataFrame(shown).astype(str).rename_axis("knob").reset_index()


def _runs(abouts: Mapping[str, dict]) -> pd.DataFrame:
    return pd.DataFrame(
        {"run": name, **about["seconds"], "commit": about["git_commit"] or "not a checkout"}
        for name, about in abouts.items()
    )
