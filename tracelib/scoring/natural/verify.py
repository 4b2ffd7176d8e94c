"""Verify a natural trace: free text in, verdicts and marked spans out.

The rules read English text about one CoTempQA problem. They need no model. Each verdict names the words of
the trace by which it was reached. ``docs/natural-guide.md`` defines every field.
`tracelib.paper.natural_annotations` shows how well the rules agree with readers.
"""

import re
from dataclasses import dataclass, field

from tracelib.core.errors import InputError
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural import reading
from tracelib.scoring.natural.citations import ALTERED, Citation, cited
from tracelib.scoring.natural.claims import Claim, claims
from tracelib.scoring.natural.conclusion import concluded, follows, relation
from tracelib.scoring.natural.phrases import BACKTRACKING, HEDGING, KNOWLEDGE
from tracelib.scoring.natural.reading import Read
from tracelib.scoring.natural.repetition import repeated
from tracelib.scoring.natural.spans import Span, marked
from tracelib.scoring.natural.topics import about

LONGEST = 2_000_000  # characters of a trace


@dataclass(frozen=True)
class NaturalVerdict:
    """What a natural trace says, and whether its problem's facts confirm it.

    Attributes:
        sentences: the places of its sentences, (start, end); all sentence numbers below count from 0.
        words: the number of its words.
        event: the indices of the facts that state the question's event.
        citations: the facts that it states, sentence by sentence.
        claims: what it says about how the times of two facts stand to each other.
        relation: the relation to the question's event that it commits to for its answers: ``equal``,
            ``during``, ``overlap``, ``mix``, ``shared`` (time is shared, not how) or ``none``.
        answers: the indices of the facts that give the answers that it concludes.
        follows: whether these follow from the facts as it states them: ``yes``, ``no`` or ``unclear``.
        backtracking, hedging, repetition, outside: the numbers of the sentences that turn back, hedge,
            repeat, or bring in knowledge that the context does not have.
        spans: all of this as marked places, in order.
    """

    sentences: tuple[tuple[int, int], ...]
    words: int
    event: tuple[int, ...]
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]
    relation: str
    answers: tuple[int, ...]
    follows: str
    backtracking: tuple[int, ...]
    hedging: tuple[int, ...]
    repetition: tuple[int, ...]
    outside: tuple[int, ...]
    spans: tuple[Span, ...] = field(repr=False)

    @property
    def cited(self) -> frozenset[int]:
        """The indices of the facts that are cited at least once without a change."""
        return frozenset(one.fact for one in self.citations if one.form != ALTERED)

    @property
    def refuted(self) -> tuple[Claim, ...]:
        """The claims that the facts refute."""
        return tuple(claim for claim in self.claims if claim.holds == "no")


def verify(trace: str, problem: Problem) -> NaturalVerdict:
    """The verdict on a natural trace of a CoTempQA problem.

    Linear in the length of the trace, which may be any text. `InputError` for a problem of another dataset
    and for a trace of more than `LONGEST` characters.
    """
    if len(trace) > LONGEST:
        raise InputError(f"a trace of {len(trace):,} characters, expected at most {LONGEST:,}")
    setting = reading.setting(problem)
    reads = reading.read(trace, setting.known)
    abouts = about(reads, trace, setting)
    found = cited(reads, abouts, setting, problem.facts)
    said = claims(reads, abouts, found.shared, setting)
    answers, where = concluded(reads, abouts, said, setting)
    outcome = follows(answers, found.citations, setting)
    style = {
        "backtracking": _matching(reads, BACKTRACKING),
        "hedging": _matching(reads, HEDGING),
        "repetition": list(repeated(reads, abouts, found.citations, said)),
        "outside": _matching(reads, KNOWLEDGE),
    }
    return NaturalVerdict(
        sentences=tuple((read.start, read.end) for read in reads),
        words=len(trace.split()),
        event=setting.event,
        citations=tuple(found.citations),
        claims=tuple(said),
        relation=relation(answers, said),
        answers=answers,
        follows=outcome,
        **{name: tuple(numbers) for name, numbers in style.items()},
        spans=marked(reads, found.citations, said, style, (answers, where, outcome)),
    )


def _matching(reads: list[Read], pattern: re.Pattern) -> list[int]:
    return [read.number for read in reads if pattern.search(read.text)]
