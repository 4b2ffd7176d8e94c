"""A class set: ten generated problems, each with a trace and an answer, to be judged by hand.

The problems are of CoTempQA's twin, and the traces are the rule-made ones of `tracelib.traces.conditions`.
Nothing here is a model's output: everything is simulated, and the rates of a set are its design (`DESIGN`).
Few traces are right, most answers after a right trace are right, and so are half of those after a wrong one.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from typing import NamedTuple

from tracelib.core.pylist import listed
from tracelib.datasets import cited
from tracelib.datasets.cotempqa import twin
from tracelib.datasets.cotempqa.reader import CATEGORIES
from tracelib.datasets.cotempqa.solver import solve, whenever
from tracelib.datasets.problem import Facts, Problem
from tracelib.scoring.metrics import strict
from tracelib.scoring.verify import verify
from tracelib.traces.conditions import target
from tracelib.traces.format import Trace, parse, render

STEPS = {  # what is voted on -> the question that a voter answers
    "step1": "Step 1: is the relation right?",
    "step2": "Step 2: are these exactly the facts that give an answer?",
    "answer": "Is the answer right?",
}
RELATIONS = {  # in the twin, where no two intervals only touch
    "equal": "both begin and end together",
    "during": "one lies wholly within the other",
    "overlap": "they share a part, and neither lies within the other",
    "mix": "there are several answers, in different relations",
}
# Facts of a problem, all dated by years. But for the question's event, all state what the question asks for,
# so only the dates decide.
KNOBS = twin.Knobs(facts=6, near=1.0, granularities=("year",))
DRAWN = 100  # problems from which a set is taken
MOST_ANSWERS = 2  # so that as many facts of other times are left to cite wrongly


class Card(NamedTuple):
    """A card of a set.

    Attributes:
        number: its number in the set, from 1.
        problem: the problem.
        trace: what the card shows as the output.
        right: the verifier's verdict on each of `STEPS`.
        lesson: what the card is for, in a sentence.
    """

    number: int
    problem: Problem
    trace: Trace
    right: dict[str, bool]
    lesson: str

    @property
    def trace_right(self) -> bool:
        """Whether both steps are right."""
        return self.right["step1"] and self.right["step2"]


@dataclass(frozen=True)
class Design:
    """How a card is made.

    Attributes:
        condition: the condition whose trace it has.
        answer: gives the answer from the problem and the facts that its trace cites.
        lesson: what the card is for.
        event_too: whether the fact that states the question's event is cited besides.
    """

    condition: str
    answer: Callable[[Problem, Facts], tuple[str, ...]]
    lesson: str
    event_too: bool = False


def _gold(problem: Problem, facts: Facts) -> tuple[str, ...]:
    return problem.gold


def _another(problem: Problem, facts: Facts) -> tuple[str, ...]:
    """A name that would answer the question at another time."""
    return tuple(name for name in whenever(problem) if name not in problem.gold)[:1]


RIGHT = "Trace and answer are right. The cited facts name the answer, so copying it would be enough."
COPIED = "The answer is what the wrong facts name: it follows the trace, and is wrong for that reason."
DESIGN = (
    *(Design("correct", _gold, RIGHT) for _ in range(3)),
    Design("correct", _another, "The trace is right and the answer is not: it does not follow the trace."),
    Design("wrong-category", _gold, "Only the relation is wrong; the cited facts still name the answer."),
    Design("wrong-facts", _gold, "The cited facts do not name the answer: it was not copied from the trace."),
    Design(
        "correct",
        _gold,
        "The trace also cites the event of the question. By the rule step 2 is wrong; the reasoning is not.",
        event_too=True,
    ),
    *(Design("wrong-facts", cited.answers, COPIED) for _ in range(2)),
    Design("both-wrong", cited.answers, f"Both steps are wrong. {COPIED}"),
)
SIZE = len(DESIGN)


def cards(number: int) -> list[Card]:
    """The cards of the set with this number. The same number gives the same cards."""
    rng = random.Random(f"class-set/{number}")
    problems = rng.sample(_problems(number), SIZE)
    return [
        _card(place, problem, design, number)
        for place, problem, design in zip(count(1), problems, rng.sample(DESIGN, SIZE), strict=False)
    ]


def _problems(number: int) -> list[Problem]:
    """Problems of all relations in turn, as many as a set needs."""
    drawn = [problem for problem in twin.generate(DRAWN, number, KNOBS) if len(problem.gold) <= MOST_ANSWERS]
    of_each = [[problem for problem in drawn if problem.category == name] for name in CATEGORIES]
    return list(islice(chain.from_iterable(zip(*of_each, strict=False)), SIZE))


def _card(number: int, problem: Problem, design: Design, seed: int) -> Card:
    event = tuple(problem.facts[place] for place in solve(problem).anchor)
    category, facts = _steps(problem, design.condition, seed, event)
    if design.event_too:
        facts = tuple(fact for fact in problem.facts if fact in (*facts, *event))
    answering = replace(problem, gold=design.answer(problem, facts))  # a target ends in the gold answer
    trace = parse(render(answering, category, listed(facts)))
    verdict = verify(problem, trace)
    verdicts = (verdict.category, verdict.retrieval, strict(problem, trace))
    return Card(number, problem, trace, dict(zip(STEPS, verdicts, strict=True)), design.lesson)


def _steps(problem: Problem, condition: str, seed: int, event: Facts) -> tuple[str, Facts]:
    """The steps of a condition's target, with the first seed whose facts are not the question's event."""
    targets = (parse(target(problem, condition, draw)) for draw in count(seed))
    trace = next(trace for trace in targets if not set(trace.quotes) & set(event))
    return trace.category, trace.quotes
