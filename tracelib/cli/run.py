"""``tracelib run``: make one run of a profile."""

import argparse
import sys

from tracelib.cli.common import PROFILE, say_progress
from tracelib.core.errors import InputError

HELP = "make one run of a profile"
DESCRIPTION = """\
Make one run of a profile: fine-tune, generate, verify, and write its folder under work/PROFILE/runs. A
finished run is kept; a killed run goes on from its last checkpoint.

examples:
  tracelib run paper qwen3-1.7b-cotempqa-correct-s1
  accelerate launch --num_processes 4 -m tracelib run paper qwen3-8b-cotempqa-correct-s1    # 4 GPUs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile, and the name of one of its runs."""
    parser.add_argument("profile", metavar="PROFILE", help=PROFILE)
    parser.add_argument("name", metavar="RUN", help="for instance qwen3-1.7b-cotempqa-correct-s1")


def run(args: argparse.Namespace) -> None:
    """Make the run unless it is there, and print how many answers are right."""
    from tracelib.book import build
    from tracelib.datasets import splits
    from tracelib.experiments import profiles, run_folder, runner, sweep

    say_progress()
    profile = profiles.load(args.profile)
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
