"""The table of outcomes: one row per (run, item) with the verdicts on answer and steps; and its counts."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import NAMES, dataset
from tracelib.datasets.solution import Solution
from tracelib.scoring.metrics import JUDGES, applied, primary, verdicts
from tracelib.scoring.outputs import Output
from tracelib.scoring.verify import Verdict, validity, verify
from tracelib.traces.format import RELEASED, Wording, parse

RUN = ["dataset", "model", "condition", "seed"]
KEYS = [*RUN, "category", "item", "problem"]  # an output and its problem
ORDER = {  # the first values of a column in tables; other values follow in alphabetical order
    "dataset": NAMES,
    "condition": ("prompted", "prompted-thinking", "vanilla", "vanilla-tagged", "correct", "incorrect"),
    "category": ("equal", "overlap", "during", "mix"),
}
ALL_METRICS = tuple(JUDGES)
STEPS = ("category_correct", "retrieval_correct")
UNJUDGED = "not judged"  # the status of a trace whose problem lacks gold steps
NO_VERDICT = Verdict(None, None, None, None, None)  # the verdict on such a trace
DTYPES = {
    **dict.fromkeys(("dataset", "model", "condition", "category", "item", "problem", "kind"), "str"),
    "status": "str",
    "found": "str",
    "seed": "Int64",
    "answer_correct": "bool",
    **{f"answer_{metric}": "boolean" for metric in ALL_METRICS},
    **dict.fromkeys(("official_precision", "official_recall", "official_f1"), "Float32"),
    **dict.fromkeys(("category_correct", "retrieval_correct", "trace_correct", "parsed"), "boolean"),
    **dict.fromkeys(("category_valid", "retrieval_valid"), "boolean"),
    **dict.fromkeys(("facts_cited", "facts_gold", "facts_both"), "Int32"),
    "tokens": "int32",
}
ANSWERS = {metric: f"answer_{metric}" for metric in ALL_METRICS}
CREDIT = {name: f"official_{name}" for name in ("precision", "recall", "f1")}
CHUNK = 20_000  # outputs whose rows are held as Python objects at a time
KNOWN = 8192  # problems that are cached: runs answer the same ones


def score(outputs: Iterable[Output], words: Wording = RELEASED) -> pd.DataFrame:
    """One row of outcomes per output, with the columns of `DTYPES`. The texts of a stream are not kept.

    `answer_correct` is the verdict of the dataset's primary metric (CoTempQA: corrected; bAbI, MARCO: exact).
    A metric's verdict is missing if the dataset does not have the metric, or if the metric needs a question
    kind that is not known. A solver's verdict is missing where the solver has none. `official_...` is partial
    credit for the answer under CoTempQA's official metric; partial credit for the facts follows from the
    counts. `item` is unique within a run. `problem` names the content and is the same for every output that
    answers the problem. `tokens` counts the words of the output, separated by white space. `parsed` says that
    both steps were found. A missing step counts as wrong. If the problem's own steps are not known
    (`Problem.has_steps`), the trace is not judged, and all columns about steps are missing.

    Args:
        words: the words that introduce the steps of traces.
    """
    rows = (_row(output, words) for output in outputs)
    return pd.concat(list(_chunks(rows)) or [_typed([])], ignore_index=True)


def _chunks(rows: Iterator[dict]) -> Iterator[pd.DataFrame]:
    while chunk := list(islice(rows, CHUNK)):
        yield _typed(chunk)


def _typed(rows: list[dict]) -> pd.DataFrame:
    """Rows as a table. Each column gets its type directly, because floats on the way would round seeds."""
    columns = {name: [row[name] for row in rows] for name in DTYPES}
    return pd.DataFrame({name: pd.Series(columns[name], dtype=kind) for name, kind in DTYPES.items()})


@lru_cache(maxsize=KNOWN)
def _known(problem: Problem) -> tuple[str, Solution]:
    """The hash of a problem's content, and the solution of its text."""
    return problem.content, solved(problem)


def solved(problem: Problem) -> Solution:
    """The solution of a problem's text by its dataset's solver; a failure if there is no solver."""
    solve = dataset(problem.dataset).solve
    return solve(problem) if solve else Solution(failure="no solver")


def as_outcomes(table: pd.DataFrame) -> pd.DataFrame:
    """The table with exactly the outcome columns and their types.

    Outcomes that are older than a metric have no verdict by it.
    """
    later = dict.fromkeys(set(ANSWERS.values()) - set(table), pd.NA)
    return table.assign(**later)[list(DTYPES)].astype(DTYPES)


