"""Files out: written beside and renamed, so that nobody sees one half-done."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _sync(path: Path) -> None:
    if os.name == "nt":  # which neither opens folders, nor syncs what is open for reading
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it replaces `path`, on failure it goes.

    Works for a file or a folder: the caller creates either at the yielded path. Readers see
    the old state or the new one, never a part (write beside, fsync, rename). One writer per
    path: builds hold a lock.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial-{path.name}")
    aside = path.with_name(f".old-{path.name}")
    for left in (beside, aside):  # by a killed predecessor
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
    """Write UTF-8 text so that readers see the old file or the whole new one."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))
