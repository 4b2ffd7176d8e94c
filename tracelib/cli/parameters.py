"""``tracelib parameters``: what a profile can state."""

import argparse

HELP = "list the parameters of a run"
DESCRIPTION = """\
List every parameter that a profile can state for its runs: what it means, what it may be, and what the
paper had.

A profile is a YAML file. It extends another one, and states what differs:

  extends: smoke                  a profile of the project, or a file beside this one
  datasets:                       replaces all settings of the other; each may have own parameters
    babi-twin: {facts: 5, max_new_tokens: 40}
  conditions: [vanilla, correct]  replaces the other's
  seeds: [1, 2]                   replaces the other's
  run:                            parameters of all settings; the other's stay where they are not stated
    train_items: 96
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> None:
    """Print each parameter."""
    from tracelib.core import terminal
    from tracelib.experiments import parameters

    for name, meaning, allowed, paper in parameters.described():
        texts = [meaning, f"allowed: {allowed}"] + [f"paper: {paper}"] * bool(paper)
        print("\n".join(terminal.wrapped("\n".join(texts), terminal.width(), f"{name:24}")))
