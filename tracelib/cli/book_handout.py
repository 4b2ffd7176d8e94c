"""``tracelib book handout``: two pages to print for a class, and their answers."""

import argparse

from tracelib.cli.common import add_built, say_printed

HELP = "two pages to print for a class, and their answers"
DESCRIPTION = """\
Write a handout of two pages for the class on the page 'Teach with this book': a problem to judge by hand,
four fields to fill in, both rates, questions; the answers are on a third page. It comes as HTML and as a PDF
(A4), beside the book of PROFILE. Its numbers are of the book's data; without a build, of the outcomes that
ship with the package. The PDF needs Chromium.

example:
  tracelib book handout smoke
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile."""
    add_built(parser)


def run(args: argparse.Namespace) -> None:
    """Write the handout."""
    say_printed(args.profile, "handout")
