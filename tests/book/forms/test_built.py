"""The built book: where it is, what if it is not, and its zip file."""

import json
import zipfile

import pytest

from tests.cli.conftest import run
from tests.conftest import ROOT
from tracelib.book import build, contents
from tracelib.book.forms import built, offline
from tracelib.core import seals


@pytest.fixture
def html(tmp_path, monkeypatch):
    """A finished book of the smoke profile in a folder of its own, without its explorer's data."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    work = tmp_path / "work" / "smoke"
    (work / "html" / "pages").mkdir(parents=True)
    (work / "html" / "index.html").write_text("<p>one</p>")
    (work / "html" / "pages" / "ä.html").write_text("<p>two</p>")
    seals.seal(work / "html", work / "book.done")
    return work / "html"


def test_the_pages_are_in_the_order_of_the_contents():
    parts = built.contents()
    assert parts[0] == ("", ["notebooks/index"])
    names = [name for _, pages in parts for name in pages]
    assert [name.removeprefix("notebooks/") for name in names if "notebooks/" in name] == contents.chapters()
    assert all((ROOT / f"{name}.md").is_file() or (ROOT / f"{name}.ipynb").is_file() for name in names)


@pytest.mark.parametrize("command", ["pdf", "zip", "serve"])
def test_without_a_finished_book_there_is_one_clear_line(capsys, html, command):
    (html / "index.html").unlink()
    status, out, err = run(capsys, "book", command, "smoke")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "make it first: tracelib build smoke" in err


def test_the_zip_has_every_file_and_the_same_book_gives_the_same_bytes(capsys, html):
    status, out, _ = run(capsys, "book", "zip", "smoke")
    path = html.with_name("reproducible-edition.zip")
    assert status == 0
    assert out.startswith(f"{path}  2 files")
    before = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{built.NAME}/index.html", f"{built.NAME}/pages/ä.html"]
        assert archive.read(f"{built.NAME}/pages/ä.html") == b"<p>two</p>"
    (html / "index.html").touch()
    assert offline.write(html, path) == 2
    assert path.read_bytes() == before
    assert json.loads((html.parent / "book.done").read_text())
