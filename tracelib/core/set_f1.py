"""How two sets agree: the partial credit of a list of answers, and of a list of cited facts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Overlap:
    """Agreement of a found set with the gold one; shares from 0 to 1.

    Attributes:
        exact: the sets are the same.
        precision: share of what was found that is gold; with nothing found 1 if nothing is gold, else 0.
        recall: share of the gold that was found; with nothing gold 1 if nothing was found, else 0.
        f1: their harmonic mean, 0 where they are both 0.
    """

    exact: bool
    precision: float
    recall: float
    f1: float


def overlap(found: int, gold: int, both: int) -> Overlap:
    """From the sizes of two sets and of their intersection."""
    precision = both / found if found else float(not gold)
    recall = both / gold if gold else float(not found)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Overlap(found == gold == both, precision, recall, f1)
