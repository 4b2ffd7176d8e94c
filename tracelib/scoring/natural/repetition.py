"""Which sentences of a trace only say again what earlier ones have said."""

import re
from collections.abc import Iterable, Iterator

from tracelib.scoring.natural.citations import Citation
from tracelib.scoring.natural.claims import Claim
from tracelib.scoring.natural.intervals import NEGATIVE
from tracelib.scoring.natural.phrases import ANSWER, CONCLUDES, HEDGING, PLANS
from tracelib.scoring.natural.reading import Read
from tracelib.scoring.natural.topics import About

ENDS = re.compile(r"\b(?:before|after|within)\b")

Said = tuple[
    str, int, str
]  # what is said of a fact: "cites", "claims" or "concludes"; the fact; the relation


def repeated(
    reads: list[Read], abouts: list[About], citations: Iterable[Citation], claims: Iterable[Claim]
) -> Iterator[int]:
    """The numbers of the sentences that state facts, claims or conclusions, and no new ones.

    A claim that time is shared is not new after a more exact one, such as *equal*.
    """
    content: dict[int, set[Said]] = {}
    for one in citations:
        content.setdefault(one.sentence, set()).add(("cites", one.fact, one.form))
    for claim in claims:
        content.setdefault(claim.sentence, set()).add(("claims", claim.fact, claim.relation))
    seen: set[Said] = set()
    for read, about in zip(reads, abouts, strict=True):
        said = content.get(read.number, set())
        if ANSWER.search(read.text) or CONCLUDES.search(read.text):
            said |= {("concludes", fact, "") for mention in about.subjects for fact in mention.facts}
        if said and said <= seen and not _says_more(read, said):
            yield read.number
        seen |= said | set(_implied(said))


def _says_more(read: Read, said: Iterable[Said]) -> bool:
    """Whether a sentence plans, doubts, or compares one end of a time, of which there is no record."""
    compared = {relation for kind, _, relation in said if kind == "claims"} & {"before", "after", "within"}
    return bool(
        PLANS.search(read.text) or HEDGING.search(read.text) or (ENDS.search(read.text) and not compared)
    )


def _implied(said: Iterable[Said]) -> Iterator[Said]:
    for kind, fact, relation in said:
        if kind == "claims":
            yield kind, fact, "apart" if relation in NEGATIVE else "shared"
        elif kind == "cites" and relation == "verbatim":
            yield kind, fact, "reworded"
