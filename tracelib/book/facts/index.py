"""The front page: the paper's claims, the released outputs, and the runs made here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import preregistered
from tracelib.core.frames import where
from tracelib.experiments import run_folder, shown_runs
from tracelib.paper import (
    claims,
    estimates,
    evidence,
    real_grid,
    release,
    repairs,
    reproduction,
    specifications,
)
from tracelib.paper.claims import Claim
from tracelib.paper.estimates import InWords
from tracelib.paper.evidence import Evidence
from tracelib.reporting import tables_preregistered
from tracelib.scoring.outcomes import counts_under, pooled
from tracelib.stats.as_text import percent
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import UNTRAINED

HEADLINE = {"dataset": "cotempqa", "model": "Qwen3-1.7B", "condition": "correct"}


@dataclass(frozen=True)
class Facts:
    """Everything that the page cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        claims: the claims of the paper.
        leading: the first estimate of each claim, by the estimate's name.
        two_checks: counts of the headline's run, by each check of the traces.
        outcomes: outcomes of the release.
    """

    numbers: dict[str, object]
    claims: list[Claim]
    leading: dict[str, InWords]
    two_checks: dict[str, pd.Series]
    outcomes: pd.DataFrame


def facts(work: Path, run_names: Sequence[str]) -> Facts:
    """The facts, from a build's folder and its runs (`shown_runs.find`)."""
    released = evidence.read(work / "data")
    of_paper = [claim for claim in claims.load() if claim.source != claims.REFEREE]
    checked = two_checks(released)
    folder = shown_runs.find(work, run_names).folder
    about = {name: run_folder.read_about(folder / name) for name in run_names}
    numbers = _of_claims(of_paper) | _of_headline(released) | _checked(released, checked)
    numbers |= _of_release(released) | _of_real_model() | _of_runs(about)
    return Facts(
        numbers=numbers,
        claims=of_paper,
        leading=estimates.compute(released, [name for claim in of_paper for name in claim.estimates[:1]]),
        two_checks=checked,
        outcomes=released.outcomes,
    )


def _pooled(outcomes: pd.DataFrame, metric: str) -> pd.Series:
    """The counts of one run over all its categories."""
    return pooled(counts_under(outcomes, metric)).iloc[0]


def two_checks(released: Evidence) -> dict[str, pd.Series]:
    """The counts of the headline's run under the official metric, by each check of the traces."""
    run = where(released.outcomes, **HEADLINE)
    published = specifications.published_counts(run, released.checks, "official")
    return {"the release's check": pooled(published).iloc[0], "the exact check": _pooled(run, "official")}


def _of_claims(of_paper: Sequence[Claim]) -> dict[str, object]:
    return {"of-paper": len(of_paper), "tally": claims.tally(of_paper)}


def _of_headline(released: Evidence) -> dict[str, str]:
    """Joint and conditional rate of the headline's run, and right answers after wrong traces (corrected)."""
    run = _pooled(where(released.outcomes, **HEADLINE), "corrected")
    both, alone = int(run["trace_right_answer_right"]), int(run["trace_wrong_answer_right"])
    right = both + int(run["trace_right_answer_wrong"])
    shares = {"joint": (both, int(run["n"])), "given": (both, right), "after-wrong": (alone, both + alone)}
    return {name: percent(wilson(*share)) for name, share in shares.items()}


def _checked(released: Evidence, checks: Mapping[str, pd.Series]) -> dict[str, object]:
    """How many outputs have trace and answer right, of all outputs and of the right traces, by each check."""
    numbers: dict[str, object] = {}
    for name, found in zip(("published", "exact"), checks.values(), strict=True):
        both = int(found["trace_right_answer_right"])
        right = both + int(found["trace_right_answer_wrong"])
        numbers |= {f"{name}-both": f"{both} of {found['n']}", f"{name}-given": f"{both} of {right}"}
    corrected = _pooled(where(released.outcomes, **HEADLINE), "corrected")
    return numbers | {"exact-corrected": int(corrected["trace_right_answer_right"])}


def _of_release(released: Evidence) -> dict[str, object]:
    """How many stated accuracies are reproduced, and in how many models the repairs change the order."""
    official = counts_under(released.outcomes, "official")
    checked = reproduction.accuracies(official, release.shipped_accuracies())
    with_outputs = checked[checked["ours"].notna()]
    ranks = repairs.ranked(released.repaired).pivot(index="model", columns="variant", values="order")
    return {
        "source": released.source.detail,
        "outputs": f"{len(released.outcomes):,}",
        "reproduced": len(where(with_outputs, status="reproduced")),
        "comparable": len(with_outputs),
        "without-outputs": len(checked) - len(with_outputs),
        "turned": int((ranks["official"] != ranks["corrected"]).sum()),
        "models": len(ranks),
    }


def _of_real_model() -> dict[str, object]:
    """The registered answers of the real model, from the committed tables."""
    outcomes, interventions, runs, _ = real_grid.read()
    tested = preregistered.primary(outcomes, interventions, preregistered.CPU)
    trainings = int((~runs["condition"].isin(UNTRAINED)).sum())
    return {"real-trainings": trainings} | tables_preregistered.answers(tested, preregistered.CPU)


def _of_runs(about: Mapping[str, dict]) -> dict[str, object]:
    parameters = [entry["parameters"] for entry in about.values()]
    return {
        "runs": len(about),
        "bases": ", ".join(dict.fromkeys(chosen["model"] for chosen in parameters)),
        "trained-on": ", ".join(dict.fromkeys(chosen["dataset"] for chosen in parameters)),
        "largest": max(entry["model_parameters"] for entry in about.values()) / 1e6,
    }
