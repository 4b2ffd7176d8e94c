"""``tracelib problems show``: print a few problems, with the gold facts marked."""

import argparse

from tracelib.cli.common import add_choice, add_source, load
from tracelib.datasets.sources import UNDERSTOOD

HELP = "print some problems"
DESCRIPTION = f"""\
Print problems: the question, the facts (gold facts are marked with *), the gold answer, the category, and
whether the solver agrees. The solver is a program that derives the answer from the text; MS MARCO has none.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib problems show cotempqa-twin --category mix --facts 5
  tracelib problems show babi --number 1
  tracelib problems show outputs.jsonl --id 9c1f0a77b2d4
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source, and which of its problems to print."""
    add_source(parser)
    add_choice(parser, number=3)
    parser.add_argument("--category", metavar="C", help="only problems of this category")


def run(args: argparse.Namespace) -> None:
    """Print the chosen problems."""
    from tracelib.datasets import sources
    from tracelib.reporting import terminal_text

    chosen = sources.choose(load(args), args.source, args.number, args.id, args.category)
    for split, problem in chosen:
        print("\n".join(terminal_text.problem_lines(split, problem)) + "\n")
