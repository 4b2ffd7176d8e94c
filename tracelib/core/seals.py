"""Seals: hashes of finished results. A result that was cut or changed later is made again.

The seal of a job's result is a file beside it. The seal of a run folder is in its ``run.json``. A seal shows
that a result is unchanged; it does not show who wrote it. Files that were added later do not count.
"""

import json
from pathlib import Path

from tracelib.core.atomic import write_text
from tracelib.core.reading import sha256

LARGE = 32 << 20  # bytes; for larger files, such as weights, a seal holds only the size


def hashes(path: Path) -> dict[str, str]:
    """The SHA-256 of a file, or of each file under a folder. A large file has its size instead.

    The keys are paths relative to the folder, or the name of the file.
    """
    if not path.is_dir():
        return {path.name: _hash(path)}
    files = sorted(found for found in path.rglob("*") if found.is_file())
    return {found.relative_to(path).as_posix(): _hash(found) for found in files}


def _hash(path: Path) -> str:
    size = path.stat().st_size
    return f"{size} bytes" if size > LARGE else sha256(path)


def beside(path: Path) -> Path:
    """The default path of a result's seal."""
    return path.with_name(f".{path.name}.seal.json")


def seal(path: Path, place: Path | None = None) -> None:
    """Write the seal of a finished file or folder to `place`, by default beside it."""
    write_text(place or beside(path), json.dumps(hashes(path), indent=1) + "\n")


def is_whole(path: Path, place: Path | None = None) -> bool:
    """Whether a file or folder is unchanged since it was sealed. False if there is no seal."""
    folder = path if path.is_dir() else path.parent
    return _agrees(folder, _read(place or beside(path)))


def is_whole_folder(folder: Path, record: str) -> bool:
    """Whether a folder's files have the `hashes` under ``files`` in its JSON file `record`."""
    about = _read(folder / record)
    return _agrees(folder, about.get("files") if isinstance(about, dict) else None)


def _read(place: Path) -> object:
    """The JSON value of a file; None if the file is missing or damaged."""
    try:
        return json.loads(place.read_bytes())
    except (OSError, ValueError):
        return None


def _agrees(folder: Path, listed: object) -> bool:
    if not isinstance(listed, dict) or not listed:
        return False
    return all((folder / name).is_file() and _hash(folder / name) == found for name, found in listed.items())
