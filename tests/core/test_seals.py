"""A seal detects a result that was cut or changed."""

import json
import shutil

import pytest

from tracelib.core import seals


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "chapter.ipynb"
    path.write_text('{"cells": []}')
    seals.seal(path)
    return path


@pytest.mark.parametrize(
    "content", [b"", b'{"cells":', b'{"cells": [1]}', b'{"cells": {}}'], ids=["empty", "cut", "more", "other"]
)
def test_a_changed_file_is_not_whole(page, content):
    assert seals.is_whole(page)
    page.write_bytes(content)
    assert not seals.is_whole(page)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"null", b"\xff", b'{"chapter.ipynb": 3}'])
def test_without_its_seal_a_file_is_not_whole(page, content):
    seals.beside(page).write_bytes(content)
    assert not seals.is_whole(page)
    seals.beside(page).unlink()
    assert not seals.is_whole(page)


def test_a_removed_file_is_not_whole(page):
    page.unlink()
    assert not seals.is_whole(page)


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "html"
    (folder / "pages").mkdir(parents=True)
    (folder / "index.html").write_text("start")
    (folder / "pages" / "été #1.html").write_text("page")
    seals.seal(folder, tmp_path / "book.done")
    return folder


def test_the_seal_of_a_folder_covers_its_files_and_ignores_later_ones(book):
    place = book.parent / "book.done"
    assert set(json.loads(place.read_text())) == {"index.html", "pages/été #1.html"}
    (book / ".DS_Store").write_text("from outside")
    assert seals.is_whole(book, place)
    (book / "pages" / "été #1.html").write_text("pag")
    assert not seals.is_whole(book, place)


def test_a_removed_folder_is_not_whole(book):
    shutil.rmtree(book)
    assert not seals.is_whole(book, book.parent / "book.done")


@pytest.mark.parametrize("cut", ["run.json", "outcomes.csv", "model/weights"])
def test_the_record_of_a_run_folder_is_its_seal(tmp_path, cut):
    (tmp_path / "model").mkdir()
    (tmp_path / "outcomes.csv").write_text("item,right\n1,True\n")
    (tmp_path / "model" / "weights").write_bytes(bytes(100))
    (tmp_path / "run.json").write_text(json.dumps({"files": seals.hashes(tmp_path), "seconds": 3}))
    assert seals.is_whole_folder(tmp_path, "run.json")
    path = tmp_path / cut
    path.write_bytes(path.read_bytes()[:-2])
    assert not seals.is_whole_folder(tmp_path, "run.json")


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"files": []}', '{"files": {}}'])
def test_a_record_without_files_is_no_seal(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    assert not seals.is_whole_folder(tmp_path, "run.json")


def test_the_seal_of_a_large_file_is_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(seals, "LARGE", 4)
    (tmp_path / "weights").write_bytes(b"12345")
    assert seals.hashes(tmp_path) == {"weights": "5 bytes"}
