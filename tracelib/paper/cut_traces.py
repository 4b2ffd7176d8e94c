"""How the metrics score a trace that is cut before its answer.

A model that writes traces as long as R1's can run out of tokens before it answers. The official metric then
searches the whole trace. For most questions its candidates are the gold answers and the subjects of the
facts, so a trace that goes through all facts counts as a right answer. Here R1's own traces stand in for a
model's. They are a sample of 113 from the repository's later history, typed out from a copy and checked by
length. Each is cut at the length of the one cut output that was read.
"""

from pathlib import Path

import pandas as pd

from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.core.paths import PAPER
from tracelib.datasets import r1_texts, release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.scoring.metrics import answer_correct
from tracelib.scoring.outcomes import ORDER
from tracelib.traces.format import parse

LIMIT = 2006  # characters of the cut output's trace (Llama-3.2-1B-Instruct on R1's traces, mix, first row)
METRICS = ("official", "corrected")


def counted(traces: list[dict], problems: list[Problem], limit: int = LIMIT) -> pd.DataFrame:
    """How many traces are longer than `limit`, and how many of these the metrics count as right if cut there.

    Args:
        traces: dictionaries with relation, question and r1_trace.
        problems: those of the release. A trace whose question is not among them is not judged.

    Returns:
        A row per relation, and ``all``: category, n, longer, judged (longer traces with a known problem),
        official, corrected (judged traces that the metric counts as right).
    """
    by_question = {problem.question: problem for problem in problems}
    rows = []
    for trace in traces:
        problem = by_question.get(trace["question"])
        longer = len(trace["r1_trace"]) > limit
        judged = longer and problem is not None
        row = {"category": trace["relation"], "n": 1, "longer": longer, "judged": judged}
        text = f"assistant\n\n<think>{trace['r1_trace'][:limit]}"
        for metric in METRICS:
            row[metric] = judged and answer_correct(metric, problem, parse(text))
        rows.append(row)
    table = pd.DataFrame(rows)
    table = pd.concat([table, table.assign(category="all")]).groupby("category").sum().astype(int)
    return table.reindex([*ORDER["category"], "all"], fill_value=0).reset_index()


def compute() -> pd.DataFrame:
    """`counted` for the sample; `InputError` without it."""
    path = r1_texts.needed_sample()
    splits = release_problems.load_splits("cotempqa")
    return counted(read_json_lines(path, _trace), [problem for part in splits.values() for problem in part])


def _trace(record: dict, path: Path, line: int) -> dict:
    return {name: field(record, name, str, path, line) for name in ("relation", "question", "r1_trace")}


SHIPPED = ShippedTable(PAPER / "r1_cut_traces.csv", compute)
load = SHIPPED.read  # the release does not have the sample
