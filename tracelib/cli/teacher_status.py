"""``tracelib teacher status``: what a store of a teacher's replies holds."""

import argparse
from dataclasses import asdict
from pathlib import Path

from tracelib.cli.common import print_json

HELP = "show what a store holds"
DESCRIPTION = """\
Show what a store holds: how many traces, summaries and explanations are kept, why the others are not, how
often requests were sent again, and the tokens that they took. A run may fill the store meanwhile.

A trace is kept if its answer is right and a model can be trained on it.

examples:
  tracelib teacher status r1.db
  tracelib teacher status r1.db --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the store."""
    parser.add_argument("store", type=Path, metavar="STORE", help="the file that 'tracelib teacher run' made")
    parser.add_argument("--json", action="store_true", help="print one JSON object for machines")


def run(args: argparse.Namespace) -> None:
    """Print the counts."""
    from tracelib.reporting import teacher_text
    from tracelib.teacher import store
    from tracelib.teacher.report import report

    with store.reading(args.store) as kept:
        found, recipes = report(kept), kept.recipes()
    if args.json:
        tokens = {
            kind: {name: asdict(each) for name, each in spent._asdict().items()}
            for kind, spent in found.spent.items()
        }
        counts = {"requests": found.requests, "attempts": found.attempts, "tokens": tokens}
        print_json({"recipes": recipes, **counts, "reason": found.reason})
    else:
        print("\n".join(teacher_text.report_lines(found)))
