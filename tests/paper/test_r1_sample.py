import json
from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import release_problems
from tracelib.paper import r1_sample


@pytest.fixture
def sample(tmp_path, monkeypatch, problem):
    """A folder with a sample of two traces, one of them of the only problem of the release."""
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    other = replace(problem, gold=("Delta",))
    monkeypatch.setattr(
        release_problems, "load_splits", lambda dataset: {"train": [problem, other], "test": []}
    )
    record = {
        "question": problem.question,
        "gold": list(problem.gold),
        "r1_trace": "So Gamma.",
        "r1_trace_summary": None,
    }
    path = tmp_path / "r1" / "traces.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(one) + "\n" for one in (record, record | {"question": "Who?"})))
    return path


def test_each_trace_comes_with_the_problem_of_its_question_and_answers(sample, problem):
    assert r1_sample.load() == [r1_sample.Reasoned(problem, "So Gamma.", "", "", "")]


def test_bad_records_and_a_missing_sample_are_input_errors(sample, tmp_path, monkeypatch):
    sample.write_text('{"question": "Who?", "gold": ["a"], "r1_trace": 3}\n')
    with pytest.raises(InputError, match=r"traces\.jsonl:1: field 'r1_trace': expected a string, found 3"):
        r1_sample.load()
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path / "none"))
    assert r1_sample.path() is None
    with pytest.raises(InputError, match=r"expected a sample of R1's traces, r1/traces\.jsonl"):
        r1_sample.load()


def test_without_a_folder_of_data_no_sample_is_looked_for(monkeypatch, tmp_path):
    """A file in the working directory is not taken as the sample."""
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1" / "traces.jsonl").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACELIB_DATA", "")
    assert r1_sample.path() is None
    monkeypatch.delenv("TRACELIB_DATA")
    assert r1_sample.path() is None
