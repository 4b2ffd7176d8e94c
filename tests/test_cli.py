import errno
import json
import subprocess
import sys
import time

import pytest

from tracelib import cli, release, workflow

LINES = [
    {
        "id": str(number),
        "dataset": "cotempqa",
        "question": f"While Ada worked for B, whom else did she work for? ({number})",
        "facts": ["Ada works for B in 1990.", "Ada works for Corp from 1989 to 1991."],
        "gold": ["Corp"],
        "category": "during",
        "triple_element": "S1_R1_O2",
        "prediction": text,
        "model": "mine",
        "condition": "correct",
    }
    for number, text in enumerate(["<answer>['Corp']</answer>", "['B']", "<script>alert(1)</script>\x1b[31m"])
]


@pytest.fixture
def outputs_file(tmp_path):
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def run(capsys, *arguments):
    status = cli.main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_audit_prints_every_metric_with_intervals(capsys, outputs_file):
    status, out, err = run(capsys, "audit", outputs_file)
    assert (status, err) == (0, "")
    order = [out.index(f"Accuracy, metric {name}") for name in ("corrected", "official", "strict")]
    assert order == sorted(order)
    assert "33.3 [6.1, 79.2]" in out  # one of three, Wilson
    assert "(no run has a trace that could be parsed)" in out
    assert "script" not in out


def test_the_two_by_two_is_printed_for_runs_with_traces(capsys, tmp_path):
    steps = "<think>The temporal relation is: during.\nthe following facts to answer the question: "
    text = f"{steps}['{LINES[0]['facts'][1]}']</think> <answer>['Corp']</answer>"
    path = tmp_path / "traces.jsonl"
    path.write_text(json.dumps(LINES[0] | {"prediction": text}) + "\n")
    _, out, _ = run(capsys, "audit", path)
    assert "T+A+" in out
    assert "100.0 [20.7, 100.0]" in out


def test_repeated_problems_are_counted_aloud(capsys, outputs_file, tmp_path):
    again = tmp_path / "again.jsonl"
    again.write_text(outputs_file.read_text())
    status, out, err = run(capsys, "audit", outputs_file, again, "--json")
    assert status == 0
    assert "note: 3 of 6 outputs repeat a problem" in err
    assert all(row["n"] == 6 for row in json.loads(out))
    status, _, err = run(capsys, "audit", outputs_file, outputs_file)
    assert status == 2
    assert "this file is given twice" in err


def test_audit_as_json_is_the_contracts_list(capsys, outputs_file):
    status, out, _ = run(capsys, "audit", outputs_file, "--json")
    rows = json.loads(out)
    assert status == 0
    assert [(row["metric"], row["category"]) for row in rows] == [
        (metric, category) for metric in ("corrected", "official", "strict") for category in ("during", "all")
    ]
    assert all(row["n"] == 3 and row["answer_correct"] == 1 and row["unparsed"] == 3 for row in rows)


def test_audit_takes_several_files(capsys, outputs_file, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(line | {"model": "yours"}) + "\n" for line in LINES))
    rows = json.loads(run(capsys, "audit", outputs_file, other, "--json")[1])
    assert {row["model"] for row in rows} == {"mine", "yours"}


def test_bad_input_is_one_line_and_status_2(capsys, outputs_file, tmp_path):
    outputs_file.write_text(outputs_file.read_text()[:-20])
    for arguments in (("audit", outputs_file), ("audit", tmp_path / "none"), ("build", "laptopp")):
        status, out, err = run(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert err.startswith("tracelib: error: ")
        assert err.count("\n") == 1


def test_release_show_text_and_json(capsys, monkeypatch):
    monkeypatch.setattr(
        release,
        "load_outcomes",
        lambda quiet: (release.shipped_outcomes(), release.Source("shipped", "here")),
    )
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    status, out, _ = run(capsys, "release", "show")
    assert status == 0
    assert out.startswith("Source: here.")
    assert out.count(" reproduced\n") == 52
    rows = json.loads(run(capsys, "release", "show", "--metric", "strict", "--json")[1])
    assert {row["metric"] for row in rows} == {"strict", "exact"}
    assert len(rows) == 11 * 5 + 8 * 12


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x/y"),
            1,
            "No space left on device (/x/y); free some",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "Permission denied (/x)"),
    ],
)
def test_other_failures_are_one_line_too(capsys, monkeypatch, outputs_file, failure, status, message):
    def fail(args):
        raise failure

    monkeypatch.setattr(cli, "_audit", fail)
    found, _, err = run(capsys, "audit", outputs_file)
    assert found == status
    assert message in err
    assert err.count("\n") == 1


def test_a_missing_extra_is_named(capsys, monkeypatch):
    def fail(args):
        raise ModuleNotFoundError("No module named 'yaml'", name="yaml")

    monkeypatch.setattr(cli, "_build", fail)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert "this command needs the package 'yaml'; install tracelib with the extras" in err


def test_building_needs_a_checkout(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(workflow, "ROOT", tmp_path)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert "needs a checkout of the project" in err


def test_a_full_disk_on_standard_output_is_reported():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        result = subprocess.run(
            [sys.executable, "-m", "tracelib", "release", "show", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert result.returncode != 0
    assert "No space left" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_needs_no_heavy_import_and_teaches():
    heavy = "{'pandas', 'torch', 'numpy'} & set(sys.modules)"
    code = f"import sys; from tracelib import cli; cli.parser(); print(sorted({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    start = time.perf_counter()
    result = subprocess.run([sys.executable, "-m", "tracelib", "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    assert "examples:" in result.stdout
    assert time.perf_counter() - start < 10  # about 0.1 s; the bound only catches a heavy import


def test_the_audit_does_not_import_torch(outputs_file):
    audit = f"main(['audit', {str(outputs_file)!r}])"
    code = f"import sys; from tracelib.cli import main; {audit}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
