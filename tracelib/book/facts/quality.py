"""How far the datasets' labels follow from their facts: every problem solved, and a validator's findings."""

from dataclasses import dataclass

import pandas as pd

from tracelib.core.frames import where
from tracelib.datasets import release_problems
from tracelib.paper import label_audit
from tracelib.stats.as_text import share_of

AGREEMENT = {"answers": "answers_agree", "labels": "category_agrees", "facts": "facts_agree"}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows about the problems of the paper.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: CoTempQA's answers that follow from the facts, by reading and relation (`label_audit.rates`).
        by_relation: how many CoTempQA problems agree (`label_audit.agreement`), by reading, split, relation.
        by_kind: agreement by type of question, with dates as written.
        causes: why answers differ, by relation (`label_audit.causes`).
        findings: the validator's findings.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    by_relation: pd.DataFrame
    by_kind: pd.DataFrame
    causes: pd.DataFrame
    findings: pd.DataFrame


def facts() -> Facts:
    """The facts, from the real problems, or from the audit of them in the package."""
    solved, findings = label_audit.load()
    timed = where(solved, dataset="cotempqa")
    written, calendar = (where(timed, reading=name) for name in ("written", "calendar"))
    parts = {"written": written, "calendar": calendar, "stories": where(solved, dataset="babi")}
    numbers = {
        "standing-in": release_problems.standing_in("cotempqa"),
        **{name: text for part, table in parts.items() for name, text in _agree(part, table).items()},
        **_training(where(written, split="train")),
        **_causes(where(written, category="during", split="test"), calendar),
        **_leaked(findings),
    }
    return Facts(
        numbers=numbers,
        rates=label_audit.rates(timed, ["reading", "category"]),
        by_relation=label_audit.agreement(timed, ["reading", "split", "category"]),
        by_kind=label_audit.agreement(written, ["kind"]),
        causes=label_audit.causes(timed),
        findings=findings,
    )


def _agree(part: str, table: pd.DataFrame) -> dict[str, str]:
    """How many answers, labels and facts of the problems are what the solver derives."""
    return {f"{part}-{name}": share_of(table[column].sum(), len(table)) for name, column in AGREEMENT.items()}


def _training(training: pd.DataFrame) -> dict[str, str]:
    """The number of training problems, and how many of them ask about *during*."""
    return {"train": f"{len(training):,}", "during-train": f"{len(where(training, category='during')):,}"}


def _causes(during: pd.DataFrame, calendar: pd.DataFrame) -> dict[str, str]:
    """The two causes that the prose names."""
    incomplete = where(during, cause="gold leaves an answer out")
    return {
        "during-incomplete": share_of(len(incomplete), len(during)),
        "coarse": share_of(len(where(calendar, cause="dates too coarse")), len(calendar)),
    }


def _leaked(findings: pd.DataFrame) -> dict[str, str]:
    """How many of bAbI's test problems also stand in another split."""
    (leaked,) = where(findings, dataset="babi", check="same problem in two splits", split="test").itertuples()
    return {"leaked": share_of(leaked.problems, leaked.n)}
