import json
import os
import subprocess
import sys

WINDOWS = """
import sys
from pathlib import Path
for name in ("fcntl", "resource", "pwd", "grp", "termios", "posix_ipc"):
    sys.modules[name] = None  # an import of it fails
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.core.lock import only_one
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
