"""Write problems for others: as JSON lines in the audit's format, or as a folder for the Hugging Face hub.

``datasets.load_dataset`` reads the folder, from disk or after an upload. It has one parquet file per split
and a dataset card whose header names the files. Hub documentation: "Structure your repository" and
"Dataset Cards".
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError, quoted
from tracelib.datasets import own, records, released
from tracelib.datasets.problem import NO_CATEGORY, Problem

ARROW = {  # the types of a record's fields
    "id": pa.string(),
    "dataset": pa.string(),
    "question": pa.string(),
    "facts": pa.list_(pa.string()),
    "gold": pa.list_(pa.string()),
    "supporting": pa.list_(pa.int64()),
    "category": pa.string(),
    "triple_element": pa.string(),
}
MEANING = {each.name: each.meaning for each in own.FIELDS}
SIZES = {10**3: "n<1K", 10**4: "1K<n<10K", 10**5: "10K<n<100K", 10**6: "100K<n<1M", 10**7: "1M<n<10M"}
CARD, DATA = "README.md", "data"
SPLIT = re.compile(r"[A-Za-z0-9_]{1,60}")
LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}")  # the hub's identifiers: mit, cc-by-4.0, other


class Column(NamedTuple):
    """A column beside the problems' own fields: its name, what it means, and a text for each problem."""

    name: str
    meaning: str
    texts: Mapping[Problem, str]


def to_record(problem: Problem) -> dict:
    """The problem's fields in the audit's format; ``triple_element`` is its `kind`.

    If the problem's steps are not all known, the record lacks the unknown fields.
    """
    record = {name: getattr(problem, name) for name in ARROW if name != "triple_element"}
    unknown = () if problem.has_steps else ("facts", "supporting")
    record = {name: value for name, value in record.items() if value or name not in unknown}
    if problem.category == NO_CATEGORY:
        del record["category"]
    return {**record, "triple_element": problem.kind}


def with_columns(problem: Problem, columns: Iterable[Column]) -> dict:
    """The problem's record, with its text of each column; None where a column has none."""
    return to_record(problem) | {column.name: column.texts.get(problem) for column in columns}


def to_json_lines(problems: Iterable[Problem], path: Path, columns: Sequence[Column] = ()) -> None:
    """Write one JSON object per problem, in UTF-8. The file appears whole or not at all."""
    with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
        for problem in problems:
            stream.write(json.dumps(with_columns(problem, columns), ensure_ascii=False) + "\n")


def from_json_lines(
    path: Path,
    skipped: list[InputError] | None = None,
    fields: dict[str, str] | None = None,
    dataset: str | None = None,
) -> list[Problem]:
    """The problems of a file that `to_json_lines` wrote or that the audit reads, in order.

    A file of outputs gives each problem once. Reading is strict: the first bad line raises its
    `InputError`. With a list `skipped` it is lenient: bad lines are left out and their errors appended.
    """
    return [each for _, each in records.stream(path, _Distinct(), skipped, fields, dataset) if each]


class _Distinct:
    """Reads the problem of a record; None for an output whose problem an earlier output has given.

    A problem that one run answers under two ids stands twice in the dataset and is given twice.
    """

    def __init__(self) -> None:
        self.ids: dict[tuple, set[str]] = defaultdict(set)  # content and run -> ids
        self.given: Counter[Problem] = Counter()  # content -> how often it was given

    def __call__(self, record: dict, path: Path, line: int) -> Problem | None:
        problem = released.any_problem(record, path, line)
        if "prediction" not in record:
            return problem
        content = replace(problem, id="")
        ids = self.ids[content, *(str(record.get(name)) for name in ("model", "condition", "seed"))]
        ids.add(problem.id)
        if len(ids) <= self.given[content]:
            return None
        self.given[content] += 1
        return problem


def to_folder(
    splits: dict[str, list[Problem]],
    folder: Path,
    title: str,
    source: str,
    licence: str,
    columns: Sequence[Column] = (),
) -> None:
    """Write ``data/SPLIT-00000-of-00001.parquet`` and ``README.md``. The folder appears whole or not at all.

    `source` says in Markdown how the problems were made or obtained; `licence` is a hub identifier such as
    ``cc-by-sa-4.0``. An earlier export is replaced. `InputError` if the folder holds anything else, or if
    an argument is wrong.
    """
    folder = Path(folder)
    _check_splits(splits)
    _check_card(title, source, licence)
    _check_target(folder)
    with written_beside(folder) as beside:
        (beside / DATA).mkdir(parents=True)
        for split, problems in splits.items():
            records = [with_columns(problem, columns) for problem in problems]
            table = pa.Table.from_pylist(records, schema=_schema(columns))
            pq.write_table(table, beside / _file(split))
        (beside / CARD).write_text(_card(splits, title, source, licence, columns), encoding="utf-8")


