import json
import subprocess
import sys

import pytest

from tracelib.bench import echo_server
from tracelib.bench import teacher as bench_teacher
from tracelib.teacher import reading, verdict


def test_all_requests_are_sent_and_timed():
    command = [sys.executable, "-m", bench_teacher.__name__, "requests", "7"]
    figures = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert figures.keys() == {"teacher_requests_per_s", "teacher_ms_per_request"}
    assert min(figures.values()) > 0


def test_a_filled_store_has_nothing_missing(monkeypatch):
    monkeypatch.setattr(bench_teacher, "_stay_on_one_core", lambda: None)
    figures = bench_teacher.resume(50)
    assert 50 <= figures["teacher_resumed"] <= 52  # whole problems
    assert figures["teacher_resume_s"] < 5


def test_the_echo_is_a_reply_that_is_kept_and_another_answer_is_wrong():
    (problem,) = bench_teacher.made(1)
    found = reading.read_trace(echo_server.reply())
    assert len(found.trace.split()) == pytest.approx(echo_server.WORDS, abs=20)
    assert verdict.of_trace(problem, found) == "kept"
    assert verdict.of_trace(problem, reading.read_trace(echo_server.reply("Omega"))) == "wrong answer"


def test_a_missing_package_is_said_and_not_raised(monkeypatch):
    def fail(*command, **options):
        said = "Traceback\nModuleNotFoundError: No module named 'openai'\n"
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(subprocess, "run", fail)
    assert bench_teacher.run() == {"teacher_not_measured": "ModuleNotFoundError: No module named 'openai'"}
