"""Problems with their two gold steps: an example of each dataset, and a description of the twins."""

from dataclasses import dataclass
from types import ModuleType

import pandas as pd

from tracelib.book.pools import pools
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.agreement import label_fits, same_answers
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.babi import solver as babi_solver
from tracelib.datasets.cotempqa import solver as cotempqa_solver
from tracelib.datasets.marco import reader as marco
from tracelib.datasets.problem import Problem

RELEASE = "the paper's release"
TWIN = "our procedural twin (the release was not within reach)"


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        timed, story: problems of CoTempQA and bAbI; real ones if the release is available.
        query, unanswerable: problems of MARCO's twin, with two passages to cite and with none.
        twins: a row per twin that describes its problems.
    """

    numbers: dict[str, object]
    timed: Problem
    story: Problem
    query: Problem
    unanswerable: Problem
    twins: pd.DataFrame


def facts() -> Facts:
    """The facts, from the release's problems and the twins."""
    made = pools()
    timed, timed_source = _example("cotempqa", "mix", made)
    story, story_source = _example("babi", "basic-induction", made)
    numbers = {
        "cotempqa-source": timed_source,
        "babi-source": story_source,
        "babi-tasks": len(babi.CATEGORIES),
        "babi-released": len(babi.RELEASED),
        **_solved("timed", timed, cotempqa_solver),
        **_solved("story", story, babi_solver),
    }
    return Facts(
        numbers=numbers,
        timed=timed,
        story=story,
        query=next(problem for problem in made["marco"] if len(problem.supporting) == 2),
        unanswerable=next(problem for problem in made["marco"] if not problem.supporting),
        twins=pd.DataFrame([_described(name, pool) for name, pool in made.items()]).round(1),
    )


def _example(dataset: str, category: str, made: dict[str, list[Problem]]) -> tuple[Problem, str]:
    """The shortest problem of a category, and its source: the release if available, else the twin."""
    try:
        found, source = release_problems.load_splits(dataset)["test"], RELEASE
    except release_files.Unreachable:
        found, source = made[dataset], TWIN
    of_category = (problem for problem in found if problem.category == category)
    return min(of_category, key=lambda problem: (len(problem.facts), problem.id)), source


def _solved(name: str, problem: Problem, solver: ModuleType) -> dict[str, str]:
    """The solver's answer and category, and whether they are the gold ones."""
    found = solver.solve(problem)
    agree = same_answers(problem, found) and label_fits(problem, found)
    return {
        f"{name}-solved": "the same" if agree else "something else",
        f"{name}-derived": f"{', '.join(found.answers) or 'nothing'} ({' or '.join(found.categories)})",
    }


def _described(name: str, problems: list[Problem]) -> dict[str, object]:
    """A twin's problems: their number, their categories, and their average length."""
    facts = [fact for problem in problems for fact in problem.facts]
    return {
        "twin": name,
        "problems": len(problems),
        "categories": len({problem.category for problem in problems}),
        "facts": len(facts) / len(problems),
        "gold facts": sum(len(problem.supporting) for problem in problems) / len(problems),
        "words per fact": sum(len(fact.split()) for fact in facts) / len(facts),
        "without an answer": sum(problem.gold == (marco.NO_ANSWER,) for problem in problems),
    }
