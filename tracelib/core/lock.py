"""A lock file that admits one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracelib.core.errors import InputError


@contextmanager
def only_one(lock: Path, message: str, place: Path) -> Iterator[int]:
    """Hold a lock file during the ``with`` block; yield its descriptor, which child processes may inherit.

    The lock ends when all its holders have ended, even if they were killed. `InputError` if another process
    holds it: at `place`, with `message`.
    """
    from filelock import has_fcntl, lock_descriptor  # takes long to import

    if not has_fcntl:  # the rest of tracelib works on Windows
        raise InputError("runs and builds need Linux or macOS", place)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        if not lock_descriptor(stream.fileno(), blocking=False):
            raise InputError(f"{message}; wait for it or stop it", place)
        yield stream.fileno()
