"""Shared by the tests of the study: a small study, its database, and a participant's browser."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import need
from tests.study.postgres import Postgres, program
from tracelib.study import app, config, materials, serving, store

ADMIN = "the admin's token"
ENVIRONMENT = {"TRACELIB_STUDY_TOKEN": ADMIN, "OMP_NUM_THREADS": "1"}
SMALL = """\
extends: paper
contact: Ada, University of Example, ada@example.org
materials: {source: cotempqa-twin, seed: 3, facts: 6}
ratings:
  assignment: within
  kinds:
    long: {label: simulated R1, text: simulated-r1}
    short: {label: correct steps, text: correct}
  pages: 4
  problems: 4
checks:
  - {text: Please answer Disagree, scale: agreement, answer: 2}
completion: {text: Back to Prolific, url: "https://app.prolific.com/submissions/complete?cc=ABC", code: ABC}
exclusions: {attention_failed: 1, comprehension_below: 0.5}
"""


class Browser:
    """A participant's browser without JavaScript: it keeps cookies and sends forms."""

    def __init__(self, application):
        self.client = TestClient(application, raise_server_exceptions=False)
        self.page = None

    def open(self, path: str = "/"):
        self.page = self.client.get(path)
        return self.page

    def token(self) -> str:
        return re.search(r'name="token" value="([^"]+)"', self.page.text)[1]

    def send(self, path: str, **fields):
        self.page = self.client.post(path, data={"token": self.token(), **fields})
        return self.page

    def consent(self, path: str = "/"):
        self.open(path)
        external = re.search(r'name="external" value="([^"]*)"', self.page.text)[1]
        return self.send("/consent", agree="yes", external=external)

    @property
    def path(self) -> str:
        return self.page.url.path

    def fields(self, choose: Callable[[str], str] = lambda name: "1") -> dict[str, str]:
        """An answer to every question of the page."""
        names = dict.fromkeys(re.findall(r'type="radio" name="(\w+)"', self.page.text))
        return {name: choose(name) for name in names}

    def answer(self, choose: Callable[[str], str] = lambda name: "1", **fields):
        return self.send(self.path, **self.fields(choose) | fields)

    def finish(self, choose: Callable[[str], str] = lambda name: "1") -> int:
        """Answer all pages up to the end; return their number."""
        count = 0
        while self.path.startswith("/page/"):
            self.answer(choose)
            assert self.page.status_code == 200, self.page.text
            count += 1
        return count


@pytest.fixture
def load(tmp_path):
    """A function that loads a study from YAML text."""

    def loaded(text: str) -> config.Study:
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return config.load(str(path)).study

    return loaded


@pytest.fixture
def small(load) -> config.Study:
    return load(SMALL)


@pytest.fixture
def kept(small, tmp_path) -> Iterator[store.Store]:
    made = store.create(f"sqlite:///{tmp_path}/small.sqlite", small, lambda: materials.draw(small))
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    need(program("initdb") is not None, "no PostgreSQL on this machine (Debian's package: postgresql)")
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request, small, tmp_path) -> Iterator[store.Store]:
    """A store in each kind of database."""
    of_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/either.sqlite" if of_file else request.getfixturevalue("postgres").database()
    made = store.create(url, small, lambda: materials.draw(small))
    yield made
    made.close()


@pytest.fixture
def browser(kept) -> Browser:
    return Browser(app.create(kept, ADMIN))


@dataclass
class Server:
    """A served study in a process of its own."""

    process: subprocess.Popen
    address: str
    token: str

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def filled(kept):
    """Two participants: the first finishes with the lowest answers, the second stops after two ratings."""
    first, second = (Browser(app.create(kept, ADMIN)) for _ in range(2))
    first.consent("/?PROLIFIC_PID=abc")
    first.finish()
    second.consent()
    for _ in range(3):
        second.answer(lambda name: "2")
    return kept


@dataclass
class Thread:
    """A served study in a thread of this process."""

    store: store.Store
    address: str


@pytest.fixture
def run(load, tmp_path) -> Iterator[Callable[[str], Thread]]:
    """A function that serves a study from YAML text in a thread; it ends with the test."""
    begun = []

    def begin(text: str = SMALL) -> Thread:
        study = load(text)
        kept = store.create(f"sqlite:///{tmp_path}/run.sqlite", study, lambda: materials.draw(study))
        sock = serving.listening("127.0.0.1", 0)
        server = serving.server(app.create(kept, ADMIN))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        begun.append((server, thread, kept))
        return Thread(kept, f"http://127.0.0.1:{serving.port_of(sock)}")

    yield begin
    for server, thread, kept in begun:
        server.should_exit = True
        thread.join()
        kept.close()


def served(study: Path, database: str, *options: str, port: int = 0) -> Server:
    """Serve a study as a user would, and wait until it listens."""
    command = [sys.executable, "-m", "tracelib", "study", "serve", str(study), "--database", database]
    process = subprocess.Popen(
        [*command, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | ENVIRONMENT,
    )
    said = "".join(process.stdout.readline() for _ in range(3))
    address, token = re.search(r": (http\S+)/\n.*token: (.+)\n", said).groups()
    return Server(process, address, token)


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[..., Server]]:
    """A function that serves a study from YAML text; all servers end with the test."""
    started = []

    def begin(text: str = SMALL, database: str | None = None, **options) -> Server:
        path = tmp_path / "served.yaml"
        path.write_text(text)
        started.append(served(path, database or str(tmp_path / "served.sqlite"), **options))
        return started[-1]

    yield begin
    for server in started:
        server.kill()
        server.process.stdout.close()
