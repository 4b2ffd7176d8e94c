"""What commands share: arguments that mean the same in each of them, and the ways to print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracelib.core import terminal
from tracelib.core.files import InputError
from tracelib.datasets import own

if TYPE_CHECKING:
    import pandas as pd

    from tracelib.datasets.problem import Problem
    from tracelib.traces.format import Wording

PROFILE = "name in profiles/ or a YAML file (tracelib parameters says what it can state)"
UNPARSED = "no run has a trace that could be parsed"  # why a table has no rows


# --- Arguments --------------------------------------------------------------------------------


def positive(text: str) -> int:
    """A whole number from 1 on."""
    return _whole(text, 1)


def count(text: str) -> int:
    """A whole number from 0 on."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    value = int(text) if text.isdecimal() and len(text) < 10 else -1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number from {least} on")
    return value


def add_naming(parser: argparse.ArgumentParser) -> None:
    """``--field`` and ``--dataset``: how records of others are named."""
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="where a record has one of our fields, by name or by path (gold=doc.answers.0); repeatable",
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help="of all records, whatever they say: cotempqa, babi, marco or your own",
    )


def naming(args: argparse.Namespace) -> dict:
    """What `add_naming` took from a command line, as keyword arguments of the readers."""
    return {"fields": own.given_names(args.field), "dataset": args.dataset}


def add_words(parser: argparse.ArgumentParser) -> None:
    """``--category-after`` and ``--facts-after``: the words in which a trace says its steps."""
    for step, what in (("category", "the label"), ("facts", "the cited facts")):
        parser.add_argument(
            f"--{step}-after",
            action="append",
            default=[],
            metavar="PHRASE",
            help=f"words after which a trace says {what}, where they are not the release's; repeatable",
        )


def words(args: argparse.Namespace) -> Wording:
    """What `add_words` took from a command line."""
    from tracelib.traces.format import wording

    return wording(args.category_after, args.facts_after)


def add_source(parser: argparse.ArgumentParser) -> None:
    """SOURCE, and what is said of problems that are generated or fetched."""
    parser.add_argument("source", metavar="SOURCE", help="where the problems come from, see above")
    add_naming(parser)
    parser.add_argument(
        "--count",
        type=positive,
        default=1000,
        metavar="N",
        help="problems to generate, or to fetch of each split of the hub (default: 1000)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of what is drawn (default: 0)")
    parser.add_argument(
        "--facts", type=positive, default=8, metavar="F", help="per generated problem (default: 8)"
    )


def load(args: argparse.Namespace, skipped: list[InputError] | None = None) -> dict[str, list[Problem]]:
    """The problems of the SOURCE by split; read leniently with a list, which takes the errors."""
    from tracelib.datasets import release_problems, sources

    splits = sources.load(args.source, args.count, args.seed, args.facts, skipped, **naming(args))
    if replaced := release_problems.standing_in(args.source):
        note(replaced)
    return splits


def add_choice(parser: argparse.ArgumentParser, number: int) -> None:
    """``--number`` (of problems, by default `number`) and ``--id``: which problems are shown."""
    parser.add_argument(
        "--number", type=positive, default=number, metavar="N", help=f"how many (default: {number})"
    )
    parser.add_argument("--id", metavar="ID", help="only the problem of this name")


def add_executor(parser: argparse.ArgumentParser) -> None:
    """``--executor``: the settings for many machines."""
    parser.add_argument("--executor", metavar="FOLDER", help="run on many machines: profiles/slurm, or yours")


# --- Printing ---------------------------------------------------------------------------------


def print_json(value: object) -> None:
    """Print JSON whose text cannot control the terminal."""
    print(terminal.escaped(json.dumps(value, ensure_ascii=False, indent=1)))


def print_table(title: str, table: pd.DataFrame, empty: str = UNPARSED) -> None:
    """Print a title and a table, or why the table is empty."""
    shown = table.to_string(index=False, na_rep="") if len(table) else f"({empty})"
    print(f"\n{title}\n{terminal.plain(shown)}")


def note(text: str) -> None:
    """Print a note on standard error."""
    print(f"tracelib: note: {text}", file=sys.stderr)


@contextmanager
def skipping(lenient: bool) -> Iterator[list[InputError] | None]:
    """A list for the errors of what is left out, which are reported in the end; None if strict."""
    skipped: list[InputError] = []
    try:
        yield skipped if lenient else None
    finally:
        if skipped:
            from tracelib.reporting import terminal_text

            note(f"{len(skipped):,} bad {'record' if len(skipped) == 1 else 'records'} left out")
            print("\n".join(terminal_text.left_out_lines(skipped)), file=sys.stderr)


def say_progress() -> None:
    """Print what the library says of a run as it goes: how much memory it needs, what it does without."""
    import logging

    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("tracelib").setLevel(logging.INFO)
