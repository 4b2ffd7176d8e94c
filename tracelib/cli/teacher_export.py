"""``tracelib teacher export``: write a teacher's texts as JSON lines or as a dataset folder."""

import argparse
from pathlib import Path

from tracelib.core import terminal
from tracelib.core.errors import InputError

HELP = "write the kept texts to a file or a dataset folder"
DESCRIPTION = """\
Write the problems of a store with the teacher's texts to OUT. If OUT ends in .jsonl, it becomes JSON lines in
the audit's format, in which "prediction" is the teacher's answer, and "trace", "summary" and "explanation"
are further fields. Any other OUT becomes a folder that datasets.load_dataset reads: one parquet file per
split, and a dataset card that says how the texts came about.

Only problems whose trace is kept are written: the answer is right and a model can be trained on the trace.

examples:
  tracelib teacher export r1.db r1.jsonl
  tracelib audit r1.jsonl
  tracelib teacher export r1.db r1-traces --licence mit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the store and the target."""
    parser.add_argument("store", type=Path, metavar="STORE", help="the file that 'tracelib teacher run' made")
    parser.add_argument("out", type=Path, metavar="OUT", help="FILE.jsonl, or a new folder")
    parser.add_argument(
        "--all",
        action="store_true",
        help="also traces that are not kept, with the cause in a field of its own",
    )
    parser.add_argument(
        "--licence", default="other", metavar="L", help="licence on the folder's card (default: other)"
    )


def run(args: argparse.Namespace) -> None:
    """Write the texts, and print how many problems each split has."""
    from tracelib.datasets import export
    from tracelib.teacher import store, texts
    from tracelib.teacher.report import report

    if args.out.name in ("", "..") or (args.out.exists() and args.out.samefile(args.store)):
        raise InputError("expected the name of a new file or folder", args.out)
    with store.reading(args.store) as kept:
        splits, columns = texts.exported(kept, args.all)
        if not splits:
            raise InputError("no trace in it is kept; 'tracelib teacher status' says why", args.store)
        if args.out.suffix == ".jsonl":
            problems = (problem for found in splits.values() for problem in found)
            export.to_json_lines(problems, args.out, columns)
        else:
            title = f"Traces by {terminal.one_line(kept.recipes()['trace']['model'])}"
            how = texts.described(kept, report(kept))
            export.to_folder(splits, args.out, title, how, args.licence, columns)
    sizes = ", ".join(f"{len(found):,} {split}" for split, found in splits.items())
    print(f"{sizes} -> {terminal.one_line(str(args.out))}")
