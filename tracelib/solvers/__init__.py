"""Symbolic solvers: derive a problem's answer, facts and category from its text, never from its gold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Solution:
    """What follows from question and facts alone.

    Attributes:
        answers: the derived answers; empty where none could be derived.
        supporting: indices of the facts that the derivation used, ascending.
        category: the derived label, None where the dataset's labels do not follow from the text.
        anchor: indices of the facts that state the event a CoTempQA question starts from.
        failure: why answers are missing (a short phrase, the same for the same cause), else empty.
    """

    answers: tuple[str, ...] = ()
    supporting: tuple[int, ...] = ()
    category: str | None = None
    anchor: tuple[int, ...] = ()
    failure: str = ""
