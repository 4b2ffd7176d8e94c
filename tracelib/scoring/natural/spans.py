"""Mark the parts of a natural trace that a verdict speaks of, each with the reason in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracelib.scoring.natural.citations import Citation
from tracelib.scoring.natural.claims import Claim
from tracelib.scoring.natural.intervals import WRONG
from tracelib.scoring.natural.reading import Read

RECOGNISED = {
    "full": "its name",
    "short": "a part of its name",
    "close": "a name close to its own",
    "carried": "the sentences before",
}


@dataclass(frozen=True, order=True)
class Span:
    """A marked part of a trace, ``text[start:end]``.

    Attributes:
        start, end: its place.
        kind: ``citation``, ``claim``, ``conclusion``, ``backtracking``, ``hedging``, ``repetition`` or
            ``outside``.
        verdict: of a citation ``verbatim``, ``reworded`` or ``altered``; of a claim ``yes``, ``no`` or
            ``unclear``, with ``, interval wrong`` if a stated shared time is wrong; of a conclusion as of
            `NaturalVerdict.follows`; else empty.
        why: what was recognised, and by what, in words.
    """

    start: int
    end: int
    kind: str
    verdict: str
    why: str


def marked(
    reads: Sequence[Read],
    citations: Sequence[Citation],
    claims: Sequence[Claim],
    style: Mapping[str, Sequence[int]],
    conclusion: tuple[Sequence[int], int | None, str],
) -> tuple[Span, ...]:
    """All spans of a trace, in order.

    Args:
        style: kind -> the numbers of its sentences.
        conclusion: the facts of the answers, the sentence that concludes (if any), whether they follow.
    """
    found = [*map(_of_citation, citations), *map(_of_claim, claims), *_of_style(reads, style)]
    answers, where, outcome = conclusion
    if where is not None:
        names = ", ".join(f"fact {number}" for number in answers)
        found.append(Span(reads[where].start, reads[where].end, "conclusion", outcome, f"concludes {names}"))
    return tuple(sorted(found))


def _of_citation(one: Citation) -> Span:
    return Span(one.start, one.end, "citation", one.form, f"fact {one.fact}, by {RECOGNISED[one.named]}")


def _of_claim(one: Claim) -> Span:
    verdict = f"{one.holds}, interval wrong" if one.interval == WRONG else one.holds
    return Span(one.start, one.end, "claim", verdict, f"fact {one.fact} {one.relation} fact {one.other}")


def _of_style(reads: Sequence[Read], style: Mapping[str, Sequence[int]]) -> Iterator[Span]:
    for kind, numbers in style.items():
        for number in numbers:
            yield Span(reads[number].start, reads[number].end, kind, "", kind)
