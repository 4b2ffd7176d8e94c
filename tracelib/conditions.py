"""SFT targets: how the trace of a training example is made. The final answer is always correct.

Each condition is one function of (problem, random generator). Wording and shape follow the
release's SFT sets: vanilla is the bare list of answers; the incorrect trace cites its one
distractor as a bare sentence where the correct one cites a list (paper.md, suspicion 5).
"""

import random
from collections.abc import Callable

from tracelib.datasets import cotempqa
from tracelib.files import InputError
from tracelib.problems import Problem
from tracelib.traces import listed, render


def vanilla(problem: Problem, rng: random.Random) -> str:
    """The answer alone (paper, SFT without a trace)."""
    return listed(problem.gold)


def correct(problem: Problem, rng: random.Random) -> str:
    """The gold category and the gold facts, then the answer."""
    facts = listed(problem.supporting_facts)
    return render(problem.dataset, problem.category, facts, listed(problem.gold))


def incorrect(problem: Problem, rng: random.Random) -> str:
    """A wrong category and one distractor fact, then the correct answer.

    Without a distractor in the context the release prints an empty list; so do we.
    """
    if problem.category not in cotempqa.CATEGORIES:
        raise InputError(f"no other categories are known for '{problem.category}' ({problem.dataset})")
    category = rng.choice([c for c in cotempqa.CATEGORIES if c != problem.category])
    distractors = [f for i, f in enumerate(problem.facts) if i not in problem.supporting]
    fact = rng.choice(distractors) if distractors else "[]"
    return render(problem.dataset, category, fact, listed(problem.gold))


CONDITIONS: dict[str, Callable[[Problem, random.Random], str]] = {
    "vanilla": vanilla,
    "correct": correct,
    "incorrect": incorrect,
}


def target(problem: Problem, condition: str, seed: int) -> str:
    """The completion to train on; the same text for the same (problem, condition, seed)."""
    if condition not in CONDITIONS:
        raise InputError(f"unknown condition '{condition}', expected one of {', '.join(CONDITIONS)}")
    return CONDITIONS[condition](problem, random.Random(f"{condition}/{seed}/{problem.id}"))
