"""``tracelib book serve``: the built book in a browser, made anew where its sources change."""

import argparse

from tracelib.cli.common import add_built

HELP = "serve the built book; pages reload when you edit their sources"
DESCRIPTION = """\
Serve the book that 'tracelib build PROFILE' has made, until you stop it with Ctrl-C. When you save a page in
book/, a notebook in notebooks/, a style, _toc.yml or _config.yml, what changed is made again and the browser
reloads. A notebook is executed first, with the parameters of the build. Warnings are printed, and the last
good page stays.

What it makes is for your eyes: the next 'tracelib build PROFILE' makes the book itself.

examples:
  tracelib book serve smoke
  tracelib book serve smoke --port 8080
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile and where to listen."""
    add_built(parser)
    parser.add_argument("--port", type=int, default=8000, help="the port on this machine (default: 8000)")


def run(args: argparse.Namespace) -> None:
    """Serve the book."""
    from tracelib.book.forms import serving

    serving.serve(args.profile, args.port)
