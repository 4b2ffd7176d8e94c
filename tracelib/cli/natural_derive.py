"""``tracelib natural derive``: rebuild the shipped tables of the chapters on natural traces."""

import argparse

HELP = "rebuild the shipped tables of natural traces"
DESCRIPTION = """\
Rebuild the tables of the chapters on natural traces, which hold numbers and no text. One has a row for each
text: rule-made and simulated traces, R1's traces, summaries and explanations on the same problems, and the
released outputs of a prompted model. The other counts what R1's texts give to train on. Both need R1's texts
and the release's files in the folder of TRACELIB_DATA.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Rebuild the tables, and print how many texts of each kind, and targets of each arm, they hold."""
    from tracelib.cli.common import print_table
    from tracelib.paper import natural_structure, taught_targets

    table = natural_structure.SHIPPED.derive()
    counts = table["kind"].map(natural_structure.KINDS).value_counts(sort=False)
    print_table("Texts measured", counts.rename_axis("kind").reset_index(name="texts"))
    print(f"{len(table):,} texts -> {natural_structure.SHIPPED.path}")
    targets = taught_targets.SHIPPED.derive()
    print(f"{targets['targets'].sum():,} targets -> {taught_targets.SHIPPED.path}")
