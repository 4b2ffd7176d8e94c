"""One schema for every dataset: a question over context facts, with gold answers and steps."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.files import InputError, field, quoted
from tracelib.core.pylist import entries, listed

LONGEST_NAME = 100  # characters of a dataset's name or a category
NO_CATEGORY = "(none)"  # of a problem whose category nobody says
NO_ANSWER = "No Answer Present."  # the gold of a problem whose context holds no answer, as in MS MARCO

Facts = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """An open-book question whose two reasoning steps are known (paper, section on decomposition).

    Attributes:
        id: stable name; a hash of the content where the dataset has no usable one.
        dataset: a name in `tracelib.datasets.registry`, or that of somebody's own.
        question: the question alone, without context or instruction.
        facts: the context, one sentence each, in the order shown to the model.
        gold: the correct answers: all of them together (CoTempQA), or any of them (MARCO, one's own).
        supporting: indices into `facts` of the facts that step 2 has to retrieve, ascending.
        category: the label that step 1 has to name.
        kind: the dataset's question type (CoTempQA's ``triple_element``), empty if it has none.
        has_steps: whether facts, supporting and category are known; where not, no trace can be judged.
    """

    id: str
    dataset: str
    question: str
    facts: tuple[str, ...]
    gold: tuple[str, ...]
    supporting: tuple[int, ...]
    category: str
    kind: str = ""
    has_steps: bool = True

    @property
    def supporting_facts(self) -> tuple[str, ...]:
        """The gold facts themselves, in context order."""
        return tuple(self.facts[index] for index in self.supporting)


def content_id(question: str, facts: tuple[str, ...], gold: tuple[str, ...]) -> str:
    """Twelve hex digits that name a problem by its content, whatever file it was met in."""
    canonical = json.dumps([question, facts, gold], ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:12]


def printed_list(record: dict, name: str, path: str | Path, line: int) -> tuple[str, ...]:
    """The strings of a field that holds a Python list as text; an `InputError` if it is not one whole."""
    text = field(record, name, str, path, line).strip()
    strings = entries(text)
    if not text.startswith("[") or listed(strings) != text:
        raise InputError(
            f"field '{name}': expected a printed list of strings, found {quoted(text)}", path, line
        )
    return strings


def checked(problem: Problem, path: str | Path, line: int) -> Problem:
    """The problem itself, or an `InputError` saying what about it cannot be right."""
    for name, texts, what in (("facts", problem.facts, "fact"), ("gold", problem.gold, "answer")):
        if not texts and (name == "gold" or problem.has_steps):
            raise InputError(f"field '{name}' is empty, expected at least one {what}", path, line)
        if not all(any(character.isalnum() for character in text) for text in texts):
            raise InputError(f"field '{name}': an entry without a letter or digit", path, line)
    if any("\0" in text for text in (problem.question, *problem.facts, *problem.gold)):
        raise InputError("a text with a NUL character", path, line)
    if problem.category in ("", "all"):
        raise InputError(f"field 'category': '{problem.category}' is no category", path, line)
    one_line_name(problem.category, "category", path, line)
    outside = [i for i in problem.supporting if not 0 <= i < len(problem.facts)]
    if outside:
        raise InputError(
            f"field 'supporting': index {quoted(outside[0])} is outside the {len(problem.facts)} facts, "
            "which are counted from 0",
            path,
            line,
        )
    return problem


def one_line_name(text: str, name: str, path: str | Path, line: int) -> str:
    """The text itself, or an `InputError` where no line of a trace or a table could hold it as a name."""
    if len(text) > LONGEST_NAME:
        what = f"a name of at most {LONGEST_NAME} characters"
    elif not any(character.isalnum() for character in text):
        what = "a name with a letter or digit"
    elif text.splitlines() != [text] or any(unicodedata.category(character) == "Cc" for character in text):
        what = "one line without control characters"
    else:
        return text
    raise InputError(f"field '{name}': expected {what}, found {quoted(text)}", path, line)
