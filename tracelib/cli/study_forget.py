"""``tracelib study forget``: delete a participant's answers, or all ids of a platform."""

import argparse

from tracelib.core.errors import InputError, quoted

HELP = "delete a participant's answers, or all ids of a platform"
DESCRIPTION = """\
Delete the answers of one participant for ever, found by the id that a platform gave. Or delete all such ids,
once everybody is paid: the answers stay, and nobody can tell any longer whose they are.

Backups and exports that were made before still have what was deleted.

examples:
  tracelib study forget mine.sqlite 5f0c3a
  tracelib study forget mine.sqlite --all-ids
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the database, and whom to forget."""
    parser.add_argument("database", metavar="DATABASE", help="an SQLite file or a URL")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", metavar="ID", help="the participant's id")
    which.add_argument("--all-ids", action="store_true", help="all ids, and no answers")


def run(args: argparse.Namespace) -> None:
    """Delete, and say what was deleted."""
    from tracelib.study import store

    kept = store.existing(store.address_of(args.database))
    if args.all_ids:
        print(f"{kept.forget_ids():,} ids deleted; all answers are kept")
    elif kept.forget(args.id):
        print("the id and all its answers are deleted")
    else:
        raise InputError(f"no participant with the id {quoted(args.id)}", args.database)
