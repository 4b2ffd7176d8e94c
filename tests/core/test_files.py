import errno
import json
import os
import subprocess
import sys
import time
from contextlib import nullcontext

import pytest

from tracelib.core.files import InputError, field, only_one, read_json_lines, write_text, written_beside


def lines_of(tmp_path, content: bytes):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    return read_json_lines(path, lambda record, path, line: (line, record))


def test_reads_objects_with_line_numbers(tmp_path):
    assert lines_of(tmp_path, b'{"a": 1}\n\n{"b": 2}') == [(1, {"a": 1}), (3, {"b": 2})]


def test_line_separators_inside_strings_do_not_split_lines(tmp_path):
    assert lines_of(tmp_path, '{"a": "x\u2028y"}\n{"b": 1}\n'.encode())[1] == (2, {"b": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": ', "x.jsonl:2: not a JSON object"),
        (b"hello\n", "x.jsonl:1: not a JSON object"),
        (b"[1, 2]\n", "x.jsonl:1: expected a JSON object, found [1, 2]"),
        (b'{"a": 1}\n\xff\xfe\n', "x.jsonl:2: not UTF-8 text"),
        (b"[" * 100_000 + b"\n", "x.jsonl:1: not a JSON object"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, content, message):
    with pytest.raises(InputError) as error:
        lines_of(tmp_path, content)
    assert message in str(error.value)
    assert len(str(error.value)) < 500


def test_of_many_keys_one_that_stands_twice_is_named_at_once(tmp_path):
    """A loop over all keys for each key took minutes."""
    keys = ", ".join(f'"k{number}": 0' for number in range(100_000))
    started = time.process_time()
    with pytest.raises(InputError, match="the key 'k99999' stands twice in one object"):
        lines_of(tmp_path, f'{{{keys}, "k99999": 1}}\n'.encode())
    assert time.process_time() - started < 5


def test_a_missing_file_and_a_folder_are_one_clear_message(tmp_path):
    for path, message in ((tmp_path / "none", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=message):
            read_json_lines(path, lambda *record: record)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "field 'gold' is missing (found: none)"),
        ({"gold": "x"}, "expected a list of strings, found 'x'"),
        ({"gold": ["x", 1]}, "expected a list of strings"),
    ],
)
def test_field_says_what_was_expected(record, message):
    with pytest.raises(InputError) as error:
        field(record, "gold", list, "f", 7)
    assert "f:7: " in str(error.value)
    assert message in str(error.value)


def test_field_takes_no_boolean_for_a_number():
    with pytest.raises(InputError, match="whole number"):
        field({"seed": True}, "seed", int, "f", 1)


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(tmp_path, monkeypatch):
    path = tmp_path / "result.txt"
    write_text(path, "old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.txt"]


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    target = tmp_path / "run"
    for content in ("first", "second"):
        with written_beside(target) as beside:
            beside.mkdir()
            (beside / "a").write_text(content)
            assert not target.exists() or (target / "a").read_text() == "first"
    assert (target / "a").read_text() == "second"


def test_what_a_killed_writer_left_is_removed(tmp_path):
    (tmp_path / ".partial-run").mkdir()
    (tmp_path / ".partial-run" / "half").write_text("x")
    with written_beside(tmp_path / "run") as beside:
        beside.mkdir()
    assert [entry.name for entry in tmp_path.rglob("*")] == ["run"]


def test_an_exception_inside_leaves_nothing(tmp_path):
    def fail_midway():
        with written_beside(tmp_path / "run") as beside:
            beside.mkdir()
            (beside / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_midway()
    assert list(tmp_path.iterdir()) == []


HOLDER = """
import subprocess, sys
from pathlib import Path
from tracelib.core.files import only_one
with only_one(Path(sys.argv[1]), "held", Path("here")) as lock:
    sleep = [sys.executable, "-c", "print('held', flush=True); input()"]
    subprocess.run(sleep, pass_fds=[lock] if sys.argv[2] == "inherited" else [])
"""


@pytest.mark.parametrize("child", ["inherited", "alone"])
def test_a_lock_ends_with_its_last_holder_however_it_ends(tmp_path, child):
    """The holder is killed; a child of it that has inherited the lock holds it on, until it ends."""
    lock, place = tmp_path / "new" / "lock", tmp_path / "run"
    held = pytest.raises(InputError, match=r"run: taken; wait for it or stop it$")
    command = [sys.executable, "-c", HOLDER, str(lock), child]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with held, only_one(lock, "taken", place):
            pass
        holder.kill()
        holder.wait()
        with held if child == "inherited" else nullcontext(), only_one(lock, "taken", place):
            pass
    for _ in range(100):  # the child ends when nobody can write to it
        try:
            with only_one(lock, "taken", place):
                return
        except InputError:
            time.sleep(0.1)
    pytest.fail("the lock is still held")


WINDOWS = """
import sys
from pathlib import Path
for name in ("fcntl", "resource", "pwd", "grp", "termios", "posix_ipc"):
    sys.modules[name] = None  # an import of it fails
from tracelib.cli.main import main
from tracelib.core.files import InputError, only_one
from tracelib.datasets import release_files
for command in sys.argv[1:]:
    assert main(command.split("|")) == 0, command
try:
    release_files.download("http://127.0.0.1:9/x", Path("x"))
except release_files.Unreachable as error:
    print(error)
try:
    with only_one(Path("lock"), "held", "here"):
        pass
except InputError as error:
    print(error)
"""


def test_what_reads_and_checks_needs_no_posix(tmp_path):
    """The test hides the modules that Windows lacks; nothing else of Windows is tried."""
    exported, outputs = tmp_path / "twin.jsonl", tmp_path / "outputs.jsonl"
    answered = {"id": "1", "dataset": "cotempqa", "question": "Who?", "facts": ["Ada."], "gold": ["Ada"]}
    outputs.write_text(json.dumps(answered | {"category": "mix", "prediction": "<answer>['Ada']</answer>"}))
    commands = (
        f"problems|export|cotempqa-twin|{exported}|--count|20",
        f"problems|show|{exported}",
        f"problems|validate|{exported}",
        f"traces|show|{exported}",
        f"audit|--report|report.html|{outputs}",
    )
    env = {name: value for name, value in os.environ.items() if name != "TRACELIB_DATA"}
    env |= {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    python = [sys.executable, "-W", "ignore", "-c", WINDOWS, *commands]
    result = subprocess.run(python, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "downloads need Linux or macOS; set TRACELIB_DATA to a local copy" in result.stdout
    assert "runs and builds need Linux or macOS" in result.stdout
