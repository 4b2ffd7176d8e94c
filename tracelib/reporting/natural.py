"""Natural traces with their marked spans, as one HTML page for a reader's own machine.

The page shows text of the release, so it is never committed or published. Everything in it is escaped.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracelib.datasets.problem import Problem
from tracelib.reporting import templating
from tracelib.reporting.writing import spelled_out
from tracelib.scoring.natural.verify import NaturalVerdict, Span, verify

LONGEST = 100_000  # characters of a trace that a page shows
LABELLED = ("citation", "claim", "conclusion")  # kinds whose verdict stands after the span
KINDS = {
    "citation": "states the time of a fact",
    "claim": "compares two times",
    "conclusion": "concludes",
    "backtracking": "turns back",
    "hedging": "hedges",
    "repetition": "repeats",
    "outside": "brings in knowledge",
}


class Piece(NamedTuple):
    """A part of a trace that lies in the same spans throughout.

    Attributes:
        text: the part.
        kinds: the kinds of its spans and their verdicts, as names of CSS classes.
        why: what its spans say, in words.
        labels: the verdicts of the spans that end here, in words.
    """

    text: str
    kinds: str
    why: str
    labels: tuple[str, ...]


class Marked(NamedTuple):
    """A problem, its trace in pieces, and the verdict on it."""

    problem: Problem
    pieces: list[Piece]
    verdict: NaturalVerdict
    cut: bool


def marked(problem: Problem, trace: str) -> Marked:
    """A trace with its spans, at most the first `LONGEST` characters."""
    shown = trace[:LONGEST]
    verdict = verify(shown, problem)
    return Marked(problem, list(pieces(shown, verdict.spans)), verdict, len(trace) > LONGEST)


def pieces(trace: str, spans: Iterable[Span]) -> Iterator[Piece]:
    """The trace from the first to the last character, cut wherever a span starts or ends."""
    spans = sorted(spans)
    cuts = sorted({0, len(trace), *(span.start for span in spans), *(span.end for span in spans)})
    open_spans: list[Span] = []
    waiting = 0
    for start, end in pairwise(cuts):
        open_spans = [span for span in open_spans if span.end > start]
        while waiting < len(spans) and spans[waiting].start <= start:
            open_spans.append(spans[waiting])
            waiting += 1
        yield _piece(trace[start:end], open_spans, end)


def _piece(text: str, spans: list[Span], end: int) -> Piece:
    verdicts = [span.verdict.replace(", ", " ") for span in spans if span.verdict]
    words = " ".join([*(span.kind for span in spans), *verdicts]).split()
    ending = [span for span in spans if span.end == end and span.kind in LABELLED]
    return Piece(
        spelled_out(text, keep="\n\t"),
        " ".join(dict.fromkeys(words)),
        "; ".join(dict.fromkeys(span.why for span in spans)),
        tuple(map(_label, ending)),
    )


def _label(span: Span) -> str:
    """What a reader sees after a span; the whole reason is in its title."""
    if span.kind == "citation":
        return span.why.partition(",")[0] + (f", {span.verdict}" if span.verdict != "reworded" else "")
    return (
        f"{span.why}; follows: {span.verdict}" if span.kind == "conclusion" else f"{span.why}: {span.verdict}"
    )


def drawn(texts: Sequence[tuple[Problem, str]], number: int, seed: int) -> list[tuple[Problem, str]]:
    """A random choice of texts, in their order; all of them if there are no more than `number`."""
    rng = random.Random(f"marked/{seed}")
    chosen = sorted(rng.sample(range(len(texts)), min(number, len(texts))))
    return [texts[place] for place in chosen]


def page(texts: Iterable[tuple[Problem, str]]) -> str:
    """A page of problems with their marked traces. It loads and runs nothing, whatever the texts contain."""
    return templating.render("natural.html", shown=[marked(*text) for text in texts], kinds=KINDS)
