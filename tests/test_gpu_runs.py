"""The script that makes the real model's runs on a GPU, with a stand-in for the ``tracelib`` command."""

import os
import subprocess

import pytest

from tracelib.core.provenance import ROOT


@pytest.fixture
def called(tmp_path):
    """A function that calls the script and returns the commands it called; the run in `FAILS` fails."""
    log, command = tmp_path / "log", tmp_path / "tracelib"
    command.write_text(f'#!/bin/sh\necho "$@" >> {log}\n[ "$3" != "$FAILS" ]\n')
    command.chmod(0o755)

    def call(*given, **variables):
        log.unlink(missing_ok=True)
        env = {**os.environ, "FAILS": "", "PATH": f"{tmp_path}:{os.environ['PATH']}", **variables}
        script = ["sh", str(ROOT / "docs" / "gpu_smollm2.sh"), *given]
        done = subprocess.run(script, env=env, capture_output=True, text=True)
        return done, log.read_text().splitlines() if log.is_file() else []

    return call


def test_all_arms_of_a_seed_come_before_the_next_and_whole_seeds_are_written(called):
    done, calls = called("1", "babi", "1", "2", ARMS="correct vanilla")
    assert done.returncode == 0, done.stderr
    assert calls == [
        "run smollm2-gpu babi-correct-s1",
        "run smollm2-gpu babi-vanilla-s1",
        "run smollm2-gpu babi-correct-s2",
        "run smollm2-gpu babi-vanilla-s2",
        "grid smollm2-gpu --cells babi-correct babi-vanilla --seeds 1 2",
    ]


def test_a_seed_that_is_not_whole_is_not_written(called):
    _, calls = called("1", "babi", "1", "3", ARMS="correct", FAILS="babi-correct-s3")
    assert calls[-2:] == [
        "run smollm2-gpu babi-correct-s3", "grid smollm2-gpu --cells babi-correct --seeds 1 2",
    ]  # fmt: skip


@pytest.mark.parametrize("minutes", ["0", "1"])
def test_without_a_whole_seed_nothing_is_written(called, minutes):
    done, calls = called(minutes, FAILS="cotempqa-correct-s1")
    assert done.returncode == 0
    assert "no seed is whole yet" in done.stdout
    assert not any(call.startswith("grid") for call in calls)


def test_how_long_has_to_be_said(called):
    done, calls = called()
    assert done.returncode != 0
    assert "expected how many minutes" in done.stderr
    assert not calls
