"""Shared by the tests of the commands: running a command, and files for it to read."""

import json

import pytest

from tracelib.cli.main import main
from tracelib.datasets.export import to_json_lines

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
BARE = "tracelib: note: cotempqa, mine, correct: 2 of 3 answers carry no mark"  # for the outputs above
EVIL = "\x1b[31mEVIL\x1b[0m\x9b2J\u202e"


def run(capsys, *arguments):
    """Exit status of a command, and what it wrote to standard output and standard error."""
    status = main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def beyond_bare(err, model="mine"):
    """Standard error without the note that two of the three answers carry no mark."""
    lines = err.splitlines(keepends=True)
    of_bare = [line for line in lines if line.startswith(BARE.replace("mine", model))]
    assert len(of_bare) == 1
    return "".join(line for line in lines if line not in of_bare)


def edited(path, **changes):
    """Change fields of a file's only record; return the file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes) + "\n")
    return path


@pytest.fixture
def outputs_file(tmp_path):
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


@pytest.fixture
def problem_file(tmp_path, problem):
    path = tmp_path / "problems.jsonl"
    to_json_lines([problem], path)
    return path
