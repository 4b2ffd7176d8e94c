"""The points that the audit found: how many released outputs each one affects, and what it changes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.core.frames import where
from tracelib.paper import estimates, evidence, label_audit, release, repairs, reproduction, specifications
from tracelib.paper.evidence import Evidence
from tracelib.paper.reproduction import Reproduction
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson

STANDING = ("valid_traces_rejected", "right_answers_after_wrong_traces", "correct_minus_incorrect_cotempqa")


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        checks: how far the exact check changes each model's difference (`specifications.changes`).
        metrics: corrected minus official accuracy of each run (`repairs.against_official`).
        contrasts: differences of conditions under both metrics (`repairs.contrasts`).
    """

    numbers: dict[str, object]
    checks: pd.DataFrame
    metrics: pd.DataFrame
    contrasts: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence, the release's stated figures, and the audit of labels."""
    released = evidence.read(work / "data")
    outcomes, models = released.outcomes, tuple(release.MODELS.values())
    found = reproduction.compare(outcomes, released.checks)
    solved, _ = label_audit.load()
    numbers = {
        "rests-on": release.rests_on(outcomes),
        **_looked_up(released.checks),
        **_matrices(found),
        **_prompted(outcomes),
        "incomplete": _incomplete(solved),
        **_standing(released),
        "rejected-accepted": _rejected_accepted(outcomes),
        **_same(found),
    }
    return Facts(
        numbers=numbers,
        checks=specifications.changes(outcomes, released.checks, models),
        metrics=repairs.against_official(released.repaired),
        contrasts=repairs.contrasts(released.repaired, models),
    )


def _share(hits: int, n: int) -> str:
    """A share in percent with its interval, and the number it is a share of."""
    return f"{as_text.percent(wilson(int(hits), n))}% of {n:,}"


def _looked_up(checks: pd.DataFrame) -> dict[str, str]:
    """How many outputs with traces are judged by another problem's row, by dataset."""
    traced = where(checks, condition=("correct", "incorrect"))
    return {
        f"looked-up-{dataset}": _share(part["looked up"].sum(), len(part))
        for dataset, part in traced.groupby("dataset")
    }


def _matrices(found: Reproduction) -> dict[str, object]:
    """CoTempQA's counts that differ; MARCO's zeros, and the first zero that its own matrix contradicts."""
    cotempqa = where(found.matrices, dataset="cotempqa")
    worst = reproduction.contradicted(found.accuracies)
    return {
        "matrix-differ": as_text.count_of(len(where(cotempqa, status="differs")), len(cotempqa)),
        "marco-run": f"{worst['model']} on {worst['condition']} traces",
        "marco-stated": float(worst["accuracy"]),
        "marco-matrix": float(worst["matrix"]),
        "marco-zeros": reproduction.zeros(found.accuracies),
    }


def _prompted(outcomes: pd.DataFrame) -> dict[str, int]:
    """How many rows a prompted run has, and how many different problems they are about."""
    run = where(outcomes, dataset="cotempqa", condition="prompted", model=release.MODELS["q"])
    return {"prompted-n": len(run), "prompted-distinct": run["problem"].nunique()}


def _incomplete(solved: pd.DataFrame) -> str:
    """How many test problems have a gold answer that is incomplete."""
    asked = where(solved, dataset="cotempqa", split="test", reading="written")
    return _share(len(where(asked, cause="gold leaves an answer out")), len(asked))


def _standing(released: Evidence) -> dict[str, str]:
    """The estimates that the chapter cites from the scoreboard."""
    found = {name: estimates.ESTIMATES[name](released) for name in STANDING}
    return {name.replace("_", "-"): f"{one.value} ({one.n})" for name, one in found.items()}


def _rejected_accepted(outcomes: pd.DataFrame) -> str:
    """How many of CoTempQA's traces that the exact check rejects are accepted in both steps by the solver."""
    rejected = where(outcomes, dataset="cotempqa", condition="correct", trace_correct=False)
    return _share(len(where(rejected, category_valid=True, retrieval_valid=True)), len(rejected))


def _same(found: Reproduction) -> dict[str, str]:
    """How many stated accuracies, and how many counts on bAbI, are reproduced."""
    known = found.accuracies[found.accuracies["ours"].notna()]
    babi = where(found.matrices, dataset="babi")
    return {
        "same-accuracies": as_text.count_of(len(where(known, status="reproduced")), len(known)),
        "same-cells": as_text.count_of(len(where(babi, status="reproduced")), len(babi)),
    }
