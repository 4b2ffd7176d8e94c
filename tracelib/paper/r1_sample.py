"""A sample of DeepSeek-R1's texts on CoTempQA, each with its problem (`tracelib.datasets.r1_texts`).

113 problems from the later history of the release's repository, with R1's trace and, for some, a summary and
an explanation. R1 answered all of them correctly by the official metric.
"""

from dataclasses import dataclass
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.datasets import r1_texts
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import VARIABLE


@dataclass(frozen=True)
class Reasoned:
    """One problem with R1's texts. `summary` and `explanation` are empty where there are none."""

    problem: Problem
    trace: str
    summary: str
    explanation: str
    prediction: str


def path() -> Path | None:
    """The path of the sample; None if it is not there."""
    return r1_texts.sample()


def needed() -> Path:
    """The path of the sample; `InputError` if it is not there."""
    found = path()
    if found is None:
        raise InputError(f"expected a sample of R1's traces, r1/traces.jsonl, in the folder of {VARIABLE}")
    return found


def load() -> list[Reasoned]:
    """The texts whose problem is in the release's files that are here, in the order of the sample.

    `InputError` without the sample.
    """
    return [
        Reasoned(problem, texts.trace, texts.summary, texts.explanation, texts.answer)
        for problem, texts in r1_texts.sampled(needed())
    ]
