"""Analyse single problems: describe them, see which runs answer them, and what hard problems have in common.

A description needs the problem's text. `tracelib.paper.items` ships the descriptions of the release.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from tracelib.core.errors import InputError
from tracelib.datasets.dataset import DATES
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import NAMES, dataset
from tracelib.scoring.outcomes import ALL_METRICS, ORDER
from tracelib.stats import poisson_binomial
from tracelib.stats.as_text import VERDICT
from tracelib.stats.estimate import Estimate
from tracelib.stats.holm import adjusted
from tracelib.stats.proportions import clustered_wilson, difference_tested, wilson

GRANULARITIES = (*DATES, "mixed")
DESCRIPTIONS = {  # the columns of `describe` and their meaning
    "dataset": f"{', '.join(NAMES[:-1])} or {NAMES[-1]}",
    "problem": "content id",
    "category": "temporal relation, bAbI's task, or MARCO's type of query",
    "kind": "the dataset's question type, empty if it has none",
    "gold_answers": "number of gold answers",
    "facts": "number of facts in the context",
    "gold_facts": "number of gold facts",
    "granularity": "unit of the dates that decide the answer, empty without dates",
    "same_subject": "number of problems about the same subject, this one included; missing without a subject",
}
TYPES = {
    **dict.fromkeys(("dataset", "problem", "category", "kind", "granularity"), "str"),
    **dict.fromkeys(("gold_answers", "facts", "gold_facts", "same_subject"), "Int64"),
}
PATTERNS = ("every run right", "no run right", "flips between conditions", "differs between models only")


# --- Descriptions -----------------------------------------------------------------------------


def describe(problems: Iterable[Problem]) -> pd.DataFrame:
    """One row per distinct problem, with the columns `DESCRIPTIONS`."""
    distinct = {p.content: p for p in problems}
    subjects = {name: subject(problem) for name, problem in distinct.items()}
    about = Counter(subject for subject in subjects.values() if subject is not None)
    rows = [
        (
            problem.dataset,
            name,
            problem.category,
            problem.kind,
            len(problem.gold),
            len(problem.facts),
            len(problem.supporting),
            dataset(problem.dataset).granularity(problem),
            about[subjects[name]] if subjects[name] is not None else None,
        )
        for name, problem in distinct.items()
    ]
    return pd.DataFrame(rows, columns=list(DESCRIPTIONS)).astype(TYPES)


def subject(problem: Problem) -> str | None:
    """The subject of the event that a CoTempQA question starts from. Problems of other datasets have none."""
    return dataset(problem.dataset).subject_of(problem)


def banded(described: pd.DataFrame) -> pd.DataFrame:
    """The descriptions with their counts grouped in a few bands: up to 10, 11 to 20, ..."""
    return described.assign(
        gold_answers=_band(described["gold_answers"], 3),
        gold_facts=_band(described["gold_facts"], 3),
        same_subject=_band(described["same_subject"], 3),
        facts=pd.cut(
            described["facts"].astype("float"),
            [0, 10, 20, 30, np.inf],
            labels=["up to 10", "11 to 20", "21 to 30", "over 30"],
        ).astype("str"),
    )


def _band(counts: pd.Series, most: int) -> pd.Series:
    words = {n: str(n) for n in range(1, most)}
    return counts.map(lambda n: "" if pd.isna(n) else words.get(n, f"{most} or more"))


# --- Which runs answer which items ------------------------------------------------------------


def complete(outcomes: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The outcomes of the models whose every run has all categories, and the names of the other models.

    In the release one run lacks a relation. Items common to all runs would then exclude that relation.
    """
    met = outcomes.groupby(["model", "condition"])["category"].nunique()
    fewest = met.groupby("model").min()
    partial = sorted(fewest.index[fewest < outcomes["category"].nunique()])
    return outcomes[~outcomes["model"].isin(partial)], partial


def answers(outcomes: pd.DataFrame, metric: str) -> tuple[pd.DataFrame, int]:
    """Which run answers which item right, over the items that every run has.

    Args:
        outcomes: of one dataset, with one run per model and condition.

    Returns:
        Booleans with a row per (problem, item) and a column per (model, condition); and the number of items
        left out because a run lacks them or has no verdict on them. Several items may repeat one problem.

    Raises:
        InputError: the metric is unknown, there are several datasets, or a run has an item twice.
    """
    if metric not in ALL_METRICS:
        raise InputError(f"unknown metric '{metric}', expected one of {', '.join(ALL_METRICS)}")
    found = sorted(outcomes["dataset"].unique())
    if len(found) > 1:
        raise InputError(f"outcomes of {', '.join(found)}, expected those of one dataset")
    if outcomes.duplicated(["model", "condition", "item"]).any():
        raise InputError("a model and condition has an item twice, expected one run (seed) of each")
    wide = outcomes.pivot(
        index=["problem", "item"], columns=["model", "condition"], values=f"answer_{metric}"
    )
    common = wide.dropna().astype(bool)
    return common[sorted(common, key=_place)], len(wide) - len(common)


