"""From a profile to the book: write the keys, which decide what is stale, and run the graph."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tracelib.book import architecture
from tracelib.book.contents import chapters
from tracelib.book.publishing import buttons, is_public
from tracelib.core import keys, seals
from tracelib.core.errors import InputError
from tracelib.core.lock import only_one
from tracelib.core.paths import ASSETS, GRID, LOOKS, NATURAL, PACKAGE, ROOT
from tracelib.core.provenance import has_gpu, job_seconds, text_hash
from tracelib.core.reading import sha256
from tracelib.datasets import family_files, release_files
from tracelib.datasets.registry import TWINS
from tracelib.experiments import profiles, run_code
from tracelib.experiments.profiles import Profile
from tracelib.training import model_files

# Chapters that show the committed tables of `tracelib grid`.
GRID_CHAPTERS = ("index", "claims", "forest", "results", "interventions", "settle", "tiny-grid")
STUDY_CHAPTERS = ("ratings", "power")  # show the grid of power
RUN_CHAPTERS = ("index", "one-run", "status")  # show the profile's runs
# The files that the data rule writes (a copy of tracelib.paper.evidence.FILES, which is slow to import).
DATA_FILES = (
    "release_outcomes.parquet", "release_checks.parquet", "release_repaired.parquet",
    "release_following.parquet", "source.json",
)  # fmt: skip
VARIABLE = "TRACELIB_PROFILE"  # the path of the profile, for the Snakefile
SEEDS = "TRACELIB_SEEDS"  # the seeds to run, separated by spaces; all seeds if it is not set
STAGES = ("data", "runs", "chapters", "explorer", "book")


def work_folder(profile: Profile) -> Path:
    """The folder of everything that is made with a profile."""
    return ROOT / "work" / profile.name


def html_folder(profile: Profile) -> Path:
    """The folder of a profile's book: ``_build/html`` for the laptop's, else beside the results."""
    return ROOT / "_build" / "html" if profile.name == "laptop" else work_folder(profile) / "html"


def write_keys(profile: Profile) -> None:
    """Write the changed files of ``work/PROFILE/keys``: inputs that make the graph's rules stale."""
    folder = work_folder(profile)
    relative = folder.relative_to(ROOT).as_posix()
    source = _release_here()
    store = folder / "keys"
    makers = [PACKAGE / "book" / name for name in ("rules.py", "executing.py")]
    runner = {"runner": keys.files_key(makers)}  # the code that makes data, pages and book
    data = keys.key(PACKAGE / "paper" / "evidence.py", {}, data=source)
    keys.store(store / "data.json", data | runner)
    experiment = ROOT / "notebooks" / "experiment.ipynb"
    code = {  # by whether the run is on a twin, and whether it has a teacher's texts
        (twin, taught): keys.key(
            experiment, {}, data="" if twin else source, left_out=run_code.left_out(twin, taught)
        )
        for twin, taught in {
            (run["dataset"] in TWINS, bool(run["texts"])) for run in profile.cells().values()
        }
    }
    bases = {run["model"] for run in profile.cells().values()}
    weights = {model: model_files.weights(model) for model in bases}  # once each: they may be gigabytes
    for name, parameters in profile.cells().items():
        of_run = code[parameters["dataset"] in TWINS, bool(parameters["texts"])]
        of_texts = {"texts": _texts_hash(parameters["texts"])} if parameters["texts"] else {}
        target = {**parameters, "folder": f"{relative}/runs/{name}", "overwrite": True}
        of_model = {"weights": weights[parameters["model"]]}
        keys.store(store / f"cell-{name}.json", of_run | {"parameters": target} | of_model | of_texts)
    of_family = {file.name: sha256(path) for file, path in family_files.present().items()}
    shown = (  # chapters, and the files behind them besides outcomes and runs
        (GRID_CHAPTERS, {"tables": keys.files_key([path for path in GRID.rglob("*") if path.is_file()])}),
        (
            ("r1", "settle"),
            {"family": of_family},
        ),
        (STUDY_CHAPTERS, {"power": sha256(ASSETS / "study" / "power.csv")}),
        (("natural", "settle"), _natural_here()),
        (("tiny-grid",), {"looks": sha256(LOOKS)}),
        (("architecture",), {"imports": text_hash(repr((architecture.imports(), architecture.sizes())))}),
    )
    for name in chapters():
        chapter = ROOT / "notebooks" / f"{name}.ipynb"
        runs = {"run_names": profile.runs()} if name in RUN_CHAPTERS else {}
        parameters = {"work": relative, **runs}
        behind = {key: value for names, what in shown if name in names for key, value in what.items()}
        keys.store(store / f"chapter-{name}.json", keys.key(chapter, parameters) | runner | behind)
    explored = {"run_names": profile.runs(), "public": is_public()}
    explorer = keys.key(PACKAGE / "book" / "explorer" / "files.py", explored, data=source)
    keys.store(store / "explorer.json", explorer | runner)
    prose = [path for path in (ROOT / "book").rglob("*") if path.is_file()]
    code = [PACKAGE / "book" / name for name in ("rendering.py", "finishing.py")]
    prose += [ROOT / "_config.yml", ROOT / "_toc.yml", keys.LOCK, *code]
    forms = PACKAGE / "book" / "forms"
    prose += (forms / "templates").iterdir()
    lesson = keys.key(forms / "lesson.py", {}, data=source)
    keys.store(store / "book.json", keys.files_key(prose) | runner | buttons() | {"lesson": lesson})


