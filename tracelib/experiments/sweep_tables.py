"""The committed tables of the larger grid: written whole or not at all, and read only if unchanged.

`tracelib.experiments.sweep` computes them. Reading has a module of its own, so that the chapters that show
the tables do not depend on the code that trains (`tracelib.core.keys` follows imports).
"""

import json
from pathlib import Path

import pandas as pd

from tracelib.core.atomic import write_text, written_beside
from tracelib.core.errors import InputError
from tracelib.core.paths import GRID
from tracelib.core.reading import read_text, sha256
from tracelib.datasets.registry import TWINS

TABLES = GRID
Found = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict]  # outcomes, interventions, runs, provenance
MAIN = "grid"  # profiles/grid.yaml


def store(
    name: str,
    outcomes: pd.DataFrame,
    interventions: pd.DataFrame,
    runs: pd.DataFrame,
    about: dict,
    tables: Path = TABLES,
) -> None:
    """Write a grid's three tables and their provenance, whole or not at all."""
    with written_beside(tables / name) as beside:
        beside.mkdir(parents=True)
        outcomes.to_parquet(beside / "outcomes.parquet", index=False)
        interventions.to_parquet(beside / "interventions.parquet", index=False)
        runs.to_csv(beside / "runs.csv", index=False)
        hashes = {path.name: sha256(path) for path in sorted(beside.iterdir())}
        write_text(beside / "provenance.json", json.dumps(about | {"sha256": hashes}, indent=1) + "\n")


def read(name: str, tables: Path = TABLES) -> Found:
    """A grid's outcomes, interventions, runs, and their provenance.

    A test set can hold a problem twice: `problem` names its content, `item` is unique within a run.
    `InputError` if the tables are missing, or if one differs from its recorded hash.
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
    """The names of the other grids on twins, which repeat the main grid, for example on a GPU.

    Grids on real problems ask another question, and have chapters of their own.
    """
    found = (path.parent for path in tables.glob("*/provenance.json"))
    return sorted(folder.name for folder in found if folder.name != MAIN and _is_on_twins(folder))


def _is_on_twins(folder: Path) -> bool:
    parameters = pd.read_csv(folder / "runs.csv", usecols=["parameters"])["parameters"].map(json.loads)
    return all(run["dataset"] in TWINS for run in parameters)


def first_setting(found: Found) -> Found:
    """The same tables with only the rows of the profile's first setting, the one with every condition."""
    *read_tables, about = found
    setting = read_tables[-1]["setting"].iloc[0]
    return (*(table[table["setting"] == setting].reset_index(drop=True) for table in read_tables), about)
