"""Fetch, read and score the outputs of the R1 family and of the further seeds.

The outputs are public (`tracelib.datasets.family_files`). A problem is identified by its question, facts and
gold answers, so conditions can be compared problem by problem (`tracelib.paper.family_compared`). The prompt
does not identify it, because prompts also hold a date.
"""

import json
import os
from functools import partial
from pathlib import Path
from statistics import multimode

import pandas as pd
from tqdm import tqdm

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.core.paths import PAPER
from tracelib.core.pylist import entries
from tracelib.core.reading import raw_lines, read_text
from tracelib.datasets import family_files, release_problems
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.family_files import FAMILY, R1, SEEDS, FamilyFile
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import ADDRESS, MAIN_TEST, RAW, Unreachable, download
from tracelib.datasets.shipped import ShippedTable
from tracelib.scoring.outcomes import DTYPES, RUN, score
from tracelib.scoring.outputs import Output
from tracelib.traces.answers import parts
from tracelib.traces.format import parse

COMMAND = "tracelib release fetch --family"
CELL = [*RUN[1:], "category"]  # identifies a file of outputs
TYPES = DTYPES | {"ending": "str", "main_split": "str"}
ENDINGS = {  # how an output ends -> in words
    "tagged": "answer in its tags",
    "bare": "answer without tags",
    "cut": "cut within the trace",
    "empty": "nothing after the trace",
}
ELSEWHERE, NOT_FOUND = "another relation", "not found"  # values of main_split
TOO_MANY_REQUESTS = 429  # this status concerns all files, not one
NO_ANSWER = ("cut", "empty")  # endings for which the metrics look for an answer in the trace


def fetch(quiet: bool = True) -> int:
    """Download every missing file, check it and record its sha256. Return the number of new files.

    A file that the server lacks or `check` refuses does not stop the others. A refused file is removed.

    Raises:
        InputError: after all files, if some were not fetched, or if files have an unusual length
            (`unlike_others`; these are kept).
        Unreachable: there is no network.
    """
    wanted = family_files.manifest()
    new, failed = 0, []
    for file in tqdm(wanted, "R1 family", unit="file", disable=quiet):
        try:
            if family_files.locate(file) is None:
                _fetched(file, family_files.cache() / file.name)
                new += 1
        except InputError as error:
            if isinstance(error, Unreachable) and not _answered(error):
                raise
            failed.append(str(error))
    complaints = []
    if failed:
        complaints.append(_few(f"{len(failed)} of {len(wanted)} files not fetched, {new} new", failed))
    if new and (odd := unlike_others()):
        complaints.append(_few(f"{len(odd)} files kept that may not be whole", odd))
    if complaints:
        raise InputError("; ".join(complaints))
    return new


def _few(what: str, messages: list[str]) -> str:
    return f"{what}: " + "; ".join(messages[:3] + ["..."] * (len(messages) > 3))


def _answered(error: Unreachable) -> bool:
    """Whether a server answered that it lacks this file, so that it may have others."""
    status = getattr(getattr(error.__context__, "response", None), "status_code", 0)
    return 400 <= status < 500 and status != TOO_MANY_REQUESTS


def _fetched(file: FamilyFile, place: Path) -> None:
    if not place.is_file():
        download(f"{os.environ.get(ADDRESS, RAW)}/{file.commit}/{file.path}", place)
    try:
        check(file, place)
    except InputError:
        place.unlink()
        raise
    family_files.note(place)


def check(file: FamilyFile, path: Path) -> None:
    """Raise an `InputError` unless every line of a copy is as expected.

    Outputs must have a prediction and a problem of CoTempQA. A file of a further seed must have as many
    outputs as the main runs' test set. R1's own answers only have to be JSON.
    """
    if file.group != R1:
        found, expected = len(read(file, path)), MAIN_TEST[file.relation]
        if file.group == SEEDS and found != expected:
            raise InputError(f"{found} outputs, expected {expected} as in the main runs' test set", path)
        return
    try:
        json.loads(read_text(path))
    except json.JSONDecodeError:
        read_json_lines(path, lambda record, *_: record)


def unlike_others() -> list[str]:
    """Messages about files of the R1 family with another number of outputs than most files of their relation.

    Such a file is not refused, because the size of the family's test set is stated nowhere.
    """
    lengths: dict[str, dict[Path, int]] = {}
    for file, path in family_files.present().items():
        if file.group == FAMILY:
            lengths.setdefault(file.relation, {})[path] = sum(1 for _ in raw_lines(path))
    usual = {relation: max(multimode(found.values())) for relation, found in lengths.items()}
    return [
        f"{path}: {n} outputs, most files of '{relation}' have {usual[relation]}"
        for relation, found in lengths.items()
        for path, n in found.items()
        if n != usual[relation]
    ]


def read(file: FamilyFile, path: Path) -> list[Output]:
    """The outputs in a copy of a file; `InputError` for the first bad line, or without outputs."""
    found = read_json_lines(path, partial(_output, file))
    if not found:
        raise InputError("no outputs in this file, expected one JSON object per line", path)
    return found


def _output(file: FamilyFile, record: dict, path: Path, line: int) -> Output:
    prediction = field(record, "prediction", str, path, line)
    if "facts" not in record:
        record = {**record, "facts": _prompted_facts(record, path, line)}
    record = {**record, "answer": field(record, "gold", list, path, line)}
    problem = cotempqa.from_record(record, file.relation, path, line)
    return Output(problem, prediction, file.model, file.condition, file.seed)


