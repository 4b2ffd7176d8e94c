"""Shared by the tests of the teacher: problems, and a server that can fail."""

from collections.abc import Iterator

import pytest

from tests.teacher.fault_server import FaultServer
from tracelib.datasets import sources
from tracelib.datasets.problem import Problem
from tracelib.teacher import pace

COUNT = 20


@pytest.fixture
def asked() -> list[Problem]:
    """The problems of ``cotempqa-twin`` with ``--count 20``, in the order in which a run asks for them."""
    return [each for split in sources.load("cotempqa-twin", COUNT, 0, 8).values() for each in split]


@pytest.fixture
def server(asked, monkeypatch) -> Iterator[FaultServer]:
    """A running server that knows these problems; nobody waits long before trying again."""
    monkeypatch.setattr(pace, "FIRST", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FaultServer(asked) as running:
        yield running
