"""Write files and folders atomically: write beside, then rename."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _sync(path: Path) -> None:
    if os.name == "nt":  # Windows opens no folders, and syncs no file that is open for reading
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`. On success it replaces `path`; on failure it is removed.

    The caller creates a file or a folder at the yielded path. Readers see the old content or the new one,
    never a part. Only one process may write a path at a time, so builds hold a lock.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial-{path.name}")
    aside = path.with_name(f".old-{path.name}")
    for left in (beside, aside):  # by a process that was killed
        _remove(left)
    try:
        yield beside
        if beside.is_dir():
            for entry in beside.rglob("*"):
                _sync(entry)
        _sync(beside)
        if beside.is_dir() and path.is_dir():  # a folder cannot replace one that is not empty
            path.rename(aside)
        beside.replace(path)
        _sync(path.parent)
    finally:
        _remove(beside)
        _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))
