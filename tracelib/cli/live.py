"""``tracelib live``: a real model, trained on a few problems while somebody watches."""

import argparse
import sys

from tracelib.cli.common import PROFILE, note, say_progress
from tracelib.core import terminal

HELP = "train a real model on a few problems and look"
DESCRIPTION = """\
Train a real pre-trained model on a few problems, test it, and look at what came out: right answers, what
could be read of its traces, one trace beside its problem, and whether the answer follows a trace that is
set. It makes the runs of the profile's first setting whose problems can be had, with its first seed, in
work/PROFILE/runs. What is there already is kept, and after an interruption the same command goes on.

examples:
  tracelib live                     # profiles/smollm2.yaml; needs: tracelib models fetch
  tracelib live mine.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The profile."""
    parser.add_argument("profile", nargs="?", default="smollm2", help=PROFILE)


def run(args: argparse.Namespace) -> None:
    """Make the runs that are missing, then print what came out of all of them."""
    from tracelib.book import build
    from tracelib.experiments import profiles, runner
    from tracelib.reporting import live
    from tracelib.training import models

    say_progress()
    profile = profiles.load(args.profile)
    print("looking for the problems: in TRACELIB_DATA, else from the release's public repository", flush=True)
    found, instead = live.chosen(profile)
    if instead:
        note(terminal.one_line(instead))
    for model in {experiment.model for experiment in found.values()}:
        models.settings(model)  # an error now, not after some minutes
    folder = build.work_folder(profile) / "runs"
    for number, (name, experiment) in enumerate(found.items(), 1):
        print(f"run {number} of {len(found)}: {name}", flush=True)
        runner.run(experiment, folder / name, progress=sys.stderr.isatty())
    print("\n" + "\n".join(live.lines(list(found), folder)))
