"""The distributions of the answers so far, as the teacher's page shows them."""

from dataclasses import dataclass

import pandas as pd

from tracelib.study import config, forms, tidy
from tracelib.study.config import Study
from tracelib.study.store import Store


@dataclass(frozen=True)
class Row:
    """The answers on one kind of trace, or in one arm: how many gave each answer."""

    label: str
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """The number of answers."""
        return sum(self.counts)

    @property
    def bars(self) -> list[tuple[float, float]]:
        """(start, width) of each answer's part of a bar, in percent of the bar."""
        widths = [round(100 * count / max(self.n, 1), 2) for count in self.counts]
        return [(round(sum(widths[:at]), 2), width) for at, width in enumerate(widths)]


@dataclass(frozen=True)
class Panel:
    """One question: its text, its answers, and a row per kind of trace or arm."""

    title: str
    anchors: tuple[str, ...]
    rows: tuple[Row, ...]


def state(store: Store) -> dict[str, int]:
    """How many participants have begun, finished and withdrawn."""
    states = [tidy.state(person) for person in store.participants()]
    return {"begun": len(states), **{name: states.count(name) for name in ("finished", "withdrawn")}}


def panels(store: Store) -> list[Panel]:
    """A panel per item, and per question of the trust part; only questions with answers."""
    study, answers = store.study, tidy.answers(store)
    found = []
    if study.ratings:
        labels = {(name, None): kind.label for name, kind in study.ratings.kinds.items()}
        if study.comprehension:
            found.append(_comprehension(study, answers, labels))
        for name, item in study.items.items():
            found.append(_panel(item.text, study.scales[item.scale], answers, name, labels))
    if study.trust:
        labels = {
            (arm, truth): f"{label}, {name}"
            for arm, label in study.trust.arms.items()
            for truth, name in zip((True, False), config.TRUTHS, strict=True)
        }
        choices = (study.trust.reject, study.trust.accept)
        found.append(_panel(study.trust.text, choices, answers, forms.ACCEPT, labels, first=0))
    return [panel for panel in found if any(row.n for row in panel.rows)]


def _comprehension(study: Study, answers: pd.DataFrame, labels: dict) -> Panel:
    asked = answers[answers["question"] == forms.EXPECTED]
    asked = asked.assign(value=asked["correct"].astype("Int64"))
    choices = ("another answer, or none", "the model's answer")
    return _panel(study.comprehension.text, choices, asked, forms.EXPECTED, labels, first=0)


def _panel(
    title: str, anchors: tuple[str, ...], answers: pd.DataFrame, question: str, labels: dict, first: int = 1
) -> Panel:
    """The distribution of a question's values, which begin with `first`, by (kind, whether right)."""
    asked = answers[answers["question"] == question]
    rows = []
    for (kind, truth), label in labels.items():
        own = asked[(asked["kind"] == kind) & (truth is None or asked["answer_right"] == truth)]
        rows.append(Row(label, tuple(int((own["value"] == first + at).sum()) for at in range(len(anchors)))))
    return Panel(title, anchors, tuple(rows))
