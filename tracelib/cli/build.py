"""``tracelib build``: run the experiments of a profile and build the book."""

import argparse

from tracelib.cli.common import PROFILE, add_executor

HELP = "run the experiments and build the book"
DESCRIPTION = """\
Run the experiments of a profile and build the book on them, in work/PROFILE. Only what is missing or out of
date is made: after an interruption, run the same command again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile, the cores, ``--dry-run`` and ``--executor``."""
    parser.add_argument("profile", metavar="PROFILE", help=PROFILE)
    parser.add_argument("--cores", type=int, default=None, help="cores to use (default: all)")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be made, and why")
    add_executor(parser)


def run(args: argparse.Namespace) -> None:
    """Make all that is missing or out of date."""
    from tracelib.book.build import build

    build(args.profile, args.cores, args.dry_run, args.executor)
