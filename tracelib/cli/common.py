"""Shared by commands: arguments that mean the same everywhere, and functions that print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracelib.core import terminal
from tracelib.core.errors import InputError
from tracelib.datasets import own

if TYPE_CHECKING:
    import pandas as pd

    from tracelib.datasets.problem import Problem
    from tracelib.traces.format import Wording

PROFILE = "a profile by its name in profiles/, or a YAML file (see tracelib parameters)"
UNPARSED = "no run has a trace that could be parsed"  # why a table has no rows


# --- Arguments --------------------------------------------------------------------------------


def positive(text: str) -> int:
    """Parse a whole number of at least 1."""
    return _whole(text, 1)


def count(text: str) -> int:
    """Parse a whole number of at least 0."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    value = int(text) if text.isdecimal() and len(text) < 10 else -1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number from {least} on")
    return value


def add_naming(parser: argparse.ArgumentParser) -> None:
    """Add ``--field`` and ``--dataset``: names for records with other fields or without a dataset."""
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="the name or path of one of our fields in the records (gold=doc.answers.0); repeatable",
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help=f"the dataset of all records, whatever they say: {own.DATASET_NAMES} or your own",
    )


def naming(args: argparse.Namespace) -> dict:
    """The values of `add_naming`'s options, as keyword arguments for the readers."""
    return {"fields": own.given_names(args.field), "dataset": args.dataset}


def add_words(parser: argparse.ArgumentParser) -> None:
    """Add ``--category-after`` and ``--facts-after``: the words that introduce the steps of a trace."""
    for step, what in (("category", "the label"), ("facts", "the cited facts")):
        parser.add_argument(
            f"--{step}-after",
            action="append",
            default=[],
            metavar="PHRASE",
            help=f"words that come before {what} in a trace, if not the release's; repeatable",
        )


def words(args: argparse.Namespace) -> Wording:
    """The values of `add_words`'s options."""
    from tracelib.traces.format import wording

    return wording(args.category_after, args.facts_after)


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add SOURCE, and the options for generated and fetched problems."""
    parser.add_argument("source", metavar="SOURCE", help="where the problems come from, see above")
    add_naming(parser)
    parser.add_argument(
        "--count",
        type=positive,
        default=1000,
        metavar="N",
        help="problems to generate, or to fetch per split from the hub (default: 1000)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="random seed (default: 0)")
    parser.add_argument(
        "--facts", type=positive, default=8, metavar="F", help="facts per generated problem (default: 8)"
    )


def load(args: argparse.Namespace, skipped: list[InputError] | None = None) -> dict[str, list[Problem]]:
    """The problems of SOURCE by split. With a list for the errors, bad records are left out."""
    from tracelib.datasets import release_problems, sources

    splits = sources.load(args.source, args.count, args.seed, args.facts, skipped, **naming(args))
    if replaced := release_problems.standing_in(args.source):
        note(replaced)
    return splits


def add_choice(parser: argparse.ArgumentParser, number: int) -> None:
    """Add ``--number`` (by default `number`) and ``--id``: which problems are shown."""
    parser.add_argument(
        "--number", type=positive, default=number, metavar="N", help=f"how many problems (default: {number})"
    )
    parser.add_argument("--id", metavar="ID", help="only the problem with this id")


def add_built(parser: argparse.ArgumentParser) -> None:
    """Add PROFILE, whose book is built already; by default the laptop's."""
    parser.add_argument(
        "profile", nargs="?", default="laptop", metavar="PROFILE", help=f"{PROFILE}; default: laptop"
    )


def add_executor(parser: argparse.ArgumentParser) -> None:
    """Add ``--executor``."""
    parser.add_argument(
        "--executor", metavar="FOLDER", help="settings for many machines, such as profiles/slurm"
    )


def say_printed(profile: str, name: str) -> None:
    """Write one of a class's pages beside a profile's book, as HTML and as a PDF, and say where they are."""
    from tracelib.book.forms import built, lesson, printing

    html, work = built.places(profile)
    for page in lesson.write(html.parent, work, [name]):
        print(page, flush=True)
        printing.write(page, page.with_suffix(".pdf"))
        print(page.with_suffix(".pdf"))


# --- Printing ---------------------------------------------------------------------------------


def print_json(value: object) -> None:
    """Print JSON whose text cannot control the terminal."""
    print(terminal.escaped(json.dumps(value, ensure_ascii=False, indent=1)))


def print_table(title: str, table: pd.DataFrame, empty: str = UNPARSED) -> None:
    """Print a title and a table, or the reason `empty` if the table has no rows."""
    shown = table.to_string(index=False, na_rep="") if len(table) else f"({empty})"
    print(f"\n{title}\n{terminal.plain(shown)}")


def note(text: str) -> None:
    """Print a note on standard error."""
    print(f"tracelib: note: {text}", file=sys.stderr)


@contextmanager
def skipping(lenient: bool) -> Iterator[list[InputError] | None]:
    """A list for the errors of left-out records, which are printed at the end; None if strict."""
    skipped: list[InputError] = []
    try:
        yield skipped if lenient else None
    finally:
        if skipped:
            from tracelib.reporting import terminal_text

            note(f"{len(skipped):,} bad {'record' if len(skipped) == 1 else 'records'} left out")
            print("\n".join(terminal_text.left_out_lines(skipped)), file=sys.stderr)


def say_progress() -> None:
    """Print the library's messages during a run, for example on memory and missing features."""
    import logging

    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("tracelib").setLevel(logging.INFO)