def _schema(columns: Iterable[Column]) -> pa.Schema:
    return pa.schema([*ARROW.items(), *((column.name, pa.string()) for column in columns)])


def _file(split: str) -> str:
    return f"{DATA}/{split}-00000-of-00001.parquet"


def _check_splits(splits: dict[str, list[Problem]]) -> None:
    if not splits:
        raise InputError("no splits, expected at least one")
    for split, problems in splits.items():
        if not SPLIT.fullmatch(split) or split == "all":
            raise InputError(f"split {quoted(split)}: expected letters, digits and _, and not 'all'")
        if not problems:
            raise InputError(f"split {quoted(split)} has no problems")


def _check_card(title: str, source: str, licence: str) -> None:
    if not title.strip() or not title.isprintable():
        raise InputError(f"title {quoted(title)}: expected one line of text")
    if not source.strip():
        raise InputError("source is empty, expected how the problems were made or obtained")
    if not LICENCE.fullmatch(licence):
        raise InputError(f"licence {quoted(licence)}: expected a hub identifier such as 'cc-by-4.0'")


def _check_target(folder: Path) -> None:
    """`InputError` if the target holds anything but an earlier export."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, expected a folder", folder)
    others = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in others if name not in (CARD, DATA)]
    if others:
        raise InputError(f"holds other files ({quoted(others[0])}), expected a new folder", folder)


# --- The dataset card -------------------------------------------------------------------------


def _card(
    splits: dict[str, list[Problem]], title: str, source: str, licence: str, columns: Sequence[Column]
) -> str:
    first = next(iter(splits.values()))[0]
    sections = (
        _header(splits, title, licence),
        f"# {_text(title)}\n\n{_what_it_is(splits)}",
        f"## Fields\n\n{_fields(columns)}",
        f"## Splits\n\n{_counts(splits)}",
        f"## How it was made\n\n{source.strip()}",
        f"## Example\n\n{_fenced(json.dumps(with_columns(first, columns), ensure_ascii=False, indent=1))}",
    )
    return "\n\n".join(sections) + "\n"


def _header(splits: dict[str, list[Problem]], title: str, licence: str) -> str:
    """The YAML block that the hub and ``load_dataset`` read."""
    total = sum(map(len, splits.values()))
    size = next((name for limit, name in SIZES.items() if total < limit), "n>10M")
    files = [f"  - split: {json.dumps(split)}\n    path: {_file(split)}" for split in splits]
    lines = (
        "---",
        f"license: {json.dumps(licence)}",
        "language:",
        "- en",
        f"pretty_name: {json.dumps(title, ensure_ascii=False)}",
        "task_categories:",
        "- question-answering",
        "size_categories:",
        f"- {size}",
        "configs:",
        "- config_name: default",
        "  data_files:",
        *files,
        "---",
    )
    return "\n".join(lines)


def _what_it_is(splits: dict[str, list[Problem]]) -> str:
    problems = [problem for split in splits.values() for problem in split]
    formats = ", ".join(_text(name) for name in sorted({problem.dataset for problem in problems}))
    with_steps = sum(problem.has_steps for problem in problems)
    is_all = with_steps == len(problems)
    context = " over a given context" if all(problem.facts for problem in problems) else ""
    text = f"{len(problems):,} questions{context}, in the format of {formats}. Each has its correct answers"
    steps = "the category of the question, and the facts that support the answer"
    if is_all:
        return f"{text} and both steps of the reasoning that leads there: {steps}."
    if not with_steps:
        return f"{text}. None has both steps of the reasoning that leads there: {steps}."
    return f"{text}. Both steps of the reasoning that leads there are given for {with_steps:,}: {steps}."


def _fields(columns: Iterable[Column]) -> str:
    rows = [(f"`{name}`", _type(arrow), MEANING[name]) for name, arrow in ARROW.items()]
    rows += [(f"`{column.name}`", _type(pa.string()), column.meaning) for column in columns]
    return _table(("field", "type", "meaning"), rows)


def _type(arrow: pa.DataType) -> str:
    return f"list of {arrow.value_type}" if pa.types.is_list(arrow) else str(arrow)


def _counts(splits: dict[str, list[Problem]]) -> str:
    """A table of the number of problems per category and split."""
    counts = {split: Counter(problem.category for problem in problems) for split, problems in splits.items()}
    categories = sorted({category for count in counts.values() for category in count})
    rows = [(_text(c), *(f"{count[c]:,}" for count in counts.values())) for c in categories]
    rows.append(("all", *(f"{len(problems):,}" for problems in splits.values())))
    return _table(("category", *splits), rows)


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(text: str) -> str:
    """The text on one line, escaped so that Markdown shows it as it is, also in a table cell."""
    return re.sub(r"([\\`*_\[\]<>|#&~$])", r"\\\1", " ".join(text.split()))


def _fenced(code: str) -> str:
    """A Markdown code block. Its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}json\n{code}\n{fence}"
