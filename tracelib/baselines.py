"""What rules score that read no dates, on CoTempQA: they know what a question asks for, but not when.

An accuracy at their height does not show that a model compares times.
"""

from collections.abc import Sequence

import pandas as pd

from tracelib.metrics import corrected
from tracelib.printed import listed
from tracelib.problems import Problem
from tracelib.solvers.cotempqa import whenever
from tracelib.stats import seeds
from tracelib.stats.proportions import wilson
from tracelib.traces import parse


def rates(problems: Sequence[Problem]) -> pd.DataFrame:
    """Two rules' accuracies (`corrected`): rule, estimate, low, high, n, method, note.

    The first names one answer of the asked kind (`whenever`), drawn at random: its chance of being right is
    exact for each problem, and the interval is over problems. The second names them all.
    """
    one, every = [], 0
    for problem in problems:
        candidates = whenever(problem)
        right = [_right(problem, [candidate]) for candidate in candidates]
        one.append(sum(right) / len(right) if right else 0.0)
        every += _right(problem, candidates)
    by_chance = seeds.mean(one) | {"method": "Student's t over problems"}
    rows = {"one of them, at random": by_chance, "all of them": wilson(every, len(one))}
    return pd.DataFrame([{"rule": rule, **row} for rule, row in rows.items()])


def _right(problem: Problem, answers: Sequence[str]) -> bool:
    return corrected(problem, parse(f"<answer>{listed(answers)}</answer>"))
