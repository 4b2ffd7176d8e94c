"""The evidence that the chapters read equals the computed evidence."""

import pandas as pd
import pytest

from tracelib.book import build
from tracelib.core.errors import InputError
from tracelib.datasets import release_files
from tracelib.experiments import profiles
from tracelib.paper import evidence, following, release, repairs, specifications


def offline(*args, **kwargs):
    raise release_files.Unreachable("no network")


def test_without_the_release_everything_comes_from_the_package(monkeypatch):
    monkeypatch.setattr(release, "load_outputs", offline)
    found = evidence.load()
    assert found.source.kind == "shipped outcomes"
    pd.testing.assert_frame_equal(found.outcomes, release.shipped_outcomes())
    pd.testing.assert_frame_equal(found.checks, specifications.SHIPPED.read())
    pd.testing.assert_frame_equal(found.repaired, repairs.SHIPPED.read())
    pd.testing.assert_frame_equal(found.following, following.SHIPPED.read())


def test_what_is_written_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(release, "load_outputs", offline)
    whole = evidence.load()
    evidence.write(whole, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(evidence.FILES)
    read = evidence.read(tmp_path)
    assert read.source == whole.source
    for name in evidence.TABLES:
        pd.testing.assert_frame_equal(getattr(read, name), getattr(whole, name))


def test_derive_rebuilds_the_shipped_tables(release_root, tmp_path):
    """The result of `tracelib release derive`."""
    rows = {path.name: n for path, n in evidence.derive(tmp_path).items()}
    kept = [table.path for table in evidence.TABLES.values()]
    assert rows == dict(zip([path.name for path in kept], [13_458, 13_458, 10_450, 5_700], strict=True))
    for path in kept:
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / path.name), pd.read_parquet(path))


def test_derive_writes_all_tables_or_none(monkeypatch, tmp_path):
    def fail(*_):
        raise InputError("a line that cannot be read")

    monkeypatch.setattr(release, "load_outputs", list)
    monkeypatch.setattr(release, "with_shipped_outcomes", lambda outcomes: release.shipped_outcomes())
    monkeypatch.setattr(specifications, "compute", lambda *_: specifications.SHIPPED.read())
    monkeypatch.setattr(repairs, "compute", lambda *_: repairs.SHIPPED.read())
    monkeypatch.setattr(following, "derived", fail)
    with pytest.raises(InputError):
        evidence.derive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_graph_waits_for_these_files():
    assert build.DATA_FILES == evidence.FILES


def test_all_tables_are_of_the_same_outputs():
    outcomes, checks, answers = (
        release.shipped_outcomes(),
        specifications.SHIPPED.read(),
        repairs.SHIPPED.read(),
    )
    assert (outcomes["item"] == checks["item"]).all()
    cotempqa = outcomes[outcomes["dataset"] == "cotempqa"].reset_index(drop=True)
    assert (cotempqa["item"] == answers["item"]).all()
    traced = cotempqa[cotempqa["condition"].isin(["correct", "incorrect"])].reset_index(drop=True)
    assert (traced["item"] == following.SHIPPED.read()["item"]).all()


def test_a_file_more_of_the_release_makes_the_data_stale(monkeypatch, tmp_path):
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "trace_check_qa").mkdir()
    copied = build._release_here()
    monkeypatch.delenv("TRACELIB_DATA")
    public = build._release_here()
    path = release_files.cached(release_files.used()[0])
    path.parent.mkdir(parents=True)
    path.write_text("a download")
    assert build._release_here() not in (public, copied)
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    assert build._release_here() not in (public, copied)


@pytest.mark.parametrize(("target", "dry_run", "asked"), [("all", 0, 1), ("all", 1, 0), ("x", 0, 0)])
def test_what_can_be_downloaded_is_there_before_the_keys_are(monkeypatch, tmp_path, target, dry_run, asked):
    """Experiments on twins alone need no download."""
    called = []

    def offline(*_, **__):
        called.append("release")
        raise release_files.Unreachable("no network")

    monkeypatch.setattr(release_files, "available", offline)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / "Snakefile").touch()
    (tmp_path / "_toc.yml").touch()
    monkeypatch.setattr(build, "_run_graph", lambda *_: called.append("graph"))
    build.make(profiles.load("laptop"), [target], dry_run=bool(dry_run))
    assert called == ["release"] * asked + ["graph"]


def test_what_a_partial_copy_lacks_is_stood_in_for_and_said(release_root, tmp_path, monkeypatch):
    """With bAbI alone, its outputs are read, and shipped rows stand in for CoTempQA."""
    copy = tmp_path / "trace_check_qa"
    copy.mkdir()
    (copy / "babiqa").symlink_to(release_root / "babiqa")
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    found = evidence.load()
    for name, shipped in {
        "outcomes": release.shipped_outcomes(),
        "checks": specifications.SHIPPED.read(),
        "repaired": repairs.SHIPPED.read(),
        "following": following.SHIPPED.read(),
    }.items():
        pd.testing.assert_frame_equal(getattr(found, name), shipped)
    assert found.source.detail.startswith(
        "a local copy of the release, named by TRACELIB_DATA: 8 of 71 files"
    )
    assert "for 44 of these, per-item outcomes shipped with the package stand in" in found.source.detail
