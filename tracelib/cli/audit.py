"""``tracelib audit``: judge outputs of models, answer by answer and step by step."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.cli.common import (
    UNPARSED,
    add_naming,
    add_words,
    naming,
    note,
    print_json,
    print_table,
    skipping,
    words,
)
from tracelib.core import terminal
from tracelib.core.errors import InputError
from tracelib.core.paths import STANDARD_INPUT
from tracelib.datasets import own
from tracelib.datasets.dataset import Dataset
from tracelib.datasets.registry import DATASETS
from tracelib.scoring import columns
from tracelib.traces import answers
from tracelib.traces.format import RELEASED

if TYPE_CHECKING:
    import pandas as pd

    from tracelib.scoring.audit import Audited

WORDS = "\n".join(f"  {phrase}" for phrase in RELEASED.described)
COLUMNS = "\n".join(
    textwrap.fill(meaning, 100, initial_indent=f"  {name:18} ", subsequent_indent=" " * 21)
    for name, meaning in {**columns.OUTCOMES, **columns.PLACES}.items()
)
METRICS = "\n".join(
    f"  {known.title}: {', '.join(known.metrics)}" for known in (*DATASETS, Dataset("", "your own"))
)
HELP = "check model outputs step by step"
DESCRIPTION = f"""\
Read model outputs and print, for each run: the accuracy of answers, the accuracy of each step of
the trace, and the 2x2 table of trace and answer, all with 95% intervals. Every metric of the
dataset is printed, the primary one first:
{METRICS}
The first lines say how answers were found, and how many traces could not be read.

FILE holds records: JSON lines, a JSON array of objects, CSV with a header, or the sample logs of
lm-evaluation-harness (samples_*.jsonl) or Inspect (.eval, .json); plain or gzip; - is standard
input. The release's own files are read as they are. A record has the fields below. If one of them
has another name in your records, or lies deeper, say where it is:
--field prediction=response.text --field gold=answers.0

{own.fields_help()}

Without "supporting", the gold facts of CoTempQA are the facts that contain a gold answer as text, as
in the release: the answer "mayor" also makes the fact about the deputy mayor a gold fact.

