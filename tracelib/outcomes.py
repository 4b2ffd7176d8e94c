"""The tidy table: one row per (run, item) with answer and step verdicts; and its summary counts."""

from collections.abc import Iterable

import pandas as pd

from tracelib.files import InputError
from tracelib.metrics import METRICS, PRIMARY, answer_correct, official
from tracelib.outputs import Output
from tracelib.problems import Problem, content_id
from tracelib.solvers import Solution, babi, cotempqa
from tracelib.traces import parse
from tracelib.verify import validity, verify

RUN = ["dataset", "model", "condition", "seed"]
ORDER = {  # how tables list conditions and categories; others follow in the order they are met
    "dataset": ("cotempqa", "babi", "marco"),
    "condition": ("prompted", "vanilla", "correct", "incorrect"),
    "category": ("equal", "overlap", "during", "mix"),
}
ALL_METRICS = ("corrected", "official", "strict", "exact", "rouge")
SOLVERS = {"cotempqa": cotempqa.solve, "babi": babi.solve}  # MARCO's passages are beyond rules
DTYPES = {
    **dict.fromkeys(("dataset", "model", "condition", "category", "item", "problem", "kind"), "str"),
    "status": "str",
    "seed": "Int64",
    "answer_correct": "bool",
    **{f"answer_{metric}": "boolean" for metric in ALL_METRICS},
    **dict.fromkeys(("official_precision", "official_recall", "official_f1"), "Float32"),
    **dict.fromkeys(("category_correct", "retrieval_correct", "trace_correct", "parsed"), "bool"),
    **dict.fromkeys(("category_valid", "retrieval_valid"), "boolean"),
    **dict.fromkeys(("facts_cited", "facts_gold", "facts_both", "tokens"), "int32"),
}


def score(outputs: Iterable[Output]) -> pd.DataFrame:
    """One outcome row per output, columns as in `DTYPES`.

    `answer_correct` is the dataset's primary metric (CoTempQA: corrected; bAbI, MARCO: exact); a
    metric that the dataset does not have, or that needs an unknown question kind, is missing, and
    so is a verdict by the solver where it has none. `official_...` is the partial credit of the
    answer under CoTempQA's official metric; that of the facts follows from the counts.
    `item` is unique within a run, `problem` names the content: it is the same wherever, and however
    often, a problem is answered. `tokens` counts whitespace-separated words of the output; `parsed`
    says that both steps could be found. A step that is missing counts as wrong.
    """
    solutions: dict[tuple, Solution] = {}  # runs answer the same problems
    rows = [_row(output, _solution(output.problem, solutions)) for output in outputs]
    return as_outcomes(pd.DataFrame(rows, columns=list(DTYPES), dtype=object))  # a float would round seeds


def _solution(problem: Problem, known: dict[tuple, Solution]) -> Solution:
    content = (problem.dataset, problem.category, problem.question, problem.facts)
    if content not in known:
        solve = SOLVERS.get(problem.dataset)
        known[content] = solve(problem) if solve else Solution(failure="no solver")
    return known[content]


def as_outcomes(table: pd.DataFrame) -> pd.DataFrame:
    """The table with exactly the outcome columns and their types."""
    return table[list(DTYPES)].astype(DTYPES)


def _row(output: Output, solution: Solution) -> dict:
    problem = output.problem
    trace = parse(output.prediction)
    verdict = verify(problem, trace)
    by_solver = validity(problem, solution, trace)
    answers = dict.fromkeys(ALL_METRICS)
    for metric in METRICS[problem.dataset]:
        if metric != "official":
            answers[metric] = answer_correct(metric, problem, output.prediction, trace)
    credit = official(problem, output.prediction) if problem.dataset == "cotempqa" and problem.kind else None
    answers["official"] = credit.exact if credit else None
    return {
        "dataset": problem.dataset,
        "model": output.model,
        "condition": output.condition,
        "seed": output.seed,
        "category": problem.category,
        "item": problem.id,
        "problem": content_id(problem.question, problem.facts, problem.gold),
        "kind": problem.kind,
        "answer_correct": answers[PRIMARY[problem.dataset]],
        **{f"answer_{metric}": value for metric, value in answers.items()},
        **{f"official_{name}": getattr(credit, name, None) for name in ("precision", "recall", "f1")},
        "category_correct": verdict.category,
        "retrieval_correct": verdict.retrieval,
        "trace_correct": verdict.trace,
        "category_valid": by_solver.category,
        "retrieval_valid": by_solver.retrieval,
        "facts_cited": verdict.cited,
        "facts_gold": verdict.gold,
        "facts_both": verdict.both,
        "tokens": len(output.prediction.split()),
        "parsed": trace.has_both_steps,
        "status": trace.status,
    }


def counts(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Counts per dataset x model x condition x seed x category (and ``all``) under one metric.

    Columns: `RUN`, category, evaluator, metric, n, answer_correct, category_correct,
    retrieval_correct, trace_correct, the four cells of trace x answer, unparsed. Rows of a
    dataset without the metric are left out.
    """
    if metric not in ALL_METRICS:
        raise InputError(f"unknown metric '{metric}', expected one of {', '.join(ALL_METRICS)}")
    rows = outcomes[outcomes[f"answer_{metric}"].notna()]
    rows = pd.concat([rows, rows.assign(category="all")])
    answer = rows[f"answer_{metric}"].astype(bool)
    trace = rows["trace_correct"]
    cells = pd.DataFrame(
        {
            **{name: rows[name] for name in [*RUN, "category"]},
            "n": 1,
            "answer_correct": answer,
            **{name: rows[name] for name in ("category_correct", "retrieval_correct")},
            "trace_correct": trace,
            "trace_right_answer_right": trace & answer,
            "trace_right_answer_wrong": trace & ~answer,
            "trace_wrong_answer_right": ~trace & answer,
            "trace_wrong_answer_wrong": ~trace & ~answer,
            "unparsed": ~rows["parsed"],
        }
    )
    table = cells.groupby([*RUN, "category"], dropna=False, sort=False).sum().reset_index()
    table = table.sort_values([*RUN, "category"], key=place, ignore_index=True)
    table.insert(5, "evaluator", "exact")
    table.insert(6, "metric", metric)
    return table


def pooled(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of counts that are over all categories."""
    return table[table["category"] == "all"].reset_index(drop=True)


def place(column: pd.Series) -> pd.Series:
    """Where each value of a column comes in a table; the pooled category ``all`` last."""
    if column.name == "seed":
        return column
    known = ORDER.get(column.name, ())
    met = [value for value in column.unique() if value not in known]
    met.sort(key=lambda value: (value == "all", value))
    return column.map({value: place for place, value in enumerate([*known, *met])})


def records(table: pd.DataFrame) -> list[dict]:
    """A table as a list of plain dictionaries, missing values as None: what ``--json`` prints."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
