"""The scored outputs and derived tables behind the chapters on the release, computed once per build."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from tracelib.core.atomic import write_text, written_beside
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.core.reading import read_text
from tracelib.paper import following, release, repairs, specifications
from tracelib.paper.release import Source
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output

TABLES = {
    "outcomes": release.SHIPPED_OUTCOMES,
    "checks": specifications.SHIPPED,
    "repaired": repairs.SHIPPED,
    "following": following.SHIPPED,
}
SOURCE = "source.json"
FILES = (*(f"release_{name}.parquet" for name in TABLES), SOURCE)
STAND_IN = "the outcomes that ship with the package are used"


@dataclass(frozen=True)
class Evidence:
    """The released outputs, scored.

    Attributes:
        outcomes: a row per output (`tracelib.scoring.outcomes`).
        checks: the verdicts on the traces under all specifications (`tracelib.paper.specifications`).
        repaired: the verdicts on the answers under each repair of the official metric
            (`tracelib.paper.repairs`).
        following: whether answers follow the cited facts (`tracelib.paper.following`).
        source: where the outputs came from.
    """

    outcomes: pd.DataFrame
    checks: pd.DataFrame
    repaired: pd.DataFrame
    following: pd.DataFrame
    source: Source


def load() -> Evidence:
    """The evidence from the release. Shipped rows stand in for missing outputs, and the source says so."""
    found, source = release.read_outputs()  # once for all tables
    if found is None:
        return shipped()
    tables = _with_shipped(found)
    stood_in = set(release.files_behind(tables[0])) - set(source.files)
    notes = [source.detail]
    if stood_in:
        notes.append(f"for {len(stood_in)} of these, per-item outcomes shipped with the package stand in")
    if note := specifications.unchecked(*tables[:2]):
        notes.append(note)
    return Evidence(*tables, replace(source, detail="; ".join(notes)))


def shipped() -> Evidence:
    """The evidence that the package ships."""
    return Evidence(*(table.read() for table in TABLES.values()), release.shipped_source())


def _with_shipped(found: list[Output]) -> tuple[pd.DataFrame, ...]:
    """The tables of `Evidence` for these outputs, with the shipped rows of all other outputs."""
    outcomes = release.with_shipped_outcomes(score(found))
    checks, answers = specifications.compute(found), repairs.compute(found)
    return (
        outcomes,
        release.rows_to_ship(specifications.SHIPPED, checks, outcomes, specifications.KEYS),
        release.rows_to_ship(repairs.SHIPPED, answers, outcomes, repairs.KEYS),
        following.derived(found, outcomes),
    )


def derive(folder: Path = PAPER) -> dict[Path, int]:
    """Rebuild the shipped tables from the outputs that are here. Shipped rows of other outputs are kept.

    All tables are computed before the first is written.

    Returns:
        path of the shipped table -> number of rows.
    """
    tables = list(zip(TABLES.values(), _with_shipped(release.load_outputs()), strict=True))
    for shipped, table in tables:
        shipped.write(table, folder / shipped.path.name)
    return {shipped.path: len(table) for shipped, table in tables}


def write(evidence: Evidence, folder: Path) -> None:
    """Write `FILES` into a folder. Each file is written whole or not at all."""
    for name in TABLES:
        with written_beside(_path(folder, name)) as beside:
            getattr(evidence, name).to_parquet(beside, index=False)
    write_text(folder / SOURCE, json.dumps(asdict(evidence.source), indent=1) + "\n")


def read(folder: Path) -> Evidence:
    """The evidence that `write` wrote into a folder. Without it, `shipped`, and a printed line says why."""
    if not _is_usable([folder / name for name in FILES]):
        return shipped()
    tables = {name: table.read(_path(folder, name)) for name, table in TABLES.items()}
    return Evidence(**tables, source=_source(folder / SOURCE))


def read_outcomes(folder: Path) -> pd.DataFrame:
    """`Evidence.outcomes` alone, read as `read` does."""
    path = _path(folder, "outcomes")
    return release.SHIPPED_OUTCOMES.read(path if _is_usable([path]) else None)


def _path(folder: Path, name: str) -> Path:
    return folder / f"release_{name}.parquet"


def _source(path: Path) -> Source:
    found = json.loads(read_text(path))
    lists = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
    return Source(**found | lists)


def _is_usable(paths: Sequence[Path]) -> bool:
    """Whether these files of one folder are there, as this version writes them; if not, a line says why."""
    if not all(path.is_file() for path in paths):
        print(f"no build has written {paths[0].parent}; {STAND_IN}")
        return False
    other = next((path for path in paths if not _is_of_this_version(path)), None)
    if other:
        print(f"{other} is damaged or of another version; tracelib build makes it again. Here {STAND_IN}")
    return other is None


def _is_of_this_version(path: Path) -> bool:
    """Whether a file is a source, or has every column of its shipped table."""
    try:
        if path.name == SOURCE:
            return bool(_source(path))
        table = TABLES[path.stem.removeprefix("release_")]
        needed = set(parquet.read_schema(table.path).names) - set(table.optional)
        return needed <= set(parquet.read_schema(path).names)
    except (InputError, TypeError, ValueError, AttributeError, OSError):  # what damaged files raise
        return False
