"""``tracelib natural derive``: rebuild the shipped table of what natural and rule-made traces look like."""

import argparse

HELP = "rebuild the shipped table of measures"
DESCRIPTION = """\
Rebuild the table of the chapter on natural traces, a row of numbers for each text and no text: rule-made and
simulated traces, R1's traces, summaries and explanations on the same problems, and the released outputs of a
prompted model. It needs the sample of R1's texts and the release's files in the folder of TRACELIB_DATA.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Rebuild the table, and print how many texts of each kind it holds."""
    from tracelib.cli.common import print_table
    from tracelib.paper import natural_structure

    table = natural_structure.SHIPPED.derive()
    counts = table["kind"].map(natural_structure.KINDS).value_counts(sort=False)
    print_table("Texts measured", counts.rename_axis("kind").reset_index(name="texts"))
    print(f"{len(table):,} texts -> {natural_structure.SHIPPED.path}")
