"""``tracelib study export``: the data of a study as tidy tables with a codebook."""

import argparse
from pathlib import Path

from tracelib.core import terminal

HELP = "write a study's data as tables with a codebook"
DESCRIPTION = """\
Write the data of a study into the folder OUT, each table as CSV and as parquet:

  answers        a row per participant, page and question
  participants   state, checks, times, and the stated rule that excludes a participant
  materials      the texts that were shown, with their lengths
  questions      the wording and the anchors
  comments       free texts
  codebook.csv   what each column means
  study.json     the study as it was served: wording, anchors, design

Participants have a pseudonymous code. The ids that a platform gave are written only with --ids, as a table
of their own: keep it apart from the answers. A study that is being served can be exported too.

examples:
  tracelib study export mine.sqlite data
  tracelib study export postgresql://ada@localhost/study data --ids
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the database and the folder."""
    parser.add_argument("database", metavar="DATABASE", help="an SQLite file or a URL")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder, or an earlier export")
    parser.add_argument("--ids", action="store_true", help="also write the ids that a platform gave")


def run(args: argparse.Namespace) -> None:
    """Write the tables, and print how many rows each has."""
    from tracelib.study import export, store

    kept = store.existing(store.address_of(args.database))
    written = export.write(kept, args.out, args.ids)
    sizes = ", ".join(f"{rows:,} {name}" for name, rows in written.items())
    print(f"{sizes} -> {terminal.one_line(str(args.out))}")
