"""Every figure that the release states beside the figure from its outputs, and the files of this build."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import trace_answer
from tracelib.core.frames import where
from tracelib.datasets import release_files
from tracelib.paper import evidence, release, reproduction
from tracelib.paper.release import Source
from tracelib.paper.reproduction import Reproduction
from tracelib.stats import as_text

STATUS = {"reproduced": "same", "differs": "differ", reproduction.UNCHECKED: "unchecked"}  # in cited names
DIFFERING = ["model", "condition", "quantity", "stated", "computed", "difference"]


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        inventory: groups of the release's files, by state (`release.inventory`).
        absent: the names of files that the chapters would read and that are not here.
        summary: stated figures of each dataset by status.
        accuracies, matrices: every stated accuracy and count beside ours (`tracelib.paper.reproduction`).
        differing: the main counts of CoTempQA's confusion matrices that differ.
        reasons: why a run's matrix differs or cannot be checked.
        earlier: accuracies of an earlier commit beside the released ones.
    """

    numbers: dict[str, object]
    inventory: pd.DataFrame
    absent: pd.DataFrame
    summary: pd.DataFrame
    accuracies: pd.DataFrame
    matrices: pd.DataFrame
    differing: pd.DataFrame
    reasons: pd.DataFrame
    earlier: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence and the release's stated figures."""
    released = evidence.read(work / "data")
    found = reproduction.compare(released.outcomes, released.checks)
    inventory = release.inventory(released.source)
    numbers = {
        "source": released.source.detail,
        "outputs": f"{len(released.outcomes):,}",
        **_by_status(found),
        **_of_matrices(found.matrices),
        **_of_marco(found.accuracies),
        **_files(inventory),
        **_asked(released.outcomes),
    }
    explained = found.matrices[found.matrices["why"] != ""]
    runs = ["dataset", "model", "condition"]
    return Facts(
        numbers=numbers,
        inventory=inventory.drop(columns="bytes"),
        absent=_absent(released.source),
        summary=reproduction.summary(found.accuracies, found.credit, found.matrices),
        accuracies=found.accuracies,
        matrices=found.matrices,
        differing=_differing(found.matrices),
        reasons=explained.drop_duplicates(runs)[[*runs, "why"]],
        earlier=reproduction.earlier(found.accuracies),
    )


def _by_status(found: Reproduction) -> dict[str, int]:
    """How many figures of each kind are stated, and how many of them have each status."""
    numbers = {}
    for kind in ("accuracies", "credit", "matrices"):
        table = getattr(found, kind)
        numbers[kind] = len(table)
        numbers |= {f"{kind}-{key}": len(where(table, status=status)) for status, key in STATUS.items()}
    return numbers


def _of_matrices(matrices: pd.DataFrame) -> dict[str, object]:
    """How many counts are reproduced on bAbI, and how many differ on CoTempQA."""
    babi = where(matrices, dataset="babi")
    return {
        "babi-cells": as_text.count_of(len(where(babi, status="reproduced")), len(babi)),
        "cotempqa-differ": len(where(matrices, dataset="cotempqa", status="differs")),
    }


def _of_marco(accuracies: pd.DataFrame) -> dict[str, object]:
    """Accuracies stated as zero, and accuracies that the release's own matrices contradict."""
    against = reproduction.against_matrix(accuracies)
    contradicted = reproduction.contradicted(accuracies)
    return {
        "zeros": reproduction.zeros(accuracies),
        "marco-agrees": len(where(against, agrees=True)),
        "marco-contradicts": len(where(against, agrees=False)),
        "contradicted-run": f"{contradicted['model']}, {contradicted['condition']} traces",
        "contradicted-stated": float(contradicted["accuracy"]),
        "contradicted-matrix": float(contradicted["matrix"]),
    }


def _files(inventory: pd.DataFrame) -> dict[str, int]:
    """How many files are public, and how many of them are used here."""
    by_state = inventory.groupby("state")["files"].sum()
    return {
        "files": int(by_state.drop(release_files.NOT_PUBLIC).sum()),
        "files-here": int(by_state.get(release_files.HERE, 0)),
    }


def _asked(outcomes: pd.DataFrame) -> dict[str, int]:
    """How many different problems the prompted and the fine-tuned models answered."""
    cotempqa, model = where(outcomes, dataset="cotempqa"), release.MODELS["q"]
    prompted = where(cotempqa, condition="prompted", model=model)["problem"]
    tuned = set(cotempqa.loc[cotempqa["condition"] != "prompted", "problem"])
    stories = where(outcomes, dataset="babi", condition="vanilla", model=model)["problem"]
    return {
        "prompted": len(prompted),
        "prompted-distinct": prompted.nunique(),
        "prompted-most": int(prompted.value_counts().max()),
        "prompted-common": len(set(prompted) & tuned),
        "tuned": len(tuned),
        "babi-n": len(stories),
        "babi-distinct": stories.nunique(),
    }


def _absent(source: Source) -> pd.DataFrame:
    names = release_files.absent(release_files.used())
    return pd.DataFrame({release_files.PUBLIC: [name for name in names if name not in source.files]})


def _differing(matrices: pd.DataFrame) -> pd.DataFrame:
    """CoTempQA's counts of right answers, labels, facts and whole traces that differ."""
    table = where(matrices, dataset="cotempqa", status="differs")
    main = ("answer right", "category right", "fact right", *trace_answer.STATED.values())
    return table.loc[table["quantity"].isin(main), DIFFERING]
