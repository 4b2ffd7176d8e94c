"""Read CoTempQA (Su et al., ACL 2024), co-temporal questions, and parse the sentences of its facts.

Published format: one JSON object per line with ``index``, ``triple_element``, ``question``,
``facts`` and ``answer``; one file per temporal relation (``equal.json``, ``overlap.json``, ...).
The paper's release adds CSV files: ``test_set.csv`` and ``val_set.csv`` with a ``label`` column,
and SFT sets whose ``question`` is the whole prompt and whose ``reasoning`` names the relation.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.core.csv_files import read_csv
from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.core.reading import unpacked_name
from tracelib.datasets.decompose import facts_with_an_answer
from tracelib.datasets.problem import Problem, checked, content_id, printed_list

CATEGORIES = ("equal", "overlap", "during", "mix")
ANSWER_IS_SUBJECT = "S2_R1_O1"  # the only question kind that asks "who else"; the others ask "what"

RELATION_OF_VERB = {
    "holds the position of": "position",
    "held the position of": "position",
    "is a member of the": "party",
    "was a member of the": "party",
    "is the chair of": "chair",
    "was the chair of": "chair",
    "is the head of": "head",
    "was the head of": "head",
    "is owned by": "owner",
    "was owned by": "owner",
    "attended": "school",
    "works for": "employer",
    "worked for": "employer",
    "plays for": "team",
    "played for": "team",
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
LONGEST_FACT = 1000  # characters; the dataset's longest has 250. Longer text fits no template.
DATE = r"(?:[A-Z][a-z]+ \d{1,2}, |[A-Z][a-z]+, )?\d{1,4}"
FACT = re.compile(
    rf"(?P<subject>.+?) (?P<verb>{'|'.join(RELATION_OF_VERB)}) (?P<object>.+?)"
    rf"(?: in (?P<at>{DATE})| from (?P<start>{DATE})(?: to (?P<end>{DATE}))?)?\.?"
)
PROMPT = re.compile(
    r"Answer the question based on the context:\n(?P<facts>.*)\n"
    r"Question: (?P<question>.+) Only return the answer\.\s*",
    re.DOTALL,
)

Date = tuple[int, int, int]  # year, month, day; 0 for a part that is not written


@dataclass(frozen=True)
class Fact:
    """One sentence of the context, parsed: who is related to what, and when.

    `start` and `end` are equal for a point in time ("in May, 1990"), and None where no date is written.
    """

    subject: str
    relation: str
    object: str
    start: Date | None
    end: Date | None


@lru_cache(maxsize=65536)
def parse_fact(sentence: str) -> Fact | None:
    """The fact that a sentence states; None if it fits no template or a date does not exist."""
    match = FACT.fullmatch(sentence) if len(sentence) <= LONGEST_FACT else None
    if match is None:
        return None
    try:
        start = end = parse_date(match["at"] or match["start"])
        if not match["at"]:
            end = parse_date(match["end"])
    except ValueError:
        return None
    return Fact(match["subject"], RELATION_OF_VERB[match["verb"]], match["object"], start, end)


def restated(sentence: str, side: str, name: str) -> str:
    """The sentence of a fact with another name as its ``subject`` or ``object``; it must fit a template."""
    match = FACT.fullmatch(sentence)
    return sentence[: match.start(side)] + name + sentence[match.end(side) :]


def parse_date(text: str | None) -> Date | None:
    """The year, month and day of a date as the facts write it; `ValueError` for an unknown month."""
    if text is None:
        return None
    words = text.replace(",", "").split()
    month = MONTHS.index(words[0]) + 1 if len(words) > 1 else 0
    return int(words[-1]), month, int(words[1]) if len(words) == 3 else 0


def from_record(record: dict, category: str, path: str | Path, line: int) -> Problem:
    """A problem from one published record; `InputError` when a field is missing or wrong."""
    return _problem(
        question=field(record, "question", str, path, line),
        facts=tuple(field(record, "facts", list, path, line)),
        gold=tuple(field(record, "answer", list, path, line)),
        category=category,
        kind=field(record, "triple_element", str, path, line),
        place=(path, line),
    )


def read(path: Path, skipped: list[InputError] | None = None) -> list[Problem]:
    """All problems of one published file: JSON lines named by relation, or a CSV file of the release.

    Strict without `skipped`: the first bad line raises its `InputError`. With a list, bad lines are left out
    and their errors appended.
    """
    name = unpacked_name(path)
    if name.suffix == ".csv":
        return read_csv(path, _from_row, skipped)
    if name.stem not in CATEGORIES:
        expected = ", ".join(f"{c}.json" for c in CATEGORIES)
        raise InputError(f"the file name is no temporal relation, expected {expected}", path)
    return read_json_lines(path, lambda record, *place: from_record(record, name.stem, *place), skipped)


def _from_row(row: dict, path: Path, line: int) -> Problem:
    if "label" in row:
        category = field(row, "label", str, path, line)
    else:  # an SFT set: the question is the whole prompt, the only place where vanilla has the facts
        whole = PROMPT.fullmatch(field(row, "question", str, path, line))
        if whole is None:
            raise InputError("field 'question': expected the release's prompt", path, line)
        row = {"triple_element": "", **whole.groupdict(), **row, "question": whole["question"]}
        category = field(row, "reasoning", str, path, line).strip().rpartition(": ")[2].rstrip(".")
    if category not in CATEGORIES:
        raise InputError(
            f"the relation is {quoted(category)}, expected one of {', '.join(CATEGORIES)}", path, line
        )
    return _problem(
        question=field(row, "question", str, path, line),
        facts=printed_list(row, "facts", path, line),
        gold=printed_list(row, "answer", path, line),
        category=category,
        kind=field(row, "triple_element", str, path, line),
        place=(path, line),
    )


def _problem(question, facts, gold, category, kind, place) -> Problem:
    problem = Problem(
        id=content_id(question, facts, gold),
        dataset="cotempqa",
        question=question,
        facts=facts,
        gold=gold,
        supporting=facts_with_an_answer(facts, gold),
        category=category,
        kind=kind,
    )
    return checked(problem, *place)
