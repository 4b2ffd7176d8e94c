"""The graph on a copy of the project: what re-runs, what does not, and what remains after a kill."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracelib.experiments import profiles

pytestmark = pytest.mark.slow
# The copy's book is short: the graph treats all chapters alike, and `test_book` builds them all.
CONTENTS = """\
format: jb-book
root: notebooks/index
chapters:
  - file: notebooks/problem
  - file: notebooks/joint
  - file: notebooks/one-run
  - file: notebooks/status
  - file: book/explorer
  - file: book/rerun
"""
PARTS = ("tracelib", "notebooks", "book", "docs", "Snakefile", "_config.yml", "constraints.txt")
PROFILE = """\
datasets: {cotempqa-twin: {facts: 5}}
conditions: [vanilla, correct]
seeds: [1, 2]
run: {model: tiny-base, train_items: 16, test_items: 8, dates: day, data_seed: 7, method: lora,
  precision: fp32, attention: sdpa, gradient_checkpointing: false, epochs: 1,
  batch_size: 8, accumulation: 1, learning_rate: 0.005, warmup_ratio: 0.03, lora_rank: 4, lora_alpha: 8,
  lora_dropout: 0.05, checkpoint_steps: 0, context: 1024, max_new_tokens: 8, generation_batch: 8,
  intervene_items: 0, threads: 1}
"""


# Characters that a folder's or profile's name may have, and that shells, YAML, Snakemake, Sphinx or papermill
# would interpret.
HOSTILE = "my #1 [é] {work} %20 'a' \"b\" ; $(touch PWNED) & `touch PWNED`"
MINI = profiles._as_folder(HOSTILE)  # the profile's folder in work/
# The proxy does not answer, the home is not writable, and the user's settings are for other work.
AROUND = {
    "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "HOME": "/proc/nonexistent",
    "TMPDIR": "/nonexistent", "JUPYTER_PATH": "/nonexistent", "SNAKEMAKE_PROFILE": "/nonexistent",
    "TRACELIB_PROFILE": "/nonexistent", "MPLBACKEND": "agg",
}  # fmt: skip
UNSET = ("TRACELIB_DATA", "PATH", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


@dataclass(frozen=True)
class Project:
    """A copy of the project that builds a small profile of its own, without release or network."""

    root: Path

    @property
    def profile(self) -> Path:
        return self.root / f"{HOSTILE}.yaml"

    @property
    def work(self) -> Path:
        return self.root / "work" / MINI

    def start(self, *options: str, command: str = "build", **how) -> subprocess.Popen:
        command = [sys.executable, "-m", "tracelib", command, self.profile.name, *options]
        env = {name: value for name, value in os.environ.items() if name not in UNSET} | AROUND
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        # A shell's background jobs ignore the interrupt signal, and so do their children.
        how["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        return subprocess.Popen(command, cwd=self.root, env=env, **pipes, **how)

    def build(self, *options: str) -> str:
        process = self.start(*options)
        output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    def fail(self, *options: str) -> str:
        process = self.start(*options)
        output, _ = process.communicate()
        assert process.returncode == 2, output
        return output

    def pending(self) -> set[str]:
        """The rules that a build would run."""
        found = re.findall(r"^(?:local)?rule (\w+):", self.build("--dry-run"), re.MULTILINE)
        return set(found) - {"all"}

    def results(self) -> dict[str, bytes]:
        runs = self.work / "runs"
        return {
            str(path.relative_to(runs)): path.read_bytes()
            for path in sorted(runs.rglob("*"))
            if path.is_file() and path.name != "run.json"
        }


def copied(root: Path, profile: str = PROFILE) -> Project:
    """A copy of the project with a small profile and a short book.

    Its chapters keep their headings and code, and its pages their titles: no link leads to a missing page.
    """
    for name in PARTS:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / name)
    (root / "_toc.yml").write_text(CONTENTS)
    for page in (root / "book").glob("*.md"):
        if f"book/{page.stem}\n" in CONTENTS:
            page.write_text(page.read_text().splitlines()[0] + "\n")
        else:
            page.unlink()
    for chapter in re.findall(r"notebooks/([\w-]+)", CONTENTS):
        shorten(root / "notebooks" / f"{chapter}.ipynb")
    project = Project(root)
    project.profile.write_text(profile)
    return project


def shorten(path: Path) -> None:
    """Leave a chapter's headings and code; of the front page, which all tables feed, the parameters alone."""
    notebook = json.loads(path.read_text())
    cells = notebook["cells"][:2] if path.stem == "index" else notebook["cells"]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = [line for line in cell["source"] if line.startswith("#")]
    path.write_text(json.dumps(notebook | {"cells": cells}))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("project") / HOSTILE
    root.mkdir()
    project = copied(root)
    project.build()
    assert not list(root.parent.rglob("PWNED"))
    return project


