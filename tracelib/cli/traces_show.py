"""``tracelib traces show``: print a problem's training text under every condition, with verdicts."""

import argparse
from typing import TYPE_CHECKING

from tracelib.cli.common import add_choice, add_source, load, note
from tracelib.core import terminal
from tracelib.core.errors import InputError, quoted
from tracelib.datasets.problem import Problem
from tracelib.datasets.sources import UNDERSTOOD

if TYPE_CHECKING:
    from tracelib.datasets.distilled import Texts

HELP = "print one problem's training text under every condition"
TEXTS = "a teacher's texts: r1, or an export of 'tracelib teacher'; only problems that have any are shown"
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
  tracelib traces show cotempqa --texts r1 --condition teacher correct
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source, which of its problems, and which conditions."""
    parser.usage = "%(prog)s SOURCE [options]"  # a list of conditions would swallow what follows it
    add_source(parser)
    add_choice(parser, number=1)
    parser.add_argument(
        "--condition", nargs="+", action="extend", metavar="C", help="only these conditions (default: all)"
    )
    parser.add_argument("--texts", default="", metavar="T", help=TEXTS)


def run(args: argparse.Namespace) -> None:
    """Print each chosen problem, then its text under each condition."""
    from tracelib.datasets import sources
    from tracelib.reporting import terminal_text

    conditions = _conditions(args.condition, bool(args.texts))
    splits = load(args)
    texts = _texts(args, splits) if args.texts else {}
    if args.texts:
        splits = {split: [one for one in problems if one.id in texts] for split, problems in splits.items()}
    pool = [problem for problems in splits.values() for problem in problems]
    for split, problem in sources.choose(splits, args.source, args.number, args.id):
        print("\n".join(terminal_text.problem_lines(split, problem)) + "\n")
        blocks = [
            terminal_text.condition_lines(problem, condition, args.seed, pool, texts)
            for condition in conditions
        ]
        print("\n".join(terminal.side_by_side(blocks)) + "\n")


def _texts(args: argparse.Namespace, splits: dict[str, list[Problem]]) -> "dict[str, Texts]":
    """A teacher's texts by the ids of problems; a note says whence. `InputError` without any."""
    from tracelib.datasets import teacher_texts

    taught = teacher_texts.load(args.texts)
    note(terminal.one_line(taught.source))
    found = taught.of(problem for problems in splits.values() for problem in problems)
    if not found:
        raise InputError(f"has no text on any problem of {args.source}", args.texts)
    return found


def _conditions(named: list[str] | None, has_texts: bool) -> list[str]:
    """The named conditions, or all that can be made; an `InputError` for one that is unknown or cannot be."""
    from tracelib.traces.conditions import CONDITIONS, TAUGHT

    conditions = named or [*CONDITIONS, *(TAUGHT if has_texts else ())]
    if unknown := [condition for condition in conditions if condition not in {**CONDITIONS, **TAUGHT}]:
        expected = ", ".join((*CONDITIONS, *TAUGHT))
        raise InputError(f"unknown condition {quoted(unknown[0])}, expected one of {expected}")
    if not has_texts and (taught := [condition for condition in conditions if condition in TAUGHT]):
        raise InputError(f"condition {taught[0]} needs a teacher's texts: --texts r1, or --texts PATH")
    return conditions
