"""Descriptions of the release's test problems, and the available outputs with their texts.

Without the release, the table that the package ships stands in (ids, labels and counts, no text).
"""

import pandas as pd

from tracelib.analysis.item_analysis import TYPES, describe
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.paper import release
from tracelib.scoring.outcomes import ORDER
from tracelib.scoring.outputs import Output


def load() -> pd.DataFrame:
    """`describe` of the release's test problems. The shipped rows stand in for problems that are not here."""
    return compute(skipped=[])


def compute(skipped: list[InputError] | None = None) -> pd.DataFrame:
    """As `load`, but with `skipped` None the first bad line raises an `InputError`.

    Args:
        skipped: a list that takes the errors of the lines left out.
    """
    every = shipped()
    of = {dataset: every[every["dataset"] == dataset] for dataset in ORDER["dataset"]}
    parts = [_of_dataset(dataset, known, skipped) for dataset, known in of.items()]
    return pd.concat(parts, ignore_index=True)


def _of_dataset(dataset: str, known: pd.DataFrame, skipped: list[InputError] | None) -> pd.DataFrame:
    try:
        found = describe(_tested(dataset, skipped))
    except release_files.Unreachable:
        return known
    if dataset != "marco":
        return found
    return pd.concat([found, known[~known["problem"].isin(found["problem"])]])  # problems of missing outputs


def _tested(dataset: str, skipped: list[InputError] | None) -> list[Problem]:
    """The test problems of a dataset's fine-tuned models. MARCO's are taken from its outputs."""
    if dataset != "marco":
        return release_problems.load_tested(dataset)
    return [output.problem for output in release.load_outputs(skipped=skipped, datasets=[dataset])]


SHIPPED = ShippedTable(PAPER / "release_items.csv", compute, TYPES)
shipped = SHIPPED.read


def load_texts() -> list[Output] | None:
    """The released outputs with the texts of their problems; None without the release."""
    try:
        return release.load_outputs(skipped=[])
    except release_files.Unreachable:
        return None
