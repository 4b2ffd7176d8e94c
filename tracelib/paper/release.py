"""Outputs, outcomes, stated accuracies and confusion matrices of the paper's public release.

`tracelib.datasets.release_files` lists the files of the release and gets them. Without them the audit runs on
the per-item outcomes that the package ships (ids, labels, counts, verdicts; no text of the release).
``tracelib release derive`` rebuilds the shipped tables.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.core.reading import read_text
from tracelib.datasets import release_files, released
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.release_files import (
    COMMITS,
    DATASET_OF_BRANCH,
    MATRICES,
    OUTPUTS,
    STATED,
    VARIABLE,
    Unreachable,
    available,
    locate,
    names,
)
from tracelib.datasets.shipped import ShippedTable
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import ANSWERS, DTYPES, as_outcomes, score

SHARES = {"accuracy": "acc", "f1": "f1", "precision": "p", "recall": "r", "average": "avg"}
MATRIX_END = "_confusion_matrix.json"
QUANTITIES = {  # quantity of a confusion-matrix file -> its keys in the file
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
        if quantity != "trace right"  # it is not stated; it is the sum of two cells
    },
}
MODELS = {  # short name -> model with released outputs on CoTempQA for every condition
    "l1": "Llama-3.2-1B-Instruct",
    "q": "Qwen3-1.7B",
    "l8": "Llama-3.1-8B-Instruct",
}
METRICS = ("official", "corrected", "strict", "exact")  # answer metrics of the release's outputs
FILE_KEYS = ["dataset", "model", "condition", "category"]  # identify a file of CoTempQA's outputs
SHIPPED_OUTCOMES = ShippedTable(  # `evidence` derives it
    PAPER / "release_outcomes.parquet", types=DTYPES, optional=ANSWERS.values()
)
shipped_outcomes = SHIPPED_OUTCOMES.read


@dataclass(frozen=True)
class Source:
    """Where the outcomes came from, and which files they rest on.

    Attributes:
        kind: local copy, download, or shipped outcomes.
        detail: the end of a sentence that begins "this build used".
        files: names of the files of outputs that the outcomes were computed from.
        absent: names of public files of outputs that are not here.
        unread: lines that could not be read, each as file, line and reason.
        unknown: files in the local copy that are in no pinned tree and were not read.
    """

    kind: str
    detail: str
    files: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def source(unread: Sequence[InputError] = ()) -> Source:
    """The source of the outputs of `load_outputs`: the local copy or the downloads.

    Args:
        unread: the errors of the lines left out.
    """
    files = [name for name in names(OUTPUTS) if release_files.copies(name)]
    commits = ", ".join(f"{branch} {commit[:8]}" for branch, commit in COMMITS.items())
    kind, place = "download", f"downloads from the public repository at {commits}"
    if release_files.local_root() is not None:
        kind, place = "local copy", f"a local copy of the release, named by {VARIABLE}"
    return _described(kind, place, files, [str(error) for error in unread], release_files.unknown())


def _described(
    kind: str, place: str, files: Sequence[str], unread: Sequence[str] = (), unknown: Sequence[str] = ()
) -> Source:
    lacking = [name for name in names(OUTPUTS) if name not in set(files)]
    notes = [f"{place}: {len(files)} of {len(names(OUTPUTS))} files of outputs"]
    if lacking:
        notes.append(f"not in it, though public, are {in_words(lacking)}")
    if unread:
        notes.append(f"{len(unread):,} lines could not be read, the first is {unread[0]}")
    if unknown:
        notes.append(f"{len(unknown)} files in its folder are not of the release, for instance {unknown[0]}")
    return Source(kind, "; ".join(notes), *map(tuple, (files, lacking, unread, unknown)))


def groups(listed: Iterable[str]) -> pd.DataFrame:
    """Files of the release in groups.

    Returns:
        A row per dataset x kind x use: dataset, kind, models (none for data), files (their number), bytes
        (sum of the known sizes), ``read by the chapters``.
    """
    wanted = set(release_files.used())
    rows = []
    for name in listed:
        kind, file = release_files.kind(name), release_files.tree().get(name)
        models = () if kind == "data" else (_run_of(name)[0],)
        size = file.size or 0 if file else 0
        rows.append((_dataset_of(name), kind, "yes" if name in wanted else "no", models, size))
    table = pd.DataFrame(rows, columns=["dataset", "kind", "read by the chapters", "models", "bytes"])
    keys = ["dataset", "kind", "read by the chapters"]
    groups = table.groupby(keys, sort=False)
    found = groups["models"].agg(lambda part: ", ".join(sorted({name for names in part for name in names})))
    found = pd.DataFrame({"models": found, "files": groups.size(), "bytes": groups["bytes"].sum()})
    return found.reset_index().sort_values(keys, ascending=[True, True, False], ignore_index=True)


def inventory(source: Source) -> pd.DataFrame:
    """The files of the pinned trees, and the files that are in no tree, in groups by state.

    Args:
        source: the source of the outcomes. Its files count as here.

    Returns:
        A row per state and group: state, and the columns of `groups`.
    """
    wanted, states = set(release_files.used()), {}
    for name in release_files.tree():
        is_here = name in source.files or release_files.copies(name)
        here = release_files.HERE if name in wanted else release_files.UNUSED
        states.setdefault(here if is_here else release_files.PUBLIC, []).append(name)
    states[release_files.NOT_PUBLIC] = release_files.not_in_tree()
    tables = [groups(listed).assign(state=state) for state, listed in states.items() if listed]
    table = pd.concat(tables, ignore_index=True)
    return table[["state", *table.columns.drop("state")]]


def in_words(listed: Iterable[str]) -> str:
    """Files of the release in a few words: ``cotempqa's outputs of Qwen3-8B (11 files)``."""
    phrases = [
        f"{row.dataset}'s {row.kind}{f' of {row.models}' if row.models else ''} ({row.files} files)"
        for row in groups(listed).itertuples()
    ]
    return "; ".join(phrases)


