"""``tracelib release fetch``: the files of the release that are not on this machine."""

import argparse
import sys

from tracelib.core.files import InputError

HELP = "get the files that are not here"
DESCRIPTION = """\
Get the files of the paper's release that are not on this machine from its public repository, at the
pinned commits, into the cache of downloads. Each is checked (sha256, or git's id of its content) and
appears only when it is whole and right; after an interruption, run the same command again. A local
copy named by TRACELIB_DATA stays as it is: what it lacks is then taken from the cache.

TRACELIB_RELEASE_URL names a mirror of the repository's raw files, COMMIT/PATH under it.

examples:
  tracelib release fetch              what the book uses: outputs, stated figures, problems
  tracelib release fetch --all        everything in the pinned trees
  tracelib release fetch --family     R1's answers, the R1 family and the further seeds: 199 files of later
                                      commits. No checksum of them is known; each is checked line by line
                                      when it comes, and its sha256 is noted beside it.
                                      A copy of your own: TRACELIB_DATA/r1_family/COMMIT/PATH, where
                                      COMMIT is the first 8 digits.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, where more than the book's are wanted."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="also what the book does not use")
    which.add_argument(
        "--family", action="store_true", help="the R1 family and the further seeds, of later commits"
    )


def run(args: argparse.Namespace) -> None:
    """Download what is missing, and say how much that was."""
    if args.family:
        _fetch_family()
    else:
        _fetch_pinned(args.all)


def _fetch_pinned(everything: bool) -> None:
    from tracelib.datasets import release_files

    wanted = list(release_files.tree()) if everything else release_files.used()
    got = release_files.fetch(wanted, quiet=not sys.stderr.isatty())
    wrong = [row for row in release_files.states() if row["state"] == release_files.WRONG]
    if wrong:
        raise InputError(f"{len(wrong)} files have {release_files.WRONG}; the first is {wrong[0]['note']}")
    print(f"{len(got)} files downloaded; all {len(wanted)} are on this machine")


def _fetch_family() -> None:
    from tracelib.paper import family, family_files

    new = family.fetch(quiet=not sys.stderr.isatty())
    print(f"{new} files downloaded and checked; all {len(family_files.manifest())} are on this machine")
