"""A made release in a work folder; figures stated about the real release come from the package."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book.facts import made
from tracelib.datasets import release_files


@pytest.fixture(scope="session")
def made_work(tmp_path_factory) -> Path:
    return made.work(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module", autouse=True)
def _without_release(tmp_path_factory) -> Iterator[None]:
    """No local copy, and no server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(release_files.VARIABLE, raising=False)
        patch.setenv(release_files.ADDRESS, "http://127.0.0.1:9")
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
