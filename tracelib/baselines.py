"""What rules score that read no dates, on CoTempQA: they know what a question asks for, but not when.

An accuracy at their height does not show that a model compares times.
"""

from collections.abc import Sequence

import pandas as pd

from tracelib.datasets.cotempqa import parse_fact
from tracelib.metrics import corrected
from tracelib.printed import listed
from tracelib.problems import Problem
from tracelib.solvers.cotempqa import asked_for, solve
from tracelib.stats import seeds
from tracelib.stats.proportions import wilson
from tracelib.traces import parse


def undated(problem: Problem) -> tuple[str, ...]:
    """The different answers that facts of the asked kind give, whenever they held; none if that is unclear.

    The fact that states the question's own event is left out.
    """
    wanted, event = asked_for(problem), solve(problem).anchor
    if wanted is None:
        return ()
    subject, relation, object_ = wanted
    facts = [parse_fact(sentence) for number, sentence in enumerate(problem.facts) if number not in event]
    kind = [fact for fact in facts if fact is not None and fact.relation == relation]
    fitting = [f for f in kind if subject in (None, f.subject) and object_ in (None, f.object)]
    return tuple(dict.fromkeys(f.subject if subject is None else f.object for f in fitting))


def rates(problems: Sequence[Problem]) -> pd.DataFrame:
    """Two rules' accuracies (`corrected`): rule, estimate, low, high, n, method, note.

    The first names one of `undated`, drawn at random: its chance of being right is exact for each, and
    the interval is over problems. The second names them all.
    """
    one, every = [], 0
    for problem in problems:
        candidates = undated(problem)
        right = [_right(problem, [candidate]) for candidate in candidates]
        one.append(sum(right) / len(right) if right else 0.0)
        every += _right(problem, candidates)
    by_chance = seeds.mean(one) | {"method": "Student's t over problems"}
    rows = {"one of them, at random": by_chance, "all of them": wilson(every, len(one))}
    return pd.DataFrame([{"rule": rule, **row} for rule, row in rows.items()])


def _right(problem: Problem, answers: Sequence[str]) -> bool:
    return corrected(problem, parse(f"<answer>{listed(answers)}</answer>"))
