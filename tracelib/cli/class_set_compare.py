"""``tracelib class-set compare``: compare a class's votes with the verifier's verdicts."""

import argparse
from pathlib import Path

from tracelib.cli.common import note, print_table
from tracelib.core import terminal

HELP = "compare a class's votes with the verifier's verdicts"
DESCRIPTION = """\
Compare the votes of a class on a set ("tracelib class-set write") with the verifier's verdicts.

VOTES is a CSV file with the columns voter, set, card, step1, step2 and answer. A vote is yes or no; an empty
cell is no vote. The command prints how often the votes are the verifier's verdict, step by step; kappa
between the class's majority and the verifier (Cohen's) and among the voters (Fleiss'); the class's own tally
of traces and answers, with the joint rate and the conditional ones; and each card. --report writes it as a
page to project.

examples:
  tracelib class-set compare class/votes.csv
  tracelib class-set compare class/votes.csv --report compared.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the votes and the page."""
    parser.add_argument("votes", type=Path, metavar="VOTES", help="a CSV file, or - for standard input")
    parser.add_argument(
        "--report", type=Path, metavar="OUT", help="also write a page: OUT.html (.htm) or OUT.md"
    )


def run(args: argparse.Namespace) -> None:
    """Read the votes, write the page, print the tables."""
    from tracelib.analysis import class_votes
    from tracelib.reporting import audit_report, class_set

    if args.report:
        audit_report.checked(args.report, [args.votes])
    votes = class_votes.read(args.votes)
    found = class_votes.compare(votes)
    if args.report:
        audit_report.write(args.report, class_set.sections(votes, found), class_set.TITLE)
        note(f"report written to {terminal.one_line(str(args.report))}")
    print("\n".join(class_set.headline(votes, found)))
    print_table("Step by step", class_set.steps_table(found))
    print_table("Trace and answer: cards, and percent with 95% intervals", class_set.tally_table(found))
    print_table("Card by card", class_set.cards_table(found))
