"""``tracelib book zip``: the built book as one file, to be read without a server or a network."""

import argparse

from tracelib.cli.common import add_built

HELP = "the built book as one zip file, to be read offline"
DESCRIPTION = """\
Pack the book that 'tracelib build PROFILE' has made into one zip file beside it. Unpack it anywhere, and open
index.html in a browser: no server and no network are needed, and the explorer is in it.

The zip has the texts that the build has: of CoTempQA and bAbI where the release was at hand, never of MARCO.
For one without any, build with TRACELIB_PUBLIC=1 first.

example:
  tracelib book zip smoke
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile."""
    add_built(parser)


def run(args: argparse.Namespace) -> None:
    """Write the zip file."""
    from tracelib.book.forms import built, offline

    html = built.folder(args.profile)
    out = built.beside(html, "zip")
    count = offline.write(html, out)
    print(f"{out}  {count:,} files, {out.stat().st_size / 1e6:.1f} MB")
