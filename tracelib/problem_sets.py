"""The training and test problems of an experiment: a twin's, or the paper's own."""

from importlib import import_module
from pathlib import Path

from tracelib import twins
from tracelib.parameters import Experiment
from tracelib.problems import TWINS, Problem

REAL_DATA = Path(__file__).with_name("real_data.py")


def load(chosen: Experiment) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems, disjoint; the same for every condition and model seed.

    A twin's test problems are also the same for every number of training problems, and fewer of
    those are the first of the more: its stream of problems gives the test ones first.
    """
    sizes = {"test": chosen.test_items, "train": chosen.train_items}
    if chosen.dataset not in TWINS:
        return _real_data().load(chosen.dataset, sizes, chosen.data_seed)
    dataset = chosen.dataset.removesuffix("-twin")
    made = twins.splits(dataset, sizes, chosen.data_seed, chosen.facts, chosen.dates)
    return made["train"], made["test"]


def standing_in(chosen: Experiment) -> str:
    """What stands in for training problems that are not to be had; empty where they are all there."""
    return "" if chosen.dataset in TWINS else _real_data().standing_in(chosen.dataset)


def _real_data():
    # By name, so that a twin's runs do not depend on the release (`tracelib.keys` reads imports).
    return import_module(f"tracelib.{REAL_DATA.stem}")
