"""``tracelib pretrain``: train the base model from random weights."""

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
Train a small base model from random weights on procedural text in our own words: records with dates,
stories, passages, lists. Practice follows: questions that are answered step by step, in words drawn anew.
A training takes minutes on a GPU; 12,000 steps and 1,600 steps of practice take about two hours on two
CPU cores. Checkpoints are kept in FOLDER-checkpoints: after an interruption, run the same command again.
FOLDER appears at the end. It holds the weights (safetensors), tokenizer, model card and loss curve.

examples:
  tracelib pretrain work/tiny-base
  tracelib pretrain work/small-base --hidden 256 --layers 6 --steps 40000
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder for the base, and changes to the recipe."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the finished base is written")
    parser.add_argument("--steps", type=positive, help="training steps (default: the recipe's)")
    parser.add_argument("--practice", type=count, help="practice steps, 0 for none (default: the recipe's)")
    parser.add_argument("--batch", type=positive, help="documents per step (default: the recipe's)")
    parser.add_argument("--hidden", type=positive, help="width of the model (default: the recipe's)")
    parser.add_argument("--layers", type=positive, help="depth of the model (default: the recipe's)")


def run(args: argparse.Namespace) -> None:
    """Train, and print the base's loss on held-out text."""
    from tracelib.training.pretraining.train import pretrain

    scratch = args.folder.with_name(f"{args.folder.name}-checkpoints")
    about = pretrain(args.folder, scratch, _recipe(args), progress=sys.stderr.isatty())
    print(
        f"{about['parameters']:,} parameters, loss on held-out text {about['held_out_loss']} nats per token"
    )
    print(f"the base: {args.folder}")


def _recipe(args: argparse.Namespace) -> Recipe:
    """The recipe with the given changes."""
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
