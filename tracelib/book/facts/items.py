"""The chapter on single problems: which runs answer each one, and what hard problems have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import item_analysis
from tracelib.core.frames import where
from tracelib.datasets.problem import Problem
from tracelib.paper import evidence, items, label_audit, release
from tracelib.stats.as_text import p_value, percent

METRICS = ("corrected", "official", "strict")
PATTERNS = dict(zip(("every", "none", "flip", "models"), item_analysis.PATTERNS, strict=True))
DESCRIPTIONS = ["category", "kind", "gold_answers", "facts", "granularity", "same_subject"]
CITED = {  # (description, value) by its name in the prose
    "one-gold": ("gold_answers", "1"),
    "many-gold": ("gold_answers", "3 or more"),
    "equal": ("category", "equal"),
    "mix": ("category", "mix"),
    "easy-type": ("kind", "S1_R2_O2"),
    "hard-type": ("kind", "S2_R2_O2"),
}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        right: which fine-tuned run answers which CoTempQA item right, corrected metric
            (`item_analysis.answers`).
        by_runs_right: the number of items by the number of runs that are right.
        by_metric: how many items have each pattern, a row per metric.
        flips, shared: answers that change with the condition, and answers that change in every model.
        difficulty: accuracy by one description at a time (`item_analysis.difficulties`).
        by_type_and_relation: accuracy by question type within relations.
        disputed, disputed_by_pattern: items whose gold answer the solver disputes.
        tasks: bAbI's accuracy by task.
        described: descriptions of each CoTempQA item.
        problems: the problems of the released outputs; none if the release is unavailable.
    """

    numbers: dict[str, object]
    right: pd.DataFrame
    by_runs_right: pd.DataFrame
    by_metric: pd.DataFrame
    flips: pd.DataFrame
    shared: pd.DataFrame
    difficulty: pd.DataFrame
    by_type_and_relation: pd.DataFrame
    disputed: pd.DataFrame
    disputed_by_pattern: pd.DataFrame
    tasks: pd.DataFrame
    described: pd.DataFrame
    problems: list[Problem]


def facts(work: Path) -> Facts:
    """The facts, from the outcomes in a work folder and the descriptions of the release's problems."""
    outcomes = evidence.read_outcomes(work / "data")
    tuned = outcomes[outcomes["condition"] != "prompted"]
    lined_up, partial = item_analysis.complete(where(tuned, dataset="cotempqa"))
    right, left_out = item_analysis.answers(lined_up, "corrected")
    stories, stories_left_out = item_analysis.answers(where(tuned, dataset="babi"), "exact")
    described = items.load()
    own = where(described, dataset="cotempqa")
    banded = item_analysis.banded(own)
    difficulty = item_analysis.difficulties(right, banded, DESCRIPTIONS)
    typed = banded.assign(**{"type, relation": banded["kind"] + ", " + banded["category"]})
    by_runs_right = item_analysis.by_runs_right(right)
    flips, shared = item_analysis.flips(right), item_analysis.shared_flips(right)
    solved = where(label_audit.load()[0], split="test", dataset="cotempqa")
    disputed = item_analysis.disputed(right, solved)
    of_stories = {"left-out": stories_left_out, **_sizes(stories), **_patterns(stories)}
    numbers = (
        {
            "rests-on": release.rests_on(tuned),
            "left-out": left_out,
            "partial": ", ".join(partial) or "none",
        }
        | _sizes(right)
        | _patterns(right)
        | _with_prompted(outcomes, partial)
        | _expected(by_runs_right)
        | _changes(flips, shared)
        | _difficulty(difficulty, own)
        | _disputed(disputed)
        | {f"stories-{name}": count for name, count in of_stories.items()}
    )
    return Facts(
        numbers=numbers,
        right=right,
        by_runs_right=by_runs_right,
        by_metric=_by_metric(lined_up),
        flips=flips,
        shared=shared,
        difficulty=difficulty,
        by_type_and_relation=item_analysis.difficulties(right, typed, ["type, relation"]),
        disputed=disputed,
        disputed_by_pattern=item_analysis.disputed_by_pattern(right, where(solved, reading="written")),
        tasks=item_analysis.difficulties(stories, where(described, dataset="babi"), ["category"]),
        described=own,
        problems=[output.problem for output in items.load_texts() or ()],
    )


def _counted(right: pd.DataFrame) -> pd.Series:
    """How many items have each of `item_analysis.PATTERNS`."""
    return item_analysis.patterns(right).value_counts().reindex(item_analysis.PATTERNS, fill_value=0)


def _sizes(right: pd.DataFrame) -> dict[str, object]:
    return {"n": len(right), "runs": right.shape[1]}


def _patterns(right: pd.DataFrame) -> dict[str, object]:
    found = _counted(right)
    return {name: int(found[pattern]) for name, pattern in PATTERNS.items()}


def _by_metric(lined_up: pd.DataFrame) -> pd.DataFrame:
    answered = {metric: item_analysis.answers(lined_up, metric)[0] for metric in METRICS}
    return pd.DataFrame(
        {"metric": metric, "items": len(right), **_counted(right)} for metric, right in answered.items()
    )


def _with_prompted(outcomes: pd.DataFrame, partial: list[str]) -> dict[str, object]:
    """How many items all runs would have in common if prompted runs were included."""
    timed = where(outcomes, dataset="cotempqa")
    right, left_out = item_analysis.answers(timed[~timed["model"].isin(partial)], "corrected")
    return {"n-prompted": len(right), "left-out-prompted": left_out}


def _expected(by_runs_right: pd.DataFrame) -> dict[str, object]:
    """How many items all runs, and no run, would answer right if runs were independent."""
    expected = by_runs_right["if_independent"]
    return {"every-expected": float(expected.iloc[-1]), "none-expected": float(expected.iloc[0])}


def _changes(flips: pd.DataFrame, shared: pd.DataFrame) -> dict[str, object]:
    return {
        "shared": int(shared["items"].sum()),
        "shared-expected": float(shared["if_independent"].sum()),
        "changes": int(flips[["gained", "lost"]].to_numpy().sum()),
    }


def _difficulty(difficulty: pd.DataFrame, own: pd.DataFrame) -> dict[str, object]:
    """Accuracies over all runs, and how problems are spread over subjects and dates."""
    rows = where(difficulty, runs="all runs").set_index(["description", "value"])
    return {name: _with_n(rows.loc[place].to_dict()) for name, place in CITED.items()} | {
        "same-most": int(own["same_subject"].max()),
        "same-alone": len(where(own, same_subject=1)),
        "month": len(where(own, granularity="month")),
    }


def _with_n(row: Mapping) -> str:
    return f"{percent(row)} (n = {row['n']})"


def _disputed(disputed: pd.DataFrame) -> dict[str, object]:
    """How many gold answers are disputed, by the reading with dates as written."""
    row = disputed.set_index("reading").loc["written"].to_dict()
    return {
        "never-disputed": f"{row['never_disputed']} of {row['never']}",
        "others-disputed": f"{row['others_disputed']} of {row['others']}",
        "disputed-difference": percent(row),
        "disputed-p": p_value(row["p_holm"]),
        "disputed-all": row["never_disputed"] + row["others_disputed"],
    }
