"""``tracelib release show``: audit the paper's released outputs."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tracelib.cli.common import UNPARSED, note, print_json, print_table
from tracelib.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from tracelib.paper.release import Source

HELP = "audit the released outputs"
DESCRIPTION = """\
Audit the paper's released outputs: each accuracy that the release states beside the accuracy of its
outputs, then the 2x2 table of trace and answer per model and condition. The default metric is official,
the metric behind the published accuracies. Outputs that are public but not on this machine are left out
and named; "tracelib release fetch" gets them.

examples:
  tracelib release show
  tracelib release show --evaluator published          the release's own check of the traces
  TRACELIB_DATA=copy tracelib release show --metric strict --json
  tracelib release show --steps        right answers after right and wrong facts and labels
  tracelib release show --follow       whether answers follow from the facts that their traces cite
"""
METRIC_HELP = (
    "official (default): the release's own; corrected: the official one repaired; strict: set match. "
    "exact stands in where the dataset lacks the metric (MS MARCO; bAbI for corrected and strict)"
)
EVALUATOR_HELP = (
    "exact (default): each trace against its own problem's gold steps; published: the release's check, which "
    "finds the gold row by answer text, accepts any context fact, and leaves unparsed outputs out of the 2x2"
)
STEPS_HELP = (
    "how many answers are right after right and wrong facts and labels, for models trained on traces; by the "
    "exact check and the corrected metric (bAbI, MARCO: exact)"
)
FOLLOW_HELP = (
    "CoTempQA: how many outputs give the answer of their cited facts, if it differs from the gold answer"
)
# Reasons for a table without rows.
NO_TRACES = "no output of a model trained on traces is here"
NO_TRACES_ON_COTEMPQA = "no output on CoTempQA of a model trained on traces is here"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add metric and evaluator, and the two other parts."""
    parser.add_argument("--metric", choices=("official", "corrected", "strict"), help=METRIC_HELP)
    parser.add_argument("--evaluator", choices=("exact", "published"), help=EVALUATOR_HELP)
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--steps", action="store_true", help=STEPS_HELP)
    parts.add_argument("--follow", action="store_true", help=FOLLOW_HELP)
    parser.add_argument("--json", action="store_true", help="print one JSON list for machines")


def run(args: argparse.Namespace) -> None:
    """Print the requested part: accuracies and the 2x2 table, ``--steps``, or ``--follow``."""
    if args.steps:
        _print_steps(args)
    elif args.follow:
        _print_followed(args)
    else:
        _print_accuracies(args)


def _print_accuracies(args: argparse.Namespace) -> None:
    from tracelib.paper import items, release, reproduction, steps
    from tracelib.reporting import tables
    from tracelib.scoring.outcomes import pooled, records

    metric, evaluator = args.metric or "official", args.evaluator or "exact"
    outcomes, source = release.load_outcomes(quiet=not sys.stderr.isatty())
    table = _counts(outcomes, metric, evaluator)
    if args.json:
        note(f"source: {source.detail}")
        print_json(records(table))
        return
    print(f"Source: {source.detail}.")
    for row in release.unmatched(outcomes, items.load()).itertuples():
        named = f"{row.dataset}, {row.model}, {row.condition}"
        print(f"{named}: {row.unmatched} of {row.n} outputs answer problems that are in no test file.")
    compared = reproduction.accuracies(table, release.load_accuracies())
    print_table(f"Accuracies the release states, and ours (metric {metric}, or exact), percent", compared)
    print_table(
        f"Trace (T) and answer (A), evaluator {evaluator}: counts, and percent [95% interval]",
        tables.association_table(pooled(table)),
        NO_TRACES if steps.traced(outcomes).empty else UNPARSED,
    )


def _counts(outcomes: pd.DataFrame, metric: str, evaluator: str) -> pd.DataFrame:
    import pandas as pd

    from tracelib.paper import specifications
    from tracelib.scoring.outcomes import counts_under, under

    if evaluator == "exact":
        return counts_under(outcomes, metric)
    checks = specifications.load()
    if unchecked := specifications.unchecked(outcomes, checks):
        note(unchecked)
    parts = [specifications.published_counts(outcomes, checks, name) for name in (metric, "exact")]
    return under(pd.concat(parts, ignore_index=True), metric)


def _print_steps(args: argparse.Namespace) -> None:
    from tracelib.paper import release, steps
    from tracelib.reporting import tables_steps

    _check_alone(args, "--steps")
    outcomes, source = release.load_outcomes(quiet=not sys.stderr.isatty())
    table = steps.cells(outcomes)
    shown = {
        tables_steps.CELLS: tables_steps.cells(steps.rates(table)),
        tables_steps.CONTRASTS: tables_steps.contrasts(steps.contrasts(outcomes)),
    }
    _print_part(args, source, table, shown, NO_TRACES)


def _print_followed(args: argparse.Namespace) -> None:
    from tracelib.paper import following, release
    from tracelib.reporting import tables_steps

    _check_alone(args, "--follow")
    outputs, source = release.read_outputs(quiet=not sys.stderr.isatty())
    found = following.SHIPPED.read() if outputs is None else following.compute(outputs)
    shown = {tables_steps.ANSWERED: tables_steps.answered(following.answered(found))}
    _print_part(args, source, following.followed(found), shown, NO_TRACES_ON_COTEMPQA)


def _check_alone(args: argparse.Namespace, part: str) -> None:
    """Raise an `InputError` if a part with one check and metric gets ``--metric`` or ``--evaluator``."""
    for name in ("metric", "evaluator"):
        if getattr(args, name):
            raise InputError(f"{part} has one check and metric per dataset (see --help): leave out --{name}")


def _print_part(
    args: argparse.Namespace, source: Source, table: pd.DataFrame, shown: dict[str, pd.DataFrame], none: str
) -> None:
    """Print a part: one table as JSON, or titled display tables; `none` is the reason for no rows."""
    from tracelib.scoring.outcomes import records

    if args.json:
        note(f"source: {source.detail}{'' if len(table) else f'; {none}'}")
        print_json(records(table))
        return
    print(f"Source: {source.detail}.")
    for title, rows in shown.items():
        print_table(title, rows, UNPARSED if len(table) else none)
