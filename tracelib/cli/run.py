"""``tracelib run``: make one run of a profile, or execute one notebook."""

import argparse
import shlex
import sys
from pathlib import Path

from tracelib.cli.common import PROFILE, note, say_progress
from tracelib.core import terminal
from tracelib.core.errors import InputError

HELP = "make one run of a profile, or execute one chapter"
DESCRIPTION = """\
tracelib run PROFILE RUN makes one run of a profile: it fine-tunes, generates, verifies, and writes the
run's folder under work/PROFILE/runs. A finished run is kept; a killed run goes on from its last checkpoint.

tracelib run NOTEBOOK executes a chapter, which is named as in notebooks/, or any notebook by its path
(.ipynb). Its parameters may be given, each with -p. Their names and types are checked first. A list is
written with commas: -p run_names a-s1,b-s1. The executed notebook goes to work/executed, or to --out.

examples:
  tracelib run paper qwen3-1.7b-cotempqa-correct-s1
  accelerate launch --num_processes 4 -m tracelib run paper qwen3-8b-cotempqa-correct-s1    # 4 GPUs
  tracelib run joint
  tracelib run power -p people 60 -p within false --out mine.ipynb
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile and the name of one of its runs, or the notebook and its parameters."""
    parser.add_argument("what", metavar="PROFILE|NOTEBOOK", help=f"{PROFILE}; or a chapter, or a notebook")
    parser.add_argument(
        "name", metavar="RUN", nargs="?", help="of a profile, for instance qwen3-1.7b-cotempqa-correct-s1"
    )
    of_notebook = parser.add_argument_group("for a notebook")
    of_notebook.add_argument(
        "-p",
        "--parameter",
        dest="given",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="one of the notebook's parameters; repeatable",
    )
    of_notebook.add_argument("--out", type=Path, metavar="FILE.ipynb", help="where the executed one goes")
    of_notebook.add_argument("--overwrite", action="store_true", help="replace the file of an earlier time")


def run(args: argparse.Namespace) -> None:
    """Make the run or execute the notebook, and print where the result is."""
    from tracelib.book import rerun

    notebook = rerun.find(args.what)
    if args.name is None and notebook:
        _notebook(args, notebook)
        return
    if args.name is None:
        expected = "expected a chapter, a notebook (.ipynb), or a profile and one of its runs"
        raise InputError(f"{expected}{rerun.closest(args.what)}", args.what)
    if notebook:
        raise InputError(f"is a notebook, found '{args.name}' behind it; expected options alone", args.what)
    if args.given or args.out or args.overwrite:
        raise InputError("-p, --out and --overwrite are for a notebook; a profile states its own parameters")
    _profile(args)


def _notebook(args: argparse.Namespace, notebook: Path) -> None:
    from tracelib.book import rerun

    progress = sys.stderr.isatty()
    output, seconds = rerun.run(notebook, args.given, args.out, args.overwrite, progress)
    for line in rerun.said(output):
        note(terminal.one_line(line))
    print(f"executed in {seconds:.0f} s: {output}")
    print(f"make a page of it: jupyter-book build {shlex.quote(str(output))}")


def _profile(args: argparse.Namespace) -> None:
    from tracelib.book import build
    from tracelib.datasets import splits
    from tracelib.experiments import profiles, run_folder, runner, sweep

    say_progress()
    profile = profiles.load(args.what)
    known = sweep.experiments(profile)
    if args.name not in known:
        raise InputError(
            f"no run '{args.name}' in this profile, the first is {next(iter(known))}", profile.path
        )
    folder = build.work_folder(profile) / "runs" / args.name
    outcomes = runner.run(known[args.name], folder, progress=sys.stderr.isatty())
    if len(outcomes):  # with several GPUs, only the process that generates has outcomes
        print(splits.in_words(**run_folder.read_about(folder)["problems"]))
        print(f"{len(outcomes)} answers, {outcomes['answer_correct'].mean():.1%} right: {folder}")
