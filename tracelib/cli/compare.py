"""``tracelib compare``, or ``tracelib diff``: compare two runs on the same problems."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.cli.common import add_naming, add_words, naming, note, print_json, print_table, skipping, words
from tracelib.core import terminal
from tracelib.core.errors import InputError

if TYPE_CHECKING:
    from tracelib.analysis.run_pair import Comparison, Run

HELP = "compare two runs on the same problems"
DESCRIPTION = """\
Compare two runs on the same problems: two models, two prompts, or two trainings. A and B are files
of outputs, as "tracelib audit" reads them, or run folders (predictions.jsonl and run.json).
"tracelib diff" is the same command.

A run is one model, condition and seed. If a file holds several runs, --run chooses one. Given once,
--run is for both files; given twice, the first is for A and the second for B.

Problems are paired by their content (dataset, question, facts, gold answers); their ids do not
matter. If a run answers a problem several times, the first answer counts. Outputs that cannot be
paired are counted, with the reason.

The command prints first the parameters that differ, if both runs have a run.json. Then, for every
metric of the answer and every step of the trace: both rates; how many problems both runs, only A,
only B and neither get right; the difference A - B with a 95% interval (Bonett and Price); an exact
McNemar test; and p adjusted over all rows (Holm). It also prints the test of equivalence within 5
points, and the 2x2 table of trace and answer of each run. Each side is one run: a training with
another seed could give another result.

--items writes a row per problem with the outcomes of both runs. Its columns are those of "tracelib
audit --items", with a_ and b_ before their names; pairing (paired, only in A, only in B, answered
again); and change from A to B by the primary metric (gained, lost, both right, both wrong).
--report writes a page with all of it, a figure, and the texts of the problems that only one run gets
right.

examples:
  tracelib compare before.jsonl after.jsonl
  tracelib diff work/mine/runs/lr-3e-3-s1 work/mine/runs/lr-1e-3-s1
  tracelib compare outputs.jsonl outputs.jsonl --run small/correct --run large/correct
  tracelib compare --items flips.csv --json before.jsonl after.jsonl > compared.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add A and B, how to read them, and what to write."""
    parser.add_argument("first", type=Path, metavar="A", help="file of outputs, or run folder")
    again = "another file or folder, or the same with --run twice"
    parser.add_argument("second", type=Path, metavar="B", help=again)
    parser.add_argument(
        "--run",
        dest="chosen",
        action="append",
        default=[],
        metavar="MODEL/CONDITION[/SEED]",
        help="which run of a file with several",
    )
    add_naming(parser)
    add_words(parser)
    parser.add_argument("--lenient", action="store_true", help="leave out bad lines, and count them")
    parser.add_argument("--json", action="store_true", help="print one JSON object for machines")
    parser.add_argument("--items", type=Path, metavar="F.csv", help="also write a row per problem")
    parser.add_argument(
        "--report", type=Path, metavar="OUT", help="also write a report: OUT.html (.htm) or OUT.md"
    )


def run(args: argparse.Namespace) -> None:
    """Read both runs, compare them, write the requested files, print the comparison."""
    from tracelib.analysis import run_pair

    if len(args.chosen) > 2:
        raise InputError(f"--run given {len(args.chosen)} times, expected at most twice: for A and for B")
    _check_targets(args)
    chosen = [*args.chosen, *args.chosen, None, None]  # a single --run is for both
    with skipping(args.lenient) as skipped:
        first, second = (
            run_pair.load(path, name, skipped, words=words(args), **naming(args))
            for path, name in zip((args.first, args.second), chosen[:2], strict=True)
        )
        found = run_pair.compare(first, second)
    _write(args, found)
    if args.json:
        print_json(run_pair.record(found))
        return
    _print(first, second, found)


def _check_targets(args: argparse.Namespace) -> None:
    """Raise an `InputError` before anything is read if a requested file may not be written."""
    from tracelib.analysis import run_pair
    from tracelib.reporting import audit_report, writing
    from tracelib.scoring import run_names

    given = [run_names.given(source).path for source in (args.first, args.second)]
    inputs = [path / run_pair.PREDICTIONS if path.is_dir() else path for path in given]
    if args.items:
        writing.checked(args.items, [".csv"], "a table of items", inputs)
    if args.report:
        audit_report.checked(args.report, inputs)
    writing.distinct({"--report": args.report, "--items": args.items})


def _write(args: argparse.Namespace, found: Comparison) -> None:
    """Write the requested files."""
    from tracelib.analysis import run_pair
    from tracelib.reporting import audit_report, citing, two_runs, writing

    if args.report:
        parts = two_runs.sections(found, citing.made(args.arguments))
        audit_report.write(args.report, parts, two_runs.TITLE)
        note(f"report written to {terminal.one_line(str(args.report))}")
    if args.items:
        table = run_pair.items(found)
        writing.write_csv(table, args.items)
        note(f"{len(table):,} rows written to {terminal.one_line(str(args.items))}")


def _print(first: Run, second: Run, found: Comparison) -> None:
    from tracelib.reporting import two_runs

    for word, one in (("A", first), ("B", second)):
        print(f"{word}: {terminal.one_line(f'{one.name}, {one.path}')} ({len(one.outcomes):,} outputs)")
    for text in found.notes:
        print(terminal.one_line(f"note: {text}"))
    no_record = "a run.json is missing beside A or B" if found.parameters is None else "nothing"
    print_table(two_runs.PARAMETERS, two_runs.parameters(found), no_record)
    print_table(two_runs.PAIRING, two_runs.pairing(found))
    print_table(two_runs.DIFFERENCES, two_runs.differences(found))
    print_table(two_runs.EQUIVALENCE, two_runs.equivalence(found))
    print_table(two_runs.CELLS, two_runs.cells(found))