def _place(run: tuple[str, str]) -> tuple:
    model, condition = run
    known = ORDER["condition"]
    return model, known.index(condition) if condition in known else len(known), condition


def patterns(right: pd.DataFrame) -> pd.Series:
    """One of `PATTERNS` for each row of `answers`.

    An item flips if some model answers it right under one condition and wrong under another.
    """
    by_model = [right[model] for model in right.columns.unique("model")]
    flips = np.array([part.any(axis=1) & ~part.all(axis=1) for part in by_model]).any(axis=0)
    cases = [right.all(axis=1), ~right.any(axis=1), flips]
    return pd.Series(np.select(cases, PATTERNS[:3], PATTERNS[3]), right.index, dtype="str")


def by_runs_right(right: pd.DataFrame) -> pd.DataFrame:
    """How many items are answered right by how many runs, observed and expected by chance.

    ``if_independent`` is the expected number of items if each run, with its accuracy, were right on random
    items (a Poisson binomial distribution). More items than expected at both ends mean that items differ in
    difficulty.

    Returns:
        A row per number of runs: runs_right (0, 1, ..., all), items, if_independent, note.
    """
    runs, n = right.shape[1], len(right)
    observed = right.sum(axis=1).value_counts().reindex(range(runs + 1), fill_value=0)
    rows = {"runs_right": range(runs + 1), "items": observed.to_numpy(int)}
    expected = n * poisson_binomial.chances(right.mean()) if n else [None] * (runs + 1)
    return pd.DataFrame({**rows, "if_independent": expected, "note": "" if n else "no common items"})


def flips(right: pd.DataFrame) -> pd.DataFrame:
    """Answers that change between two conditions of one model.

    Returns:
        A row per model and pair of conditions: model, first, second, n, both_right, gained (wrong under
        first, right under second), lost (right under first, wrong under second), both_wrong, note.
    """
    rows = []
    for model in right.columns.unique("model"):
        for first, second in combinations(right[model].columns, 2):
            before, after = right[model][first], right[model][second]
            row = {"model": model, "first": first, "second": second, "n": len(right)}
            row["both_right"] = int((before & after).sum())
            row["gained"] = int((~before & after).sum())
            row["lost"] = int((before & ~after).sum())
            row["both_wrong"] = int((~before & ~after).sum())
            rows.append({**row, "note": "" if len(right) else "no common items"})
    columns = ["model", "first", "second", "n", "both_right", "gained", "lost", "both_wrong", "note"]
    return pd.DataFrame(rows, columns=columns)


def shared_flips(right: pd.DataFrame) -> pd.DataFrame:
    """Items that change in the same direction in every model.

    ``if_independent`` is the expected number if each model changed the same number of items, at random.

    Returns:
        A row per pair of conditions and direction: first, second, change (gained or lost, from first to
        second), n, models, items, if_independent, note.
    """
    models = right.columns.unique("model")
    rows = []
    for first, second in combinations(_shared_conditions(right), 2):
        before, after = (right.xs(name, axis=1, level="condition")[models] for name in (first, second))
        for change, changed in (("gained", ~before & after), ("lost", before & ~after)):
            expected = float(len(right) * changed.mean().prod()) if len(right) else None
            row = {"first": first, "second": second, "change": change, "n": len(right), "models": len(models)}
            row |= {"items": int(changed.all(axis=1).sum()), "if_independent": expected}
            rows.append({**row, "note": "" if len(right) else "no common items"})
    columns = ["first", "second", "change", "n", "models", "items", "if_independent", "note"]
    return pd.DataFrame(rows, columns=columns)


def _shared_conditions(right: pd.DataFrame) -> list[str]:
    models = right.columns.unique("model")
    return [name for name in right.columns.unique("condition") if all((m, name) in right for m in models)]


