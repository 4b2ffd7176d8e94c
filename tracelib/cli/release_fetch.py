"""``tracelib release fetch``: download the files of the release that are not on this machine."""

import argparse
import sys

from tracelib.core.errors import InputError

HELP = "download the missing files"
DESCRIPTION = """\
Download the files of the paper's release that are not on this machine, from its public repository at the
pinned commits, into the download cache. Each file is checked (sha256, or git's id of its content) and
appears only when it is complete and right; after an interruption, run the same command again. A local
copy named by TRACELIB_DATA stays as it is; files that it lacks are taken from the cache.

TRACELIB_RELEASE_URL names a mirror of the repository's raw files, which holds them at COMMIT/PATH.

examples:
  tracelib release fetch              the files that the book uses: outputs, stated figures, problems
  tracelib release fetch --all        all files of the pinned trees
  tracelib release fetch --family     R1's answers, the R1 family and the further seeds: 199 files of later
                                      commits. Their checksums are not known, so each file is checked line
                                      by line when it comes, and its sha256 is noted beside it.
                                      A copy of your own lies at TRACELIB_DATA/r1_family/COMMIT/PATH;
                                      COMMIT is its first 8 digits.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add options for other files than those of the book."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="also files that the book does not use")
    which.add_argument(
        "--family", action="store_true", help="the R1 family and the further seeds, from later commits"
    )


def run(args: argparse.Namespace) -> None:
    """Download the missing files, and print how many there were."""
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
    from tracelib.datasets import family_files
    from tracelib.paper import family

    new = family.fetch(quiet=not sys.stderr.isatty())
    print(f"{new} files downloaded and checked; all {len(family_files.manifest())} are on this machine")
