"""Outputs read for an audit: their outcomes, where each stands, and its texts again where they are wanted."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib import outputs
from tracelib.files import InputError, read_csv, read_json_lines
from tracelib.outcomes import score
from tracelib.outputs import Output


class Audited(NamedTuple):
    """What was read.

    Attributes:
        outcomes: as `tracelib.outcomes.score` gives them; problem ids are unique in their run.
        places: same index; ``file`` (as given) and ``line`` of each output.
        notes: what people should know about it.
    """

    outcomes: pd.DataFrame
    places: pd.DataFrame
    notes: list[str]


def read(paths: Iterable[Path], skipped: list[InputError] | None = None, **reading) -> Audited:
    """Read and score the outputs of some files; a list takes the errors of bad lines, which are left out."""
    places, found = [], []
    paths = list(map(Path, paths))
    for number, path in enumerate(paths):
        if path.resolve() in {earlier.resolve() for earlier in paths[:number]}:
            raise InputError("this file is given twice", path)
        numbered = _numbered(path, skipped)
        if not numbered:
            raise InputError("no outputs in this file, expected one JSON object per line", path)
        places += [(str(path), line) for line, _ in numbered]
        found += [output for _, output in numbered]
    found = outputs.distinct(found)
    where = pd.DataFrame(places, columns=["file", "line"]).astype({"file": "category"})
    again = outputs.repeated(found)
    note = f"{again} of {len(found)} outputs repeat a problem; intervals and n treat them as separate items"
    return Audited(score(found), where, [note] if again else [])


def texts(audited: Audited, rows: Iterable[int]) -> dict[int, Output]:
    """The outputs of these rows (of `Audited.outcomes`), read again from their files."""
    wanted = audited.places.loc[list(rows)]
    found = {}
    for name, part in wanted.groupby("file", observed=True):
        by_line = dict(_numbered(Path(name), []))
        found |= {row: by_line[line] for row, line in part["line"].items()}
    return found


def _numbered(path: Path, skipped: list[InputError] | None) -> list[tuple[int, Output]]:
    reader = read_csv if outputs._is_csv(path) else read_json_lines
    return reader(path, lambda record, path, line: (line, outputs._output(record, path, line)), skipped)
