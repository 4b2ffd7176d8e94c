"""The R1 family and the further seeds, output by output: fetch them, read them, score them.

The outputs are public (`tracelib.paper.family_files`). An output's problem is named by its question, facts
and gold answers, so that conditions can be compared problem by problem (`tracelib.paper.family_compared`):
prompts also hold a date, which differs.
"""

import json
import os
from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tracelib import release
from tracelib.datasets import cotempqa
from tracelib.datasets.release_files import ADDRESS, ASSETS, RAW, Unreachable, download
from tracelib.files import InputError, field, read_json_lines, read_text, written_beside
from tracelib.outcomes import DTYPES, RUN, score
from tracelib.outputs import Output
from tracelib.paper import family_files
from tracelib.paper.family_files import R1, SEEDS, FamilyFile
from tracelib.printed import entries
from tracelib.problems import Problem
from tracelib.traces import parse

SHIPPED = ASSETS / "family_outcomes.parquet"
COMMAND = "tracelib release fetch --family"
CELL = [*RUN[1:], "category"]  # what one file holds the outputs of
TYPES = DTYPES | {"ending": "str", "main_split": "str"}
ENDINGS = {  # how an output ends, and so where its answer was looked for
    "tagged": "answer in its tags",
    "bare": "answer without tags",
    "cut": "cut within the trace",
    "empty": "nothing after the trace",
}
ELSEWHERE = "another relation"
NO_ANSWER = ("cut", "empty")  # the metrics then look for an answer in the trace


def fetch(quiet: bool = True) -> int:
    """Download every file that is not there, check it and note its sha256; returns how many are new.

    What was fetched before is not fetched again. A file that is refused (`check`) is removed, and the others
    are still fetched; then one `InputError` names those refused. `Unreachable` without a network.
    """
    new, refused = 0, []
    for file in tqdm(family_files.manifest(), "R1 family", unit="file", disable=quiet):
        try:
            if family_files.locate(file) is None:
                _fetched(file, family_files.cache() / file.name)
                new += 1
        except Unreachable:
            raise
        except InputError as error:
            refused.append(str(error))
    if refused:
        first = "; ".join(refused[:3])
        raise InputError(f"{len(refused)} of {len(family_files.manifest())} files refused: {first}")
    return new


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
    """Raise an `InputError` unless a copy holds what such a file should, in every line.

    Outputs must be CoTempQA's, each with a prediction and its problem. Of R1's own answers only that they are
    JSON is asked.
    """
    if file.group != R1:
        read(file, path)
        return
    try:
        json.loads(read_text(path))
    except json.JSONDecodeError:
        read_json_lines(path, lambda record, *_: record)


def read(file: FamilyFile, path: Path) -> list[Output]:
    """The outputs that a copy of one of `family_files.outputs` holds; strict."""
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
    """The facts as the prompt has them: a printed list, or one a line."""
    prompt = record.get("input")
    match = cotempqa.PROMPT.search(field(prompt if isinstance(prompt, dict) else {}, "text", str, path, line))
    if match is None:
        raise InputError("no 'facts', and 'input.text' is not the release's prompt", path, line)
    facts = match["facts"].strip()
    return list(entries(facts)) if facts.startswith("[") else facts.splitlines()


def ending(prediction: str) -> str:
    """Which of `ENDINGS` a generated text has."""
    trace = parse(prediction)
    head, closed, tail = prediction.partition("</think>")
    if trace.tagged:
        return "tagged"
    if not closed and "<think>" in head:
        return "cut"
    return "bare" if (tail.strip() if closed else trace.answer) else "empty"


def scored(outputs: list[Output], splits: dict[str, list[Problem]]) -> pd.DataFrame:
    """Outcomes of outputs, with how each ends and what its problem is in the main runs.

    Args:
        splits: the problems of the main runs (`release.load_splits`).

    Returns:
        The columns of `tracelib.outcomes.score`, ending (of `ENDINGS`) and main_split: a name of `splits`,
        ``not found``, or `ELSEWHERE` for a problem that is there under another relation.
    """
    problems = [(name, problem) for name, part in splits.items() for problem in part]
    elsewhere = {problem.id: ELSEWHERE for _, problem in problems}
    split_of = {(problem.id, problem.category): name for name, problem in problems}
    table = score(outputs)
    return table.assign(
        ending=[ending(output.prediction) for output in outputs],
        main_split=[
            split_of.get((name, category)) or elsewhere.get(name, "not found")
            for name, category in zip(table["problem"], table["category"], strict=True)
        ],
    ).astype(TYPES)


def load(quiet: bool = True) -> pd.DataFrame:
    """Outcomes of every output that is there (`scored`); no rows where there are none.

    From copies of the files; what the package ships stands in for files of which there is no copy.
    """
    files = {file: path for file, path in family_files.present().items() if file.group != R1}
    splits = main_splits() if files else {}
    bar = tqdm(files.items(), "R1 family", unit="file", disable=quiet or not files)
    found = [scored(read(file, path), splits) for file, path in bar]
    table = pd.concat([pd.DataFrame(columns=list(TYPES)).astype(TYPES), *found], ignore_index=True)
    if SHIPPED.is_file():
        shipped = pd.read_parquet(SHIPPED).astype(TYPES)
        table = pd.concat([table, shipped[~_cells(shipped).isin(_cells(table))]], ignore_index=True)
    return _distinct(table)


def _cells(table: pd.DataFrame) -> pd.MultiIndex:
    """Run and relation of every row, a missing seed as text."""
    return pd.MultiIndex.from_frame(table[CELL].astype(object).where(table[CELL].notna(), "none"))


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """The table with items that are unique within a run: a problem's second output is ``id.2``."""
    copies = table.groupby([*RUN, "problem"], dropna=False).cumcount()
    numbered = table["problem"] + "." + (copies + 1).astype(str)
    return table.assign(item=table["problem"].where(copies == 0, numbered))


def main_splits() -> dict[str, list[Problem]]:
    """The main runs' problems by split, empty where the release cannot be had."""
    try:
        return release.load_splits("cotempqa")
    except Unreachable:
        return {}


def derive(path: Path = SHIPPED) -> int:
    """Write the outcomes that are there (`load`) into the package; returns how many."""
    table = load()
    if table.empty:
        raise InputError(f"none of the R1 family's outputs is there; `{COMMAND}` gets them")
    with written_beside(path) as beside:
        table.to_parquet(beside, compression="zstd", index=False)
    return len(table)


def of_group(outcomes: pd.DataFrame, group: str) -> pd.DataFrame:
    """The rows of the R1 family (`FAMILY`) or of the further seeds (`SEEDS`)."""
    return outcomes[outcomes["seed"].notna() == (group == SEEDS)]


def coverage(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Which files' outputs there are outcomes of: a row per file of outputs.

    Returns group, model, condition, seed, category, commit, versions, here.
    """
    columns = ("group", "model", "condition", "seed", "relation", "commit", "versions")
    table = pd.DataFrame([{name: getattr(file, name) for name in columns} for file in family_files.outputs()])
    table = table.rename(columns={"relation": "category"}).astype({"seed": "Int64"})
    return table.assign(here=_cells(table).isin(_cells(outcomes)))


def statement(covered: pd.DataFrame) -> str:
    """In one sentence, how many of the public files of outputs this build has."""
    here, n = int(covered["here"].sum()), len(covered)
    some = {0: f"None of the {n} files of outputs is", n: f"All {n} files of outputs are"}
    return some.get(here, f"{here} of the {n} files of outputs are") + " in this build."
