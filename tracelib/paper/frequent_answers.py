"""A baseline without a model on the bAbI problems of the real model's runs: the most frequent answer.

The baseline gives the most frequent answer to the runs' training problems of the same category. Without the
release, the table shipped with the package is used (ids and verdicts, no text).
"""

import json

import pandas as pd

from tracelib.analysis import baselines
from tracelib.core.paths import PAPER
from tracelib.datasets import problem_sets
from tracelib.datasets.shipped import ShippedTable
from tracelib.experiments.config import from_parameters
from tracelib.paper import real_grid

COLUMNS = {"item": "str", "right": "boolean"}


def compute() -> pd.DataFrame:
    """A row per test problem: item (its content id), right."""
    *_, runs, _ = real_grid.read()
    knobs = json.loads(runs["parameters"].iloc[0])
    right = baselines.most_frequent(*problem_sets.load(from_parameters(knobs)))
    return right.rename_axis("item").rename("right").reset_index().astype(COLUMNS)


SHIPPED = ShippedTable(PAPER / "babi_frequent_answers.csv", compute, COLUMNS)
