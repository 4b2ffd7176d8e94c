"""``tracelib release status``: print which files of the release are on this machine."""

import argparse

from tracelib.cli.common import print_json, print_table
from tracelib.core import terminal

HELP = "print which files are on this machine"
DESCRIPTION = """\
Print a summary, then the state of each file of the paper's release: used here, public but not in this
copy, or not in the public tree. If a file's content differs from the pinned one, a note says what it
is. Files that are only in the local copy come last; nothing reads them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object for machines")


def run(args: argparse.Namespace) -> None:
    """Print the counts of files by state, then the state of every file."""
    from tracelib.datasets import family_files, release_files

    rows, unknown = release_files.states(), [*release_files.unknown(), *family_files.unknown()]
    later = family_files.states()
    if args.json:
        print_json({"files": rows, "family": later, "unknown": unknown})
        return
    _print_counts(rows, later)
    _print_files(rows)
    if unknown:
        print(f"\n{len(unknown)} files of the local copy are in no pinned tree, and nothing reads them:")
        print("\n".join(f"  {terminal.one_line(name)}" for name in unknown))


def _print_counts(rows: list[dict], later: list[dict]) -> None:
    import pandas as pd

    table = pd.DataFrame(rows)
    table["branch"] = table["name"].str.partition("/")[0]
    table["read by the book"] = table["used"].map({True: "yes", False: "no"})
    keys = ["branch", "kind", "read by the book", "state"]
    print_table("Files of the release", table.value_counts(keys, sort=False).rename("files").reset_index())
    table = pd.DataFrame(later).value_counts(["group", "state"], sort=False).rename("files").reset_index()
    print_table('Files of later commits ("tracelib release fetch --family" gets them)', table)
    for row in later:
        if row["note"]:
            print(terminal.one_line(row["note"]))


def _print_files(rows: list[dict]) -> None:
    print("\nEach file of the release: state, bytes, branch/path")
    for row in rows:
        size = "unknown" if row["bytes"] is None else f"{row['bytes']:,}"
        note = f" ({terminal.one_line(row['note'])})" if row["note"] else ""
        print(f"{row['state']:<33} {size:>10}  {row['name']}{note}")
