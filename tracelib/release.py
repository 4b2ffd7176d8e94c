"""The paper's public release: where its files are, and what can be computed from them.

Files come from a local copy (``TRACELIB_DATA``, layout ``trace_check_qa/BRANCH/upstream path``)
or are downloaded from the public repository at pinned commits; either way each file must have
the sha256 of ``assets/release.sha256``. Where neither is to be had, the audit still runs on
per-item outcomes shipped with the package (ids, labels, counts, verdicts; no text of the
release), rebuilt by ``tracelib release derive``.
"""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tracelib import outputs
from tracelib.datasets import babi, cotempqa
from tracelib.files import InputError, read_text, sha256, written_beside
from tracelib.outcomes import as_outcomes, score
from tracelib.problems import Problem

COMMITS = {
    "main": "fa84bdc5c65b440bf3893f081612392508ae4a9c",
    "babiqa": "68cdd384817ff65ab7e0aea0d6c6f093a08d3fe8",
    "marcoqa": "6a1b5347b2d81a70320b8e033dcc1af703ac8c17",
}
RAW = "https://raw.githubusercontent.com/sbhambr1/Trace_Check_QA"
DATASET_OF_BRANCH = {"main": "cotempqa", "babiqa": "babi", "marcoqa": "marco"}
VARIABLE = "TRACELIB_DATA"
STATED = {"accuracy": "acc", "f1": "f1", "precision": "p", "recall": "r", "average": "avg"}
OUTPUTS = "evaluation_outputs"
MATRIX_END = "_confusion_matrix.json"
QUANTITIES = {  # of a confusion-matrix file, and where in it they stand
    "answer right": ("accuracies", "answer_accuracy"),
    "left out": ("accuracies", "unevaluated"),
    **{
        quantity: place
        for number, step in enumerate(("category", "fact", "trace"), start=1)
        for quantity, place in {
            f"{step} right": ("accuracies", f"{step}_accuracy"),
            f"{step} right, answer right": (f"matrix{number}", f"correct_answer_correct_{step}"),
            f"{step} right, answer wrong": (f"matrix{number}", f"incorrect_answer_correct_{step}"),
            f"{step} wrong, answer right": (f"matrix{number}", f"correct_answer_incorrect_{step}"),
            f"{step} wrong, answer wrong": (f"matrix{number}", f"incorrect_answer_incorrect_{step}"),
        }.items()
        if quantity != "trace right"  # the sum of its two cells is not stated
    },
}
PROBLEM_FILES = {  # which released files hold the problems of a split; not yet `during_train.csv`
    "cotempqa": {
        split: [
            f"main/data/cotempqa/sft_dataset_reasoning_with_facts_chat_template/{relation}_{split}.csv"
            for relation in relations
        ]
        for split, relations in (
            ("train", ("equal", "overlap", "mix")),
            ("test", ("equal", "overlap", "during", "mix")),
        )
    },
    "babi": {split: [f"babiqa/data/babiqa/{split}_dataset_for_prompting.csv"] for split in ("train", "test")},
}
READERS = {"cotempqa": cotempqa.read, "babi": babi.read}
TIMEOUT = 15  # seconds without an answer before the network counts as unreachable

ASSETS = Path(__file__).parent / "assets"
SHIPPED_OUTCOMES = ASSETS / "release_outcomes.parquet"
SHIPPED_ACCURACIES = ASSETS / "release_accuracies.csv"
SHIPPED_MATRICES = ASSETS / "release_matrices.csv"


class Unreachable(InputError):
    """Neither a local copy nor the network has the release."""


class Missing(Unreachable):
    """The local copy lacks a file."""


@dataclass(frozen=True)
class Source:
    """Which of the three places a result came from."""

    kind: str  # local copy, download, or shipped outcomes
    detail: str


@lru_cache(maxsize=1)
def checksums() -> dict[str, str]:
    """sha256 by name (``branch/upstream path``) of every file of the pinned release we know."""
    lines = (ASSETS / "release.sha256").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def names(part: str) -> list[str]:
    """Release files whose path contains ``/part/``, for instance ``evaluation_outputs``."""
    return [name for name in checksums() if f"/{part}/" in name]


def local_root() -> Path | None:
    """The local copy that ``TRACELIB_DATA`` names, None when it is not set."""
    if not os.environ.get(VARIABLE):
        return None
    root = Path(os.environ[VARIABLE]) / "trace_check_qa"
    if not root.is_dir():
        raise InputError(f"{VARIABLE} is set, but there is no such folder; expected the release in it", root)
    return root


