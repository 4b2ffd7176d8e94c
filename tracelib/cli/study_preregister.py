"""``tracelib study preregister``: a preregistration, filled from the study's file."""

import argparse
from pathlib import Path

from tracelib.cli.study_serve import STUDY
from tracelib.core import terminal

HELP = "write a preregistration from a study's file"
DESCRIPTION = """\
Write a preregistration in Markdown: hypotheses, design, wording, exclusions and analysis as the study's
file states them. What only you can say stands in square brackets.

examples:
  tracelib study preregister mine.yaml preregistration.md
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study and the file."""
    parser.add_argument("study", metavar="STUDY", help=STUDY)
    parser.add_argument("out", type=Path, metavar="OUT.md", help="the file to write")


def run(args: argparse.Namespace) -> None:
    """Write the file."""
    from tracelib.core.atomic import write_text
    from tracelib.study import config, preregistration

    study, path = config.load(args.study)
    write_text(args.out, preregistration.text(study, path.name))
    print(terminal.one_line(f"preregistration -> {args.out}"))
