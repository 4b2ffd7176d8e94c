"""``tracelib book pdf``: the whole book as one PDF."""

import argparse

from tracelib.cli.common import add_built

HELP = "the whole book as one PDF"
DESCRIPTION = """\
Print the book that 'tracelib build PROFILE' has made as one PDF beside it: title page, contents with page
numbers, all pages in order. Links between pages become links within the PDF. Folded parts are open; the code
of the chapters, what is interactive and what is too long for paper are left out. It needs Chromium.

example:
  tracelib book pdf smoke
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile."""
    add_built(parser)


def run(args: argparse.Namespace) -> None:
    """Write the PDF."""
    from tracelib.book.forms import built, paper

    html = built.folder(args.profile)
    out = built.beside(html, "pdf")
    count = paper.write(html, out)
    print(f"{out}  {count:,} pages, {out.stat().st_size / 1e6:.1f} MB")
