"""Seals: hashes of results as they were written, so that what was cut or changed since is made again.

What a job of the graph makes has its seal in a file beside it; a run folder holds it in its ``run.json``.
A seal says whether a result is still what was made, not who made it. Files that came later do not count.
"""

import json
from pathlib import Path

from tracelib.core.files import sha256, write_text

LARGE = 32 << 20  # bytes; larger files (weights) are told by their size alone


def hashes(path: Path) -> dict[str, str]:
    """What a file, or each file under a folder, holds: the sha256, of a large one the size.

    By the path from the folder on; a file stands under its name.
    """
    if not path.is_dir():
        return {path.name: _hash(path)}
    files = sorted(found for found in path.rglob("*") if found.is_file())
    return {found.relative_to(path).as_posix(): _hash(found) for found in files}


def _hash(path: Path) -> str:
    size = path.stat().st_size
    return f"{size} bytes" if size > LARGE else sha256(path)


def beside(path: Path) -> Path:
    """Where the seal of a result is, unless it has a place of its own."""
    return path.with_name(f".{path.name}.seal.json")


def seal(path: Path, place: Path | None = None) -> None:
    """Note what a finished file or folder holds, in the file `place`."""
    write_text(place or beside(path), json.dumps(hashes(path), indent=1) + "\n")


def is_whole(path: Path, place: Path | None = None) -> bool:
    """Whether a file or folder is as it was sealed. Without a seal it is not."""
    folder = path if path.is_dir() else path.parent
    return _agrees(folder, _read(place or beside(path)))


def is_whole_folder(folder: Path, record: str) -> bool:
    """Whether a folder holds the files that its own JSON file `record` lists with `hashes`, as ``files``."""
    about = _read(folder / record)
    return _agrees(folder, about.get("files") if isinstance(about, dict) else None)


def _read(place: Path) -> object:
    """The JSON of a file; None where it is not there, or not whole."""
    try:
        return json.loads(place.read_bytes())
    except (OSError, ValueError):
        return None


def _agrees(folder: Path, listed: object) -> bool:
    if not isinstance(listed, dict) or not listed:
        return False
    return all((folder / name).is_file() and _hash(folder / name) == found for name, found in listed.items())
