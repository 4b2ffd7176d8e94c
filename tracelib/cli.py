"""The `tracelib` command. Heavy imports happen inside the commands, so that help is instant."""

import argparse
import errno
import json
import sys
from pathlib import Path

from tracelib import __version__
from tracelib.files import InputError

DESCRIPTION = """\
Check reasoning traces step by step, and rebuild the reproducible edition of
"Interpretable Traces, Unexpected Outcomes".
"""
EXAMPLES = """\
examples:
  tracelib audit outputs.jsonl            your own outputs: accuracies, steps, the 2x2
  tracelib release show                   the paper's released outputs, audited
  TRACELIB_DATA=copy tracelib release show --metric strict --json
  tracelib build laptop                   run the experiments and build the book

Where the release comes from: the folder named by TRACELIB_DATA, else a download from
its public repository at pinned commits, else outcomes shipped with this package.
"""
AUDIT = """\
Read model outputs and print, for each run: answer accuracy, accuracy of each step of the
trace, and the 2x2 of trace and answer, all with 95% intervals. Every metric of the dataset
is printed, the primary one first (CoTempQA: corrected, official, strict; bAbI: exact).

FILE is JSON lines. Each line has id, dataset (cotempqa or babi), question, facts, gold,
category, prediction; supporting (indices of the gold facts; derived when absent on
cotempqa); optional model, condition, seed, triple_element (needed by the official metric).
The release's own files are read as they are.
"""
SHOW = """\
Audit the paper's released outputs: each accuracy the release states beside the one its
outputs give, then the 2x2 of trace and answer per model and condition.
The default metric is official, the one behind the published accuracies.
"""
METRIC_HELP = (
    "official (default): the release's own; corrected: repaired; strict: set match; bAbI always has exact"
)


def parser() -> argparse.ArgumentParser:
    """The command line, whole."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("tracelib", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=raw)
    top.add_argument("--version", action="version", version=f"tracelib {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    audit = commands.add_parser(
        "audit", help="check model outputs step by step", description=AUDIT, formatter_class=raw
    )
    audit.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON lines of outputs")
    audit.add_argument("--json", action="store_true", help="print one JSON list for machines")
    audit.set_defaults(run=_audit)

    release = commands.add_parser("release", help="the paper's released outputs")
    actions = release.add_subparsers(title="actions", metavar="ACTION", required=True)
    show = actions.add_parser(
        "show", help="audit the released outputs", description=SHOW, formatter_class=raw
    )
    show.add_argument(
        "--metric", choices=("official", "corrected", "strict"), default="official", help=METRIC_HELP
    )
    show.add_argument("--json", action="store_true", help="print one JSON list for machines")
    show.set_defaults(run=_release_show)
    derive = actions.add_parser("derive", help="rebuild the outcomes shipped with the package")
    derive.set_defaults(run=_release_derive)

    build = commands.add_parser("build", help="run the experiments and build the book")
    build.add_argument("profile", metavar="PROFILE", help="smoke, laptop, or a YAML file")
    build.add_argument("--cores", type=int, default=None, help="cores to use (default: all)")
    build.add_argument("--dry-run", action="store_true", help="say what would be made, and why")
    build.set_defaults(run=_build)

    bench = commands.add_parser("bench", help="time the audit of the whole release")
    bench.add_argument("--json", action="store_true", help="print one JSON object for machines")
    bench.set_defaults(run=_bench)
    return top


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))


def _audit(args: argparse.Namespace) -> None:
    from tracelib import outputs, tables
    from tracelib.outcomes import ALL_METRICS, counts, pooled, records, score

    found = outputs.read(*args.files)
    if again := outputs.repeated(found):
        note = "intervals and n treat them as separate items"
        print(f"tracelib: note: {again} of {len(found)} outputs repeat a problem; {note}", file=sys.stderr)
    outcomes = score(found)
    by_metric = {metric: counts(outcomes, metric) for metric in ALL_METRICS}
    by_metric = {metric: table for metric, table in by_metric.items() if len(table)}
    if args.json:
        _print_json([row for table in by_metric.values() for row in records(table)])
        return
    for metric, table in by_metric.items():
        _section(f"Accuracy, metric {metric}: percent [95% Wilson interval]", tables.accuracy_table(table))
        _section(f"Trace (T) and answer (A), metric {metric}", tables.association_table(pooled(table)))


def _release_show(args: argparse.Namespace) -> None:
    import pandas as pd

    from tracelib import release, tables
    from tracelib.outcomes import counts, pooled, records

    outcomes, source = release.load_outcomes(quiet=not sys.stderr.isatty())
    table = pd.concat([counts(outcomes, args.metric), counts(outcomes, "exact")])
    if args.json:
        _print_json(records(table))
        return
    print(f"Source: {source.detail}.")
    compared = tables.reproduction_table(table, release.load_accuracies())
    _section(
        f"Accuracies the release states, and ours (metric {args.metric}; bAbI: exact), percent", compared
    )
    _section(
        "Trace (T) and answer (A): counts, and percent [95% interval]",
        tables.association_table(pooled(table)),
    )


def _release_derive(args: argparse.Namespace) -> None:
    from tracelib import release

    n = release.derive()
    print(f"{n} outcomes -> {release.SHIPPED_OUTCOMES}\nstated accuracies -> {release.SHIPPED_ACCURACIES}")


def _build(args: argparse.Namespace) -> None:
    from tracelib.workflow import build

    build(args.profile, args.cores, args.dry_run)


def _bench(args: argparse.Namespace) -> None:
    from tracelib.bench import run

    figures = run()
    if args.json:
        _print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name:22} {value:,.2f}" if isinstance(value, float) else f"{name:22} {value}")


def _section(title: str, table: object) -> None:
    shown = (
        table.to_string(index=False, na_rep="") if len(table) else "(no run has a trace that could be parsed)"
    )
    print(f"\n{title}\n{shown}")


def _missing(error: ModuleNotFoundError) -> str:
    if (error.name or "").startswith("tracelib"):
        raise error  # a fault of ours, not of the installation
    return f"this command needs the package '{error.name}'; install tracelib with the extras train and book"


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status. Bad input is one line on standard error, never a traceback."""
    args = parser().parse_args(argv)
    try:
        args.run(args)
        sys.stdout.flush()
    except InputError as error:
        print(f"tracelib: error: {error}", file=sys.stderr)
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
        place = f" ({error.filename})" if error.filename else ""
        hint = "; free some space and run the same command again" if error.errno == errno.ENOSPC else ""
        print(f"tracelib: error: {error.strerror or error}{place}{hint}", file=sys.stderr)
        return 1
    return 0
