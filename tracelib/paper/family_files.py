"""The files of the R1 family and of the further seeds: which there are, and where a copy of them is.

They are public, in later commits of the release's repository than the pinned ones.
``assets/paper/family_files.csv`` lists 199: R1's own answers (15), the outputs of the R1 family (4 models x 7
conditions x 4 relations) and those of three more seeds (2 models x 3 conditions x 3 seeds x 4 relations),
each with the commit of one version and how many versions there are. Where there are two, the commit of the
other is not known here.

No checksum of any of them is known beforehand. What a file holds is checked when it is fetched
(`tracelib.paper.family.fetch`), and its sha256 is noted beside it; from then on a file that has another is
refused. That is trust on first use: it shows a later change, not a wrong first copy.

A copy is ``TRACELIB_DATA/r1_family/COMMIT/path`` (COMMIT: the first 8 digits), else the same in the cache,
where `fetch` puts it.
"""

import csv
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.core.files import InputError, read_text, sha256, write_text
from tracelib.core.paths import PAPER
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
        path: in the repository.
        commit: full; the file is at this commit.
        versions: how many versions of it the repository has.
        group: `R1`, `FAMILY` or `SEEDS`.
        model, condition, relation: of the run whose outputs it holds, empty for R1's own answers.
        seed: of a further seed.
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
        """Where a copy stands within its folder."""
        return f"{self.commit[:8]}/{self.path}"


@lru_cache(maxsize=1)
def manifest() -> tuple[FamilyFile, ...]:
    """Every file that the shipped list names."""
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
    """The files that hold a fine-tuned model's outputs: of the R1 family and of the further seeds."""
    return [file for file in manifest() if file.group != R1]


def local() -> Path | None:
    """The folder of a copy that somebody has, None where there is none."""
    root = os.environ.get(VARIABLE)
    folder = Path(root) / FOLDER if root else None
    return folder if folder and folder.is_dir() else None


def cache() -> Path:
    """The folder into which files are fetched."""
    return release_files.cache() / FOLDER


def locate(file: FamilyFile) -> Path | None:
    """The copy of a file: the local one, else the fetched one; None where there is neither.

    `InputError` for one that has changed since its sha256 was noted, or if both are there and differ. A
    fetched file without a note was not checked to its end, and counts as not there.
    """
    fetched = cache() / file.name
    folder = local()
    places = [folder / file.name] if folder else []
    places += [fetched] if noted(fetched) else []
    found = [_unchanged(place) for place in places if place.is_file()]
    if len(found) == 2 and sha256(found[0]) != sha256(found[1]):
        raise InputError(f"this copy and {found[1]} differ; remove the wrong one", found[0])
    return found[0] if found else None


def present() -> dict[FamilyFile, Path]:
    """The files of which there is a copy, and where."""
    places = ((file, locate(file)) for file in manifest())
    return {file: place for file, place in places if place is not None}


def states() -> list[dict]:
    """One row per file: name, group, state (as of the release's files, or `CHANGED`), versions, note."""
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
    """Files in the local copy that the list does not name, for instance of an unknown model."""
    folder = local()
    if folder is None:
        return []
    known = {file.name for file in manifest()}
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in found if name.removesuffix(".sha256") not in known]


def note(path: Path) -> None:
    """Write down the sha256 of a file that was found good, in the form that ``sha256sum --check`` reads."""
    write_text(_note(path), f"{sha256(path)}  {path.name}\n")


def noted(path: Path) -> bool:
    """Whether a file was found good before."""
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
