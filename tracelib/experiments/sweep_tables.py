"""The larger grid's verdicts as committed tables: written whole, read only as they were written.

`tracelib.experiments.sweep` computes them. Reading stands apart from it, so that the chapters that show the
tables do not depend on the code that trains (`tracelib.core.keys` follows imports).
"""

import json
from pathlib import Path

import pandas as pd

from tracelib.core.files import InputError, read_text, sha256, write_text, written_beside
from tracelib.core.paths import GRID
from tracelib.datasets.registry import TWINS

TABLES = GRID
Found = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict]  # what `read` gives
MAIN = "grid"  # profiles/grid.yaml


def store(
    name: str,
    outcomes: pd.DataFrame,
    interventions: pd.DataFrame,
    runs: pd.DataFrame,
    about: dict,
    tables: Path = TABLES,
) -> None:
    """Write a grid's three tables and where they came from, whole or not at all."""
    with written_beside(tables / name) as beside:
        beside.mkdir(parents=True)
        outcomes.to_parquet(beside / "outcomes.parquet", index=False)
        interventions.to_parquet(beside / "interventions.parquet", index=False)
        runs.to_csv(beside / "runs.csv", index=False)
        hashes = {path.name: sha256(path) for path in sorted(beside.iterdir())}
        write_text(beside / "provenance.json", json.dumps(about | {"sha256": hashes}, indent=1) + "\n")


def read(name: str, tables: Path = TABLES) -> Found:
    """Outcomes, interventions, runs, and where they came from.

    A test set can hold a problem twice: `problem` names its content, `item` is unique within a run.
    `InputError` if a table is missing, or is not the one that was written.
    """
    folder = tables / name
    if not folder.is_dir():
        raise InputError(f"no tables of the grid '{name}'; compute them with: tracelib grid {name}", folder)
    about = json.loads(read_text(folder / "provenance.json"))
    for file, digest in about["sha256"].items():
        if sha256(folder / file) != digest:
            raise InputError(f"not what was written: its sha256 is not {digest[:12]}...", folder / file)
    names = ("outcomes", "interventions")
    read_table = [_numbered(pd.read_parquet(folder / f"{name}.parquet")) for name in names]
    runs = pd.read_csv(folder / "runs.csv", dtype=dict.fromkeys(("git_commit", "data_sha256"), str))
    return (*read_table, runs, about)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the column problem, and items that are unique within a run and an intervention."""
    run = [name for name in ("setting", "condition", "seed", "intervention", "item") if name in table]
    again = table.groupby(run, observed=True).cumcount()
    item = table["item"].where(again == 0, table["item"] + "-" + (again + 1).astype(str))
    return table.assign(problem=table["item"], item=item)


def others(tables: Path = TABLES) -> list[str]:
    """The names of the main grid's second results, as from a GPU: other grids whose runs are on twins.

    Runs on real problems ask another question; they have chapters of their own.
    """
    found = (path.parent for path in tables.glob("*/provenance.json"))
    return sorted(folder.name for folder in found if folder.name != MAIN and _is_on_twins(folder))


def _is_on_twins(folder: Path) -> bool:
    parameters = pd.read_csv(folder / "runs.csv", usecols=["parameters"])["parameters"].map(json.loads)
    return all(run["dataset"] in TWINS for run in parameters)


def first_setting(found: Found) -> Found:
    """Of what `read` gave the rows of the profile's first setting alone: the one that has every condition."""
    *read_tables, about = found
    setting = read_tables[-1]["setting"].iloc[0]
    return (*(table[table["setting"] == setting].reset_index(drop=True) for table in read_tables), about)
