import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import edited, run
from tracelib.cli import audit, build
from tracelib.cli.main import COMMANDS, Group, main


def test_bad_input_is_one_line_and_status_2(capsys, outputs_file, tmp_path):
    outputs_file.write_text(outputs_file.read_text()[:-20])
    for arguments in (("audit", outputs_file), ("audit", tmp_path / "none"), ("build", "laptopp")):
        status, out, err = run(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert err.startswith("tracelib: error: ")
        assert err.count("\n") == 1


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

    monkeypatch.setattr(audit, "run", fail)
    found, _, err = run(capsys, "audit", outputs_file)
    assert found == status
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [["audit"], ["compare", "x.jsonl"], ["problems", "show"]])
@pytest.mark.parametrize("name", ["a" * 5000, "folder/" * 1000 + "a"])
def test_a_path_that_no_file_can_have_is_one_short_line(capsys, command, name):
    status, out, err = run(capsys, *command, name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert len(err) < 500


@pytest.mark.parametrize(
    ("name", "extra"), [("yaml", "book"), ("torch", "train"), ("trl", "bench"), ("openai", "teacher")]
)
def test_a_missing_extra_is_named(capsys, monkeypatch, name, extra):
    def fail(args):
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr(build, "run", fail)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert f"needs the package '{name}'; in a checkout of tracelib: pip install '.[{extra}]'" in err


def test_every_module_is_a_command_or_shared_by_them():
    modules = []
    for command in COMMANDS.values():
        of_group = isinstance(command, Group)
        modules += [*command.actions.values(), *filter(None, [command.alone])] if of_group else [command]
    files = {path.stem for path in Path(audit.__file__).parent.glob("*.py")}
    assert {module.__name__.rpartition(".")[2] for module in modules} | {
        "__init__",
        "common",
        "main",
    } == files


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
    heavy = "{'pandas', 'torch', 'numpy', 'pydantic'} & set(sys.modules)"
    code = f"import sys; from tracelib.cli import main; main.parser(); print(sorted({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    start = time.perf_counter()
    result = subprocess.run([sys.executable, "-m", "tracelib", "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    assert "examples:" in result.stdout
    assert time.perf_counter() - start < 10  # about 0.1 s; the bound only catches a heavy import


HELPS = ("audit", "models", "models fetch", "release show", "problems show", "problems validate")
HELPS += ("teacher status", "teacher export")
SOURCED = ("problems show", "problems validate", "problems export", "traces show", "teacher run")


@pytest.mark.parametrize("command", [*HELPS, "problems export", "traces show", "teacher run"])
def test_every_help_has_examples_and_sources(capsys, command):
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    out = capsys.readouterr().out
    assert f"  tracelib {command}" in out.split("examples:")[1]
    assert ("marco-twin" in out) == (command in SOURCED)


def test_characters_that_the_terminal_lacks_are_escaped(tmp_path, problem_file):
    edited(problem_file, question="Où?")
    command = [sys.executable, "-m", "tracelib", "problems", "show", str(problem_file)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0
    assert "question  O\\xf9?" in result.stdout
