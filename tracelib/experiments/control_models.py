"""Control models for the interventions: two models whose dependence on the trace is known by construction.

An analysis that cannot tell these two apart says nothing about a trained model.
"""

from collections.abc import Sequence

import pandas as pd

from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.experiments.interventions import intervene, read_off
from tracelib.traces import conditions
from tracelib.traces.format import listed


def reader(problems: Sequence[Problem], starts: Sequence[str]) -> list[str]:
    """A model that depends on the trace alone: it answers what the forced facts give."""
    return [
        f"{listed(read_off(problem, start))}</answer>"
        for problem, start in zip(problems, starts, strict=True)
    ]


def ignorer(problems: Sequence[Problem], starts: Sequence[str]) -> list[str]:
    """A model that depends on the problem alone: it solves the problem, whatever the forced trace says."""
    solved = (dataset(problem.dataset).solve(problem) for problem in problems)
    return [f"{listed(solution.answers)}</answer>" for solution in solved]


PROBES = {"reads its trace": reader, "ignores its trace": ignorer}


def run(problems: Sequence[Problem], seeds: Sequence[int] = (1,)) -> pd.DataFrame:
    """Run `tracelib.experiments.interventions.intervene` on both models, once per seed; CoTempQA only.

    The column condition holds the model's name. Both models' own trace is that of the condition `incorrect`,
    so that the interventions can correct it.
    """
    tables = []
    for seed in seeds:
        own = [conditions.target(problem, "incorrect", seed, problems) for problem in problems]
        for name, answering in PROBES.items():
            tables.append(intervene(problems, name, seed, problems, own, answering))
    return pd.concat(tables, ignore_index=True)
