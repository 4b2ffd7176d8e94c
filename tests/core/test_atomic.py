import errno
import os

import pytest

from tracelib.core.atomic import write_text, written_beside


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(tmp_path, monkeypatch):
    path = tmp_path / "result.txt"
    write_text(path, "old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.txt"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    target = tmp_path / "run"
    for content in ("first", "second"):
        with written_beside(target) as beside:
            beside.mkdir()
            (beside / "a").write_text(content)
            assert not target.exists() or (target / "a").read_text() == "first"
    assert (target / "a").read_text() == "second"


def test_files_of_a_killed_writer_are_removed(tmp_path):
    (tmp_path / ".partial-run").mkdir()
    (tmp_path / ".partial-run" / "half").write_text("x")
    with written_beside(tmp_path / "run") as beside:
        beside.mkdir()
    assert [entry.name for entry in tmp_path.rglob("*")] == ["run"]


def test_an_exception_leaves_no_files(tmp_path):
    def fail_midway():
        with written_beside(tmp_path / "run") as beside:
            beside.mkdir()
            (beside / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_midway()
    assert list(tmp_path.iterdir()) == []