How an answer is found, in every dataset. First the model's thought is removed: <think> and similar
tags. A closing tag alone ends a thought that the prompt began. A thought that is never closed leaves
no answer, unless all of it is a printed list or a marked answer. Then special tokens, chat headers
and further turns are removed. In the rest, the strongest kind of mark counts; of several marks of
that kind, the last one that was not cut counts. A mark that follows another with no word between
them takes nothing back; marks with a comma or "and" between them are one list.
X is the answer in these marks, the strongest first:
{answers.forms_help()}
In answers and cited facts, these make no difference: composed or decomposed accents, case, kinds of
apostrophes and dashes, invisible characters, spaces. In answers, punctuation and a leading article
make no difference either, but a sign does (-5, <5, C++). Lists in any usual spelling are compared as
sets (bAbI's path-finding: in order). The metric official searches the text as the release's code does.

A trace is found by these words:
{WORDS}
--category-after "Type of question:" --facts-after "Relevant sentences:" names other words; * in a phrase
matches any words of the line. A label ends at the end of its line, or before one of . , ; : and a space.
A fact counts only if it is quoted word for word; without its full stop it is another text.

--report also writes a report for people: what was read, accuracies, joint and conditional rates,
conditions compared on the same items, items that flip, and how to read all of it. The report is HTML
if its name ends in .html or .htm, and Markdown if it ends in .md. It needs no network.

A run is a dataset, model, condition and seed. If two files hold the same run, their names tell the
runs apart. Files without a condition that differ in the seed are taken as seeds of one condition, and
a note says so. NAME=FILE gives a file a name; one NAME for several files puts them together.

--table writes the accuracies: numbers (estimate, low, high, n) in a .csv file, a table for a paper in
a .tex file (booktabs), a table for a web page in an .md file.

--items writes a row per output, as CSV in UTF-8, with these columns:
{COLUMNS}
A verdict is True, False, or empty if there is none. A text that begins with = + - @, a tab, a line
break or an apostrophe gets an apostrophe before it, so that no spreadsheet runs it as a formula.
Remove one leading apostrophe to get the text back.

"tracelib compare" compares two runs, for instance of two models.

examples:
  tracelib audit outputs.jsonl
  tracelib audit --report report.html vanilla.jsonl correct.jsonl
  tracelib audit low=A/predictions.jsonl high=B/predictions.jsonl
  tracelib audit mine=part1.jsonl mine=part2.jsonl
  tracelib audit --items items.csv --table accuracy.tex outputs.jsonl
  tracelib audit --lenient run1.jsonl run2.jsonl     leave out bad lines, and count them
  tracelib audit --json outputs.jsonl > counts.json
  tracelib audit --dataset mine --field question=query --field prediction=completion runs.jsonl.gz
  tracelib audit --field facts=doc.passages --field category=doc.type samples_mytask_2025-01-31T10-20-30.jsonl
"""
UNJUDGED = "no trace was judged: the problems lack facts, supporting facts or category"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files, how to read them, and what to write."""
    parser.add_argument("files", nargs="+", metavar="[NAME=]FILE", help="records of outputs, see above")
    add_naming(parser)
    add_words(parser)
    parser.add_argument("--lenient", action="store_true", help="leave out bad records, and count them")
    parser.add_argument("--json", action="store_true", help="print one JSON list for machines")
    parser.add_argument(
        "--report", type=Path, metavar="OUT", help="also write a report: OUT.html (.htm) or OUT.md"
    )
    parser.add_argument("--items", type=Path, metavar="F.csv", help="also write a row per output")
    parser.add_argument("--table", type=Path, metavar="F", help="also write the accuracies: .csv, .tex, .md")


def run(args: argparse.Namespace) -> None:
    """Read and judge the outputs, write the requested files, print the accuracies."""
    from tracelib.analysis import legible
    from tracelib.scoring import audit, run_names
    from tracelib.scoring.outcomes import counts, metrics_in, records

    _check_targets(args, [run_names.given(argument).path for argument in args.files])
    with skipping(args.lenient) as skipped:
        audited = audit.read(args.files, skipped, words(args), **naming(args))
    notes = [*legible.notes(audited), *audited.notes]
    for text in notes:
        note(terminal.one_line(text))
    _write(args, audited, skipped, notes)
    by_metric = {metric: counts(audited.outcomes, metric) for metric in metrics_in(audited.outcomes)}
    if args.json:
        print_json([row for table in by_metric.values() for row in records(table)])
        return
    _print(audited.outcomes, by_metric)


def _check_targets(args: argparse.Namespace, inputs: Sequence[Path]) -> None:
    """Raise an `InputError` before anything is read if a requested file may not be written."""
    from tracelib.reporting import accuracy, writing

    if args.report:
        from tracelib.reporting import audit_report  # slow to import, because it draws

        if STANDARD_INPUT in inputs:
            raise InputError("a report says which files it read, expected files and no standard input")
        audit_report.checked(args.report, inputs)
    if args.items:
        writing.checked(args.items, [".csv"], "a table of items", inputs)
    if args.table:
        accuracy.checked(args.table, inputs)
    writing.distinct({"--report": args.report, "--items": args.items, "--table": args.table})


def _write(
    args: argparse.Namespace, audited: Audited, skipped: list[InputError] | None, notes: list[str]
) -> None:
    """Write the requested files."""
    from tracelib.reporting import accuracy, writing

    if args.report:
        _write_report(args, audited, skipped, notes)
        note(f"report written to {terminal.one_line(str(args.report))}")
    if args.items:
        writing.write_csv(audited.outcomes.join(audited.places), args.items)
        note(f"{len(audited.outcomes):,} items written to {terminal.one_line(str(args.items))}")
    if args.table:
        accuracy.write(args.table, audited.outcomes)
        note(f"accuracies written to {terminal.one_line(str(args.table))}")


def _write_report(
    args: argparse.Namespace, audited: Audited, skipped: list[InputError] | None, notes: list[str]
) -> None:
    from functools import partial

    from tracelib.reporting import audit_report, citing
    from tracelib.scoring import audit

    texts, made = partial(audit.texts, audited), citing.made(args.arguments)
    parts = audit_report.sections(audited.outcomes, audited.files, skipped, texts, made, notes)
    audit_report.write(args.report, parts)


def _print(outcomes: pd.DataFrame, by_metric: dict[str, pd.DataFrame]) -> None:
    from tracelib.analysis import legible
    from tracelib.reporting import accuracy, tables
    from tracelib.scoring.outcomes import pooled

    print_table(legible.CAPTION, legible.found(outcomes))
    for metric, table in by_metric.items():
        caption = f"Accuracy, metric {metric}: percent [95% Wilson interval]"
        print_table(caption, accuracy.table(outcomes, table))
        whole = pooled(table)
        empty = UNPARSED if (whole["n"] > whole["not_judged"]).any() else UNJUDGED
        print_table(f"Trace (T) and answer (A), metric {metric}", tables.association_table(whole), empty)
