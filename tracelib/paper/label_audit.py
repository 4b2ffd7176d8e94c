"""Audit the labels of the real datasets: solve every problem from its facts and compare with the gold answer.

The problems are the release's training and test problems. Without the release, the tables that the package
ships stand in (ids, labels and verdicts, no text).
"""

from collections.abc import Callable, Mapping

import pandas as pd

from tracelib.core.frames import where
from tracelib.core.paths import PAPER
from tracelib.datasets import release_problems
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.babi import solver as babi
from tracelib.datasets.cotempqa import solver as cotempqa
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.datasets.solution import Solution
from tracelib.datasets.validate import summary, validate
from tracelib.stats.proportions import wilson

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
SOLVES: dict[str, dict[str, Callable[[Problem], Solution]]] = {  # dataset -> reading of its text -> solver
    "cotempqa": {
        "written": cotempqa.solve,
        "calendar": lambda problem: cotempqa.solve(problem, "calendar"),
    },
    "babi": {"story": babi.solve},
}
CAUSES = {  # cause of a disagreement about the answers -> its meaning
    "the solver has no answer": "the question or a fact could not be used; the table of failures says why",
    "dates too coarse": "by the calendar, whether the two events overlap depends on days that are not given",
    "gold answers another question": "a gold answer stands in a relation that was not asked for",
    "gold is not co-temporal": "a gold answer's fact shares no time with the event of the question",
    "gold leaves an answer out": "a further fact of the context answers the question as well as the gold",
    "other": "none of these",
}


def all_solved() -> pd.DataFrame:
    """`solved` for all problems of the release."""
    return pd.concat(
        [solved(dataset, release_problems.load_splits(dataset)) for dataset in SOLVES], ignore_index=True
    )


def all_findings() -> pd.DataFrame:
    """The summary of `validate`'s findings for all problems of the release, with a column dataset."""
    return pd.concat([_findings(dataset) for dataset in SOLVES], ignore_index=True)


def _findings(dataset: str) -> pd.DataFrame:
    splits = release_problems.load_splits(dataset)
    found = summary(validate(splits, next(iter(SOLVES[dataset].values()))), splits)
    return found.assign(check=found["check"].astype("str"), dataset=dataset)


SHIPPED_SOLVED = ShippedTable(PAPER / "release_solved.parquet", all_solved)
SHIPPED_FINDINGS = ShippedTable(PAPER / "release_findings.csv", all_findings)


def load() -> tuple[pd.DataFrame, pd.DataFrame]:
    """`all_solved` and `all_findings`; the shipped tables without the release."""
    return SHIPPED_SOLVED.load(), SHIPPED_FINDINGS.load()


def shipped() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both shipped tables."""
    return SHIPPED_SOLVED.read(), SHIPPED_FINDINGS.read()


def solved(dataset: str, splits: Mapping[str, list[Problem]]) -> pd.DataFrame:
    """Whether the solver's solutions agree with the gold answers, categories and facts.

    Returns:
        A row per split, problem and reading, with the columns `COLUMNS`. The category agrees if it is one of
        the categories that fit. The facts agree if the solver's answer follows from them
        (`tracelib.datasets.agreement`). ``cause`` says why the answers differ; it is empty if they agree.
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
    """Why the solver's answers differ from the gold answers: one of `CAUSES`."""
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
    """Why the solver does not derive some gold answers: they have another relation, or another time."""
    asked = _relation_asked_for(problem)
    for fact in map(parse_fact, problem.facts):
        if fact is not None and answers & {fact.subject, fact.object} and fact.relation == asked:
            return "gold is not co-temporal"
    return "gold answers another question"


def _relation_asked_for(problem: Problem) -> str | None:
    wanted = cotempqa.asked_for(problem)
    return wanted[1] if wanted else None


def accuracies(outcomes: pd.DataFrame, solved: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of each CoTempQA run over all test problems, and over those with an undisputed gold answer.

    A gold answer is undisputed if the solver derives it, with dates read as written. The metric is corrected.
    Prompted runs are left out, because they answer other problems.

    Returns:
        A row per model, condition and problems (``all``, ``undisputed``), with the keys of
        `tracelib.stats.proportions.wilson`.
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
    """A row per group: `by`, n (problems), and how many agree in answers, label (category) and facts."""
    named = table.rename(
        columns={"answers_agree": "answers", "category_agrees": "label", "facts_agree": "facts"}
    )
    groups = named.groupby(by, sort=False)[["answers", "label", "facts"]]
    counts = groups.sum()
    counts.insert(0, "n", groups.size())
    return counts.reset_index()


def rates(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Share of problems per group whose answers agree, with its Wilson interval."""
    rows = agreement(table, by).to_dict("records")
    shares = [{name: row[name] for name in by} | wilson(row["answers"], row["n"]) for row in rows]
    return pd.DataFrame(shares)


def causes(table: pd.DataFrame) -> pd.DataFrame:
    """Number of problems with a disagreement about the answers, by category and cause."""
    differ = table[table["cause"] != ""]
    return (
        differ.groupby(["dataset", "reading", "category", "cause"], sort=False).size().reset_index(name="n")
    )
