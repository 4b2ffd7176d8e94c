"""One schema for all datasets: a question over context facts, with gold answers and reasoning steps."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.pylist import entries, listed

LONGEST_NAME = 100  # characters of a dataset's name or a category
NO_CATEGORY = "(none)"  # the category of a problem whose category is not known
NO_ANSWER = "No Answer Present."  # the gold of a problem whose context has no answer, as in MS MARCO

Facts = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """An open-book question with its two gold reasoning steps (paper, section on decomposition).

    Attributes:
        id: a stable name; a hash of the content where the dataset gives none.
        dataset: a name in `tracelib.datasets.registry`, or the name of a user's own dataset.
        question: the question alone, without context or instruction.
        facts: the context, one sentence or passage each, in the order shown to the model.
        gold: the correct answers: all are needed (CoTempQA), or any one of them (MARCO, a user's own).
        supporting: indices into `facts` of the facts that step 2 must retrieve, ascending.
        category: the label that step 1 must name.
        kind: the dataset's question type (CoTempQA's ``triple_element``), empty if it has none.
        has_steps: whether facts, supporting and category are all known. If not, no trace can be judged.
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
        """The texts of the supporting facts, in context order."""
        return tuple(self.facts[index] for index in self.supporting)

    @property
    def content(self) -> str:
        """`content_id` of the problem: equal for problems with the same content, whatever their ids."""
        return content_id(self.question, self.facts, self.gold)


def content_id(question: str, facts: tuple[str, ...], gold: tuple[str, ...]) -> str:
    """Twelve hex digits of a hash of a problem's content; its file and its id do not count."""
    canonical = json.dumps([question, facts, gold], ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:12]


def printed_list(record: dict, name: str, path: str | Path, line: int) -> tuple[str, ...]:
    """The strings of a field that holds a printed Python list; `InputError` if it holds anything else."""
    text = field(record, name, str, path, line).strip()
    strings = entries(text)
    if not text.startswith("[") or listed(strings) != text:
        raise InputError(
            f"field '{name}': expected a printed list of strings, found {quoted(text)}", path, line
        )
    return strings


def checked(problem: Problem, path: str | Path, line: int) -> Problem:
    """The problem itself; `InputError` if one of its fields cannot be right."""
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
    """The text itself; `InputError` if it cannot be a name on one line of a trace or a table."""
    if len(text) > LONGEST_NAME:
        what = f"a name of at most {LONGEST_NAME} characters"
    elif not any(character.isalnum() for character in text):
        what = "a name with a letter or digit"
    elif text.splitlines() != [text] or any(unicodedata.category(character) == "Cc" for character in text):
        what = "one line without control characters"
    else:
        return text
    raise InputError(f"field '{name}': expected {what}, found {quoted(text)}", path, line)