def listed(right: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """A readable row per item: its description, right or wrong for each run, and the number of runs right.

    Items are sorted by relation; those that the fewest runs answer come first. Items without a description
    are left out.
    """
    words = right.replace(VERDICT).astype("str")
    words.columns = [short(*run) for run in right]
    table = words.assign(**{"runs right": right.sum(axis=1), "pattern": patterns(right)}).reset_index()
    named = described.drop_duplicates("problem").rename(
        columns={"category": "relation", "kind": "type", "gold_answers": "golds"}
    )
    table = named[["problem", "relation", "type", "golds", "facts", "granularity"]].merge(table, on="problem")
    table = table.sort_values(
        ["relation", "runs right", "item"],
        key=lambda column: column.map(_value_place) if column.name == "relation" else column,
        ignore_index=True,
    )
    return table[["item", *table.columns.drop("item")]]


def short(model: str, condition: str) -> str:
    """A run's short name."""
    return f"{model.removesuffix('-Instruct')} {condition}"


# --- Difficulty -------------------------------------------------------------------------------


def difficulty(right: pd.DataFrame, described: pd.DataFrame, by: str) -> pd.DataFrame:
    """Accuracy over the outputs of all runs, per value of one description.

    Args:
        right: the first result of `answers`.
        described: columns problem and `by`. Problems without a value are left out.

    Returns:
        A row per value: description, value, the keys of `clustered_wilson`, left_out (problems). If no
        problem has a value, one row with a note.
    """
    values = described.drop_duplicates("problem").set_index("problem")[by]
    of_problem = right.sum(axis=1).groupby(level="problem").agg(["sum", "size"])
    values = values.reindex(of_problem.index).replace("", None).dropna()
    groups = of_problem.loc[values.index].groupby(values)
    rates = {value: clustered_wilson(part["sum"], part["size"] * right.shape[1]) for value, part in groups}
    rates = rates or {"": clustered_wilson([], [])}
    left_out = len(of_problem) - len(values)
    rows = [
        {"description": by, "value": value, **rates[value], "left_out": left_out}
        for value in sorted(rates, key=_value_place)
    ]
    return pd.DataFrame(rows)


def difficulties(right: pd.DataFrame, described: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The rows of `difficulty` for several descriptions, over all runs and over the runs of each model.

    The column runs is ``all runs`` or the model.
    """
    groups = {"all runs": right, **{m: right[[m]] for m in right.columns.unique("model")}}
    parts = [
        difficulty(group, described, name).assign(runs=runs) for name in by for runs, group in groups.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _value_place(value: object) -> tuple:
    """Sort key: categories, granularities and bands in their own order, other values by alphabet."""
    known = (*ORDER["category"], *GRANULARITIES, "up to 10", "11 to 20", "21 to 30", "over 30")
    return (known.index(value), "") if value in known else (len(known), str(value))


def disputed_by_pattern(right: pd.DataFrame, solved: pd.DataFrame) -> pd.DataFrame:
    """How many items of each pattern have a gold answer that the solver disputes, and the causes.

    Args:
        right: the first result of `answers`.
        solved: rows of `tracelib.paper.label_audit.solved` of one reading. Items without a row are left out.

    Returns:
        A row per pattern: pattern, disputed, estimate, low, high (share disputed, Wilson), n, method, note,
        causes (in words, with counts).
    """
    causes = solved.drop_duplicates("item").set_index("item")["cause"]
    found = causes.reindex(right.index.get_level_values("problem")).set_axis(right.index).dropna()
    of_pattern = patterns(right)[found.index]
    rows = []
    for pattern in PATTERNS:
        part = found[of_pattern == pattern]
        counted = Counter(cause for cause in part if cause)
        words = ", ".join(f"{cause}: {count}" for cause, count in counted.most_common())
        count = counted.total()
        rows.append({"pattern": pattern, "disputed": count, **wilson(count, len(part)), "causes": words})
    return pd.DataFrame(rows)


def disputed(right: pd.DataFrame, solved: pd.DataFrame) -> pd.DataFrame:
    """Whether the solver disputes the gold answer more often for problems that no run answers.

    Args:
        right: the first result of `answers`.
        solved: rows of `tracelib.paper.label_audit.solved` for these problems. Problems without a row are
            left out.

    Returns:
        A row per reading of the dates: reading, never (number of problems that no run answers),
        never_disputed, others, others_disputed, estimate (share disputed among never, minus the share among
        others), low, high, n, p (Fisher's exact test), p_holm (over the readings), left_out, method, note.
    """
    never = ~right.any(axis=1).groupby(level="problem").any()
    rows = []
    for reading, part in solved.drop_duplicates(["item", "reading"]).groupby("reading", sort=False):
        agree = part.set_index("item")["answers_agree"].reindex(never.index).dropna().astype(bool)
        known = never[agree.index]
        cells = [
            int((known & ~agree).sum()),
            int(known.sum()),
            int((~known & ~agree).sum()),
            int((~known).sum()),
        ]
        names = ("never_disputed", "never", "others_disputed", "others")
        row = {"reading": reading, **dict(zip(names, cells, strict=True)), **_compared(*cells)}
        rows.append({**row, "left_out": len(never) - len(agree)})
    return adjusted(pd.DataFrame(rows))


def _compared(hits: int, n: int, other_hits: int, others: int) -> Estimate:
    row = difference_tested(hits, n, other_hits, others)
    if row["p"] is None and row["estimate"] is not None:
        row["note"] = f"{'every' if hits else 'no'} gold is disputed, no test"
    return row
