"""Declare MS MARCO for the rest of the library. It has no solver, because no rules can read its passages."""

from collections.abc import Collection
from pathlib import Path

from tracelib.core.reading import unpacked_name
from tracelib.datasets.dataset import Dataset
from tracelib.datasets.marco import hub, reader, twin
from tracelib.datasets.problem import Problem


def _is_file(path: Path, fields: Collection[str]) -> bool:
    suffix = unpacked_name(path).suffix
    if suffix == ".json" and not fields:
        return reader.is_column_oriented(path)
    return "query" in fields and suffix != ".csv"


def _generate(count: int, seed: int, facts: int, dates: str) -> list[Problem]:
    return twin.generate(count, seed, twin.Knobs(passages=facts))


DATASET = Dataset(
    "marco",
    title="MS MARCO",
    categories=reader.CATEGORIES,
    any_category=True,
    fact="passage",
    question_end="\n",
    metrics=("exact", "rouge"),
    in_context=lambda problem: (),  # people wrote the answers in their own words
    read=reader.read,
    is_file=_is_file,
    files=".json, .jsonl",
    hub=hub.TABLES,
    generate=_generate,
    sizes=twin.PASSAGES,
)
