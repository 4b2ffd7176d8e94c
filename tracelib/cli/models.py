"""``tracelib models``: the models that are fetched once and kept."""

import argparse

HELP = "list the models that are kept, or fetch one"
DESCRIPTION = """\
List the models that are fetched once and kept, with their licence and size, and say of each whether it
is here and whole. A profile takes their names, as it takes tiny-base, a folder, or owner/name@commit.

examples:
  tracelib models
  tracelib models fetch               get smollm2-135m, after saying what that means
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> None:
    """Print each model, and whether it is here and whole."""
    from tracelib.training import model_files

    for kept in model_files.KEPT.values():
        print("\n".join(model_files.described(kept)))
        print(f"  {'state':9} {model_files.state(kept)}")
    print(
        "\ntiny-base comes with the package. Any other model: a folder in hub format, or owner/name@commit."
    )
