"""Shared by the tests of the study: a small study, its database, and a participant's browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from tracelib.study import app, config, materials, store

ADMIN = "the admin's token"
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


@pytest.fixture
def browser(kept) -> Browser:
    return Browser(app.create(kept, ADMIN))
