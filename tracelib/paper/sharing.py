"""Count what the released test problems share with the released training problems.

Facts are compared as exact sentences. The training problems are those of
`tracelib.datasets.release_problems.load_splits`. Some training problems may be missing, so the counts are
lower bounds; `rests_on` says how many training problems they rest on. Without the release, the table that the
package ships stands in (ids, numbers and verdicts, no text).
"""

from collections.abc import Iterable

import pandas as pd

from tracelib.analysis import item_analysis
from tracelib.core.paths import PAPER
from tracelib.datasets import release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import PROBLEM_FILES
from tracelib.datasets.shipped import ShippedTable
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import paired_difference

KINDS = {  # kind of sharing -> in words
    "any_fact": "some fact of the context stands in a training problem's context",
    "gold_fact": "a gold fact stands in a training problem's context",
    "gold_as_gold": "a gold fact is a gold fact of a training problem",
    "same_subject": "a training problem asks about the same subject",
    "same_context": "a training problem has the same facts in the same order",
    "duplicate": "a training problem is the same: question, facts and answers",
}
COMPARED = {  # kinds that split the problems in `apart`; other kinds apply to almost none or almost all
    "cotempqa": ("any_fact", "gold_fact", "gold_as_gold", "same_subject"),
    "babi": ("same_context",),
}
COMPARISON = ("estimate", "low", "high", "n", "p", "p_holm")
COLUMNS = {
    **dict.fromkeys(("dataset", "problem", "category"), "str"),
    **dict.fromkeys(("subject", "trained"), "Int64"),
    **dict.fromkeys(KINDS, "boolean"),
}


def compute() -> pd.DataFrame:
    """`table` for both datasets, from their text."""
    splits = {name: release_problems.load_splits(name) for name in PROBLEM_FILES}
    return pd.concat([table(s["train"], s["test"]) for s in splits.values()], ignore_index=True)


SHIPPED = ShippedTable(PAPER / "release_shared.csv", compute, COLUMNS)
load = SHIPPED.load


def table(train: Iterable[Problem], test: Iterable[Problem]) -> pd.DataFrame:
    """What each distinct test problem shares with the training problems.

    Returns:
        A row per problem: dataset, problem (content id), category, subject, trained (available training
        problems of its category), and a boolean for each of `KINDS`, missing if the kind does not apply.
        ``subject`` numbers the subjects by first appearance; it is missing on bAbI, and if no fact states the
        question's event.
    """
    train = list(train)
    distinct = {problem.content: problem for problem in test}
    contexts = {fact for problem in train for fact in problem.facts}
    golds = {fact for problem in train for fact in problem.supporting_facts}
    whole = {problem.facts for problem in train}
    names = {problem.content for problem in train}
    asked = {item_analysis.subject(problem) for problem in train}
    trained = pd.Series([problem.category for problem in train], dtype="str").value_counts()
    numbers: dict[str, int] = {}
    rows = []
    for name, problem in distinct.items():
        who = item_analysis.subject(problem)
        rows.append(
            (
                problem.dataset,
                name,
                problem.category,
                None if who is None else numbers.setdefault(who, len(numbers) + 1),
                trained.get(problem.category, 0),
                any(fact in contexts for fact in problem.facts),
                any(fact in contexts for fact in problem.supporting_facts),
                any(fact in golds for fact in problem.supporting_facts),
                None if who is None else who in asked,
                problem.facts in whole,
                name in names,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def rests_on(shared: pd.DataFrame) -> pd.DataFrame:
    """Numbers of available training and test problems: dataset, category, trained, tested."""
    groups = shared.groupby(["dataset", "category"], sort=False)
    return groups.agg(trained=("trained", "first"), tested=("problem", "size")).reset_index()


def counts(shared: pd.DataFrame) -> pd.DataFrame:
    """How many test problems share something with training, by kind.

    Returns:
        dataset, category (and ``all``), kind (a key of `KINDS`), problems (that share it), n (to which the
        kind applies). There are no intervals, because all test problems are counted.
    """
    everything = pd.concat([shared, shared.assign(category="all")])
    long = everything.melt(["dataset", "category"], list(KINDS), "kind", "verdict").dropna()
    groups = long.groupby(["dataset", "category", "kind"], sort=False)["verdict"]
    return groups.agg(problems="sum", n="size").astype(int).reset_index()


def apart(
    outcomes: pd.DataFrame, shared: pd.DataFrame, metrics: dict[str, str], first: str, second: str
) -> pd.DataFrame:
    """Compare two conditions on the problems that share something with training, and on the others.

    Args:
        metrics: dataset of `COMPARED` -> answer metric.

    Returns:
        A row per dataset, model, kind and group of problems: dataset, model, kind, shared (boolean), the keys
        of `tracelib.stats.paired.paired_difference`, p_holm (over the rows of a dataset).
    """
    rows = []
    verdicts = shared.set_index("problem")
    for (dataset, model), part in outcomes.groupby(["dataset", "model"], sort=False):
        if dataset not in COMPARED:
            continue
        answers = {
            name: runs.set_index("item")[f"answer_{metrics[dataset]}"]
            for name, runs in part.groupby("condition")
        }
        if first not in answers or second not in answers:
            continue
        problem = part[part["condition"] == first].set_index("item")["problem"]
        for kind in COMPARED[dataset]:
            known = problem.map(verdicts[kind])
            for side in known.dropna().unique():
                chosen = known.index[known == side]
                names = {"dataset": dataset, "model": model, "kind": kind, "shared": bool(side)}
                pair = [answers[name].reindex(chosen).dropna() for name in (first, second)]
                rows.append({**names, **paired_difference(*pair)})
    if not rows:
        return pd.DataFrame(columns=["dataset", "model", "kind", "shared", *COMPARISON])
    return adjusted(pd.DataFrame(rows), "dataset")
