"""``tracelib models``: list the models that are fetched once and kept."""

import argparse

HELP = "list the kept models, or fetch one"
DESCRIPTION = """\
List the models that are fetched once and kept: licence, size, and whether each is here and whole. A
profile may name them; it may also name tiny-base, a folder, or owner/name@commit.

examples:
  tracelib models
  tracelib models fetch               get smollm2-135m, after saying what it takes
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Print each model, and whether it is here and whole."""
    from tracelib.training import model_files

    for kept in model_files.KEPT.values():
        print("\n".join(model_files.described(kept)))
        print(f"  {'state':9} {model_files.state(kept)}")
    print(
        "\ntiny-base comes with the package. Any other model: a folder in hub format, or owner/name@commit."
    )
