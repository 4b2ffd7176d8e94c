"""DeepSeek-R1's texts (`tracelib.datasets.r1_texts`) by the names that a study's file gives them."""

from typing import NamedTuple

from tracelib.datasets import r1_texts
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem

TEXTS = {"r1_trace": "trace", "r1_trace_summary": "summary", "r1_explanation": "explanation"}


class Answered(NamedTuple):
    """A problem that R1 answered correctly, and those of `TEXTS` that are there."""

    problem: Problem
    texts: dict[str, str]


def load() -> tuple[list[Answered], str]:
    """All problems with texts, in a fixed order, and a sentence on where they come from.

    `InputError` if there are neither the repository's files nor the sample.
    """
    found = r1_texts.load()
    return [Answered(problem, _named(texts)) for problem, texts in found], found.source


def _named(texts: Texts) -> dict[str, str]:
    return {name: text for name, part in TEXTS.items() if (text := getattr(texts, part))}
