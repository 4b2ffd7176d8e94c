"""The release's test problems described, and its outputs with their texts, as far as they are here.

Where the release cannot be had, the table shipped with the package stands in (ids, labels and counts, no
text).
"""

import pandas as pd

from tracelib.analysis.item_analysis import TYPES, describe
from tracelib.core.files import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.paper import release
from tracelib.scoring.outcomes import ORDER
from tracelib.scoring.outputs import Output


def load() -> pd.DataFrame:
    """`describe` of the release's test problems, from their text; as shipped where these are not here."""
    return compute(skipped=[])


def compute(skipped: list[InputError] | None = None) -> pd.DataFrame:
    """As `load`; strict, or lenient with a list that takes the errors of the lines left out."""
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
    return pd.concat([found, known[~known["problem"].isin(found["problem"])]])  # of outputs elsewhere


def _tested(dataset: str, skipped: list[InputError] | None) -> list[Problem]:
    """The problems that a dataset's fine-tuned models were tested on; MARCO's are those of its outputs."""
    if dataset != "marco":
        return release_problems.load_tested(dataset)
    return [output.problem for output in release.load_outputs(skipped=skipped, datasets=[dataset])]


SHIPPED = ShippedTable(PAPER / "release_items.csv", compute, TYPES)
shipped = SHIPPED.read


def load_texts() -> list[Output] | None:
    """The released outputs with their problems' texts; None where the release cannot be had."""
    try:
        return release.load_outputs(skipped=[])
    except release_files.Unreachable:
        return None
