"""Simulated trace styles: the same two steps told as a search, as a summary, or as an explanation.

The paper distils from DeepSeek-R1's traces, and from summaries and explanations of them. The traces here are
not R1's: rules make them from the problem. They have the same three forms (several hundred words of search,
a short summary, an account for a reader) without a large model, and are always called *simulated*. Each ends
with the two step sentences, so the same check applies to every style.
"""

import random
from collections.abc import Sequence

from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.traces.format import listed, steps, written

SHOWN = 160  # characters of a fact that a thought quotes; passages are long
DISMISSALS = (
    "That does not touch the question.",
    "Not what is asked.",
    "I can leave this one out.",
    "No, this is about something else.",
)
DOUBTS = (
    "This might be it. Wait, no, I should look again: it does not fit what is asked.",
    "Maybe this one? Hmm, let me reread the question. No, it does not help.",
)
FINDS = (
    "Yes, this one matters.",
    "This is one that I need.",
    "That bears on the question directly.",
)


def think_aloud(problem: Problem, rng: random.Random, pool: Sequence[Problem]) -> str:
    """Simulated R1: a search through the whole context, with doubts, back-tracking and a self-check."""
    unit = _unit(problem)
    thoughts = [
        f"Okay, so the question is: {problem.question} Let me go through the context step by step, "
        f"there are {_count(len(problem.facts), unit)}."
    ]
    for index, fact in enumerate(problem.facts):
        if index in problem.supporting:
            reaction = rng.choice(FINDS)
        else:
            reaction = rng.choice(DOUBTS if rng.random() < 0.25 else DISMISSALS)
        thoughts.append(f"{unit.capitalize()} {index + 1}: {_short(fact)} {reaction}")
    numbers = _numbers(problem)
    thoughts.append(
        f"Hold on, let me double-check. I kept {numbers}. Going over the others once more... none of them "
        f"changes anything. So what kind of question is this? I think it is {problem.category}, let me "
        f"make sure. Yes, {problem.category}, that fits what I found. Good, I am confident now."
    )
    return written("\n".join([*thoughts, _conclusion(problem)]), problem)


def summary(problem: Problem, rng: random.Random, pool: Sequence[Problem]) -> str:
    """Simulated summary: the result of the search, in two sentences."""
    looked = f"Went through {_count(len(problem.facts), _unit(problem))} and kept {_numbers(problem)}."
    return written(f"{looked}\n{_conclusion(problem)}", problem)


def explanation(problem: Problem, rng: random.Random, pool: Sequence[Problem]) -> str:
    """Simulated explanation: an account for a reader of why the answer follows."""
    unit = _unit(problem)
    rest = len(problem.facts) - len(problem.supporting)
    opening = (
        f"To answer the question you first need to know what it is about: here that is "
        f"{problem.category}. Of the {_count(len(problem.facts), unit)} given, only {_numbers(problem)} "
        f"can be used; the other {rest} may look similar but do not decide anything."
    )
    closing = "Once these are read together, the answer below is the only one that remains."
    return written(f"{opening} {closing}\n{_conclusion(problem)}", problem)


def _conclusion(problem: Problem) -> str:
    return steps(problem, problem.category, listed(problem.supporting_facts))


def _unit(problem: Problem) -> str:
    return dataset(problem.dataset).fact


def _numbers(problem: Problem) -> str:
    unit = _unit(problem)
    if not problem.supporting:
        return f"no {unit}"
    numbers = ", ".join(str(index + 1) for index in problem.supporting)
    return f"{unit if len(problem.supporting) == 1 else unit + 's'} {numbers}"


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _short(fact: str) -> str:
    return fact if len(fact) <= SHOWN else fact[:SHOWN].rstrip() + "..."