def _texts_hash(name: str) -> str:
    from tracelib.datasets import teacher_texts  # slow to import

    return teacher_texts.digest(name)


def _natural_here() -> dict:
    """What the chapter on natural traces shows: tables in the package, and R1's texts if they are here."""
    texts = family_files.sample()
    tables = keys.files_key([path for path in NATURAL.iterdir() if path.is_file()])
    return {"natural": tables, "sample": sha256(texts) if texts else ""}


def broken(profile: Profile) -> list[str]:
    """Outputs of the graph, relative to the checkout, that are cut, changed, or without their runs or times.

    Missing outputs are not listed: the graph makes them anyway.
    """
    folder = work_folder(profile)
    times = folder / "times"
    cells = {cell: run["seeds"] for cell, run in profile.cells().items()}
    jobs = {folder / "data" / name: "data/release" for name in DATA_FILES}  # output -> record of its time
    jobs |= {folder / "notebooks" / f"{name}.ipynb": f"chapters/{name}" for name in chapters()}
    jobs |= {ROOT / cell_target(profile, cell): f"runs/{cell}" for cell in cells}
    whole = {path: seals.is_whole(path) and _is_timed(times / f"{job}.tsv") for path, job in jobs.items()}
    for cell, seeds in cells.items():
        runs = (folder / "runs" / f"{cell}-s{seed}" for seed in seeds)
        whole[ROOT / cell_target(profile, cell)] &= all(
            seals.is_whole_folder(run, "run.json") for run in runs
        )
    for name, made in {"explorer": folder / "explorer", "book": html_folder(profile)}.items():
        done = folder / f"{name}.done"
        whole[done] = seals.is_whole(made, done) and _is_timed(times / name / f"{name}.tsv")
    return [path.relative_to(ROOT).as_posix() for path, is_so in whole.items() if path.exists() and not is_so]


def _is_timed(record: Path) -> bool:
    """Whether the record of a job's seconds can be read, or does not exist."""
    try:
        return not record.is_file() or job_seconds(record) >= 0
    except (ValueError, IndexError):
        return False


def _release_here() -> str:
    """The source of the release, and the number and hash of the used files on this machine."""
    place = "local copy" if os.environ.get(release_files.VARIABLE) else "public repository"
    here = [name for name in release_files.used() if release_files.copies(name)]
    return f"{place}, {len(here)} files {text_hash(*here)[:12]}"


def build(name: str, cores: int | None = None, dry_run: bool = False, executor: str | None = None) -> None:
    """Make everything that is stale for a profile, then print where the book is and how long it took.

    A dry run prints what would be made and why, and writes only the keys. `executor` is a folder with
    Snakemake's settings for many machines (profiles/slurm).
    """
    start = time.time()
    profile = profiles.load(name)
    make(profile, ["all"], cores, dry_run, executor)
    for line in [] if dry_run else _report(profile, start):
        print(line)


def profile_of_graph() -> Profile:
    """The profile and seeds that the Snakefile is called for, from the environment."""
    profile = profiles.load(os.environ.get(VARIABLE, "laptop"))
    seeds = os.environ.get(SEEDS, "").split()
    return profile.of_seeds(set(map(int, seeds))) if seeds else profile


