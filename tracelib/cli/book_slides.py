"""``tracelib book slides``: slides for a class of 90 minutes."""

import argparse

from tracelib.cli.common import add_built, say_printed

HELP = "slides for a class of 90 minutes"
DESCRIPTION = """\
Write the slides of the class on the page 'Teach with this book', as a page of HTML for a projector and as a
PDF, beside the book of PROFILE. They show the book's own figures, drawn from its data; without a build, from
the outcomes that ship with the package. They load nothing from a network. The PDF needs Chromium.

example:
  tracelib book slides smoke
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile."""
    add_built(parser)


def run(args: argparse.Namespace) -> None:
    """Write the slides."""
    say_printed(args.profile, "slides")