def working_in(folder: Path) -> list[int]:
    """The processes whose working folder is this one; jobs and kernels start there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve() == folder.resolve():
                found.append(int(entry.name))
    return found


@contextlib.contextmanager
def edited(path: Path, change):
    """A file with changed bytes inside the block, and as before after it."""
    original = path.read_bytes()
    path.write_bytes(change(original))
    try:
        yield
    finally:
        path.write_bytes(original)


def a_line_more(content: bytes) -> bytes:
    return content + b"\nEDITED = True\n"


def a_comment_more(content: bytes) -> bytes:
    return content + b"\n# a comment\n"


def replaced(before: str, after: str):
    """A function that replaces a piece of text, which must occur once."""

    def change(content: bytes) -> bytes:
        assert content.count(before.encode()) == 1
        return content.replace(before.encode(), after.encode())

    return change


def start_and_wait(project: Project, pattern: str, seconds: int) -> subprocess.Popen:
    """Start a build on one core, in its own process group, and wait until a file matches the pattern."""
    process = project.start("--cores", "1", start_new_session=True)
    deadline = time.monotonic() + seconds
    while not list(project.work.glob(pattern)):
        assert time.monotonic() < deadline, f"no {pattern} after {seconds} s"
        time.sleep(0.1)
    return process


def test_with_nothing_changed_nothing_runs(project):
    assert project.pending() == set()
    assert re.search(r"this build took \d+ s", project.build())


def test_touching_every_file_runs_nothing(project):
    for path in project.root.rglob("*"):
        if path.is_file() and not {"work", ".snakemake"} & set(path.parts):
            path.touch()
    assert project.pending() == set()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("tracelib/training/sft.py", {"cell", "chapter", "status", "explorer", "book"}),
        ("tracelib/scoring/verify.py", {"data", "cell", "chapter", "status", "explorer", "book"}),
        ("tracelib/reporting/figures.py", {"chapter", "status", "book"}),
        ("tracelib/book/rules.py", {"data", "chapter", "status", "explorer", "book"}),
        ("tracelib/assets/paper/release_outcomes.parquet", {"data", "chapter", "status", "explorer", "book"}),
        ("tracelib/assets/grid/grid/provenance.json", {"chapter", "status", "book"}),
        ("tracelib/assets/tiny-base/model.safetensors", {"cell", "chapter", "status", "explorer", "book"}),
        ("tracelib/training/pretraining/corpus.py", set()),
        ("tracelib/cli/audit.py", set()),
        ("tracelib/bench/audit.py", set()),
        ("tracelib/book/explorer/explained.py", {"explorer", "book"}),
        ("book/rerun.md", {"book"}),
        ("book/explorer/explorer.js", {"book"}),
    ],
)
def test_an_edit_runs_its_dependents_and_nothing_else(project, name, rules):
    with edited(project.root / name, a_line_more):
        assert project.pending() == rules


def test_an_edit_taken_back_runs_nothing(project):
    with edited(project.root / "tracelib" / "scoring" / "verify.py", a_line_more):
        assert project.pending()
    assert project.pending() == set()


def test_a_comment_runs_nothing(project):
    with edited(project.root / "tracelib" / "training" / "sft.py", a_comment_more):
        assert project.pending() == set()


def test_chapters_that_show_no_run_do_not_wait_for_one(project):
    with edited(project.root / "tracelib" / "training" / "sft.py", a_line_more):
        planned = project.build("--dry-run")
    assert "notebooks/one-run.ipynb" in planned
    assert not re.search(r"^    output: work/\S+/notebooks/(joint|problem).ipynb$", planned, re.MULTILINE)


ONE = "runs/cotempqa-twin-correct-s1"
CUT = {  # a file in the profile's folder -> the outputs that are made again
    "data/release_outcomes.parquet": ["data/release_outcomes.parquet"],
    "data/source.json": ["data/source.json"],
    "notebooks/joint.ipynb": ["notebooks/joint.ipynb"],
    "experiments/cotempqa-twin-correct.ipynb": ["experiments/cotempqa-twin-correct.ipynb"],
    **{
        f"{ONE}/{name}": ["experiments/cotempqa-twin-correct.ipynb"]
        for name in ("run.json", "outcomes.csv", "predictions.jsonl", "model/adapter_model.safetensors")
    },
    "explorer/index.js": ["explorer.done"],
    "explorer.done": ["explorer.done"],
    "html/notebooks/joint.html": ["book.done"],
    "book.done": ["book.done"],
    "times/chapters/joint.tsv": ["notebooks/joint.ipynb"],
    "times/runs/cotempqa-twin-correct.tsv": ["experiments/cotempqa-twin-correct.ipynb"],
}


BROKEN = """
import json, sys
from pathlib import Path
from tracelib.book import build
from tracelib.experiments import profiles

