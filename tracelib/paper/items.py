"""The release's test problems described, and its outputs with their texts, as far as they are here.

Where the release cannot be had, the table shipped with the package stands in (ids, labels and counts, no
text).
"""

import pandas as pd

from tracelib.analysis.item_analysis import describe, typed
from tracelib.core.files import InputError, written_beside
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.problem import Problem
from tracelib.paper import release
from tracelib.scoring.outcomes import ORDER
from tracelib.scoring.outputs import Output

SHIPPED_ITEMS = PAPER / "release_items.csv"


def load() -> pd.DataFrame:
    """`describe` of the release's test problems, from their text; as shipped where these are not here."""
    return _described(skipped=[])


def _described(skipped: list[InputError] | None) -> pd.DataFrame:
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


def shipped() -> pd.DataFrame:
    """The descriptions that `derive` wrote into the package."""
    return typed(pd.read_csv(SHIPPED_ITEMS, keep_default_na=False, na_values={"same_subject": [""]}))


def load_texts() -> list[Output] | None:
    """The released outputs with their problems' texts; None where the release cannot be had."""
    try:
        return release.load_outputs(skipped=[])
    except release_files.Unreachable:
        return None


def derive() -> int:
    """Rebuild the shipped descriptions from what is here, strict; returns how many problems there are."""
    table = _described(skipped=None)
    with written_beside(SHIPPED_ITEMS) as beside:
        table.to_csv(beside, index=False)
    return len(table)
