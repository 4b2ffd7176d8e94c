"""The teachers whose texts a run can be trained on: DeepSeek-R1, or an export of ``tracelib teacher``.

A run names them by its parameter ``texts``: ``r1``, or the path of an export (a folder, or JSON lines).
"""

from functools import lru_cache
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.core.provenance import text_hash
from tracelib.core.reading import sha256
from tracelib.datasets import r1_texts, records, released
from tracelib.datasets.distilled import Distilled, Texts
from tracelib.datasets.export import DATA
from tracelib.datasets.problem import Problem

R1 = "r1"
NAMES = Texts("prediction", "trace", "summary", "explanation")  # the columns of an export
KEPT = "kept"  # the cause of a row whose trace is kept, in an export of all


def load(name: str) -> Distilled:
    """The texts of a teacher: ``r1``, or the path of an export. `InputError` if they cannot be had."""
    return _loaded(name, digest(name))


def digest(name: str) -> str:
    """A hash of the contents of all files that `load` reads."""
    return text_hash(*map(sha256, _paths(name)))


@lru_cache(maxsize=2)
def _loaded(name: str, content: str) -> Distilled:
    """The texts, cached; `content` tells apart the contents of files with one name."""
    if name == R1:
        return r1_texts.load()
    found = [row for path in _paths(name) for row in _read(path) if row]
    if not found:
        raise InputError("has no problem whose trace is kept", name)
    return Distilled(found, f"a teacher's texts on {len(found):,} problems, from {name}")


def _paths(name: str) -> list[Path]:
    if name == R1:
        return r1_texts.paths()
    place = Path(name)
    found = sorted((place / DATA).glob("*.parquet")) if place.is_dir() else [place] * place.is_file()
    if not found:
        expected = "expected r1, or the folder or file that 'tracelib teacher export' wrote"
        raise InputError(f"no teacher's texts here; {expected}", name)
    return found


def _read(path: Path) -> list[tuple[Problem, Texts] | None]:
    if path.suffix != ".parquet":
        return [row for _, row in records.stream(path, _row)]
    import pyarrow as pa
    import pyarrow.parquet as pq  # takes long to import

    try:
        rows = pq.read_table(path).to_pylist()
    except pa.ArrowInvalid as error:
        raise InputError(f"not a Parquet file ({error})", path) from None
    known = ({name: value for name, value in row.items() if value is not None} for row in rows)
    return [_row(row, path, number) for number, row in enumerate(known, start=1)]


def _row(record: dict, path: Path, line: int) -> tuple[Problem, Texts] | None:
    """One problem with its texts; None if its trace was not kept."""
    if (record.get("cause") or KEPT) != KEPT:
        return None
    needed = Texts(*(field(record, name, str, path, line) for name in NAMES[:2]))
    later = ("" if record.get(name) is None else field(record, name, str, path, line) for name in NAMES[2:])
    return released.any_problem(record, path, line), Texts(*needed[:2], *later)
