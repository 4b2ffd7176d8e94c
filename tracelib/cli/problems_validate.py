"""``tracelib problems validate``: find inconsistencies in a dataset."""

import argparse

from tracelib.cli.common import add_source, load, print_json, print_table, skipping
from tracelib.datasets.sources import UNDERSTOOD

HELP = "find inconsistencies in a dataset"
DESCRIPTION = f"""\
Find inconsistencies in a dataset: answers that no fact holds, problems in two splits, labels that the
facts contradict, and so on. The command prints the number of problems per check and split, then the
first findings of each check. Findings are results, so the exit status is 0.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib problems validate cotempqa
  tracelib problems validate --lenient mine.jsonl
  tracelib problems validate babi-twin --count 5000 --seed 1 --json > findings.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source, and how to read and print."""
    add_source(parser)
    parser.add_argument("--lenient", action="store_true", help="leave out bad records, and count them")
    parser.add_argument("--json", action="store_true", help="print one JSON object with every finding")


def run(args: argparse.Namespace) -> None:
    """Print the number of problems with each finding, then the first findings of each check."""
    from tracelib.datasets.registry import dataset
    from tracelib.datasets.validate import CHECKS, summary, validate
    from tracelib.reporting import terminal_text
    from tracelib.scoring.outcomes import records, solved

    with skipping(args.lenient) as skipped:
        splits = load(args, skipped)
    datasets = {problem.dataset for problems in splits.values() for problem in problems}
    findings = validate(splits, solved if any(dataset(name).solve for name in datasets) else None)
    table = summary(findings, splits)
    if args.json:
        left_out = [str(error) for error in skipped or ()]
        print_json({"summary": records(table), "findings": records(findings), "left_out": left_out})
        return
    print_table("Problems with each finding", table)
    for check, found in findings.groupby("check", observed=True):
        rows = found[["split", "item", "detail"]].itertuples(index=False, name=None)
        print("\n".join(terminal_text.finding_lines(check, CHECKS[check], list(rows))))
