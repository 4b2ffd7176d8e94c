"""Split a dataset's real problems into those that a run trains on and those that it tests.

released: the release's training and test problems.
clean: the release's test problems; its training problems without duplicates and without the test problems.
validation: the training problems of clean; the run tests those on which it does not train.
folds: training and test problems together, in five folds; a seed tests one fold and trains on the others.

Two problems are the same if their question, facts and answers are. Case, spaces and the order of the facts
do not count.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from tracelib.core.errors import InputError
from tracelib.core.texts import folded
from tracelib.datasets.problem import Problem, content_id
from tracelib.datasets.registry import dataset

FOLDS = 5  # in a partition; this many seeds test each problem once
CAUSES = {  # why a problem is dropped, in words
    "facts": "with more facts",
    "untaught": "on which the teacher has no text",
    "tested": "that are in the test set too",
    "repeated": "that repeat another",
}


class Selection(Protocol):
    """The fields of a run's parameters that choose its problems (`tracelib.experiments.config`)."""

    dataset: str
    split: str
    train_items: int
    test_items: int
    facts: int
    dates: str
    data_seed: int
    seed: int
    texts: str


class Dealt(NamedTuple):
    """The problems of a run, and the number of released problems that were dropped, by cause (`CAUSES`).

    Problems that a sample leaves out do not count as dropped.
    """

    train: list[Problem]
    test: list[Problem]
    dropped: dict[str, int]


def deal(
    chosen: Selection,
    train: Sequence[Problem],
    test: Sequence[Problem],
    taught: Container[Problem] | None = None,
) -> Dealt:
    """The problems that a run trains on and tests, chosen from a dataset's released parts, in their order.

    They are the same for every condition and, except with folds, for every model seed. `InputError` if there
    are fewer problems than asked for.

    Args:
        taught: the problems on which a teacher has written; only these are trained on. The test problems are
            the same with and without a teacher.
    """
    few = [[p for p in part if not chosen.facts or len(p.facts) <= chosen.facts] for part in (train, test)]
    dropped = {"facts": len(train) + len(test) - sum(map(len, few))}
    ways = {"released": _released, "clean": _clean, "validation": _validation, "folds": _folds}
    possible, tested, causes = ways[chosen.split](chosen, *few)
    trainable = possible if taught is None else [problem for problem in possible if problem in taught]
    trained = _some("train", trainable, chosen)
    if chosen.split == "validation":
        taken = set(map(content_in_any_order, trained))
        tested = [problem for problem in tested if content_in_any_order(problem) not in taken]
    untaught = {} if taught is None else {"untaught": len(possible) - len(trainable)}
    return Dealt(trained, _some("test", tested, chosen), dropped | causes | untaught)


def _released(chosen: Selection, train: list[Problem], test: list[Problem]) -> Dealt:
    return Dealt(train, test, {})


def _clean(chosen: Selection, train: list[Problem], test: list[Problem]) -> Dealt:
    tested = {content_in_any_order(problem) for problem in test}
    others = [problem for problem in train if content_in_any_order(problem) not in tested]
    once = distinct(others)
    return Dealt(once, test, {"tested": len(train) - len(others), "repeated": len(others) - len(once)})


def _validation(chosen: Selection, train: list[Problem], test: list[Problem]) -> Dealt:
    """The clean training problems as both parts; `deal` takes those that are trained on from the others."""
    clean = _clean(chosen, train, test)
    return Dealt(clean.train, clean.train, clean.dropped)


def _folds(chosen: Selection, train: list[Problem], test: list[Problem]) -> Dealt:
    once = distinct([*train, *test])
    partition, tested = divmod(chosen.seed - 1, FOLDS)
    places = list(zip(once, folds(once, f"{chosen.data_seed}/{partition}"), strict=True))
    parts = ([p for p, fold in places if fold != tested], [p for p, fold in places if fold == tested])
    return Dealt(*parts, {"repeated": len(train) + len(test) - len(once)})


def folds(problems: Sequence[Problem], seed: int | str) -> list[int]:
    """The fold of each problem, from 0. All problems about one person share a fold; categories are spread.

    The problems about one person are a group. Groups are placed by size, the largest first, and in random
    order where sizes are equal. Each goes to the fold that has the fewest problems of the group's categories.
    If the person cannot be read from a problem's facts, the problem is a group of its own.
    """
    people = [dataset(p.dataset).subject_of(p) or content_in_any_order(p) for p in problems]
    groups: dict[str, Counter] = defaultdict(Counter)
    for who, problem in zip(people, problems, strict=True):
        groups[who][problem.category] += 1
    every = Counter(problem.category for problem in problems)
    order = random.Random(f"folds/{seed}").sample(sorted(groups), len(groups))
    dealt = [Counter() for _ in range(FOLDS)]
    fold_of = {}
    for who in sorted(order, key=lambda who: -groups[who].total()):
        fold_of[who] = min(range(FOLDS), key=lambda fold: _crowd(groups[who], dealt[fold], every))
        dealt[fold_of[who]] += groups[who]
    return [fold_of[who] for who in people]


def _crowd(group: Counter, fold: Counter, every: Counter) -> tuple[float, int]:
    """How many problems a fold has: of the group's categories (as weighted shares), and in all."""
    return sum(n * fold[category] / every[category] for category, n in group.items()), fold.total()


def in_words(train: int, test: int, dropped: Mapping[str, int]) -> str:
    """A line on how many problems a run has, and how many were dropped, if any."""
    why = ", ".join(f"{n:,} {CAUSES[cause]}" for cause, n in dropped.items() if n)
    return f"problems: {train:,} to train on, {test:,} to test" + (f"; dropped: {why}" if why else "")


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """The problems without duplicates; the first of the same problems is kept."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(content_in_any_order(problem), problem)
    return list(first.values())


def content_in_any_order(problem: Problem) -> str:
    """A hash of a problem's content that leaves out the case of letters, spacing and the order of facts."""
    facts = tuple(sorted(map(folded, problem.facts)))  # both parts have some problems, in another order
    return content_id(folded(problem.question), facts, tuple(map(folded, problem.gold)))


def _some(part: str, known: Sequence[Problem], chosen: Selection) -> list[Problem]:
    """All of the problems (size 0), or a random sample of them, in their order."""
    size = getattr(chosen, f"{part}_items")
    if max(size, 1) > len(known):
        found = f"'{part}_items' is {size}, but {chosen.dataset} has {len(known)} {part} problems"
        few = f" of at most {chosen.facts} facts" if chosen.facts else ""
        few += " with a teacher's text" if chosen.texts and part == "train" else ""
        raise InputError(f"{found}{few} in split {chosen.split}")
    places = random.Random(f"{part}/{chosen.data_seed}").sample(range(len(known)), size or len(known))
    return [known[place] for place in sorted(places)]