def locate(name: str) -> Path:
    """A checked local path of one release file, downloaded if need be.

    Raises `Missing` for a file that the local copy lacks, `InputError` for one with other content
    than the pinned one, `Unreachable` when it would have to be downloaded and cannot.
    """
    if name not in checksums():
        raise InputError(f"'{name}' is not a file of the pinned release")
    root = local_root()
    return _download(name) if root is None else _checked_copy(root / name, name)


def _checked_copy(path: Path, name: str) -> Path:
    branch = name.split("/")[0]
    if not path.is_file():
        raise Missing(f"missing; expected this file of the release ({branch} at {COMMITS[branch][:8]})", path)
    found = sha256(path)
    if found != checksums()[name]:
        raise InputError(f"wrong content: sha256 {found[:12]}..., expected {checksums()[name][:12]}...", path)
    return path


def _download(name: str) -> Path:
    import requests

    pooch = _quiet_pooch()
    branch, path = name.split("/", 1)
    try:
        return Path(
            pooch.retrieve(
                f"{RAW}/{COMMITS[branch]}/{path}",
                known_hash=f"sha256:{checksums()[name]}",
                path=Path(pooch.os_cache("tracelib")) / COMMITS[branch][:8] / Path(path).parent,
                fname=Path(path).name,
                downloader=pooch.HTTPDownloader(timeout=TIMEOUT),
            )
        )
    except (requests.exceptions.RequestException, PermissionError, FileNotFoundError) as error:
        raise Unreachable(
            f"cannot download the release ({type(error).__name__}); set {VARIABLE} to a local copy", name
        ) from None
    except ValueError as error:  # pooch's word for a wrong hash
        raise InputError(f"downloaded file is not the pinned one: {error}", name) from None


def _source() -> Source:
    root = local_root()
    if root is None:
        commits = ", ".join(f"{branch} {commit[:8]}" for branch, commit in COMMITS.items())
        return Source("download", f"the public repository at {commits}")
    lacking = len(absent())
    note = f", which lacks {lacking} of {len(names(OUTPUTS))} files of outputs" if lacking else ""
    return Source("local copy", f"a local copy of the release, named by {VARIABLE}{note}")


def absent() -> list[str]:
    """Files of released outputs that the local copy lacks; none where they would be downloaded."""
    root = local_root()
    return [] if root is None else [name for name in names(OUTPUTS) if not (root / name).is_file()]


def load_outputs(quiet: bool = True) -> list[outputs.Output]:
    """Every released generated text that is here (MARCO's are public, but not in this manifest yet).

    Files that a local copy lacks are left out (`absent` names them); it must have one.
    """
    lacking = set(absent())
    files = [name for name in names(OUTPUTS) if name not in lacking]
    if not files:
        raise InputError("none of the release's outputs is in this folder", local_root())
    located = [locate(name) for name in tqdm(files, "release", unit="file", disable=quiet)]
    return outputs.read(*located)


def load_outcomes(quiet: bool = True) -> tuple[pd.DataFrame, Source]:
    """Per-item outcomes of the released outputs, and which of the three sources they came from."""
    try:
        return score(load_outputs(quiet)), _source()
    except Unreachable:
        return shipped_outcomes(), Source("shipped outcomes", "per-item outcomes shipped with the package")


def shipped_outcomes() -> pd.DataFrame:
    """The outcomes that `derive` wrote into the package."""
    return as_outcomes(pd.read_parquet(SHIPPED_OUTCOMES))


def load_splits(dataset: str) -> dict[str, list[Problem]]:
    """The real problems that the release trained and tested on, by split; strict.

    CoTempQA: 1,321 training problems (those of *during* are public, but not read yet) and 950 test
    problems. bAbI: 3,773 and 376. `InputError` for MARCO, whose data is not read yet.
    """
    if dataset not in PROBLEM_FILES:
        raise InputError(f"the release holds no problems of '{dataset}', it has {', '.join(PROBLEM_FILES)}")
    return {
        split: [problem for name in files for problem in READERS[dataset](locate(name))]
        for split, files in PROBLEM_FILES[dataset].items()
    }


