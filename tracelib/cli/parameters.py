"""``tracelib parameters``: the parameters that a profile can state."""

import argparse

HELP = "list the parameters of a run"
DESCRIPTION = """\
List every parameter that a profile can state for its runs: its meaning, its allowed values, and its value
in the paper.

A profile is a YAML file. It may extend another profile and state only the differences:

  extends: smoke                  the other profile: one of the project, or a file beside this one
  datasets:                       replaces the other's; each setting may have its own parameters
    babi-twin: {facts: 5, max_new_tokens: 40}
  conditions: [vanilla, correct]  replaces the other's
  seeds: [1, 2]                   replaces the other's
  run:                            parameters of all settings; those not stated are the other's
    train_items: 96
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(args: argparse.Namespace) -> None:
    """Print each parameter."""
    from tracelib.core import terminal
    from tracelib.experiments import parameters

    for name, meaning, allowed, paper in parameters.described():
        texts = [meaning, f"allowed: {allowed}"] + [f"paper: {paper}"] * bool(paper)
        print("\n".join(terminal.wrapped("\n".join(texts), terminal.width(), f"{name:24}")))
