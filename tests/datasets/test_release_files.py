"""The pinned files and the local copy, then downloads from a stand-in for the public server."""

import errno
import hashlib
import os
import threading
from functools import partial
from pathlib import Path

import pytest
import requests

from tests import stand_in
from tracelib.core.errors import InputError
from tracelib.datasets import release_files
from tracelib.datasets.release_files import HERE, PUBLIC, UNUSED, WRONG

NAME = "babiqa/data/babiqa/test.csv"
LARGE = "marcoqa/results/Marcoqa/evaluation_outputs/Qwen3-1.7B-sft-adapter_default.json"
ONE, TWO = b"one\n" * 1000, b"two\n" * 300_000


def test_both_ids_of_every_local_file_agree_with_the_tree(release_root):
    known = [name for name, file in release_files.tree().items() if file.sha256]
    assert len(release_files.tree()) == 238
    assert len(known) == 151
    for name in known:
        file, path = release_files.tree()[name], release_root / name
        assert release_files.git_blob(path) == file.blob
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert path.stat().st_size == file.size


def test_a_blob_id_is_gits_own(tmp_path):
    """`printf hello | git hash-object --stdin`"""
    (tmp_path / "f").write_bytes(b"hello")
    assert release_files.git_blob(tmp_path / "f") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"


def test_one_relation_of_one_run_is_in_no_tree():
    run = "during/Qwen3-8B-sft-adapter-reasoning-facts_default.json"
    assert release_files.not_in_tree() == [
        f"main/results/Cotempqa/{part}/{run}" for part in ("evaluation_outputs", "evaluation_results")
    ]


def test_what_the_chapters_read():
    used = release_files.used()
    kinds = {release_files.kind(name) for name in used}
    assert kinds == {"outputs", "stated accuracies", "confusion matrices", "data"}
    assert release_files.DURING_TRAIN in used
    assert not any(name.startswith("marcoqa/data") for name in used)
    outputs = release_files.names(release_files.OUTPUTS)
    assert len(outputs) == 71
    assert set(outputs) <= set(used)


# --- Without a local copy ---------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A stand-in server with two files, an empty cache, and no local copy."""
    contents = {NAME: ONE, LARGE: TWO}
    made = stand_in.manifest(contents, tmp_path)
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(release_files, "tree", lambda: made)
    monkeypatch.setattr(release_files, "unanswered", {})
    with stand_in.serving() as server:
        monkeypatch.setenv("TRACELIB_RELEASE_URL", server.address)
        stand_in.publish(server, contents)
        yield server


def path_of(name):
    file = release_files.tree()[name]
    return f"{release_files.COMMITS[file.branch]}/{file.path}"


def left(tmp_path):
    """Every file in the cache."""
    return [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_file_is_downloaded_once_and_kept(server):
    assert release_files.locate(NAME).read_bytes() == ONE
    assert release_files.locate(NAME).read_bytes() == ONE
    assert server.asked == [(path_of(NAME), None)]
    assert release_files.fetch([NAME, LARGE]) == [LARGE]
    assert release_files.fetch([NAME, LARGE]) == []
    assert [row["state"] for row in release_files.states()] == [UNUSED, HERE]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<!DOCTYPE html>\n<title>Log in</title>", "a page of HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n", "a pointer of Git LFS"),
        (b"", "empty"),
        (b"one\n", "git blob"),
    ],
)
def test_other_content_is_refused_as_what_it_is(server, tmp_path, content, expected):
    server.files[path_of(NAME)] = content
    with pytest.raises(InputError, match=f"downloaded file is not the pinned one: .*{expected}"):
        release_files.locate(NAME)
    assert left(tmp_path) == []
    target = tmp_path / "cache" / "unpinned"
    if expected != "git blob":  # without an id only these errors can be seen
        with pytest.raises(InputError, match=expected):
            release_files.download(f"{server.address}/{path_of(NAME)}", target)
        assert not target.exists()


def test_a_cut_connection_leaves_no_file_and_the_next_call_goes_on(server, tmp_path):
    server.cut[path_of(LARGE)] = 700_000
    with pytest.raises(release_files.Unreachable, match="run the same command again"):
        release_files.locate(LARGE)
    assert left(tmp_path) == [".part-Qwen3-1.7B-sft-adapter_default.json"]
    row = release_files.states()[1]
    assert row["state"] == PUBLIC
    (got,) = (path.stat().st_size for path in (tmp_path / "cache").rglob(".part-*"))
    assert 600_000 < got <= 700_000
    assert row["note"] == f"partly downloaded, {got:,} bytes"
    release_files.fetch([LARGE])
    assert release_files.locate(LARGE).read_bytes() == TWO
    assert server.asked == [(path_of(LARGE), None), (path_of(LARGE), f"bytes={got}-")]
    assert left(tmp_path) == ["Qwen3-1.7B-sft-adapter_default.json"]


