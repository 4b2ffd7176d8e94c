"""The training and test problems of an experiment: a twin's, or the paper's own."""

from importlib import import_module
from pathlib import Path

from tracelib.datasets import twins
from tracelib.datasets.dataset import TWIN
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import TWINS
from tracelib.datasets.splits import Dealt, Selection

REAL_DATA = Path(__file__).with_name("real_data.py")


def load(chosen: Selection) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems; the same for every condition and, but for folds, for every model seed.

    They are disjoint, but for bAbI's as released: some stand in both parts (`tracelib.datasets.splits`).

    A twin's test problems are also the same for every number of training problems, and fewer of
    those are the first of the more: its stream of problems gives the test ones first.
    """
    dealt = deal(chosen)
    return dealt.train, dealt.test


def deal(chosen: Selection) -> Dealt:
    """`load`, with how many problems were dropped; a twin drops none."""
    if chosen.dataset not in TWINS:
        return _real_data().deal(chosen)
    sizes = {"test": chosen.test_items, "train": chosen.train_items}
    dataset = chosen.dataset.removesuffix(TWIN)
    made = twins.splits(dataset, sizes, chosen.data_seed, chosen.facts, chosen.dates)
    return Dealt(made["train"], made["test"], {})


def standing_in(chosen: Selection) -> str:
    """What stands in for training problems that are not to be had; empty where they are all there."""
    return "" if chosen.dataset in TWINS else _real_data().standing_in(chosen.dataset)


def _real_data():
    # By name, so that a twin's runs do not depend on the release (`tracelib.core.keys` reads imports).
    return import_module(f"tracelib.datasets.{REAL_DATA.stem}")
