"""``tracelib live``: train a real model on a few problems, and show the results."""

import argparse
import sys

from tracelib.cli.common import PROFILE, note, say_progress
from tracelib.core import terminal

HELP = "train a real model on a few problems and show the results"
DESCRIPTION = """\
Train a real pre-trained model on a few problems, test it, and print the results: right answers, traces that
could be parsed, one trace beside its problem, and whether the answer follows a trace that we put before it.
The runs are those of the profile's first setting whose problems are available, with the profile's first
seed. They lie in work/PROFILE/runs. Finished runs are kept: after an interruption, run the same command
again.

examples:
  tracelib live                     # profiles/smollm2.yaml; needs: tracelib models fetch
  tracelib live mine.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile."""
    parser.add_argument("profile", nargs="?", default="smollm2", help=PROFILE)


def run(args: argparse.Namespace) -> None:
    """Make the missing runs, then print the results of all runs."""
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
        models.settings(model)  # fail here, not after some minutes
    folder = build.work_folder(profile) / "runs"
    for number, (name, experiment) in enumerate(found.items(), 1):
        print(f"run {number} of {len(found)}: {name}", flush=True)
        runner.run(experiment, folder / name, progress=sys.stderr.isatty())
    print("\n" + "\n".join(live.lines(list(found), folder)))
