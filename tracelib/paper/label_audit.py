"""How far the real datasets' labels follow from their facts: every problem solved, disagreements by cause.

The problems are those that the paper trained and tested on, as its release has them. Where it
cannot be had, the tables shipped with the package stand in (ids, labels and verdicts, no text).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from tracelib.core.files import written_beside
from tracelib.core.frames import where
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.babi import solver as babi
from tracelib.datasets.cotempqa import solver as cotempqa
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution
from tracelib.datasets.validate import summary, validate
from tracelib.stats.proportions import wilson

SHIPPED_SOLVED = PAPER / "release_solved.parquet"
SHIPPED_FINDINGS = PAPER / "release_findings.csv"

COLUMNS = (
    "dataset",
    "split",
    "item",
    "category",
    "kind",
    "reading",
    "answers_agree",
    "category_agrees",
    "facts_agree",
    "cause",
)
SOLVES: dict[str, dict[str, Callable[[Problem], Solution]]] = {  # by dataset and reading of its text
    "cotempqa": {
        "written": cotempqa.solve,
        "calendar": lambda problem: cotempqa.solve(problem, "calendar"),
    },
    "babi": {"story": babi.solve},
}
CAUSES = {  # of a disagreement about the answers, in the order in which they are looked for
    "the solver has no answer": "the question or a fact could not be used; the table of failures says why",
    "dates too coarse": "by the calendar, whether the two events overlap depends on days that are not given",
    "gold answers another question": "a gold answer stands in a relation that was not asked for",
    "gold is not co-temporal": "a gold answer's fact shares no time with the event of the question",
    "gold leaves an answer out": "a further fact of the context answers the question as well as the gold",
    "other": "none of these",
}


def load() -> tuple[pd.DataFrame, pd.DataFrame]:
    """(`solved` rows, summary of `validate`'s findings with a dataset column) of the real problems."""
    try:
        return compute()
    except release_files.Unreachable:
        return shipped()


def compute() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables from the release's problems."""
    rows, findings = [], []
    for dataset, readings in SOLVES.items():
        splits = release_problems.load_splits(dataset)
        rows.append(solved(dataset, splits))
        found = summary(validate(splits, next(iter(readings.values()))), splits)
        findings.append(found.assign(check=found["check"].astype("str"), dataset=dataset))
    return pd.concat(rows, ignore_index=True), pd.concat(findings, ignore_index=True)


def shipped() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables as `derive` wrote them into the package."""
    return pd.read_parquet(SHIPPED_SOLVED), pd.read_csv(SHIPPED_FINDINGS)


def derive(folder: Path = PAPER) -> int:
    """Rebuild the two shipped tables from the release; returns how many rows the first has.

    `Unreachable` where a file is not to be had.
    """
    rows, findings = compute()
    with written_beside(folder / SHIPPED_SOLVED.name) as beside:
        rows.to_parquet(beside, compression="zstd", index=False)
    with written_beside(folder / SHIPPED_FINDINGS.name) as beside:
        findings.to_csv(beside, index=False)
    return len(rows)


def solved(dataset: str, splits: Mapping[str, list[Problem]]) -> pd.DataFrame:
    """One row per problem and reading, columns `COLUMNS`: does what the solver derives agree with the gold?

    The category agrees where it is among those that fit, the facts where they are one of the sets
    from which the solver's answer follows (`tracelib.datasets.agreement`). `cause` says why the answers
    differ, empty where they do not. A problem that stands in two splits has a row in each.
    """
    rows = [
        _row(problem, split, reading, solve(problem))
        for reading, solve in SOLVES[dataset].items()
        for split, problems in splits.items()
        for problem in problems
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(problem: Problem, split: str, reading: str, solution: Solution) -> tuple:
    agree = same_answers(problem, solution)
    return (
        problem.dataset,
        split,
        problem.id,
        problem.category,
        problem.kind,
        reading,
        agree,
        label_fits(problem, solution) is True,
        same_facts(problem, solution),
        "" if agree else cause(problem, solution),
    )


def cause(problem: Problem, solution: Solution) -> str:
    """Why the solver's answers are not the gold ones, one of `CAUSES`."""
    derived, gold = set(solution.answers), set(problem.gold)
    if solution.failure == cotempqa.UNDECIDED:
        return "dates too coarse"
    if solution.failure:
        return "the solver has no answer"
    if gold < derived:
        return "gold leaves an answer out"
    if problem.dataset == "cotempqa" and gold - derived:
        return _unsupported(problem, gold - derived)
    return "other"


def _unsupported(problem: Problem, answers: set[str]) -> str:
    """Why gold answers were not derived: stated in another relation than was asked, or at another time."""
    asked = _relation_asked_for(problem)
    for fact in map(parse_fact, problem.facts):
        if fact is not None and answers & {fact.subject, fact.object} and fact.relation == asked:
            return "gold is not co-temporal"
    return "gold answers another question"


def _relation_asked_for(problem: Problem) -> str | None:
    wanted = cotempqa.asked_for(problem)
    return wanted[1] if wanted else None


def accuracies(outcomes: pd.DataFrame, solved: pd.DataFrame) -> pd.DataFrame:
    """Each CoTempQA run's accuracy, over all test problems and over those whose gold the solver derives.

    Dates are read as they are written; the metric is corrected. Prompted runs are left out: they answer other
    problems.

    Returns:
        A row per model, condition and problems (``all``, ``undisputed``), with estimate, low, high and n
        (Wilson).
    """
    asked = where(solved, dataset="cotempqa", split="test", reading="written")
    disputed = set(asked.loc[~asked["answers_agree"].astype(bool), "item"])
    tuned = where(outcomes[outcomes["condition"] != "prompted"], dataset="cotempqa")
    rows = []
    for (model, condition), part in tuned.groupby(["model", "condition"], sort=False):
        for name, items in (("all", part), ("undisputed", part[~part["problem"].isin(disputed)])):
            right = wilson(int(items["answer_corrected"].sum()), len(items))
            rows.append({"model": model, "condition": condition, "problems": name, **right})
    return pd.DataFrame(rows)


def agreement(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Problems per group, columns `by`, n, and how many agree: answers, category, facts."""
    named = table.rename(
        columns={"answers_agree": "answers", "category_agrees": "label", "facts_agree": "facts"}
    )
    groups = named.groupby(by, sort=False)[["answers", "label", "facts"]]
    counts = groups.sum()
    counts.insert(0, "n", groups.size())
    return counts.reset_index()


def rates(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Share of problems per group whose answers agree, with its Wilson interval (fractions)."""
    rows = agreement(table, by).to_dict("records")
    shares = [{name: row[name] for name in by} | wilson(row["answers"], row["n"]) for row in rows]
    return pd.DataFrame(shares)


def causes(table: pd.DataFrame) -> pd.DataFrame:
    """Disagreements about the answers by category and cause, with the number of problems."""
    differ = table[table["cause"] != ""]
    return (
        differ.groupby(["dataset", "reading", "category", "cause"], sort=False).size().reset_index(name="n")
    )
