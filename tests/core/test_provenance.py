import re
import subprocess

import pytest

from tracelib.core import provenance


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


@pytest.mark.parametrize(
    ("driver", "torch", "found"),
    [("/bin/nvidia-smi", "2.13.0+cu130", True), ("/bin/nvidia-smi", "2.13.0", True),
     ("/bin/nvidia-smi", "2.13.0+cpu", False), (None, "2.13.0+cu130", False)],
)  # fmt: skip
def test_runs_take_a_gpu_if_there_is_one_and_torch_is_built_for_it(monkeypatch, driver, torch, found):
    monkeypatch.setattr(provenance.shutil, "which", lambda name: driver)
    monkeypatch.setattr(provenance, "version", lambda package: torch)
    assert provenance.has_gpu() is found
