"""A sample of DeepSeek-R1's reasoning on CoTempQA, each trace with its problem.

The sample is ``TRACELIB_DATA/r1/traces.jsonl``: 113 problems from the later history of the release's
repository, with R1's trace and, for some, a summary and an explanation. R1 answered all of them correctly by
the official metric. The file gives no facts, so the problems come from the release, by their question.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.datasets import release_problems
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
    root = os.environ.get(VARIABLE)
    found = Path(root) / "r1" / "traces.jsonl" if root else None
    return found if found and found.is_file() else None


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
    found = needed()
    problems = {
        _asked(problem.question, problem.gold): problem
        for part in release_problems.load_splits("cotempqa").values()
        for problem in part
    }
    texts = read_json_lines(found, _record)
    return [Reasoned(problems[asked], *rest) for asked, *rest in texts if asked in problems]


def _asked(question: str, gold: Iterable[str]) -> tuple[str, frozenset[str]]:
    return question, frozenset(gold)


def _record(record: dict, path: Path, line: int) -> tuple:
    def text(name: str) -> str:
        return "" if record.get(name) is None else field(record, name, str, path, line)

    asked = _asked(field(record, "question", str, path, line), field(record, "gold", list, path, line))
    trace = field(record, "r1_trace", str, path, line)
    return asked, trace, text("r1_trace_summary"), text("r1_explanation"), text("prediction")