def _run_of(name: str) -> tuple[str, str]:
    """Model and condition of a file of outputs, stated accuracies or matrices."""
    return released.run(Path(name.removesuffix(MATRIX_END) + ".json" if MATRICES in name else name))


def outputs_behind(name: str) -> list[str]:
    """The files of outputs that a stated accuracy or confusion matrix was computed from, in the tree or not.

    A confusion matrix of CoTempQA covers all four relations.
    """
    if f"/{STATED}/" in name:
        return [name.replace(f"/{STATED}/", f"/{OUTPUTS}/")]
    folder, file = name.replace(f"/{MATRICES}/", f"/{OUTPUTS}/").removesuffix(MATRIX_END).rsplit("/", 1)
    relations = [f"{relation}/" for relation in release_files.RELATIONS] if name.startswith("main/") else [""]
    return [f"{folder}/{relation}{file}.json" for relation in relations]


def rests_on(outcomes: pd.DataFrame) -> str:
    """The files of outputs behind a table of outcomes, in words."""
    files = files_behind(outcomes)
    return f"{len(files)} files of released outputs ({in_words(files)})"


def files_behind(outcomes: pd.DataFrame) -> list[str]:
    """Names of the files of released outputs behind a table of outcomes."""
    met = {tuple(run) for run in outcomes[FILE_KEYS].drop_duplicates().itertuples(index=False)}
    whole = {run[:3] for run in met}
    return [
        name
        for name, (*run, relation) in runs().items()
        if (*run, relation) in met or (relation == "all" and tuple(run) in whole)
    ]


