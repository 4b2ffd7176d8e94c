"""Write the data of a study: each table as CSV and parquet, a codebook, and the study as it was served."""

import io
import zipfile
from pathlib import Path

import pandas as pd

from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError
from tracelib.study import tidy
from tracelib.study.store import Store

CODEBOOK, STUDY = "codebook.csv", "study.json"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so


def write(store: Store, folder: Path, ids: bool = False) -> dict[str, int]:
    """Write all files into a folder; return the number of rows by table.

    The folder appears whole, or not at all. An earlier export is replaced. `InputError` if the folder holds
    anything else.
    """
    if folder.exists() and not _may_replace(folder):
        raise InputError("is there and is no export of a study, expected a new folder", folder)
    tables = tidy.tables(store, ids)
    with written_beside(folder) as beside:
        beside.mkdir()
        for name, text in _texts(store, tables).items():
            (beside / name).write_text(text, "utf-8", newline="")
        for name, table in tables.items():
            table.to_parquet(beside / f"{name}.parquet", index=False)
    return {name: len(table) for name, table in tables.items()}


def zipped(store: Store) -> bytes:
    """The same as a ZIP archive, without parquet and without ids."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _texts(store, tidy.tables(store)).items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _may_replace(folder: Path) -> bool:
    """Whether this is an earlier export, or an empty folder."""
    return folder.is_dir() and ((folder / CODEBOOK).is_file() or not any(folder.iterdir()))


def _texts(store: Store, tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The files that are text, by name."""
    return {
        **{f"{name}.csv": _csv(table) for name, table in tables.items()},
        CODEBOOK: _csv(tidy.codebook(tables)),
        STUDY: store.study.model_dump_json(indent=1) + "\n",
    }


def _csv(table: pd.DataFrame) -> str:
    """The table as CSV. A text that a spreadsheet would compute begins with an apostrophe."""
    safe = table.copy()
    for name in safe.columns[safe.dtypes == "string"]:
        risky = safe[name].str.startswith(FORMULA).fillna(False)
        safe[name] = safe[name].where(~risky, "'" + safe[name])
    return safe.to_csv(index=False, lineterminator="\n")
