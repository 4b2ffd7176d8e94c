"""Write what the explorer's page loads: an index of all outcomes, and the texts in chunks.

The files are JavaScript, because a page that was opened from a disk may load scripts and nothing else. Each
sets one entry of the global ``explorerData``. The index has a column per property, with a number or a
character per outcome, so that the page can filter all outcomes at once. A chunk has whole problems, each with
all outputs that answer it, so that one file is enough to show a problem.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.book.explorer.explained import FOUND, RIGHT, UNJUDGED, WRONG, Explained, Step
from tracelib.book.explorer.sources import Source, everything
from tracelib.core.atomic import written_beside
from tracelib.core.provenance import text_hash
from tracelib.datasets.problem import Problem
from tracelib.scoring.metrics import applied, primary
from tracelib.scoring.outcomes import ANSWERS, RUN, counts, metrics_in, pooled
from tracelib.scoring.outputs import Output

CHUNK = 250_000  # characters of a file of texts
PRIMARY = "primary"  # each dataset's primary metric
METRICS = (PRIMARY, "official", "strict")  # a dataset without one is judged by its primary metric
NO_TEXT = "Its text is not in this build."
UNREAD = "no trace"  # the status of an output whose trace could not be read
CELLS = [f"trace_{trace}_answer_{answer}" for trace in ("right", "wrong") for answer in ("right", "wrong")]


class Said(NamedTuple):
    """One outcome: its number in the index, its row, its output if its text may be shown, and its source."""

    number: int
    row: dict
    output: Output | None
    source: Source


@dataclass
class Item:
    """A problem with the outcomes on it. Without a text that may be shown, `problem` is None."""

    dataset: str
    content: str
    category: str
    place: int
    problem: Problem | None = None
    said: list[Said] = field(default_factory=list)


class Collected:
    """The outcomes of some sources, one run after the other, and their problems.

    Attributes:
        runs: what a run is called, and its number of outcomes.
        columns: an entry per outcome. Verdicts are characters: 1 right, 0 wrong, u for a trace that could not
            be read, - for no verdict.
        items: the problems, by dataset and content.
    """

    def __init__(self, sources: Sequence[Source]):
        self.runs: list[dict] = []
        self.columns: dict = {"item": [], **dict.fromkeys(("trace", "category", "facts"), "")}
        self.columns["answer"] = dict.fromkeys(METRICS, "")
        self.items: dict[tuple[str, str], Item] = {}
        for source in sources:
            texts = {_key(output): output for output in source.outputs}
            for names, rows in source.outcomes.groupby(RUN, dropna=False, sort=False):
                run = _run(source, names)
                self.runs.append({**run, "n": len(rows)})
                self._add_verdicts(rows, names[0])
                for row in rows.to_dict("records"):
                    output = texts.get((*names[:3], run["seed"], row["item"]))
                    self._add_outcome(row, output, source)

    def _add_outcome(self, row: dict, output: Output | None, source: Source) -> None:
        key = source.dataset, row["problem"]
        item = self.items.setdefault(key, Item(*key, row["category"], len(self.items)))
        item.problem = output.problem if output else item.problem
        item.said.append(Said(len(self.columns["item"]), row, output, source))
        self.columns["item"].append(item.place)

    def _add_verdicts(self, rows: pd.DataFrame, dataset: str) -> None:
        trace = _flags(rows["trace_correct"])
        self.columns["trace"] += "".join(trace.mask((rows["status"] == UNREAD) & (trace == "0"), "u"))
        self.columns["category"] += "".join(_flags(rows["category_correct"]))
        self.columns["facts"] += "".join(_flags(rows["retrieval_correct"]))
        for metric in METRICS:
            own = metric != PRIMARY and applied(metric, dataset) == metric
            column = ANSWERS[metric] if own else "answer_correct"
            self.columns["answer"][metric] += "".join(_flags(rows[column]))


def _key(output: Output) -> tuple:
    return output.problem.dataset, output.model, output.condition, output.seed, output.problem.id


def _flags(verdicts: pd.Series) -> pd.Series:
    return verdicts.astype("boolean").map({True: "1", False: "0"}).astype(object).fillna("-")


def make(work: Path, run_names: Sequence[str], folder: Path) -> None:
    """Write the files for a build's outcomes into a folder, which replaces an earlier one."""
    write(everything(work, run_names), folder)


