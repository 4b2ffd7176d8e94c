"""DeepSeek-R1's texts on CoTempQA: answers, traces, summaries of the traces, and explanations.

They are in the later history of the release's repository (`tracelib.datasets.family_files`): per relation a
file of what R1 answered correctly, one with summaries by GPT-4o-mini, and (not for *during*) one with R1's
explanations. ``tracelib release fetch --family`` gets them. Texts are merged by the problem that stands in
the same record.

Without the files, a sample stands in for development: ``TRACELIB_DATA/r1/traces.jsonl``, 113 problems. Its
texts were typed out from a copy, so no result may rest on it alone. It has no facts: the problem is the
released one with this question and these gold answers. (The release's own script looked problems up by R1's
answer, and found many wrong ones: `tracelib.paper.r1_pairing`.)
"""

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.datasets import family_files, records, release_problems
from tracelib.datasets.cotempqa import reader
from tracelib.datasets.distilled import Distilled, Texts
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import VARIABLE

FETCH = "tracelib release fetch --family"
ANSWERED = re.compile(
    rf".*/deepseek_r1_correct_responses_({'|'.join(reader.CATEGORIES)})(?:_with_(?:summary|explanation))?\.json"
)
FIELDS = Texts("prediction", "r1_trace", "r1_trace_summary", "r1_exp_ans")  # their names in the files
SAMPLED = FIELDS._replace(explanation="r1_explanation")  # and in the sample
SAMPLE = (
    "R1's texts are a sample of {n} problems, typed out from a copy for development; no result may rest on "
    f"it. '{FETCH}' gets R1's own files"
)

Asked = tuple[str, frozenset[str]]


class _Record(NamedTuple):
    """A record's texts, its problem if it has the facts, and what was asked."""

    asked: Asked
    problem: Problem | None
    texts: Texts


def needed_sample() -> Path:
    """The path of the sample; `InputError` if it is not there."""
    if found := family_files.sample():
        return found
    expected = f"expected a sample, r1/traces.jsonl, in the folder of {VARIABLE}"
    raise InputError(f"R1's texts are not here: {expected}, or R1's own files, which `{FETCH}` gets")


def files() -> dict[Path, str]:
    """The copies of R1's own files -> their relation."""
    return {
        path: match[1]
        for file, path in family_files.present().items()
        if (match := ANSWERED.fullmatch(file.path))
    }


def paths() -> list[Path]:
    """The files that `load` reads: R1's own, or else the sample. `InputError` if there are neither."""
    return sorted(files()) or [needed_sample()]


def load() -> Distilled:
    """R1's texts from its own files if any is here, else from the sample; `InputError` without both."""
    own = files()
    if not own:
        found = sampled()
        return Distilled(found, SAMPLE.format(n=len(found)))
    read = [record for path in sorted(own) for record in _read(path, FIELDS, own[path])]
    public = sum(ANSWERED.fullmatch(file.path) is not None for file in family_files.manifest())
    few = f", {len(own)} of {public} files" if len(own) < public else ""
    return Distilled(_with_problems(read), f"R1's texts from the release's repository{few}")


def sampled() -> list[tuple[Problem, Texts]]:
    """The texts of the sample whose problem is in the release's files that are here, in its order.

    `InputError` without the sample.
    """
    return _with_problems(_read(needed_sample(), SAMPLED))


def _read(path: Path, names: Texts, relation: str = "") -> list[_Record]:
    return [record for _, record in records.stream(path, partial(_record, names, relation))]


def _record(names: Texts, relation: str, record: dict, path: Path, line: int) -> _Record:
    gold = field(record, "gold", list, path, line)
    asked = _asked(field(record, "question", str, path, line), gold)
    has_problem = relation and "facts" in record
    problem = reader.from_record({**record, "answer": gold}, relation, path, line) if has_problem else None
    texts = ("" if record.get(name) is None else field(record, name, str, path, line) for name in names)
    return _Record(asked, problem, Texts(*texts))


def _with_problems(read: Iterable[_Record]) -> list[tuple[Problem, Texts]]:
    """Each record's texts with its problem; without a record whose problem is neither in it nor released."""
    read = list(read)
    released: dict[Asked, Problem] = {}
    if any(record.problem is None for record in read):
        parts = release_problems.load_splits("cotempqa").values()
        released = {_asked(problem.question, problem.gold): problem for part in parts for problem in part}
    found = ((record.problem or released.get(record.asked), record.texts) for record in read)
    return [(problem, texts) for problem, texts in found if problem]


def _asked(question: str, gold: Iterable[str]) -> Asked:
    return question, frozenset(gold)