def test_a_part_of_something_else_is_not_built_on(server, tmp_path):
    """The first answer was cut; the part left is as long as the file, or has other content."""
    place = release_files.cached(NAME)
    place.parent.mkdir(parents=True)
    for part in (b"x" * 10, b"x" * len(ONE), b"x" * (len(ONE) + 5)):
        place.unlink(missing_ok=True)
        place.with_name(".part-test.csv").write_bytes(part)
        assert release_files.locate(NAME).read_bytes() == ONE
    assert left(tmp_path) == ["test.csv"]


def test_what_the_server_does_not_have_is_named(server):
    server.files.clear()
    with pytest.raises(release_files.Unreachable, match=r"the server answers 404\).*TRACELIB_DATA"):
        release_files.locate(NAME)
    with pytest.raises(release_files.Unreachable):
        release_files.available([NAME, LARGE])


def test_one_file_that_the_server_lacks_does_not_stop_the_others(server):
    """The file NAME is requested first."""
    del server.files[path_of(NAME)]
    assert release_files.available([NAME, LARGE]) == [LARGE]
    with pytest.raises(release_files.Refused, match=r"1 of 1 files were not given; .*answers 404"):
        release_files.fetch([NAME, LARGE])
    assert release_files.locate(LARGE).read_bytes() == TWO


def test_a_dead_network_is_not_tried_twice_unasked(server, monkeypatch):
    tried = []

    def refuse(*args, **kwargs):
        tried.append(args)
        raise requests.exceptions.ConnectTimeout

    monkeypatch.setattr(requests, "get", refuse)
    for _ in range(2):
        with pytest.raises(release_files.Unreachable, match="ConnectTimeout"):
            release_files.available([NAME, LARGE])
        with pytest.raises(release_files.Unreachable):
            release_files.locate(LARGE)
    assert len(tried) == 1
    with pytest.raises(release_files.Unreachable):
        release_files.fetch([NAME])
    assert len(tried) == 2


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOTDIR])
def test_a_cache_that_cannot_be_written_is_like_no_network(server, monkeypatch, number):
    monkeypatch.setattr(Path, "mkdir", partial(fail, number))
    with pytest.raises(release_files.Unreachable, match=os.strerror(number)):
        release_files.available([NAME])


def test_a_full_disk_is_said(server, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", partial(fail, errno.ENOSPC))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        release_files.available([NAME])


def fail(number, *args, **kwargs):
    raise OSError(number, os.strerror(number))


def test_what_was_downloaded_before_is_used_without_a_network(server):
    release_files.locate(LARGE)
    server.files.clear()
    assert release_files.available([NAME, LARGE]) == [LARGE]


def test_a_wrong_download_is_named_and_replaced(server):
    release_files.locate(NAME).write_bytes(b"<html>")
    with pytest.raises(InputError, match=r"wrong content: it is a page of HTML; 'tracelib release fetch'"):
        release_files.locate(NAME)
    assert release_files.states()[0]["state"] == WRONG
    assert release_files.fetch([NAME]) == [NAME]
    assert release_files.locate(NAME).read_bytes() == ONE


def test_two_downloads_of_one_file_at_once_give_one_file(server, tmp_path):
    threads = [threading.Thread(target=release_files.locate, args=(LARGE,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert release_files.locate(LARGE).read_bytes() == TWO
    assert left(tmp_path) == ["Qwen3-1.7B-sft-adapter_default.json"]


# --- With a local copy ------------------------------------------------------------------------


@pytest.fixture
def copy(server, monkeypatch, tmp_path):
    """A local copy with one of the two files."""
    root = tmp_path / "data" / "trace_check_qa"
    (root / NAME).parent.mkdir(parents=True)
    (root / NAME).write_bytes(ONE)
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path / "data"))
    return root


def test_a_local_copy_is_not_completed_unasked(server, copy):
    assert release_files.locate(NAME) == copy / NAME
    with pytest.raises(release_files.Missing, match=r"marcoqa at 6a1b5347.*'tracelib release fetch'"):
        release_files.locate(LARGE)
    assert release_files.available([NAME, LARGE]) == [NAME]
    assert release_files.absent([NAME, LARGE]) == [LARGE]
    assert server.asked == []
    assert release_files.fetch([NAME, LARGE]) == [LARGE]
    assert release_files.locate(LARGE).read_bytes() == TWO
    assert release_files.available([NAME, LARGE]) == [NAME, LARGE]


def test_two_copies_of_a_file_are_an_error_only_if_one_is_wrong(copy):
    twin = release_files.cached(NAME)
    twin.parent.mkdir(parents=True)
    twin.write_bytes(ONE)
    assert release_files.locate(NAME) == copy / NAME
    for path in (twin, copy / NAME):
        twin.write_bytes(ONE)
        (copy / NAME).write_bytes(ONE)
        path.write_bytes(b"other")
        with pytest.raises(InputError, match=f"{path}: wrong content: git blob"):
            release_files.locate(NAME)
        (row, _) = release_files.states()
        assert row["state"] == WRONG
        assert str(path) in row["note"]


def test_files_that_no_tree_has_are_named(copy):
    odd = copy / "main/results/Cotempqa/evaluation_outputs/mix/Mistral-7B-sft-adapter_default.json"
    odd.parent.mkdir(parents=True)
    odd.write_text("{}")
    assert release_files.unknown() == [odd.relative_to(copy).as_posix()]
