"""The files of the R1 family and of the further seeds: their list, and where copies of them are.

The files are public, in commits of the release's repository after the pinned ones.
``assets/paper/family_files.csv`` lists 199 files: R1's own answers (15), the outputs of the R1 family (4
models x 7 conditions x 4 relations) and the outputs of three more seeds (2 models x 3 conditions x 3 seeds x
4 relations). Each row has the commit of one version and the number of versions. The commits of other versions
are not known here.

No checksum is known beforehand. `tracelib.paper.family.fetch` checks the contents of a file and records its
sha256 beside it. Later a file with another sha256 is refused. This is trust on first use: it detects a later
change, not a wrong first copy.

A copy is ``TRACELIB_DATA/r1_family/COMMIT/path`` (COMMIT: the first 8 digits), or the same path in the cache,
where `fetch` puts it.
"""

import csv
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.core.atomic import write_text
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.core.reading import read_text, sha256
from tracelib.datasets import release_files
from tracelib.datasets.release_files import HERE, PUBLIC, UNUSED, VARIABLE
from tracelib.datasets.released import SUFFIX_CONDITION

MANIFEST = PAPER / "family_files.csv"
FOLDER = "r1_family"
CHANGED = "other content than when it was first read"
R1, FAMILY, SEEDS = "R1's own answers", "R1 family", "further seeds"
OUTPUTS = re.compile(
    r"results/Cotempqa/evaluation_outputs/(?P<relation>equal|overlap|during|mix)/"
    r"(?P<model>[^/]+?)-sft-adapter"
    r"(?:-reasoning-(?P<kind>(?:summarized-)?r1-[a-z-]+)"
    r"|(?P<suffix>|-reasoning-facts|-reasoning-facts-perturbed)-(?P<seed>\d+))_default\.json"
)


@dataclass(frozen=True)
class FamilyFile:
    """One file of the repository's later history.

    Attributes:
        path: the path in the repository.
        commit: full hash of a commit that has the file.
        versions: number of versions of the file in the repository.
        group: `R1`, `FAMILY` or `SEEDS`.
        model, condition, relation: the run whose outputs the file holds; empty for R1's own answers.
        seed: the seed of a further run, else None.
    """

    path: str
    commit: str
    versions: int
    group: str
    model: str = ""
    condition: str = ""
    relation: str = ""
    seed: int | None = None

    @property
    def name(self) -> str:
        """The path of a copy within its folder."""
        return f"{self.commit[:8]}/{self.path}"


@lru_cache(maxsize=1)
def manifest() -> tuple[FamilyFile, ...]:
    """All files of the shipped list."""
    with MANIFEST.open(encoding="utf-8", newline="") as stream:
        return tuple(
            _file(row["path"], row["commit"], int(row["versions"])) for row in csv.DictReader(stream)
        )


def _file(path: str, commit: str, versions: int) -> FamilyFile:
    match = OUTPUTS.fullmatch(path)
    if match is None:
        return FamilyFile(path, commit, versions, R1)
    run = {"model": match["model"], "relation": match["relation"]}
    if match["kind"]:
        return FamilyFile(path, commit, versions, FAMILY, condition=match["kind"], **run)
    condition = SUFFIX_CONDITION[match["suffix"]]
    return FamilyFile(path, commit, versions, SEEDS, condition=condition, seed=int(match["seed"]), **run)


def outputs() -> list[FamilyFile]:
    """The files with a fine-tuned model's outputs: those of the R1 family and of the further seeds."""
    return [file for file in manifest() if file.group != R1]


def local() -> Path | None:
    """The folder of local copies, ``TRACELIB_DATA/r1_family``; None if it is not there."""
    root = os.environ.get(VARIABLE)
    folder = Path(root) / FOLDER if root else None
    return folder if folder and folder.is_dir() else None


def cache() -> Path:
    """The folder into which files are fetched."""
    return release_files.cache() / FOLDER


def locate(file: FamilyFile) -> Path | None:
    """The path of the local copy of a file, else of the fetched copy; None without a copy.

    A fetched file without a recorded sha256 was never fully checked and does not count.

    Raises:
        InputError: a copy has changed since its sha256 was recorded, or the two copies differ.
    """
    fetched = cache() / file.name
    folder = local()
    places = [folder / file.name] if folder else []
    places += [fetched] if noted(fetched) else []
    found = [_unchanged(place) for place in places if place.is_file()]
    if len(found) == 2 and sha256(found[0]) != sha256(found[1]):
        raise InputError(f"this copy and {found[1]} differ; remove the wrong one", found[0])
    return found[0] if found else None


def sample() -> Path | None:
    """The path of a sample of R1's texts, copied for development; None if it is not there."""
    root = os.environ.get(VARIABLE)
    found = Path(root) / "r1" / "traces.jsonl" if root else None
    return found if found and found.is_file() else None


def present() -> dict[FamilyFile, Path]:
    """The files with a copy -> the path of the copy."""
    places = ((file, locate(file)) for file in manifest())
    return {file: place for file, place in places if place is not None}


def states() -> list[dict]:
    """A row per file: name, group, state (as for the release's files, or `CHANGED`), versions, note."""
    rows = []
    for file in manifest():
        note = ""
        try:
            state = PUBLIC if locate(file) is None else UNUSED if file.group == R1 else HERE
        except InputError as error:
            state, note = CHANGED, str(error)
        row = {"name": file.name, "group": file.group, "state": state}
        rows.append(row | {"versions": file.versions, "note": note})
    return rows


def unknown() -> list[str]:
    """Files in the local folder that are not in the list, for instance of an unknown model."""
    folder = local()
    if folder is None:
        return []
    known = {file.name for file in manifest()}
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in found if name.removesuffix(".sha256") not in known]


def note(path: Path) -> None:
    """Record the sha256 of a checked file in the format of ``sha256sum --check``."""
    write_text(_note(path), f"{sha256(path)}  {path.name}\n")


def noted(path: Path) -> bool:
    """Whether the sha256 of a file is recorded."""
    return _note(path).is_file()


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _unchanged(path: Path) -> Path:
    if not noted(path):
        return path
    before = read_text(_note(path)).partition(" ")[0]
    if sha256(path) != before:
        raise InputError(f"changed since it was first read: its sha256 was {before[:12]}...", path)
    return path
