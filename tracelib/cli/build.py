"""``tracelib build``: the experiments of a profile, and the book on them."""

import argparse

from tracelib.cli.common import PROFILE, add_executor

HELP = "run the experiments and build the book"
DESCRIPTION = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The profile, and what it runs on."""
    parser.add_argument("profile", metavar="PROFILE", help=PROFILE)
    parser.add_argument("--cores", type=int, default=None, help="cores to use (default: all)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be made, and why")
    add_executor(parser)


def run(args: argparse.Namespace) -> None:
    """Make what is missing or no longer up to date."""
    from tracelib.book.build import build

    build(args.profile, args.cores, args.dry_run, args.executor)