def _prompted_facts(record: dict, path: Path, line: int) -> list[str]:
    """The facts in the prompt, which has a printed list or one fact per line."""
    prompt = record.get("input")
    match = cotempqa.PROMPT.search(field(prompt if isinstance(prompt, dict) else {}, "text", str, path, line))
    if match is None:
        raise InputError("no 'facts', and 'input.text' is not the release's prompt", path, line)
    facts = match["facts"].strip()
    return list(entries(facts)) if facts.startswith("[") else facts.splitlines()


def ending(prediction: str) -> str:
    """Which of `ENDINGS` a generated text has."""
    trace = parse(prediction)
    if trace.tagged:
        return "tagged"
    if trace.answer is not None:
        return "bare"
    return "cut" if parts(prediction).cut else "empty"


def scored(outputs: list[Output], splits: dict[str, list[Problem]], complete: bool = True) -> pd.DataFrame:
    """Outcomes of outputs, with the ending of each and the split of its problem in the main runs.

    Args:
        splits: the problems of the main runs (`release_problems.load_splits`).
        complete: whether `splits` has all problems of the main runs.

    Returns:
        The columns of `tracelib.scoring.outcomes.score`, ending (a key of `ENDINGS`) and main_split.
        ``main_split`` is a name of `splits`, `ELSEWHERE` (the main runs have the problem under another
        relation) or `NOT_FOUND`. If `splits` is not complete, it is missing for a problem that `splits` does
        not have under its relation.
    """
    problems = [(name, problem) for name, part in splits.items() for problem in part]
    elsewhere = {problem.id: ELSEWHERE for _, problem in problems}
    split_of = {(problem.id, problem.category): name for name, problem in problems}
    table = score(outputs)
    return table.assign(
        ending=[ending(output.prediction) for output in outputs],
        main_split=[
            split_of.get((name, category)) or (elsewhere.get(name, NOT_FOUND) if complete else None)
            for name, category in zip(table["problem"], table["category"], strict=True)
        ],
    ).astype(TYPES)


def load(quiet: bool = True) -> pd.DataFrame:
    """Outcomes of all outputs (`scored`), from copies of the files.

    The shipped outcomes stand in for files without a copy. Without either the table has no rows.
    """
    files = {file: path for file, path in family_files.present().items() if file.group != R1}
    splits, complete = main_splits() if files else ({}, False)
    bar = tqdm(files.items(), "R1 family", unit="file", disable=quiet or not files)
    found = [scored(read(file, path), splits, complete) for file, path in bar]
    table = pd.concat([pd.DataFrame(columns=list(TYPES)).astype(TYPES), *found], ignore_index=True)
    if SHIPPED.path.is_file():
        shipped = SHIPPED.read()
        table = pd.concat([table, shipped[~_cells(shipped).isin(_cells(table))]], ignore_index=True)
    return _distinct(table)


def _cells(table: pd.DataFrame) -> pd.MultiIndex:
    """Run and relation of each row. A missing seed is the text ``none``, so that it equals itself."""
    return pd.MultiIndex.from_frame(table[CELL].astype(object).where(table[CELL].notna(), "none"))


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """The table with items made unique within a run: a problem's second output is ``id.2``."""
    copies = table.groupby([*RUN, "problem"], dropna=False).cumcount()
    numbered = table["problem"] + "." + (copies + 1).astype(str)
    return table.assign(item=table["problem"].where(copies == 0, numbered))


def main_splits() -> tuple[dict[str, list[Problem]], bool]:
    """The available problems of the main runs by split, and whether these are all."""
    try:
        return release_problems.load_splits("cotempqa"), not release_problems.standing_in("cotempqa")
    except Unreachable:
        return {}, False


def compute() -> pd.DataFrame:
    """The outcomes for the package to ship (`load`).

    Raises:
        InputError: there are no outcomes, or the split of some problem is unknown.
    """
    table = load()
    if table.empty:
        raise InputError(f"none of the R1 family's outputs is there; `{COMMAND}` gets them")
    if reason := unplaced(table):
        raise InputError(reason)
    return table


SHIPPED = ShippedTable(PAPER / "family_outcomes.parquet", compute, TYPES)


def unplaced(outcomes: pd.DataFrame) -> str:
    """A sentence with the number of outputs whose main_split is unknown; empty if there are none."""
    n = int(outcomes["main_split"].isna().sum())
    if not n:
        return ""
    unknown = (
        f"Of {n:,} of {len(outcomes):,} outputs it is not known whether the main runs have their problem"
    )
    return f"{unknown}: files with those are not here (tracelib release fetch gets them)."


def of_group(outcomes: pd.DataFrame, group: str) -> pd.DataFrame:
    """The rows of the R1 family (`FAMILY`) or of the further seeds (`SEEDS`)."""
    return outcomes[outcomes["seed"].notna() == (group == SEEDS)]


def coverage(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Which public files of outputs the outcomes cover.

    Returns:
        A row per file: group, model, condition, seed, category, commit, versions, here.
    """
    columns = ("group", "model", "condition", "seed", "relation", "commit", "versions")
    table = pd.DataFrame([{name: getattr(file, name) for name in columns} for file in family_files.outputs()])
    table = table.rename(columns={"relation": "category"}).astype({"seed": "Int64"})
    return table.assign(here=_cells(table).isin(_cells(outcomes)))


def statement(covered: pd.DataFrame) -> str:
    """A sentence with the number of public files of outputs that this build has."""
    here, n = int(covered["here"].sum()), len(covered)
    some = {0: f"None of the {n} files of outputs is", n: f"All {n} files of outputs are"}
    return some.get(here, f"{here} of the {n} files of outputs are") + " in this build."
