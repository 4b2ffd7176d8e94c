"""The last section of a report: its methods as a paragraph for a paper, what to cite, how it was made."""

import os
import shlex
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from tracelib import __version__
from tracelib.analysis.comparison import POINTS
from tracelib.core import provenance
from tracelib.core.errors import InputError, quoted
from tracelib.reporting.document import Section
from tracelib.scoring.columns import meaning

EPOCH = "SOURCE_DATE_EPOCH"
EDITION = "tracelib contributors. Interpretable Traces, Unexpected Outcomes: the reproducible edition"
PAPER = (
    "Siddhant Bhambri, Upasana Biswas, Subbarao Kambhampati. Interpretable Traces, Unexpected Outcomes: "
    "Investigating the Disconnect in Trace-Based Knowledge Distillation. ACL 2026. arXiv:2505.13792"
)


class Made(NamedTuple):
    """How and when a report was made. The report takes this as an argument and looks up nothing itself."""

    command: str = ""
    on: date | None = None
    commit: str | None = None


def made(arguments: Sequence[str]) -> Made:
    """`Made` for this command line: the current commit, and today or the day of ``SOURCE_DATE_EPOCH``."""
    return Made(shlex.join(["tracelib", *arguments]), _today(), _commit())


def _today() -> date:
    given = os.environ.get(EPOCH)
    if not given:
        return date.today()
    if not given.isdecimal() or len(given) > 11:
        raise InputError(f"{EPOCH} is {quoted(given)}, expected seconds since 1970")
    return datetime.fromtimestamp(int(given), UTC).date()


def _commit() -> str | None:
    """The commit of a checkout; None for an installed copy, which may lie in another repository."""
    return provenance.git_commit() if (provenance.ROOT / ".git").exists() else None


def how_made(made: Made) -> list[str]:
    """Lines with the version, commit, date and command, as far as they are known."""
    commit = f", commit {made.commit}" if made.commit else ""
    on = f" on {made.on.isoformat()}" if made.on else ""
    lines = [f"Made by tracelib {__version__}{commit}{on}."]
    return lines + ([f"Command: {made.command}"] if made.command else [])


def cite(made: Made) -> list[str]:
    """The references to cite: this edition and the paper."""
    commit = f", commit {made.commit}" if made.commit else ""
    return [f"{EDITION}. Version {__version__}{commit}.", PAPER + "."]


def methods(metrics: Sequence[str], traces: bool, compared: bool, repeats: bool) -> str:
    """A methods paragraph for a paper. It describes only what this report did.

    Args:
        metrics: the report's metrics.
        traces: whether it has runs with traces.
        compared: whether it compares conditions.
        repeats: whether problems repeat.
    """
    judged = "; ".join(f"{metric} ({meaning(metric)})" for metric in metrics)
    text = [
        f"Outputs were scored item by item with tracelib {__version__}. Answers were judged by {judged}. "
        "Accuracies have 95% Wilson score intervals over items."
    ]
    if traces:
        text.append(
            "A trace is right if it names the gold category and cites exactly the gold facts; steps that "
            "could not be read count as wrong. The joint rate (trace and answer right, of all outputs) is "
            "reported apart from the conditional rates (answer right, of the outputs whose trace is right or "
            "wrong)."
        )
    if compared:
        text.append(
            "Conditions were compared on the items that both have: difference of the accuracies with the 95% "
            "interval of Bonett and Price (2012), exact McNemar test, p-values adjusted by Holm's method "
            "over all models, seeds and pairs of conditions of a dataset; equivalence within a margin of "
            f"{POINTS} by two one-sided tests at 5%."
        )
    if repeats:
        text.append(
            "For runs in which problems repeat, intervals from a bootstrap over problems are given too. The "
            "paired tests take items as independent."
        )
    return " ".join(text)


def section(methods: str, made: Made) -> Section:
    """The section with the methods paragraph, the references to cite, and how the report was made."""
    prose = ["Methods, to paste:", methods, "To cite:", *cite(made), *how_made(made)]
    return Section("For a paper", prose)