def read_accuracies() -> pd.DataFrame:
    """The accuracies that the release states (``evaluation_results``), in percent.

    Columns dataset, model, condition, category (a relation, or ``all``), accuracy, f1, precision,
    recall (means over items), average (of accuracy and F1), file; and from
    the release's own confusion matrix of the same run, where there is one and it is over the same
    items: matrix_right and matrix_n, how many answers it counts as right and in all.
    """
    return pd.DataFrame([_stated(name) for name in names("evaluation_results")])


def _stated(name: str) -> dict:
    path = locate(name)
    try:
        stated = json.loads(read_text(path))
        shares = {name: float(stated[key]) for name, key in STATED.items()}
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        expected = ", ".join(STATED.values())
        raise InputError(f"expected a JSON object with the numbers {expected}", path, 1) from None
    model, condition = outputs.release_run(path)
    relation = path.parent.name.removesuffix("_default")
    category = relation if relation in cotempqa.CATEGORIES else "all"
    right, n = _confusion(name) if category == "all" else (None, None)
    return {
        "dataset": DATASET_OF_BRANCH[name.split("/")[0]],
        "model": model,
        "condition": condition,
        "category": category,
        **shares,
        "file": name,
        "matrix_right": right,
        "matrix_n": n,
    }


def _confusion(name: str) -> tuple[float, float] | tuple[None, None]:
    """Right answers and items that the confusion matrix beside an accuracy file counts."""
    matrix = name.replace("/evaluation_results/", "/confusion_matrix/")
    matrix = matrix.removesuffix(".json") + MATRIX_END
    if matrix not in checksums():
        return None, None
    counted = _matrix(matrix)
    cells = sum(counted[name] for name in QUANTITIES if name.startswith("category") and "," in name)
    return counted["answer right"], cells + (counted["left out"] or 0)


def _matrix(name: str) -> dict[str, float | None]:
    """The quantities of one confusion-matrix file; CoTempQA's do not say how many outputs they leave out."""
    path = locate(name)
    try:
        parts = json.loads(read_text(path))
        return {
            name: float(parts[part][key]) if key in parts[part] or name != "left out" else None
            for name, (part, key) in QUANTITIES.items()
        }
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        raise InputError("expected the counts of a confusion matrix", path, 1) from None


def read_matrices() -> pd.DataFrame:
    """The confusion matrices that the release states: its check of the traces against the answers.

    Returns dataset, model, condition, quantity (of `QUANTITIES`), stated (a count, or missing), file.
    """
    rows = []
    for name in names("confusion_matrix"):
        model, condition = outputs.release_run(Path(name.removesuffix(MATRIX_END) + ".json"))
        run = {"dataset": DATASET_OF_BRANCH[name.split("/")[0]], "model": model, "condition": condition}
        rows += [
            {**run, "quantity": key, "stated": value, "file": name} for key, value in _matrix(name).items()
        ]
    return pd.DataFrame(rows).astype({"stated": "Int64"})


def shipped_matrices() -> pd.DataFrame:
    """The stated confusion matrices that `derive` wrote into the package."""
    return pd.read_csv(SHIPPED_MATRICES).astype({"stated": "Int64"})


def load_matrices() -> pd.DataFrame:
    """The stated confusion matrices from the release, or the shipped ones where it cannot be had."""
    try:
        return read_matrices()
    except Unreachable:
        return shipped_matrices()


def shipped_accuracies() -> pd.DataFrame:
    """The stated accuracies that `derive` wrote into the package."""
    return pd.read_csv(SHIPPED_ACCURACIES)


def load_accuracies() -> pd.DataFrame:
    """The stated accuracies from the release, or the shipped ones where it cannot be had."""
    try:
        return read_accuracies()
    except Unreachable:
        return shipped_accuracies()


def derive(folder: Path = ASSETS) -> int:
    """Rebuild the three shipped tables from the whole release; returns how many outcomes there are."""
    if lacking := absent():
        raise InputError(f"the local copy lacks {len(lacking)} files of outputs, for instance {lacking[0]}")
    outcomes = score(load_outputs())
    with written_beside(folder / SHIPPED_OUTCOMES.name) as beside:
        outcomes.to_parquet(beside, compression="zstd", index=False)
    for target, table in ((SHIPPED_ACCURACIES, read_accuracies()), (SHIPPED_MATRICES, read_matrices())):
        with written_beside(folder / target.name) as beside:
            table.to_csv(beside, index=False)
    return len(outcomes)


def _quiet_pooch():
    """pooch without its line per file: our progress bar says how far a download is."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    return pooch
