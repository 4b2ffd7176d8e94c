"""The scoreboard: each claim of the paper and of its referee, with its estimates."""

from dataclasses import dataclass
from pathlib import Path

from tracelib.paper import claims, estimates, evidence, published_means
from tracelib.paper.claims import Claim
from tracelib.paper.estimates import InWords

RATED = {"r1": published_means.R1, "decomposed": published_means.DECOMPOSED}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        of_paper, of_referee: claims of the paper and of the referee, in the order of ``claims.yaml``.
        values: every estimate that a claim names.
    """

    numbers: dict[str, object]
    of_paper: tuple[Claim, ...]
    of_referee: tuple[Claim, ...]
    values: dict[str, InWords]


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence."""
    everything = claims.load()
    names = dict.fromkeys(name for claim in everything for name in claim.estimates)
    of_paper = tuple(claim for claim in everything if not claim.is_of_referee)
    rated = {
        f"rated-{name}": published_means.STATED[published_means.INTERPRETABILITY, kind]
        for name, kind in RATED.items()
    }
    return Facts(
        numbers=rated | {"of-paper": len(of_paper), "tally": claims.tally(of_paper)},
        of_paper=of_paper,
        of_referee=tuple(claim for claim in everything if claim.is_of_referee),
        values=estimates.compute(evidence.read(work / "data"), names),
    )
