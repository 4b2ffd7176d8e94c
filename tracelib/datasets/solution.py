"""The result of a symbolic solver, which reads a problem's text and never its gold steps or answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Solution:
    """The result of a solver, from question and facts alone.

    Attributes:
        answers: the derived answers; empty where none could be derived.
        supporting: indices of the facts that the derivation used, ascending; where the dataset has its own
            rule for marking facts, the facts that this rule marks.
        categories: the labels that fit the text, usually one; empty where the solver derives none.
        anchor: indices of the facts that state the event a question starts from ("While Ada worked for
            Beta, ...?", "Why did Ada go to the kitchen?"). A trace may cite them but need not.
        failure: why answers are missing, a short phrase that is the same for the same cause; else empty.
        alternatives: other sets of facts; the same answers follow from each of them alone.
    """

    answers: tuple[str, ...] = ()
    supporting: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    anchor: tuple[int, ...] = ()
    failure: str = ""
    alternatives: tuple[tuple[int, ...], ...] = ()

    @property
    def accepted(self) -> tuple[tuple[int, ...], ...]:
        """Every set of facts that a trace may cite for the answers, `supporting` first."""
        return self.supporting, *self.alternatives


UNKNOWN = Solution(failure="nothing is said of what is asked")
