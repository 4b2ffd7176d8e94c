"""Symbolic solvers: derive a problem's answer, facts and category from its text, never from its gold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Solution:
    """What follows from question and facts alone.

    Attributes:
        answers: the derived answers; empty where none could be derived.
        supporting: indices of the facts that the derivation used, ascending; where the dataset marks
            facts by a rule of its own, those that its rule marks.
        categories: the labels that fit the text, most often one; empty where nothing is known of them.
        anchor: indices of the facts that state the event a question starts from ("While Ada worked for
            Beta, ...?", "Why did Ada go to the kitchen?"): a trace may cite them, and need not.
        failure: why answers are missing (a short phrase, the same for the same cause), else empty.
        alternatives: other sets of facts that do as well: from each alone the same answers follow.
    """

    answers: tuple[str, ...] = ()
    supporting: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    anchor: tuple[int, ...] = ()
    failure: str = ""
    alternatives: tuple[tuple[int, ...], ...] = ()

    @property
    def accepted(self) -> tuple[tuple[int, ...], ...]:
        """Every set of facts that may be cited for the answers, `supporting` first."""
        return self.supporting, *self.alternatives
