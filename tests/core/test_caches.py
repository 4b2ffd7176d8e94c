"""The folder for downloads, with and without a writable home folder."""

import pytest

from tracelib.core import caches


@pytest.mark.parametrize("home", ["/proc/nonexistent", "~", "relative"])
def test_where_no_home_can_be_written_the_checkouts_work_keeps_the_downloads(monkeypatch, tmp_path, home):
    monkeypatch.setattr(caches, "user_cache_dir", lambda name: f"{home}/.cache/{name}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(caches, "ROOT", tmp_path)
    assert str(caches.cache()) == f"{home}/.cache/tracelib"  # no checkout
    (tmp_path / "Snakefile").touch()
    assert caches.cache() == tmp_path / "work" / ".cache"
    assert [path.name for path in tmp_path.iterdir()] == ["Snakefile"]


def test_a_home_that_can_be_written_keeps_the_downloads(monkeypatch, tmp_path):
    monkeypatch.setattr(caches, "user_cache_dir", lambda name: str(tmp_path / ".cache" / name))
    assert caches.cache() == tmp_path / ".cache" / "tracelib"
