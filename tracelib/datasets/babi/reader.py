"""Read bAbI (Weston et al., 2015), short stories with questions, as published and as in the release.

Published format: text files such as ``qa15_basic-deduction_train.txt`` (``qa15_train.txt`` in a later
set). Lines are numbered from 1 in every story. A line with tabs is a question: its text, its answer and the
numbers of the supporting lines. A line without tabs is a statement of one sentence. Any other line is an
error. Release: CSV files with one question per row.
"""

import re
from pathlib import Path

from tracelib.core.csv_files import read_csv
from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.reading import LONGEST_LINE, raw_lines, unpacked_name
from tracelib.datasets.problem import Problem, checked, content_id, printed_list

CATEGORIES = (  # in the published numbering, from 1
    "single-supporting-fact",
    "two-supporting-facts",
    "three-supporting-facts",
    "two-arg-relations",
    "three-arg-relations",
    "yes-no-questions",
    "counting",
    "lists-sets",
    "simple-negation",
    "indefinite-knowledge",
    "basic-coreference",
    "conjunction",
    "compound-coreference",
    "time-reasoning",
    "basic-deduction",
    "basic-induction",
    "positional-reasoning",
    "size-reasoning",
    "path-finding",
    "agents-motivations",
)
PATHS = "path-finding"  # the only task whose answers are lists in a fixed order
RELEASED = (
    "single-supporting-fact",
    "two-supporting-facts",
    "two-arg-relations",
    "counting",
    "lists-sets",
    "conjunction",
    "time-reasoning",
    "basic-deduction",
    "basic-induction",
    "positional-reasoning",
    "size-reasoning",
)
LONGEST_STORY = 1000  # lines; the published stories have fewer than 400
FILE_NAME = re.compile(r"qa(\d{1,2})(?:_(?P<task>[a-z]+(?:-[a-z]+)+|counting|conjunction))?(?:_[a-z]+)?\.txt")
NUMBERED = re.compile(r"(\d{1,9})[ \t]+(\S.*)", re.DOTALL)
SENTENCE_ENDS = ".!।॥۔。｡"
QUESTION_ENDS = "?？؟"
CLOSING = "\"'”’»)"  # may follow the end of a sentence or a question
# No published statement begins like this. A question without its mark, tabs and supporting number does.
ASKS = re.compile(r"(?:where|what|who|whose|why|how|is|are|was|were|do|does|did|will the)\b", re.IGNORECASE)
COLUMNS_LOST = re.compile(rf"[{QUESTION_ENDS}]|\\t|\s\d+$")  # in a line without tabs: it was a question


def read(path: Path, skipped: list[InputError] | None = None) -> list[Problem]:
    """All problems of one file, published (``.txt``) or released (``.csv``), in order.

    Strict without `skipped`: the first bad line raises its `InputError`. With a list, bad lines are left out
    and their errors appended. A story that may lack a statement (its numbering breaks, or a line is neither
    statement nor question) is read only up to that line. Each later question of the story counts as left
    out, and reading goes on with the next story.
    """
    name = unpacked_name(path)
    if name.suffix == ".csv":
        return read_csv(path, from_record, skipped)
    return _read_stories(path, _task(name), skipped)


def occurrences(facts: tuple[str, ...], cited: set[str]) -> tuple[int, ...]:
    """The indices of the cited sentences in the context, ascending.

    A sentence that stands twice counts at both places. A trace quotes sentences, so it cannot tell the two
    places apart.
    """
    return tuple(index for index, fact in enumerate(facts) if fact in cited)


# --- The release ------------------------------------------------------------------------------


def from_record(record: dict, path: str | Path, line: int) -> Problem:
    """A problem from a row of the release's CSV files or a line of its output files.

    CSV files call the context ``passages`` and the answer ``answer``; output files call them ``passage`` and
    ``gold``. `InputError` when a field is missing or wrong.
    """
    is_output = "passages" not in record and "passage" in record
    facts = printed_list(record, "passage" if is_output else "passages", path, line)
    cited = printed_list(record, "answer_passage", path, line)
    unknown = [sentence for sentence in cited if sentence not in facts]
    if unknown:
        raise InputError(
            f"field 'answer_passage': expected sentences of the context, found {quoted(unknown[0])}",
            path,
            line,
        )
    category = field(record, "query_type", str, path, line)
    if category not in CATEGORIES:
        raise InputError(
            f"field 'query_type': expected the name of a bAbI task or a type of MARCO's queries, "
            f"found {quoted(category)}",
            path,
            line,
        )
    question = field(record, "question", str, path, line)
    gold = field(record, "gold" if is_output else "answer", str, path, line)
    return _problem(question, facts, gold, set(cited), category, path, line)


