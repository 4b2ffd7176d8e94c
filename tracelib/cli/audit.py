"""``tracelib audit``: outputs of models, judged answer by answer and step by step."""

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
from tracelib.core.files import STANDARD_INPUT, InputError
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
Read model outputs and print, for each run: answer accuracy, accuracy of each step of the
trace, and the 2x2 of trace and answer, all with 95% intervals. Every metric of the dataset
is printed, the primary one first:
{METRICS}
First of all it says how the answers were found, and how many traces could not be read.

FILE holds records: JSON lines, a JSON array of objects, CSV with a header, or the sample logs of
lm-evaluation-harness (samples_*.jsonl) and of Inspect (.eval, .json); plain or gzip; - is standard
input. The release's own files are read as they are. A record has these fields; where one has another
name, or stands deeper, say so: --field prediction=response.text --field gold=answers.0

{own.fields_help()}

Without "supporting", CoTempQA's gold facts are those that contain a gold answer as text, as in the
release: with the answer "mayor" also the fact about the deputy mayor.

The answer, in every dataset: what the model thought is set aside (<think> and its like; a closing mark
alone ends a thought that the prompt began; a thought that is never closed leaves no answer, unless a
printed list or a marked answer is all of it), then special tokens, chat headers and further turns. Of
the rest the strongest mark counts, of several of a kind the last one that was not cut (one that follows
another without a word between takes nothing back; with a comma or "and" between they are one list).
X is the answer in, the strongest first:
{answers.forms_help()}
Accents composed or not, case, kinds of apostrophes and dashes, invisible characters and spaces make no
difference, in answers and in cited facts; nor do punctuation and a leading article in answers, but a sign
does (-5, <5, C++). Lists in any usual spelling are compared as sets (bAbI's path-finding in order).
Official searches the text as the release's code does.

A trace is looked for in these words:
{WORDS}
--category-after "Type of question:" --facts-after "Relevant sentences:" names other words; * in a phrase
stands for any words of the line. A label ends with its line, or before . , ; : and a space. Facts count
if they are quoted word for word; a missing full stop counts as another text.

--report writes one file for people as well: what was read, accuracies, the joint and the
conditional rates, conditions compared on the same items, items that flip, and how to read
all of it. HTML if its name ends in .html or .htm, Markdown if in .md; it needs no network.

A run is a dataset, model, condition and seed. Where two files hold the same run, the file's name tells
them apart; files that say no condition and differ in the seed are taken for seeds of one condition, and a
note says so. NAME=FILE gives a name; one NAME for several files puts them together.

--table writes the accuracies: as numbers (estimate, low, high, n) if its name ends in .csv, as a
table for a paper in .tex (booktabs), for a page in .md.

--items writes a row per output, as CSV in UTF-8, with these columns:
{COLUMNS}
True, False, or empty where there is no verdict. A text that begins with = + - @, a tab, a line
break or an apostrophe has an apostrophe before it, so that no spreadsheet takes it for a formula:
take one leading apostrophe off to get it back.

Two runs, for instance two models, side by side: "tracelib compare".

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
UNJUDGED = "no trace was judged: the problems do not say facts, supporting facts and category"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, how to read them, what to write beside what is printed."""
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
    """Read and judge the outputs, write the files asked for, print the accuracies."""
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
    """Whether every file to write can go where it was asked for; before anything is read."""
    from tracelib.reporting import accuracy, writing

    if args.report:
        from tracelib.reporting import audit_report  # draws, which takes long to import

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
    """Write the files that were asked for."""
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