def _row(output: Output, words: Wording) -> dict:
    problem = output.problem
    content, solution = _known(problem)
    trace = parse(output.prediction, problem.category, words)
    judged = problem.has_steps
    verdict = verify(problem, trace) if judged else NO_VERDICT
    by_solver = validity(problem, solution, trace)
    right, credit = verdicts(problem, trace)
    return {
        "dataset": problem.dataset,
        "model": output.model,
        "condition": output.condition,
        "seed": output.seed,
        "category": problem.category,
        "item": problem.id,
        "problem": content,
        "kind": problem.kind,
        "answer_correct": right[primary(problem.dataset)],
        **{column: right.get(metric) for metric, column in ANSWERS.items()},
        **{column: getattr(credit, name, None) for name, column in CREDIT.items()},
        "category_correct": verdict.category,
        "retrieval_correct": verdict.retrieval,
        "trace_correct": verdict.trace,
        "category_valid": by_solver.category,
        "retrieval_valid": by_solver.retrieval,
        "facts_cited": verdict.cited,
        "facts_gold": verdict.gold,
        "facts_both": verdict.both,
        "tokens": len(output.prediction.split()),
        "parsed": trace.has_both_steps if judged else None,
        "status": trace.status if judged else UNJUDGED,
        "found": trace.found,
    }


def metrics_in(outcomes: pd.DataFrame) -> list[str]:
    """The metrics that give a verdict on at least one output, in the order of `ALL_METRICS`."""
    return [metric for metric, column in ANSWERS.items() if outcomes[column].notna().any()]


def counts(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Counts per dataset x model x condition x seed x category (and ``all``) under one metric.

    Columns: `RUN`, category, evaluator, metric, n, answer_correct, category_correct,
    retrieval_correct, trace_correct, the four cells of trace x answer, unparsed, not_judged. The counts of
    steps and traces cover the n - not_judged outputs that were judged, and are missing where none was.
    Datasets without the metric are left out; `InputError` if no output has a verdict by it.
    """
    if metric not in ALL_METRICS:
        raise InputError(f"unknown metric '{metric}', expected one of {', '.join(ALL_METRICS)}")
    rows = outcomes[outcomes[ANSWERS[metric]].notna()]
    if rows.empty and len(outcomes):
        expected = ", ".join(metrics_in(outcomes))
        raise InputError(f"no output has a verdict by metric '{metric}', expected one of {expected}")
    answer = rows[ANSWERS[metric]].astype(bool)
    judged = rows["trace_correct"].notna()
    steps = rows[[*STEPS, "trace_correct", "parsed"]].fillna(False).astype(bool)
    trace = steps["trace_correct"]
    of_traces = {
        **{name: steps[name] for name in STEPS},
        "trace_correct": trace,
        "trace_right_answer_right": trace & answer,
        "trace_right_answer_wrong": trace & ~answer,
        "trace_wrong_answer_right": ~trace & answer,
        "trace_wrong_answer_wrong": ~trace & ~answer,
        "unparsed": ~steps["parsed"],
    }
    if not judged.all():
        of_traces = {name: cell.astype("Int64").where(judged) for name, cell in of_traces.items()}
    names = {name: rows[name] for name in [*RUN, "category"]}
    cells = pd.DataFrame({**names, "n": 1, "answer_correct": answer, **of_traces, "not_judged": ~judged})
    parts = _summed(cells, [*RUN, "category"])
    whole = _summed(parts.drop(columns="category"), RUN).assign(category="all")
    table = pd.concat([parts, whole])[parts.columns]
    table = table.sort_values([*RUN, "category"], key=place, ignore_index=True)
    table.insert(5, "evaluator", "exact")
    table.insert(6, "metric", metric)
    return table


def counts_under(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """`counts` under a metric; a dataset without it is counted under its primary metric."""
    datasets = dict.fromkeys(outcomes["dataset"])
    parts = [counts(outcomes[outcomes["dataset"] == name], applied(metric, name)) for name in datasets]
    return pd.concat(parts, ignore_index=True) if parts else counts(outcomes, metric)


def under(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of a table under one metric; for a dataset without it, those under its primary metric."""
    return table[table["metric"] == [applied(metric, name) for name in table["dataset"]]]


def _summed(cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The sums of each group; a sum is missing if all its values are."""
    return cells.groupby(keys, dropna=False, sort=False).sum(min_count=1).reset_index()


def pooled(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of counts that cover all categories."""
    return table[table["category"] == "all"].reset_index(drop=True)


def place(column: pd.Series) -> pd.Series:
    """The place of each value of a column in a sorted table; the pooled category ``all`` comes last."""
    if column.name == "seed":
        return column
    known = ORDER.get(column.name, ())
    met = [value for value in column.unique() if value not in known]
    met.sort(key=lambda value: (value == "all", value))
    return column.map({value: place for place, value in enumerate([*known, *met])})


def records(table: pd.DataFrame) -> list[dict]:
    """A table as a list of plain dictionaries for ``--json``; missing values are None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
