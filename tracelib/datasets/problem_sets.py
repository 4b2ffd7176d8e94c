"""The training and test problems of an experiment: a twin's, or the dataset's own.

With a teacher's texts (``texts``), only problems on which the teacher has written are trained on.
"""

from tracelib.core.errors import InputError
from tracelib.datasets import real_data, teacher_texts, twins
from tracelib.datasets.dataset import TWIN
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import TWINS
from tracelib.datasets.splits import Dealt, Selection


def load(chosen: Selection) -> tuple[list[Problem], list[Problem]]:
    """The training and test problems: the same for every condition and, except with folds, every model seed.

    No problem is in both parts, except in bAbI's split as released (`tracelib.datasets.splits`).

    A twin's stream gives the test problems first. So they are the same for every number of training
    problems, and a smaller training set is the beginning of a larger one.
    """
    dealt = deal(chosen)
    return dealt.train, dealt.test


def deal(chosen: Selection) -> Dealt:
    """The problems as in `load`, and how many were dropped; a twin drops those without a teacher's text."""
    taught = teacher_texts.load(chosen.texts) if chosen.texts else None
    if chosen.dataset not in TWINS:
        return real_data.deal(chosen, taught)
    sizes = {"test": chosen.test_items, "train": chosen.train_items}
    dataset = chosen.dataset.removesuffix(TWIN)
    made = twins.splits(dataset, sizes, chosen.data_seed, chosen.facts, chosen.dates)
    if taught is None:
        return Dealt(made["train"], made["test"], {})
    train = [problem for problem in made["train"] if problem in taught]
    if not train:
        raise InputError(f"has no text on any of the {len(made['train'])} training problems", chosen.texts)
    return Dealt(train, made["test"], {"untaught": len(made["train"]) - len(train)})


def standing_in(chosen: Selection) -> str:
    """A sentence on the problems that replace missing training problems; empty if none are missing."""
    return "" if chosen.dataset in TWINS else real_data.standing_in(chosen.dataset)
