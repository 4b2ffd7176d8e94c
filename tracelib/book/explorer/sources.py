"""The outcomes that the explorer shows, and the texts behind them where they may be shown.

A further origin of outcomes, such as natural traces, is one more function here that gives a `Source`, and one
more line in `everything`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.book.explorer.explained import Explained, explain
from tracelib.book.publishing import is_public
from tracelib.core.errors import InputError
from tracelib.datasets import registry
from tracelib.datasets.registry import TWINS
from tracelib.datasets.release_files import Unreachable
from tracelib.experiments import run_folder
from tracelib.paper import evidence, release
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import place
from tracelib.scoring.outputs import Output

OF_TWIN = "Problems: made by a program of this project."
OF_RELEASE = "Outputs: the paper's release, MIT."


@dataclass(frozen=True)
class Source:
    """Outcomes of one origin on one dataset.

    Attributes:
        origin: who made the outputs, in a word: released, replicated.
        setting: the way in which the dataset was used; the dataset's name if there is only one.
        dataset: the dataset's name; a twin's own name for a twin.
        outcomes: a row per output (`tracelib.scoring.outcomes`).
        outputs: the outputs, in any order. Where one is missing, its verdicts are shown without its text.
        credits: sentences that say where the texts are from, with the licence.
        explain: says of an output what the page shows beside its text.
    """

    origin: str
    setting: str
    dataset: str
    outcomes: pd.DataFrame
    outputs: Sequence[Output] = ()
    credits: tuple[str, ...] = ()
    explain: Callable[[Output], Explained] = explain


def everything(work: Path, run_names: Sequence[str]) -> list[Source]:
    """The sources of a build: the release's outcomes in its data, and its runs."""
    return [*released(work / "data"), *replicated(work, run_names)]


def released(data: Path) -> list[Source]:
    """The released outcomes, a source per dataset; with the texts if the release is here."""
    outcomes = evidence.read_outcomes(data).sort_values("dataset", key=place, kind="stable")
    sources = []
    for name, own in outcomes.groupby("dataset", sort=False):
        credit = _credit(name)
        texts = _released_outputs(name) if credit else []
        sources.append(Source("released", name, name, own, texts, (credit, OF_RELEASE)))
    return sources


def _credit(dataset: str) -> str:
    """Where a dataset's texts are from; empty if this build may not show them."""
    if dataset in TWINS:
        return OF_TWIN
    return "" if is_public() else registry.dataset(dataset).credit


def _released_outputs(dataset: str) -> list[Output]:
    unread: list[InputError] = []  # the chapter on reproducing names these lines
    try:
        return release.load_outputs(skipped=unread, datasets=[dataset])
    except Unreachable:
        return []


def replicated(work: Path, run_names: Sequence[str]) -> list[Source]:
    """The named runs of a build, a source each; an `InputError` if one is missing."""
    folder = run_folder.present(work, run_names)
    return [_of_run(name, folder / name) for name in run_names]


def _of_run(name: str, folder: Path) -> Source:
    about = run_folder.read_about(folder)
    dataset = about["parameters"]["dataset"]
    credit = _credit(dataset)
    said = outputs.read(folder / "predictions.jsonl") if credit else []
    setting = run_folder.setting(name, about)
    return Source("replicated", setting, dataset, run_folder.read_outcomes(folder), said, (credit,))
