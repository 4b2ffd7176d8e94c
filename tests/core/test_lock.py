import subprocess
import sys
import time
from contextlib import nullcontext

import pytest

from tracelib.core.errors import InputError
from tracelib.core.lock import only_one

HOLDER = """
import subprocess, sys
from pathlib import Path
from tracelib.core.lock import only_one
with only_one(Path(sys.argv[1]), "held", Path("here")) as lock:
    sleep = [sys.executable, "-c", "print('held', flush=True); input()"]
    subprocess.run(sleep, pass_fds=[lock] if sys.argv[2] == "inherited" else [])
"""


@pytest.mark.parametrize("child", ["inherited", "alone"])
def test_a_lock_ends_when_all_its_holders_have_ended(tmp_path, child):
    """The holder is killed. A child that inherited the lock still holds it, until the child ends."""
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
    for _ in range(100):  # the child ends when its standard input is closed
        try:
            with only_one(lock, "taken", place):
                return
        except InputError:
            time.sleep(0.1)
    pytest.fail("the lock is still held")
