"""``tracelib class-set write``: write ten problems with traces to be judged by hand."""

import argparse
from pathlib import Path

from tracelib.cli.common import count, positive
from tracelib.core import terminal

HELP = "write ten problems with traces to be judged by hand"
DESCRIPTION = """\
Write a class set into a new folder: ten generated problems, each with a two-step trace and an answer, some
of them wrong. Everything is simulated: rules make problems, traces and answers, and nothing is fetched.

  sheet.html   for everybody: the rules, and the ten cards with boxes to tick; prints on A4 and Letter
  cards.html   the same cards to cut out, and a board of four fields to sort them on
  key.html     for you: the gold, the verifier's verdicts, and what each card is for
  votes.csv    for the votes: a row per voter and card; write yes or no, or leave a cell empty

examples:
  tracelib class-set write class
  tracelib class-set write class-b --set 7 --voters 24
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder, which set, and for how many."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    parser.add_argument("--set", type=count, default=0, metavar="N", help="which set (default: 0)")
    parser.add_argument(
        "--voters", type=positive, default=12, metavar="V", help="how many voters votes.csv has rows for (12)"
    )


def run(args: argparse.Namespace) -> None:
    """Write the files, and say what each is for."""
    from tracelib.reporting import class_set

    for line in class_set.lines(class_set.write(args.folder, args.set, args.voters)):
        print(terminal.plain(line))
