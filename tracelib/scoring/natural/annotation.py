"""What a judge says of a natural trace, in one form for readers, the verifier and simulated truth.

``docs/natural-guide.md`` defines the fields. Readers number the sentences of a sheet; here a sentence is
known by the offset of its first character, so that another way to cut sentences can be compared.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.jsonl import read_json_lines
from tracelib.scoring.natural.citations import ALTERED
from tracelib.scoring.natural.intervals import NO, NONE, RELATIONS, RIGHT, UNCLEAR, WRONG, YES
from tracelib.scoring.natural.verify import NaturalVerdict

COMMITTED = ("equal", "during", "overlap", "mix", "shared", "none")
NOT_IN_CONTEXT = -1  # stands for an answer that no fact gives
STYLES = ("backtracking", "hedging", "repetition", "outside")
CITATION = {"sentence": int, "fact": int, "altered": bool}
CLAIM = {
    "sentence": int,
    "fact": int,
    "other": int,
    "relation": RELATIONS,
    "holds": (YES, NO, UNCLEAR),
    "interval": (RIGHT, WRONG, NONE),
}
TRACE = {
    "id": str,
    "event": list,
    "citations": list,
    "claims": list,
    "relation": COMMITTED,
    "answers": list,
    "follows": (YES, NO, UNCLEAR),
    **dict.fromkeys(STYLES, list),
}


@dataclass(frozen=True)
class Annotation:
    """One judge's account of one trace. A sentence is the offset of its first character.

    Attributes:
        event: the facts that state the question's event.
        citations: (sentence, fact) -> whether the fact is altered.
        claims: (sentence, fact) -> (relation, holds, interval), compared with the question's event.
        relation, answers, follows: as in `NaturalVerdict`.
        styles: name of `STYLES` -> sentences.
    """

    event: frozenset[int]
    citations: Mapping[tuple[int, int], bool]
    claims: Mapping[tuple[int, int], tuple[str, str, str]]
    relation: str
    answers: frozenset[int]
    follows: str
    styles: Mapping[str, frozenset[int]]


def of_verdict(verdict: NaturalVerdict, starts: Sequence[int] = ()) -> Annotation:
    """The verifier's account of a trace.

    Args:
        starts: where the sentences begin in whose terms it is given, ascending; by default the verifier's.
    """
    own = [start for start, _ in verdict.sentences]
    place = [_at(starts, start) for start in own] if starts else own
    citations: dict[tuple[int, int], bool] = {}
    for one in verdict.citations:
        key = (place[one.sentence], one.fact)
        citations[key] = citations.get(key, True) and one.form == ALTERED
    claims = {
        (place[one.sentence], one.fact): (one.relation, one.holds, one.interval) for one in verdict.claims
    }
    styles = {name: frozenset(place[number] for number in getattr(verdict, name)) for name in STYLES}
    event, answers = frozenset(verdict.event), frozenset(verdict.answers)
    return Annotation(event, citations, claims, verdict.relation, answers, verdict.follows, styles)


def _at(starts: Sequence[int], place: int) -> int:
    """The start of the sentence that has a place of the text."""
    return starts[max(0, bisect_right(starts, place) - 1)]


def read(path: Path, sheets: Mapping[str, Sequence[int]], facts: Mapping[str, int]) -> dict[str, Annotation]:
    """The annotations of a JSON-lines file, by id; strict.

    Args:
        sheets: the offsets of the sentences on each sheet, by id; every one of them needs an annotation.
        facts: the number of facts of each problem, by id.

    Raises:
        InputError: a field is missing or wrong, an id is unknown, repeated or missing, a number is on no
            sheet.
    """
    found: dict[str, Annotation] = {}

    def build(record: dict, place: Path, line: int) -> None:
        _check(record, TRACE, "", place, line)
        identity = record["id"]
        if identity not in sheets or identity in found:
            state = "repeated" if identity in found else "of no sheet"
            raise InputError(f"the id {quoted(identity)} is {state}", place, line)
        numbers = _Numbers(sheets[identity], facts[identity], place, line)
        found[identity] = _annotation(record, numbers)

    read_json_lines(path, build)
    if missing := sorted(set(sheets) - set(found)):
        raise InputError(
            f"no annotation of {', '.join(missing[:3])} ({len(missing)} of {len(sheets)} sheets)", path
        )
    return found


@dataclass(frozen=True)
class _Numbers:
    """The numbers that a sheet has: of sentences, which it turns into offsets, and of facts."""

    starts: Sequence[int]
    facts: int
    path: Path
    line: int

    def sentence(self, number: int) -> int:
        self._in_range(number, len(self.starts), "sentence")
        return self.starts[number]

    def fact(self, number: int) -> int:
        self._in_range(number, self.facts, "fact")
        return number

    def _in_range(self, number: object, count: int, what: str) -> None:
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < count:
            raise InputError(
                f"{what} {quoted(number)}, expected a number from 0 to {count - 1}", self.path, self.line
            )


def _annotation(record: dict, numbers: _Numbers) -> Annotation:
    event = {numbers.fact(number) for number in record["event"]}
    citations, claims = {}, {}
    for number, one in enumerate(record["citations"]):
        _check(one, CITATION, f"citations[{number}].", numbers.path, numbers.line)
        citations[numbers.sentence(one["sentence"]), numbers.fact(one["fact"])] = one["altered"]
    for number, one in enumerate(record["claims"]):
        _check(one, CLAIM, f"claims[{number}].", numbers.path, numbers.line)
        if numbers.fact(one["other"]) in event:
            key = numbers.sentence(one["sentence"]), numbers.fact(one["fact"])
            claims[key] = (one["relation"], one["holds"], one["interval"])
    answers = frozenset(n if n == NOT_IN_CONTEXT else numbers.fact(n) for n in record["answers"])
    styles = {name: frozenset(map(numbers.sentence, record[name])) for name in STYLES}
    return Annotation(
        frozenset(event), citations, claims, record["relation"], answers, record["follows"], styles
    )


def _check(record: object, fields: Mapping, prefix: str, path: Path, line: int) -> None:
    """`InputError` unless the record has exactly these fields, each of its type or one of its words."""
    if not isinstance(record, dict):
        raise InputError(f"'{prefix[:-1]}': expected an object, found {quoted(record)}", path, line)
    if unknown := sorted(set(record) ^ set(fields)):
        state = "is missing" if unknown[0] in fields else "is unknown"
        raise InputError(f"field '{prefix}{unknown[0]}' {state}, expected {', '.join(fields)}", path, line)
    for name, expected in fields.items():
        value = record[name]
        if isinstance(expected, tuple):
            right, words = value in expected, " or ".join(expected)
        else:
            right = isinstance(value, expected) and isinstance(value, bool) == (expected is bool)
            words = {int: "a whole number", bool: "true or false", str: "a string", list: "a list"}[expected]
        if not right:
            raise InputError(f"field '{prefix}{name}': expected {words}, found {quoted(value)}", path, line)
