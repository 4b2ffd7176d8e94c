"""``tracelib natural agreement``: print how far the verifier of natural traces agrees with two readings."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tracelib.cli.common import note, print_json, print_table

if TYPE_CHECKING:
    import pandas as pd

HELP = "print how far the verifier agrees with two readings"
DESCRIPTION = """\
Print how far the verifier of natural traces agrees with two blind readings of 40 of R1's traces, field by
field, with 95% intervals. The readings were made by a language model under docs/natural-guide.md; the rules
were written without these traces and scored once ("rules, frozen"). Where the traces are on this machine
(TRACELIB_DATA), the rules as they are today are scored too ("rules, now"). Some were changed after the
readings had been seen, so only the frozen score is a test.

A second table compares the rules with the truth of 200 simulated traces.

With a reading first and the rules second, precision is the share of what the rules find that the reading has
too, and recall the share of what the reading has that the rules find. Agree is their F1; for a field with one
verdict per trace, it is the share of equal verdicts.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object for machines")


def run(args: argparse.Namespace) -> None:
    """Print the table of agreement."""
    from tracelib.datasets import family_files
    from tracelib.paper import natural_annotations

    table = natural_annotations.load()
    if family_files.sample():
        table = natural_annotations.with_rules_now(table)
    else:
        note("R1's traces are not on this machine, so only the frozen score is shown")
    natural, simulated = natural_annotations.agreement(table), natural_annotations.on_simulated()
    if args.json:
        print_json({"natural": _records(natural), "simulated": _records(simulated)})
        return
    print_table("Agreement on natural traces", natural_annotations.as_text(natural))
    print_table("Agreement on simulated traces", natural_annotations.as_text(simulated))


def _records(table: pd.DataFrame) -> list[dict]:
    return table.astype(object).where(table.notna(), None).to_dict("records")
