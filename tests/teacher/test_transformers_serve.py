"""A real server: ``transformers serve`` on loopback, with the bundled base as its model."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.conftest import need
from tests.teacher.conftest import COUNT
from tracelib.core.paths import TINY_BASE
from tracelib.teacher import store
from tracelib.teacher.report import report

STARTED_WITHIN = 300  # seconds; it imports torch
LONGEST = 40  # tokens of a reply


def is_up(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
        return json.load(answer) == {"status": "ok"}
    return False


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    """The base URL of a server that is started for this module, and stopped after it."""
    from transformers.utils.import_utils import is_serve_available

    need(is_serve_available(), "transformers serve needs fastapi and uvicorn")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log: Path = tmp_path_factory.mktemp("serve") / "log"
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(TINY_BASE)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with (
        log.open("w") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=environment) as server,
    ):
        try:
            end = time.monotonic() + STARTED_WITHIN
            while not is_up(f"http://127.0.0.1:{port}"):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


@pytest.mark.slow
def test_twenty_problems_on_a_real_server(capsys, url, tmp_path):
    """The bundled base was trained on other words, so most of its replies are not kept; each has a cause."""
    path = tmp_path / "s.db"
    where = (
        "--url",
        url,
        "--model",
        str(TINY_BASE),
        "--count",
        COUNT,
        "--max-tokens",
        LONGEST,
        "--at-once",
        4,
    )
    status, out, err = run(capsys, "teacher", "run", "babi-twin", path, *where)
    assert (status, err) == (0, "")
    assert f"trace: {COUNT}\n" in out
    with store.reading(path) as kept:
        found = report(kept)
        replies = list(kept.replies("trace"))
    assert sum(found.requests["trace"].values()) == len(replies) == COUNT
    assert found.attempts["trace"] == {"replied": COUNT}
    assert found.sent_again == 0
    spent = found.spent["trace"]
    assert 0 < spent.counted.completion <= LONGEST * COUNT
    assert spent.perhaps.total == 0
    assert all(json.loads(reply.text)["choices"] for reply in replies)

    _, again, _ = run(capsys, "teacher", "run", "babi-twin", path, *where)
    with store.reading(path) as kept:
        assert report(kept) == found  # nothing was asked again
    assert again.split("trace:")[1] == out.split("trace:")[1]