def cell_target(profile: Profile, cell: str) -> str:
    """The graph's output for a cell (setting-condition): its executed notebook, relative to the checkout."""
    return (work_folder(profile) / "experiments" / f"{cell}.ipynb").relative_to(ROOT).as_posix()


def make(
    profile: Profile,
    targets: Sequence[str],
    cores: int | None = None,
    dry_run: bool = False,
    executor: str | None = None,
) -> None:
    """Run the graph for its targets: the rules ``all`` or ``experiments``, or files by name."""
    if not (ROOT / "Snakefile").is_file():
        raise InputError("running a profile needs a checkout of the project, with its Snakefile", ROOT)
    for model in {run["model"] for run in profile.cells().values()} & set(model_files.KEPT):
        model_files.folder(model)  # fail here, not among the graph's messages
    folder = work_folder(profile)
    real = any(run["dataset"] not in TWINS for run in profile.cells().values())
    if not dry_run and (real or "all" in targets):
        _get_release()
    # The graph inherits the lock, so the lock holds until both processes end, however they end.
    with only_one(folder / "lock", "another build of this profile is running", folder) as lock:
        where = ["--cores", str(cores or os.cpu_count() or 1), "--workflow-profile", "none"]
        if executor:
            if not (Path(executor) / "config.yaml").is_file():
                raise InputError("expected a folder with Snakemake's config.yaml", executor)
            where = ["--workflow-profile", str(Path(executor).resolve())]
        elif has_gpu():
            where += ["--resources", "device=1"]
        cells = [cell_target(profile, cell) for cell in profile.cells()]
        asked = set(cells if "experiments" in targets else targets)
        again = [path for path in broken(profile) if "all" in targets or path in asked]
        _run_graph(profile, targets, where, dry_run, lock, again)


def _get_release() -> None:
    """Download the release's files, unless a copy is named: a later download would make the keys stale."""
    with suppress(release_files.Unreachable):
        release_files.available(release_files.used(), quiet=not sys.stderr.isatty())


def _run_graph(
    profile: Profile, targets: Sequence[str], where: list[str], dry_run: bool, lock: int, again: list[str]
) -> None:
    command = [sys.executable, "-m", "snakemake", *targets, "--snakefile", "Snakefile", *where]
    command += ["--forcerun", *again] if again else []
    command += ["--rerun-triggers", "input", "mtime", "--max-checksum-file-size", "1000000000"]
    # Share all but its source cache, which lies in the home folder: the home may not be writable.
    command += ["--shared-fs-usage", "persistence", "input-output", "software-deployment", "sources"]
    # Our jobs write their outputs whole or not at all, so every output is complete, even after a kill.
    command += ["--ignore-incomplete", "--nolock", "--scheduler", "greedy"]
    command += ["--dry-run"] if dry_run else ["--quiet", "rules", "progress", "host"]
    # The environment passes the path safely: no shell and no YAML reads it. Slurm hands it to its machines.
    env = {**os.environ, "PATH": os.environ.get("PATH", os.defpath), VARIABLE: str(profile.path)}
    env[SEEDS] = " ".join(map(str, profile.only))
    env.pop("SNAKEMAKE_PROFILE", None)  # a user's settings for other workflows
    graph = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[lock])
    try:
        status = graph.wait()
    except KeyboardInterrupt:  # the graph got the same signal: wait until it has stopped its jobs
        graph.wait()
        raise
    if status:
        raise InputError(f"building the profile {profile.name} failed; the messages above say where")


def _report(profile: Profile, start: float) -> list[str]:
    folder = work_folder(profile)
    lines = [f"{'stage':10} {'jobs':>4} {'seconds':>8}  done now"]
    setup = ROOT / ".venv" / "ready"
    if setup.is_file():
        now = setup.stat().st_mtime >= start
        seconds = setup.read_text().strip() or "?"
        lines.append(f"{'setup':10} {1:4} {seconds:>8}  {'1' if now else 'none'}")
    for stage in STAGES:
        records = sorted((folder / "times" / stage).glob("*.tsv"))
        seconds = sum(map(job_seconds, records))
        now = sum(record.stat().st_mtime >= start for record in records)
        lines.append(f"{stage:10} {len(records):4} {seconds:8.0f}  {now or 'none'}")
    lines.append(f"this build took {time.time() - start:.0f} s")
    lines.append(f"the book: {html_folder(profile) / 'index.html'}")
    return lines
