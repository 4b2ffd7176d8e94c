"""Flips: items that a model gets right under one condition and wrong under another, with their texts."""

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

import pandas as pd

from tracelib.core.terminal import bounded
from tracelib.reporting.document import Folded
from tracelib.scoring.outcomes import place
from tracelib.scoring.outputs import Output
from tracelib.traces.format import parse

LONGEST = 2000  # characters of one text
MOST = 1000  # flips with texts in one document
MOST_CHARACTERS = 2_000_000  # of texts in one document
Texts = Callable[[Iterable[Hashable]], dict[Hashable, Output]]  # the outputs of some rows, by row


class Flip(NamedTuple):
    """One item of one model; `answers` has, by condition, whether the answer is right, and its row."""

    dataset: str
    model: str
    seed: str
    item: str
    answers: dict[str, tuple[bool, Hashable]]


def found(outcomes: pd.DataFrame, metric: str) -> list[Flip]:
    """All flips under a metric; items match if their id and content are the same."""
    known = outcomes[outcomes[f"answer_{metric}"].notna()]
    table = pd.DataFrame(
        {
            **{name: known[name] for name in ("dataset", "model", "seed", "problem", "item", "condition")},
            "right": known[f"answer_{metric}"].astype(bool),
            "row": known.index,
        }
    )
    keys = ["dataset", "model", "seed", "problem", "item"]
    several = table.groupby(keys, dropna=False)["right"].transform("nunique") > 1
    flips = []
    for (dataset, model, seed, _, item), part in table[several].groupby(keys, dropna=False, sort=False):
        part = part.sort_values("condition", key=place, kind="stable")
        answers = dict(zip(part["condition"], zip(part["right"], part["row"], strict=True), strict=True))
        flips.append(Flip(dataset, model, "" if pd.isna(seed) else str(seed), item, answers))
    return sorted(flips, key=lambda flip: (flip.model, flip.seed, _pattern(flip)))


def _pattern(flip: Flip) -> tuple:
    return tuple((name, not right) for name, (right, _) in flip.answers.items())


def summary(flip: Flip) -> str:
    """One line: the item, its run, and the conditions under which it is right and wrong."""
    right = ", ".join(name for name, (known, _) in flip.answers.items() if known)
    wrong = ", ".join(name for name, (known, _) in flip.answers.items() if not known)
    seed = f", seed {flip.seed}" if flip.seed else ""
    names = (flip.item, flip.model, right, wrong)
    item, model, right, wrong = (bounded(name, 200) for name in names)
    run = f" ({model}{seed})" if model else ""
    return f"{item}{run}: right under {right}; wrong under {wrong}"


def table(flips: list[Flip]) -> pd.DataFrame:
    """A row per flip: item, model, seed, and the conditions under which it is right and wrong."""
    rows = []
    for flip in flips:
        right, wrong = (
            ", ".join(n for n, (k, _) in flip.answers.items() if k is which) for which in (True, False)
        )
        seed = {"seed": flip.seed} if flip.seed else {}
        names = {"item": flip.item, "model": flip.model, **seed}
        rows.append({**names, "right under": right, "wrong under": wrong})
    return pd.DataFrame(rows)


def said(flips: list[Flip], folded: list[Folded]) -> list[str]:
    """Sentences: how many flips there are, how many are shown with texts, and where the others are."""
    one = "item stands" if len(folded) == 1 else "items stand"
    lines = [
        f"{len(flips):,} {'item' if len(flips) == 1 else 'items'}. {len(folded):,} {one} here with their "
        f"texts, each cut at {LONGEST:,} characters."
    ]
    if left := len(flips) - len(folded):
        lines.append(
            f"{left:,} more would make the page too large: --items F.csv writes every one with its verdicts, "
            "file and line."
        )
    return lines


def folded(flips: list[Flip], texts: Texts) -> list[Folded]:
    """As many flips as fit on a page, each with question, gold answers, and every output's answer and text.

    Args:
        texts: a function that reads the outputs of some rows.
    """
    chosen = flips[:MOST]
    read = texts([row for flip in chosen for _, row in flip.answers.values()])
    shown, left = [], MOST_CHARACTERS
    for flip in chosen:
        one = _folded(flip, read)
        left -= sum(len(label) + len(text) for label, text in one.texts)
        if left < 0:
            break
        shown.append(one)
    return shown


def _folded(flip: Flip, read: dict[Hashable, Output]) -> Folded:
    problem = read[next(iter(flip.answers.values()))[1]].problem
    texts = [("question", problem.question), ("gold answer", "; ".join(problem.gold))]
    for condition, (right, row) in flip.answers.items():
        label = f"{bounded(condition, 200)}, {'right' if right else 'wrong'}"
        prediction = read[row].prediction
        texts += [
            (f"{label}: the answer read", parse(prediction).answer or "none"),
            (f"{label}: the whole output", prediction),
        ]
    return Folded(summary(flip), [(name, bounded(text, LONGEST)) for name, text in texts])
