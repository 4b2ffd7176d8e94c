import re
import subprocess

import pytest

from tracelib import bench, provenance
from tracelib.files import InputError


def test_versions_and_hardware_are_recorded():
    assert {"python", "tracelib", "torch", "pandas"} <= set(provenance.versions())
    assert provenance.hardware()["cores"] >= 1


def test_the_commit_or_none_outside_a_checkout(monkeypatch, tmp_path):
    commit = provenance.git_commit()
    assert commit is None or re.fullmatch(r"[0-9a-f]{40}(\+changes)?", commit)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    inside = subprocess.run(["git", "-C", str(tmp_path), "rev-parse"], capture_output=True).returncode == 0
    assert inside or provenance.git_commit() is None


def test_hashes_do_not_confuse_where_texts_end():
    assert provenance.text_hash("ab", "c") != provenance.text_hash("a", "bc")
    assert provenance.text_hash("a") == provenance.text_hash("a")


def test_the_benchmark_counts_every_released_output(release_root):
    figures = bench.run()
    assert figures["audit_outputs"] == 13_458
    assert figures["audit_outputs_per_s"] > 0
    assert figures["peak_mb"] > 0


def test_the_benchmark_needs_the_outputs(monkeypatch):
    def unreachable():
        raise bench.release.Unreachable("no network")

    monkeypatch.setattr(bench.release, "load_outputs", unreachable)
    with pytest.raises(InputError, match="the benchmark needs the released outputs"):
        bench.run()
