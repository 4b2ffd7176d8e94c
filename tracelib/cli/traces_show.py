"""``tracelib traces show``: print a problem's training text under every condition, with verdicts."""

import argparse

from tracelib.cli.common import add_choice, add_source, load
from tracelib.core import terminal
from tracelib.core.errors import InputError, quoted
from tracelib.datasets.sources import UNDERSTOOD

HELP = "print one problem's training text under every condition"
DESCRIPTION = f"""\
Print one problem, then its training text under every condition: a description of the condition, the
text, and the verdicts on it (category, facts, answer: right, wrong or absent). A terminal of at least
{terminal.TWO_COLUMNS} columns shows two conditions side by side.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib traces show cotempqa-twin
  tracelib traces show babi --condition correct incorrect swapped
  tracelib traces show mine.jsonl --id 9c1f0a77b2d4 --seed 3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source, which of its problems, and which conditions."""
    parser.usage = "%(prog)s SOURCE [options]"  # a list of conditions would swallow what follows it
    add_source(parser)
    add_choice(parser, number=1)
    parser.add_argument(
        "--condition", nargs="+", action="extend", metavar="C", help="only these conditions (default: all)"
    )


def run(args: argparse.Namespace) -> None:
    """Print each chosen problem, then its text under each condition."""
    from tracelib.datasets import sources
    from tracelib.reporting import terminal_text

    conditions = _conditions(args.condition)
    splits = load(args)
    pool = [problem for problems in splits.values() for problem in problems]
    for split, problem in sources.choose(splits, args.source, args.number, args.id):
        print("\n".join(terminal_text.problem_lines(split, problem)) + "\n")
        blocks = [
            terminal_text.condition_lines(problem, condition, args.seed, pool) for condition in conditions
        ]
        print("\n".join(terminal.side_by_side(blocks)) + "\n")


def _conditions(named: list[str] | None) -> list[str]:
    """The named conditions, or all conditions; an `InputError` for an unknown one."""
    from tracelib.traces.conditions import CONDITIONS

    conditions = named or list(CONDITIONS)
    if unknown := [condition for condition in conditions if condition not in CONDITIONS]:
        expected = ", ".join(CONDITIONS)
        raise InputError(f"unknown condition {quoted(unknown[0])}, expected one of {expected}")
    return conditions
