"""Precision, recall and F1 of two sets: partial credit for a list of answers or of cited facts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Overlap:
    """The agreement of a found set with the gold set. Shares run from 0 to 1.

    Attributes:
        exact: the sets are the same.
        precision: the share of the found set that is gold. If nothing is found: 1 if nothing is gold, else 0.
        recall: the share of the gold set that is found. If nothing is gold: 1 if nothing is found, else 0.
        f1: the harmonic mean of precision and recall, 0 where both are 0.
    """

    exact: bool
    precision: float
    recall: float
    f1: float


def overlap(found: int, gold: int, both: int) -> Overlap:
    """The agreement of two sets, from their sizes and the size of their intersection."""
    precision = both / found if found else float(not gold)
    recall = both / gold if gold else float(not found)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Overlap(found == gold == both, precision, recall, f1)
