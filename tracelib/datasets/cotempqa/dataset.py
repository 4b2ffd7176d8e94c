"""Declare CoTempQA for the rest of the library.

It is not loaded from the Hugging Face hub. We know no full commit id of the copy there
(``Warrieryes/CotempQA``) that holds the data, and its parquet conversion lacks the temporal relation.
"""

from collections.abc import Collection
from pathlib import Path

from tracelib.core.reading import unpacked_name
from tracelib.datasets.cotempqa import reader, solver, twin
from tracelib.datasets.cotempqa.dates import granularity
from tracelib.datasets.cotempqa.rewriting import REWRITING, given
from tracelib.datasets.dataset import DATES, Dataset
from tracelib.datasets.decompose import facts_with_an_answer
from tracelib.datasets.problem import Problem


def _is_file(path: Path, fields: Collection[str]) -> bool:
    name = unpacked_name(path)
    return "dataset" not in fields and (name.suffix == ".csv" or name.stem in reader.CATEGORIES)


def _generate(count: int, seed: int, facts: int, dates: str) -> list[Problem]:
    written = DATES[: DATES.index(dates) + 1]
    return twin.generate(count, seed, twin.Knobs(facts=facts, granularities=written))


DATASET = Dataset(
    "cotempqa",
    title="CoTempQA",
    categories=reader.CATEGORIES,
    category_sentence="The temporal relation between the event in question and the event in context is: ",
    facts_sentence="I need to use the following facts to answer the question: ",
    needs_all=True,
    several=", as a list: ['...'] or ['...', '...']",
    metrics=("corrected", "official", "strict"),
    solve=solver.solve,
    given=given,
    candidates=solver.whenever,
    subject=solver.subject,
    granularity=granularity,
    rewriting=REWRITING,
    read=reader.read,
    is_file=_is_file,
    files="equal.json, ..., .csv",
    support=facts_with_an_answer,
    kind_field="triple_element",
    is_released=True,
    credit="Problems: CoTempQA (Su et al. 2024), Apache-2.0.",
    generate=_generate,
    sizes=twin.FACTS,
)