def unmatched(outcomes: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """Numbers of outputs whose problems are in no test file. Tables by problem lack these outputs.

    Args:
        described: the test problems (`tracelib.paper.items.load`).

    Returns:
        A row per run with such outputs: dataset, model, condition, n (outputs), unmatched.
    """
    known = pd.MultiIndex.from_frame(described[["dataset", "problem"]])
    strange = ~pd.MultiIndex.from_frame(outcomes[["dataset", "problem"]]).isin(known)
    groups = outcomes.assign(unmatched=strange).groupby(["dataset", "model", "condition"], sort=False)
    counted = groups["unmatched"].agg(n="size", unmatched="sum").reset_index()
    return counted[counted["unmatched"] > 0].reset_index(drop=True)


def runs() -> dict[str, tuple[str, str, str, str]]:
    """Name of a file of outputs -> dataset, model, condition and relation (bAbI, MARCO: ``all``)."""
    found = {}
    for name in names(OUTPUTS):
        relation = Path(name).parent.name.removesuffix("_default")
        dataset = _dataset_of(name)
        found[name] = (dataset, *_run_of(name), relation if dataset == "cotempqa" else "all")
    return found


def load_outputs(
    quiet: bool = True, skipped: list[InputError] | None = None, datasets: Sequence[str] = ()
) -> list[outputs.Output]:
    """The available released outputs: from the local copy, or downloaded if there is no copy.

    Missing files are left out (`release_files.absent` names them).

    Args:
        skipped: a list that takes the errors of the lines left out; without it the first bad line raises an
            `InputError`.
        datasets: only outputs of these datasets; all if empty.

    Raises:
        Unreachable: no file is available.
    """
    wanted = [name for name in names(OUTPUTS) if not datasets or _dataset_of(name) in datasets]
    files = tqdm(available(wanted, quiet), "release", unit="file", disable=quiet)
    found = (outputs.read_file(locate(name), skipped) for name in files)
    return outputs.distinct(output for part in found for output in part)


def _dataset_of(name: str) -> str:
    return DATASET_OF_BRANCH[name.split("/")[0]]


def read_outputs(quiet: bool = True) -> tuple[list[outputs.Output] | None, Source]:
    """`load_outputs` without bad lines, and its source. The outputs are None if no file is available."""
    unread: list[InputError] = []
    try:
        return load_outputs(quiet, unread), source(unread)
    except Unreachable:
        return None, shipped_source()


def load_outcomes(quiet: bool = True) -> tuple[pd.DataFrame, Source]:
    """Per-item outcomes of the released outputs (shipped ones without any outputs), and their source."""
    found, place = read_outputs(quiet)
    return (shipped_outcomes() if found is None else score(found)), place


def shipped_source() -> Source:
    """The source of the shipped outcomes."""
    place = "per-item outcomes shipped with the package, derived from the release"
    return _described("shipped outcomes", place, files_behind(shipped_outcomes()))


def read_accuracies() -> pd.DataFrame:
    """The accuracies that the release states (``evaluation_results``), in percent.

    Returns:
        A row per file: dataset, model, condition, category (a relation, or ``all``), accuracy, f1, precision,
        recall (means over items), average (of accuracy and F1), file, matrix_right, matrix_n. The last two
        are the right answers and the items in the release's own confusion matrix of the same run; they are
        missing if there is none, or if it covers other items.
    """
    return pd.DataFrame([_stated(name) for name in available(names(STATED))])


def _stated(name: str) -> dict:
    path = locate(name)
    try:
        stated = json.loads(read_text(path))
        shares = {name: float(stated[key]) for name, key in SHARES.items()}
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        expected = ", ".join(SHARES.values())
        raise InputError(f"expected a JSON object with the numbers {expected}", path, 1) from None
    model, condition = released.run(path)
    relation = path.parent.name.removesuffix("_default")
    category = relation if relation in cotempqa.CATEGORIES else "all"
    right, n = _confusion(name) if category == "all" else (None, None)
    return {
        "dataset": _dataset_of(name),
        "model": model,
        "condition": condition,
        "category": category,
        **shares,
        "file": name,
        "matrix_right": right,
        "matrix_n": n,
    }


def _confusion(name: str) -> tuple[float, float] | tuple[None, None]:
    """Right answers and items in the confusion matrix of an accuracy file; shipped numbers without it."""
    matrix = name.replace("/evaluation_results/", "/confusion_matrix/")
    matrix = matrix.removesuffix(".json") + MATRIX_END
    if matrix not in release_files.tree():
        return None, None
    try:
        counted = _matrix(matrix)
    except Unreachable:
        known = shipped_accuracies().set_index("file")[["matrix_right", "matrix_n"]]
        return tuple(known.loc[name]) if name in known.index else (None, None)
    cells = sum(counted[name] for name, (part, _) in QUANTITIES.items() if part == "matrix1")
    return counted["answer right"], cells + (counted["left out"] or 0)


def _matrix(name: str) -> dict[str, float | None]:
    """The quantities of one confusion-matrix file. CoTempQA's files lack ``left out``."""
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
    """The confusion matrices of trace and answer that the release states.

    Returns:
        A row per file and quantity: dataset, model, condition, quantity (a key of `QUANTITIES`), stated (a
        count, or missing), file.
    """
    rows = []
    for name in available(names(MATRICES)):
        model, condition = released.run(Path(name.removesuffix(MATRIX_END) + ".json"))
        run = {"dataset": _dataset_of(name), "model": model, "condition": condition}
        rows += [
            {**run, "quantity": key, "stated": value, "file": name} for key, value in _matrix(name).items()
        ]
    return pd.DataFrame(rows).astype({"stated": "Int64"})


SHIPPED_ACCURACIES = ShippedTable(PAPER / "release_accuracies.csv", read_accuracies, by_file=True)
SHIPPED_MATRICES = ShippedTable(
    PAPER / "release_matrices.csv", read_matrices, {"stated": "Int64"}, by_file=True
)
load_accuracies, shipped_accuracies = SHIPPED_ACCURACIES.load, SHIPPED_ACCURACIES.read
load_matrices = SHIPPED_MATRICES.load


# --- Shipped tables ---------------------------------------------------------------------------


def derive_stated(folder: Path = PAPER) -> None:
    """Rebuild the shipped tables of stated accuracies and matrices. Rows of missing files are kept.

    `tracelib.paper.evidence.derive` rebuilds the tables about outputs.
    """
    tables = [(shipped, shipped.load()) for shipped in (SHIPPED_ACCURACIES, SHIPPED_MATRICES)]
    for shipped, table in tables:
        shipped.write(table, folder / shipped.path.name)


def with_shipped_outcomes(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes, and the shipped outcomes of all other files, in the order of the files."""
    shipped = shipped_outcomes()
    kept = shipped[~_files_of(shipped).isin(_files_of(outcomes))]
    if kept.empty:
        return outcomes
    places = {run: place for place, run in enumerate(runs().values())}
    whole = pd.concat([outcomes, kept], ignore_index=True)
    order = _files_of(whole).map(places)
    return as_outcomes(whole.iloc[order.argsort(kind="stable")].reset_index(drop=True))


def _files_of(outcomes: pd.DataFrame) -> pd.MultiIndex:
    """The file of each outcome, as in the values of `runs`. Only CoTempQA has a file per category."""
    is_parted = outcomes["dataset"] == "cotempqa"
    keys = outcomes[FILE_KEYS].assign(category=outcomes["category"].where(is_parted, "all"))
    return pd.MultiIndex.from_frame(keys)


def rows_to_ship(
    shipped: ShippedTable,
    found: pd.DataFrame,
    outcomes: pd.DataFrame,
    keys: Sequence[str],
    *last: pd.DataFrame,
) -> pd.DataFrame:
    """A row per outcome, in order: a new one, else the shipped one, else one of `last`.

    Outcomes without any row are left out.

    Args:
        found: the new rows, for the outputs that are here.
    """
    whole = pd.concat([found, shipped.read(), *last]).drop_duplicates(list(keys))
    rows = outcomes[list(keys)].merge(whole, on=list(keys), validate="one_to_one")
    return rows.astype(shipped.types)
