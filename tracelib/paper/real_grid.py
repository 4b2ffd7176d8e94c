"""The grid of the real model: SmolLM2-135M, trained here on the paper's bAbI problems, for a CPU."""

from pathlib import Path

from tracelib.experiments import sweep_tables

NAME = "smollm2-babi"  # profiles/smollm2-babi.yaml


def read(tables: Path = sweep_tables.TABLES) -> sweep_tables.Found:
    """The committed tables, as `tracelib.experiments.sweep_tables.read` gives them."""
    return sweep_tables.read(NAME, tables)
