"""``tracelib problems export``: write problems as a file, or as a folder for the Hugging Face hub."""

import argparse
from pathlib import Path

from tracelib.cli.common import add_source, load
from tracelib.core import terminal
from tracelib.core.errors import InputError
from tracelib.datasets.sources import UNDERSTOOD

HELP = "write problems to a file or a dataset folder"
DESCRIPTION = f"""\
Write problems to OUT. If OUT ends in .jsonl, it becomes JSON lines in the audit's format, with all
splits together. Any other OUT becomes a folder that datasets.load_dataset reads: one parquet file per
split, and a dataset card.

SOURCE is one of
{UNDERSTOOD}
Real data stays under its own licence: name it with --licence, or the card says "other".

examples:
  tracelib problems export cotempqa-twin twin.jsonl --count 5000 --seed 1
  tracelib problems export marco-twin twin --count 10000 --facts 10
  tracelib problems export dev_v2.1.json marco --licence other
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source and the target."""
    add_source(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help="FILE.jsonl, or a new folder")
    parser.add_argument(
        "--licence", metavar="L", help="licence on the folder's card (default: mit for twins, else other)"
    )


def run(args: argparse.Namespace) -> None:
    """Write the problems, and print how many each split has."""
    from tracelib.datasets import export, sources

    _check_target(args.source, args.out)
    splits = load(args)
    if args.out.suffix == ".jsonl":
        export.to_json_lines((problem for problems in splits.values() for problem in problems), args.out)
    else:
        title, origin, licence = sources.card_texts(args.source, args.count, args.seed, args.facts)
        export.to_folder(splits, args.out, title, origin, args.licence or licence)
    sizes = ", ".join(f"{len(problems):,} {split}" for split, problems in splits.items())
    print(f"{sizes} -> {terminal.one_line(str(args.out))}")


def _check_target(source: str, out: Path) -> None:
    """Raise an `InputError` if OUT is no name, or is the source itself."""
    if out.name in ("", ".."):
        raise InputError("expected the name of a file or a new folder", out)
    if out.is_file() and Path(source).is_file() and out.samefile(source):
        raise InputError("is the source itself, expected another file", out)
