"""``tracelib pretrain``: the base model, from random weights."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.cli.common import count, positive

if TYPE_CHECKING:
    from tracelib.training.pretraining.train import Recipe

HELP = "train the base model from scratch"
DESCRIPTION = """\
Train a small base model from random weights on procedural text: records with dates, stories,
passages, lists, in our own words; then practice: questions answered step by step in ever
new words. Takes minutes on a GPU; 12,000 steps and 1,600 of practice take about two hours on two CPU cores.
Checkpoints are kept in FOLDER-checkpoints: after an interruption, run the same command again.
FOLDER appears when all is done: weights (safetensors), tokenizer, model card, loss curve.

examples:
  tracelib pretrain work/tiny-base
  tracelib pretrain work/small-base --hidden 256 --layers 6 --steps 40000
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the base is written, and what differs from the recipe."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the finished base is written")
    parser.add_argument("--steps", type=positive, help="training steps (default: the recipe's)")
    parser.add_argument("--practice", type=count, help="steps of practice; 0: none (default: the recipe's)")
    parser.add_argument("--batch", type=positive, help="documents per step (default: the recipe's)")
    parser.add_argument("--hidden", type=positive, help="width of the model (default: the recipe's)")
    parser.add_argument("--layers", type=positive, help="depth of the model (default: the recipe's)")


def run(args: argparse.Namespace) -> None:
    """Train, and say how well the base predicts text that it has not seen."""
    from tracelib.training.pretraining.train import pretrain

    scratch = args.folder.with_name(f"{args.folder.name}-checkpoints")
    about = pretrain(args.folder, scratch, _recipe(args), progress=sys.stderr.isatty())
    print(
        f"{about['parameters']:,} parameters, loss on held-out text {about['held_out_loss']} nats per token"
    )
    print(f"the base: {args.folder}")


def _recipe(args: argparse.Namespace) -> Recipe:
    """The recipe with the changes that were given."""
    from dataclasses import replace

    from tracelib.training.pretraining.train import Recipe

    recipe = Recipe()
    shape = {name: value for name in ("hidden", "layers") if (value := getattr(args, name))}
    changes = {
        "steps": args.steps,
        "practice_steps": args.practice,
        "batch_size": args.batch,
        "size": replace(recipe.size, **shape),
    }
    return replace(recipe, **{name: value for name, value in changes.items() if value is not None})
