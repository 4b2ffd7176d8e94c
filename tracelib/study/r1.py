"""DeepSeek-R1's traces of CoTempQA problems, with the summaries and explanations made of them.

They are in the later history of the release's repository: ``tracelib release fetch --family`` gets the files
(`tracelib.paper.family_files`). Without them, a sample in ``TRACELIB_DATA/r1/traces.jsonl`` stands in, for
development: its texts are copies, and it lacks the problems' facts, which the released problems give.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.datasets import release_problems
from tracelib.datasets.cotempqa import reader
from tracelib.datasets.problem import Problem
from tracelib.paper import family, family_files, r1_sample

TEXTS = {  # name of a text -> the name of its field in the repository's files
    "r1_trace": "r1_trace",
    "r1_trace_summary": "r1_trace_summary",
    "r1_explanation": "r1_exp_ans",
}
ANSWERS = re.compile(r".*/deepseek_r1_correct_responses_(\w+?)_with_(?:summary|explanation)\.json")
SAMPLE = "a sample of R1's texts, copied for development; report results only from the files themselves"


class Answered(NamedTuple):
    """A problem that R1 answered correctly, and those of `TEXTS` that are there."""

    problem: Problem
    texts: dict[str, str]


def load() -> tuple[list[Answered], str]:
    """All problems with texts, in a fixed order, and a sentence on where they come from.

    `InputError` if there are neither the repository's files nor the sample.
    """
    files = {
        path: match[1]
        for file, path in family_files.present().items()
        if (match := ANSWERS.fullmatch(file.path))
    }
    if files:
        return _merged(files), "R1's texts from the release's repository"
    if path := r1_sample.path():
        return list(_sampled(path)), SAMPLE
    raise InputError(f"R1's texts are not here; `{family.COMMAND}` gets them")


def _merged(files: dict[Path, str]) -> list[Answered]:
    found: dict[str, Answered] = {}
    for path, relation in sorted(files.items()):
        for problem, texts in read_json_lines(path, partial(_record, relation)):
            earlier = found.get(problem.id)
            found[problem.id] = Answered(problem, (earlier.texts if earlier else {}) | texts)
    return list(found.values())


def _record(relation: str, record: dict, path: Path, line: int) -> Answered:
    problem = reader.from_record(
        {**record, "answer": field(record, "gold", list, path, line)}, relation, path, line
    )
    return Answered(problem, _texts(record, TEXTS, path, line))


def _sampled(path: Path) -> Iterator[Answered]:
    splits = release_problems.load_splits("cotempqa")
    by_question = {problem.question: problem for part in splits.values() for problem in part}
    for question, texts in read_json_lines(path, _sample):
        if problem := by_question.get(question):
            yield Answered(problem, texts)


def _sample(record: dict, path: Path, line: int) -> tuple[str, dict[str, str]]:
    return field(record, "question", str, path, line), _texts(
        record, {name: name for name in TEXTS}, path, line
    )


def _texts(record: dict, names: dict[str, str], path: Path, line: int) -> dict[str, str]:
    """The texts that a record has, by our names. A missing text is null or not there."""
    return {
        ours: field(record, theirs, str, path, line)
        for ours, theirs in names.items()
        if record.get(theirs) is not None
    }