def _problem(
    question: str, facts: tuple[str, ...], gold: str, cited: set[str], category: str, path, line: int
) -> Problem:
    problem = Problem(
        id=content_id(question, facts, (gold,)),
        dataset="babi",
        question=question,
        facts=facts,
        gold=(gold,),  # "apple,football" is one answer, as in the release
        supporting=occurrences(facts, cited),
        category=category,
    )
    return checked(problem, path, line)


# --- The published format ---------------------------------------------------------------------


def _task(path: Path) -> str:
    match = FILE_NAME.fullmatch(path.name)
    if match and 1 <= int(match[1]) <= len(CATEGORIES):
        task = CATEGORIES[int(match[1]) - 1]
        if match["task"] in (None, task):
            return task
    raise InputError(
        "the file name states no task, expected one like qa15_basic-deduction_train.txt or qa15_train.txt",
        path,
    )


def _read_stories(path: Path, category: str, skipped: list[InputError] | None) -> list[Problem]:
    problems: list[Problem] = []
    facts: dict[int, str] = {}  # line number in the story -> statement
    last: int | None = 0  # number of the line before; None: skip up to the next story
    for line, raw in raw_lines(path):
        expected, last = last, None  # the story is broken unless this line is right
        try:
            number, text = _numbered(raw, path, line)
            if number == 1:
                facts, expected = {}, 0
            if expected is None:
                if "\t" in text:
                    raise InputError("a question after a bad line of its story", path, line)
                continue
            _check_number(number, expected, path, line)
            if "\t" in text:
                last = number if _ends(text.partition("\t")[0], QUESTION_ENDS) else None
                problems.append(_asked(text, facts, category, path, line))
            else:
                facts[number] = _stated(text, facts, path, line)
            last = number
        except InputError as error:
            if skipped is None:
                raise
            skipped.append(error)
    return problems


def _numbered(raw: bytes, path: Path, line: int) -> tuple[int, str]:
    if len(raw) > LONGEST_LINE:
        raise InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected a sentence", path, line)
    try:
        text = raw.decode("utf-8-sig").strip(" \r\n")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start} of the line)", path, line) from None
    match = NUMBERED.fullmatch(text)
    if not match:
        raise InputError(f"expected a line number and a sentence, found {quoted(text)}", path, line)
    return int(match[1]), match[2]


def _check_number(number: int, last: int, path: Path, line: int) -> None:
    if number != last + 1:
        raise InputError(f"line number {number}, expected {last + 1} or the 1 of a new story", path, line)
    if number > LONGEST_STORY:
        raise InputError(f"a story of more than {LONGEST_STORY:,} lines", path, line)


def _ends(text: str, marks: str) -> bool:
    return text.rstrip(" " + CLOSING).endswith(tuple(marks))


def _stated(text: str, facts: dict[int, str], path: Path, line: int) -> str:
    """The sentence of a line without tabs; `InputError` if it looks like a question that lost its tabs."""
    first = next(iter(facts.values()), text)
    is_cut = _ends(first, SENTENCE_ENDS) and not _ends(text, SENTENCE_ENDS)
    if is_cut or COLUMNS_LOST.search(text) or ASKS.match(text):
        raise InputError(
            "neither a statement nor a question, expected a sentence with its full stop, or question, "
            f"answer and supporting lines separated by tabs, found {quoted(text)}",
            path,
            line,
        )
    return text


def _asked(text: str, facts: dict[int, str], category: str, path: Path, line: int) -> Problem:
    parts = [part.strip() for part in text.split("\t")]
    if len(parts) != 3:
        raise InputError(
            f"{len(parts)} columns, expected question, answer and supporting lines separated by tabs, "
            f"found {quoted(text)}",
            path,
            line,
        )
    question, gold, numbers = parts
    if _ends(question, SENTENCE_ENDS):
        raise InputError(f"a statement with an answer, expected a question, found {quoted(text)}", path, line)
    if not facts:
        raise InputError("a question before any statement of its story", path, line)
    statements = {str(number): fact for number, fact in facts.items()}
    unknown = [number for number in numbers.split() or [""] if number not in statements]
    if unknown:
        raise InputError(
            "supporting lines: expected the numbers of earlier statements of the story, "
            f"found {quoted(unknown[0])}",
            path,
            line,
        )
    cited = {statements[number] for number in numbers.split()}
    return _problem(question, tuple(facts.values()), gold, cited, category, path, line)
