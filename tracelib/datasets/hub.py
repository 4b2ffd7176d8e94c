"""The real datasets from the Hugging Face hub, each at one pinned commit, by the library ``datasets``.

Pinned are MS MARCO (``microsoft/ms_marco``, the last commit of its main branch as of 2026) and bAbI
(``facebook/babi_qa``, in the hub's own conversion to parquet: its main branch holds a script, and
code from the hub is never run). CoTempQA is not loaded from here: no commit of its copy
``Warrieryes/CotempQA`` that holds the data is known to us in full, and its parquet conversion lacks
the temporal relation. `tracelib.datasets.cotempqa.reader.read` reads its files.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from itertools import islice
from types import ModuleType

from tracelib.core.files import InputError, quoted
from tracelib.core.pylist import listed
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.marco import reader as marco
from tracelib.datasets.problem import Problem

BABI, BABI_COMMIT = "facebook/babi_qa", "821006e33d6ff3674fd888792a4dd1c04648f69f"
MARCO, MARCO_COMMIT = "microsoft/ms_marco", "a47ee7aae8d7d466ba15f9f0bfac3b3681087b3a"
SPLITS = {  # of MS MARCO v2.1 the test split is published without its answers
    "babi": ("train", "test"),
    "marco-v1.1": ("train", "validation", "test"),
    "marco-v2.1": ("train", "validation"),
}
STATEMENT, QUESTION = 0, 1  # the types of line in the hub's bAbI stories

Row = Callable[[dict, str, int], Iterable[Problem]]  # (row, where, number from 1) -> its problems


def load(
    dataset: str, split: str, limit: int | None = None, skipped: list[InputError] | None = None
) -> list[Problem]:
    """The problems of one split of ``babi``, ``marco-v1.1`` or ``marco-v2.1``, in the hub's order.

    bAbI is the English set of 1,000 training questions per task, all 20 tasks one after the other.
    With `limit` only that many problems are read, and no more is fetched than they need; without,
    the split is downloaded to the library's cache. Strict or, with a list `skipped`, lenient: rows
    that are no problem are left out. `InputError` for a wrong argument, a wrong row (its place is
    repository, file and row), a missing library, and a hub that cannot be reached.
    """
    _check(dataset, split, limit)
    problems = _problems(dataset, split, limit is not None, skipped)
    errors = _library("huggingface_hub.errors")
    try:
        return list(islice(problems, limit))
    except (OSError, errors.HTTPError) as error:  # offline, no such host, timeout, refused, disk full
        raise InputError(
            f"{dataset} cannot be loaded from the Hugging Face hub ({type(error).__name__}: "
            f"{quoted(str(error))}); check the network and HF_HUB_OFFLINE, or read the published files "
            f"with tracelib.datasets.{dataset.partition('-')[0]}.reader.read"
        ) from error


def _check(dataset: str, split: str, limit: int | None) -> None:
    if dataset == "cotempqa":
        raise InputError(
            "cotempqa has no pinned commit on the Hugging Face hub; read its files (equal.json, "
            "overlap.json, during.json, mix.json) with tracelib.datasets.cotempqa.reader.read"
        )
    if dataset not in SPLITS:
        raise InputError(f"dataset {quoted(dataset)}, expected one of {', '.join(SPLITS)}")
    if split not in SPLITS[dataset]:
        expected = ", ".join(SPLITS[dataset])
        raise InputError(f"split {quoted(split)} of {dataset}, expected one of {expected}")
    if limit is not None and limit < 1:
        raise InputError(f"limit {limit}, expected at least 1, or None for all")


def _library(name: str) -> ModuleType:
    """``datasets``, or a module that comes with it; imported only here, as it is optional."""
    try:
        return import_module(name)
    except ImportError:
        raise InputError("loading from the hub needs the library datasets: pip install datasets") from None


def _problems(dataset: str, split: str, stream: bool, skipped: list[InputError] | None) -> Iterator[Problem]:
    for where, options, build in _tables(dataset, split):
        rows = _library("datasets").load_dataset(**options, split=split, streaming=stream)
        for number, row in enumerate(rows, start=1):
            try:
                found = list(build(row, where, number))
            except InputError as error:
                if skipped is None:
                    raise
                skipped.append(error)
                continue
            yield from found


def _tables(dataset: str, split: str) -> Iterator[tuple[str, dict, Row]]:
    """(where, what to load, how to read a row) of the tables that make up a split."""
    if dataset == "babi":
        for number, category in enumerate(babi.CATEGORIES, start=1):
            path = f"en-qa{number}/{split}/0000.parquet"
            options = {"path": BABI, "revision": BABI_COMMIT, "data_files": {split: path}}
            yield f"{BABI}/{path}", options, partial(_story, category)
    else:
        version = dataset.removeprefix("marco-")
        options = {"path": MARCO, "revision": MARCO_COMMIT, "name": version}
        yield f"{MARCO}/{version}/{split}", options, _query


def _query(row: dict, where: str, number: int) -> Iterator[Problem]:
    yield marco.from_record(row, where, number)


def _story(category: str, row: dict, where: str, number: int) -> Iterator[Problem]:
    """A problem per question of a story; its context is what was stated before it."""
    statements: dict[str, str] = {}  # by line number in the story
    for line, kind, text, support, answer in _lines(row, where, number):
        if kind == STATEMENT:
            statements[line] = text.strip()
            continue
        if unknown := [entry for entry in support if entry not in statements]:
            expected = "the number of an earlier statement"
            raise InputError(
                f"field 'supporting_ids': expected {expected}, found {quoted(unknown[0])}", where, number
            )
        record = {  # as in the release's files
            "passages": listed(tuple(statements.values())),
            "question": text.strip(),
            "answer": answer.strip(),
            "answer_passage": listed(tuple(statements[entry] for entry in support)),
            "query_type": category,
        }
        yield babi.from_record(record, where, number)


def _lines(row: dict, where: str, number: int) -> list[tuple[str, int, str, list[str], str]]:
    """(line number, type, text, supporting line numbers, answer) of the lines of a story, checked."""
    names = ("id", "type", "text", "supporting_ids", "answer")
    story = row.get("story")
    columns = [story.get(name) for name in names] if isinstance(story, dict) else []
    whole = columns and all(isinstance(column, list) for column in columns)
    lines = list(zip(*columns, strict=False)) if whole else []
    if not whole or len({len(column) for column in columns}) > 1 or not all(map(_is_line, lines)):
        expected = f"lists {', '.join(names)} of one length"
        raise InputError(f"field 'story': expected {expected}, found {quoted(story)}", where, number)
    return lines


def _is_line(line: tuple) -> bool:
    number, kind, text, support, answer = line
    texts = [number, text, answer, *(support if isinstance(support, list) else [None])]
    return kind in (STATEMENT, QUESTION) and all(isinstance(entry, str) for entry in texts)
