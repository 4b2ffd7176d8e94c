"""What a store exports: for the audit, for ``load_dataset``, and for people."""

import json

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import run
from tests.teacher.conftest import COUNT
from tests.teacher.fault_server import TEXT, THOUGHT
from tracelib.datasets.export import from_json_lines

EVIL = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture
def filled(capsys, server, asked, tmp_path):
    """A store of which two traces are not kept: one answer is wrong, one reply has HTML."""
    server.answers[asked[0]] = {"content": "<answer>['Nobody']</answer>"}
    server.answers[asked[1]] = {"reasoning_content": f"{THOUGHT}{EVIL}"}
    path = tmp_path / "s.db"
    where = ("--url", server.url, "--model", "big-model", "--count", COUNT)
    assert run(capsys, "teacher", "run", "cotempqa-twin", path, *where)[0] == 0
    return path


def test_json_lines_for_the_audit(capsys, filled, asked, tmp_path):
    out = tmp_path / "o.jsonl"
    assert run(capsys, "teacher", "export", filled, out)[1] == f"14 train, 2 validation, 2 test -> {out}\n"
    assert from_json_lines(out) == asked[2:]
    rows = list(map(json.loads, out.read_text().splitlines()))
    for row, problem in zip(rows, asked[2:], strict=True):
        assert row["trace"] == THOUGHT + problem.supporting_facts[0]
        assert row["prediction"].startswith("<answer>")
        assert (row["model"], row["summary"], row["explanation"]) == ("big-model", TEXT, TEXT)
        assert len(row["request"]) == 64
    status, said, _ = run(capsys, "audit", out, "--json")
    assert status == 0
    (whole,) = [
        each for each in json.loads(said) if each["category"] == "all" and each["metric"] == "corrected"
    ]
    assert whole["answer_correct"] == whole["n"] == COUNT - 2


def test_all_are_exported_with_their_cause(capsys, filled, tmp_path):
    out = tmp_path / "o.jsonl"
    assert run(capsys, "teacher", "export", filled, out, "--all")[0] == 0
    rows = list(map(json.loads, out.read_text().splitlines()))
    assert [row["cause"] for row in rows[:3]] == ["wrong answer", "HTML", "kept"]
    assert [row["summary"] for row in rows[:3]] == [None, None, TEXT]
    assert rows[1]["trace"].endswith(EVIL)


def test_a_folder_has_a_column_for_each_text_and_says_how_they_came_about(capsys, filled, server, tmp_path):
    out = tmp_path / "o"
    assert run(capsys, "teacher", "export", filled, out, "--all", "--licence", "mit")[0] == 0
    table = pq.read_table(out / "data" / "train-00000-of-00001.parquet")
    assert {"trace", "summary", "explanation", "prediction", "model", "cause", "request"} <= set(
        table.column_names
    )
    assert table.num_rows == 16
    card = (out / "README.md").read_text()
    assert 'license: "mit"' in card
    for said in (
        "Traces by big-model",
        server.url,
        "big-model",
        "at most 8,192 tokens; right by the metric that is the dataset's first",
        "the answer is wrong",
    ):
        assert said in card
    assert "3,000 tokens, as the server counted" in card
    assert "\x1b" not in card


def test_status_counts_by_cause(capsys, filled):
    out = run(capsys, "teacher", "status", filled)[1]
    assert "trace: 20" in out
    assert "18  kept" in out
    assert " 1  the answer is wrong" in out
    assert " 1  HTML in the text" in out
    found = json.loads(run(capsys, "teacher", "status", filled, "--json")[1])
    assert found["requests"]["trace"] == {"kept": 18, "wrong answer": 1, "HTML": 1}
    assert found["tokens"]["trace"]["counted"] == {"prompt": 2000, "completion": 1000}
    assert found["recipes"]["summary"]["model"] == "big-model"


def test_a_store_without_a_kept_trace_exports_nothing(capsys, server, asked, tmp_path):
    for problem in asked:
        server.answers[problem] = {"content": "<answer>['Nobody']</answer>"}
    path = tmp_path / "s.db"
    where = ("--url", server.url, "--model", "m", "--count", COUNT)
    assert run(capsys, "teacher", "run", "cotempqa-twin", path, *where)[0] == 0
    assert {kind for _, kind, _ in server.asked} == {"trace"}  # nothing goes on from a wrong answer
    status, _, err = run(capsys, "teacher", "export", path, tmp_path / "o")
    assert status == 2
    assert "no trace in it is kept" in err
    assert not (tmp_path / "o").exists()


def test_an_export_never_replaces_its_store(capsys, filled):
    before = filled.read_bytes()
    assert run(capsys, "teacher", "export", filled, filled)[0] == 2
    assert filled.read_bytes() == before
