"""The ``tracelib`` command: a table of its commands, and the handling of their errors.

A command is a module with its help (``HELP``, ``DESCRIPTION``), ``add_arguments`` and ``run``. Heavy imports
stand inside ``run`` and the functions it calls, so that help is instant.
"""

import argparse
import errno
import io
import sys
from types import ModuleType
from typing import NamedTuple

from tracelib import __version__
from tracelib.cli import (
    audit,
    bench,
    book_handout,
    book_pdf,
    book_serve,
    book_slides,
    book_zip,
    build,
    class_set_compare,
    class_set_write,
    compare,
    grid,
    live,
    models,
    models_fetch,
    natural_agreement,
    natural_derive,
    natural_mark,
    parameters,
    pretrain,
    problems_export,
    problems_show,
    problems_validate,
    release_derive,
    release_fetch,
    release_show,
    release_status,
    run,
    study_demo,
    study_export,
    study_forget,
    study_preregister,
    study_preview,
    study_serve,
    teacher_export,
    teacher_run,
    teacher_status,
    traces_show,
)
from tracelib.core import terminal
from tracelib.core.errors import InputError


class Group(NamedTuple):
    """Commands that share their first word; `alone` is the command of the first word alone."""

    help: str
    actions: dict[str, ModuleType]
    alone: ModuleType | None = None


COMMANDS: dict[str, ModuleType | Group] = {
    "audit": audit,
    "compare": compare,
    "release": Group(
        "the paper's released outputs",
        {
            "show": release_show,
            "fetch": release_fetch,
            "status": release_status,
            "derive": release_derive,
        },
    ),
    "problems": Group(
        "show, check or export problems",
        {"show": problems_show, "validate": problems_validate, "export": problems_export},
    ),
    "traces": Group("show training texts", {"show": traces_show}),
    "natural": Group(
        "check free-text traces of a reasoning model",
        {"mark": natural_mark, "agreement": natural_agreement, "derive": natural_derive},
    ),
    "build": build,
    "book": Group(
        "the built book: serve it, or make other forms of it",
        {
            "serve": book_serve,
            "pdf": book_pdf,
            "zip": book_zip,
            "slides": book_slides,
            "handout": book_handout,
        },
    ),
    "grid": grid,
    "run": run,
    "parameters": parameters,
    "live": live,
    "teacher": Group(
        "traces, summaries and explanations by a large model",
        {"run": teacher_run, "status": teacher_status, "export": teacher_export},
    ),
    "pretrain": pretrain,
    "study": Group(
        "run the human study, or show it to a class",
        {
            "preview": study_preview,
            "serve": study_serve,
            "export": study_export,
            "forget": study_forget,
            "demo": study_demo,
            "preregister": study_preregister,
        },
    ),
    "class-set": Group(
        "ten problems with traces for a class to judge",
        {"write": class_set_write, "compare": class_set_compare},
    ),
    "models": Group(models.HELP, {"fetch": models_fetch}, alone=models),
    "bench": bench,
}
ALIASES = {"compare": ["diff"]}
DESCRIPTION = """\
Check reasoning traces step by step, and rebuild the reproducible edition of
"Interpretable Traces, Unexpected Outcomes".
"""
EXAMPLES = """\
examples:
  tracelib audit outputs.jsonl            your own outputs: accuracies, steps, the 2x2 table
  tracelib audit --report r.html outputs.jsonl    the same as one report, with tests
  tracelib compare before.jsonl after.jsonl      two runs on the same problems, paired
  tracelib release show                   the paper's released outputs, audited
  tracelib release fetch                  get the files of the release that the book uses
  TRACELIB_DATA=copy tracelib release show --metric strict --json
  tracelib problems show cotempqa-twin    a few problems, the gold facts marked
  tracelib problems validate cotempqa     inconsistencies in a dataset
  tracelib traces show babi-twin          one problem's training text under every condition
  tracelib build laptop                   run the experiments and build the book
  tracelib study preview                  every page of the human study
  tracelib class-set write class          ten problems with traces for a class to judge

Where the release comes from: the folder that TRACELIB_DATA names, and files that "release fetch" has
downloaded. If no folder is named, files are downloaded from the public repository at pinned commits.
If that fails, the outcomes shipped with this package are used.
"""
RAW = argparse.RawDescriptionHelpFormatter
LONGEST_PATH = 200  # characters of a path in an error of the operating system


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = argparse.ArgumentParser("tracelib", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=RAW)
    top.add_argument("--version", action="version", version=f"tracelib {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        if isinstance(command, Group):
            _add_group(commands, name, command)
        else:
            _add_command(commands, name, command)
    return top


def _add_command(
    commands: argparse._SubParsersAction, name: str, command: ModuleType
) -> argparse.ArgumentParser:
    words = {"help": command.HELP, "description": command.DESCRIPTION, "aliases": ALIASES.get(name, ())}
    added = commands.add_parser(name, formatter_class=RAW, **words)
    command.add_arguments(added)
    added.set_defaults(run=command.run)
    return added


def _add_group(commands: argparse._SubParsersAction, name: str, group: Group) -> None:
    if group.alone:
        added = _add_command(commands, name, group.alone)
    else:
        added = commands.add_parser(name, help=group.help)
    actions = added.add_subparsers(title="actions", metavar="ACTION", required=not group.alone)
    for action, command in group.actions.items():
        _add_command(actions, action, command)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status. Bad input gives one line on standard error, no traceback."""
    args = parser().parse_args(argv)
    args.arguments = sys.argv[1:] if argv is None else argv
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a dataset's characters
    try:
        args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("tracelib: interrupted; nothing half-written, run the same command to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return 0
    except (InputError, ModuleNotFoundError, OSError) as error:
        status, message = _failure(error)
        print(f"tracelib: error: {message}", file=sys.stderr)
        return status
    return 0


def _failure(error: Exception) -> tuple[int, str]:
    """The exit status and the message of an error."""
    match error:
        case InputError():
            return 2, terminal.one_line(str(error))
        case ModuleNotFoundError():
            return 2, _of_module(error)
        case OSError():  # a name that is too long is bad input
            return 2 if error.errno == errno.ENAMETOOLONG else 1, _of_system(error)


def _of_module(error: ModuleNotFoundError) -> str:
    if not error.name or error.name.startswith("tracelib"):
        raise error  # our own bug, not the installation's
    from tracelib.core import extras  # reads what is installed

    line = extras.command(error.name)
    return f"this command needs the package '{error.name}'; in a checkout of tracelib: {line}"


def _of_system(error: OSError) -> str:
    name = terminal.bounded(terminal.one_line(str(error.filename or "")), LONGEST_PATH)
    place = f" ({name})" if name else ""
    hint = "; free some space and run the same command again" if error.errno == errno.ENOSPC else ""
    return f"{error.strerror or error}{place}{hint}"