def write(sources: Sequence[Source], folder: Path, most: int = CHUNK) -> None:
    """Write the files into a folder, which appears whole or not at all.

    Args:
        most: the number of characters after which a file of texts ends.
    """
    found = Collected(sources)
    items = list(found.items.values())
    index = {"runs": found.runs, "outcomes": found.columns, "items": _columns(items), "firsts": []}
    index["build"] = text_hash(json.dumps(index))[:12]
    with written_beside(folder) as beside:
        beside.mkdir()
        for number, (first, texts) in enumerate(_chunks(items, most)):
            index["firsts"].append(first)
            _write(beside, f"texts-{number:03}", {"build": index["build"], "items": texts})
        _write(beside, "index", index)
        _write(beside, "tables", _tables(sources))


def _write(folder: Path, name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    script = f'(self.explorerData ??= {{}})["{name}"] = {text};\n'
    (folder / f"{name}.js").write_text(script, encoding="utf-8")


def _columns(items: Sequence[Item]) -> dict[str, list[str]]:
    """The problems as the index has them; the question is empty where it may not be shown."""
    return {
        "dataset": [item.dataset for item in items],
        "id": [item.content for item in items],
        "category": [item.category for item in items],
        "question": [item.problem.question if item.problem else "" for item in items],
    }


# --- Texts ------------------------------------------------------------------------------------


def _chunks(items: Sequence[Item], most: int) -> Iterator[tuple[int, list[dict]]]:
    """The place of the first item of each chunk, and the texts of its items."""
    first, texts, size = 0, [], 0
    for item in items:
        texts.append(_texts(item))
        size += len(json.dumps(texts[-1]))
        if size >= most:
            yield first, texts
            first, texts, size = item.place + 1, [], 0
    if texts:
        yield first, texts


def _texts(item: Item) -> dict:
    problem = item.problem
    shown = (
        {"facts": problem.facts, "gold": problem.gold, "supporting": problem.supporting} if problem else {}
    )
    credits = dict.fromkeys(credit for said in item.said if said.output for credit in said.source.credits)
    return {**shown, "credit": " ".join(credits), "said": [_shown(said) for said in item.said]}


def _shown(said: Said) -> dict:
    explained = said.source.explain(said.output) if said.output else _without_text(said.row)
    steps = [[step.name, step.verdict, step.said, step.why] for step in explained.steps]
    return {"outcome": said.number, "pieces": explained.pieces, "steps": steps, "cited": explained.cited}


def _without_text(row: dict) -> Explained:
    """The verdicts of a row of outcomes, whose counts are all that is known of the facts."""
    counts = f"Facts cited: {row['facts_cited']}, gold: {row['facts_gold']}, both: {row['facts_both']}. "
    judged = not pd.isna(row["retrieval_correct"])
    by_metric = {metric: row[column] for metric, column in ANSWERS.items() if not pd.isna(row[column])}
    metrics = "; ".join(f"{metric}: {_word(right)}" for metric, right in by_metric.items())
    answer = f"The answer was found {FOUND[row['found']]}. By metric \u2013 {metrics}. {NO_TEXT}"
    name = f"Answer, {primary(row['dataset'])}"
    steps = (
        Step("Step 1, category", _word(row["category_correct"]), "", NO_TEXT),
        Step("Step 2, facts", _word(row["retrieval_correct"]), "", (counts if judged else "") + NO_TEXT),
        Step(name, _word(row["answer_correct"]), "", answer),
    )
    return Explained((), steps, ())


def _word(verdict: bool | None) -> str:
    return UNJUDGED if pd.isna(verdict) else RIGHT if verdict else WRONG


# --- Tables of two by two ---------------------------------------------------------------------


def _tables(sources: Sequence[Source]) -> list[dict]:
    """The four counts of every run by each metric. Runs without a right trace are left out."""
    found = []
    for source in sources:
        for metric in metrics_in(source.outcomes):
            table = pooled(counts(source.outcomes, metric))
            for row in table[table["trace_correct"].fillna(0) > 0].to_dict("records"):
                run = _run(source, [row[name] for name in RUN])
                found.append({**run, "metric": metric, "cells": [int(row[cell]) for cell in CELLS]})
    return found


def _run(source: Source, names: Sequence) -> dict:
    """A run as the pages name it."""
    _, model, condition, seed = names
    own = {"origin": source.origin, "setting": source.setting, "dataset": source.dataset}
    return {**own, "model": model, "condition": condition, "seed": None if pd.isna(seed) else int(seed)}