profile, found = profiles.load(sys.argv[1]), {}
folder = build.work_folder(profile)

def broken():
    return [path.removeprefix(f"work/{folder.name}/") for path in build.broken(profile)]

found[""] = broken()
for name in sys.argv[2:]:
    content = (folder / name).read_bytes()
    found[name] = []
    for part in (b"", content[: len(content) // 2]):
        (folder / name).write_bytes(part)
        found[name].append(broken())
    (folder / name).write_bytes(content)
print(json.dumps(found))
"""


def test_a_cut_result_is_found_and_made_again(project):
    """Each file that the graph made is cut to half of its length and to nothing."""
    before = project.results()

    def broken(*names: str) -> dict:
        command = [sys.executable, "-c", BROKEN, str(project.profile), *names]
        found = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True)
        return json.loads(found.stdout)

    assert broken(*CUT) == {"": [], **{name: [expected, expected] for name, expected in CUT.items()}}
    for name in (*CUT, "keys/chapter-joint.json", "keys/data.json"):
        (project.work / name).write_bytes(b"")
    assert project.pending() == {"data", "cell", "chapter", "status", "explorer", "book"}
    project.build()
    assert project.results() == before
    assert broken() == {"": []}
    assert project.pending() == set()


LIVE = """
import sys
from pathlib import Path
from tracelib.book.forms import serving

work = Path(sys.argv[1])
live = serving.Live(work)
page = Path("book/rerun.md")
for text in ("# Run it\\n\\nEDITED", "# Run it\\n\\n{doc}`nowhere`"):
    page.write_text(text)
    live.refresh()
    print((live.html / "book" / "rerun.html").read_text().count("EDITED"))
"""


def test_a_live_book_follows_an_edited_page_and_leaves_the_finished_one(project):
    page, finished = project.root / "book/rerun.md", project.work / "html/book/rerun.html"
    before = finished.read_bytes()
    with edited(page, lambda content: content):
        command = [sys.executable, "-c", LIVE, str(project.work)]
        found = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True).stdout
    first, second = re.split(r"^made in .*$", found, flags=re.MULTILINE)[:2]
    assert first == ""
    assert int(re.findall(r"^\d+$", second, re.MULTILINE)[0]) >= 1
    assert "WARNING: unknown document: 'nowhere'" in found
    assert finished.read_bytes() == before
    assert project.pending() == set()


def test_runs_of_an_earlier_profile_do_not_enter_the_book(project, tmp_path):
    later = Project(shutil.copytree(project.root, tmp_path / "later"))
    with edited(later.profile, replaced("[vanilla, correct]", "[correct]")):
        later.build()
    page = (later.work / "html/notebooks/status.html").read_text()
    assert (later.work / "runs/cotempqa-twin-vanilla-s1/run.json").is_file()
    assert "correct-s1" in page
    assert "vanilla" not in page.split("Profile")[1].split("Wall time")[0]


def test_a_changed_knob_runs_the_runs(project):
    with edited(project.profile, replaced("epochs: 1", "epochs: 2")):
        assert project.pending() == {"cell", "chapter", "status", "explorer", "book"}


def test_a_second_build_of_the_same_profile_is_refused(project):
    lock = project.work / "lock"
    held = f"import fcntl, time; f = open({str(lock)!r}, 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
    held += "print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        process = project.start()
        output, _ = process.communicate()
        assert process.returncode == 2
        assert "another build of this profile is running" in output
    finally:
        holder.kill()
        holder.communicate()


def test_removed_results_are_made_again_though_the_build_is_killed(project):
    work = project.work
    before = project.results()
    one = "cotempqa-twin-correct-s1"
    assert {f"{one}/outcomes.csv", f"{one}/model/adapter_model.safetensors"} <= set(before)
    for removed, rule in (("data", "data"), ("runs", "cell"), ("explorer", "explorer"), ("html", "book")):
        shutil.rmtree(work / removed)
        assert rule in project.pending()
    process = start_and_wait(project, "runs/*-s1/run.json", seconds=120)
    os.killpg(process.pid, signal.SIGKILL)  # killed within a cell: its second seed is missing
    process.communicate()
    (finished,) = work.glob("runs/*-s1/run.json")
    stamp = finished.stat().st_mtime_ns
    project.build()
    assert finished.stat().st_mtime_ns == stamp
    assert project.results() == before
    assert (work / "html" / "index.html").is_file()
    assert project.pending() == set()


@pytest.mark.nightly
def test_killed_at_twenty_random_moments_the_grid_comes_out_the_same(tmp_path):
    """kill -9 of all processes at once, also kernels, at moments spread over the time of the whole grid.

    The grid has adapters and full training, with checkpoints, and interventions. Each call goes on from what
    the kill left; when everything is done, the grid starts anew.
    """
    longer = PROFILE.replace("checkpoint_steps: 0", "checkpoint_steps: 4").replace("epochs: 1", "epochs: 20")
    full = "cotempqa-twin: {facts: 5}, full: {dataset: cotempqa-twin, conditions: [correct], method: full}"
    longer = longer.replace("cotempqa-twin: {facts: 5}", full).replace("run: {", "run: {facts: 5, ")
    project = copied(tmp_path, longer.replace("intervene_items: 0", "intervene_items: 2"))
    tables = tmp_path / "tracelib" / "assets" / "grid" / MINI

    def results() -> dict[str, bytes]:
        outcomes = {path.name: path.read_bytes() for path in tables.glob("*.parquet")}
        assert len(outcomes) == 2
        return outcomes | project.results()

    def finished(process: subprocess.Popen, timeout: float | None = None) -> dict[str, bytes]:
        output, _ = process.communicate(timeout=timeout)
        assert process.returncode == 0, output
        return results()

    def start_anew() -> None:
        shutil.rmtree(tmp_path / "work")
        shutil.rmtree(tables)

    begun = time.monotonic()
    whole = finished(project.start(command="grid"))
    takes = time.monotonic() - begun
    start_anew()
    rng, killed, halves, in_training = random.Random(0), 0, 0, 0
    while killed < 20:
        process = project.start(command="grid", start_new_session=True)
        try:
            assert finished(process, timeout=rng.uniform(1, takes)) == whole
            start_anew()
        except subprocess.TimeoutExpired:
            for number in {process.pid, *working_in(tmp_path)}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            process.communicate()
            killed += 1
            done = len(list((tmp_path / "work").glob("*/runs/*/run.json")))
            halves += 0 < done < 6
            in_training += any((tmp_path / "work").glob("*/runs/.*/checkpoint-*"))
    assert halves, "no kill came between the first and the last run"
    assert in_training, "no kill came within a training"
    assert finished(project.start(command="grid")) == whole


def test_ctrl_c_is_one_message_and_leaves_nothing_half_written(project):
    work = project.work
    shutil.rmtree(work / "experiments")
    process = start_and_wait(project, "experiments/.partial-*", seconds=60)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "tracelib: interrupted; nothing half-written" in output
    assert "Traceback" not in output
    assert list(work.rglob(".partial-*")) == []
    assert working_in(project.root) == []


def test_a_failing_notebook_is_one_message_and_leaves_no_page(project):
    path = project.root / "notebooks" / "problem.ipynb"
    wrong = "from tracelib.datasets import twins; twins.generate('babi', 5, 7, 1)"
    with edited(path, replaced("found = problem.facts()", wrong)):
        process = project.start()
        output, _ = process.communicate()
        assert process.returncode == 2
        message = "notebooks/problem.ipynb: facts=1, expected 4 to 40"
        assert message in output
        assert "Traceback" not in output
        failure = (project.work / "keys/chapter-problem.failure.txt").read_text()
        assert "tracelib: error: facts=1, expected 4 to 40" in failure
        assert f"building the profile {MINI} failed" in output
        assert not (project.work / "notebooks/problem.ipynb").exists()
