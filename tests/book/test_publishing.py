"""The buttons of the pages: none without the address of a repository."""

import pytest
import yaml

from tests.conftest import ROOT
from tracelib.book import publishing, rules
from tracelib.core.errors import InputError

SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text())


def written(folder) -> dict:
    rules._write_settings(folder / "_config.yml")
    return yaml.safe_load((folder / "_config.yml").read_text())


def test_without_an_address_the_book_has_no_such_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv(publishing.REPOSITORY, raising=False)
    assert written(tmp_path) == SETTINGS
    assert not {"repository", "launch_buttons"} & set(SETTINGS)


@pytest.mark.parametrize(
    ("address", "branch"),
    [
        ("https://github.com/some-one/the.edition", "main"),
        ("https://github.com/some-one/the.edition.git", "main"),
        ("https://github.com/some-one/the.edition/", "main"),
        ("https://github.com/some-one/the.edition/tree/v1.0/fix", "v1.0/fix"),
    ],
)
def test_an_address_gives_the_buttons_and_leaves_the_rest(tmp_path, monkeypatch, address, branch):
    monkeypatch.setenv(publishing.REPOSITORY, address)
    made = written(tmp_path)
    assert made.pop("repository") == {"url": "https://github.com/some-one/the.edition", "branch": branch}
    assert set(made.pop("launch_buttons")) == {"notebook_interface", "binderhub_url", "colab_url"}
    assert made == SETTINGS


@pytest.mark.parametrize(
    "address", ["github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b", "x y"]
)
def test_another_address_is_named_with_what_was_expected(tmp_path, monkeypatch, address):
    monkeypatch.setenv(publishing.REPOSITORY, address)
    with pytest.raises(InputError, match="TRACELIB_REPOSITORY: expected https"):
        written(tmp_path)
    assert not list(tmp_path.iterdir())
