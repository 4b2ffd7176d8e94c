"""Declare bAbI for the rest of the library."""

from collections.abc import Collection
from pathlib import Path

from tracelib.core.pylist import listed
from tracelib.core.reading import unpacked_name
from tracelib.datasets.babi import answers, cited, hub, reader, twin
from tracelib.datasets.babi.rewriting import REWRITING
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.dataset import Dataset
from tracelib.datasets.problem import Facts, Problem


def _labels_of(problem: Problem) -> tuple[str, ...]:
    """The release's 11 tasks; for a problem of any other task, all 20."""
    return reader.RELEASED if problem.category in reader.RELEASED else reader.CATEGORIES


def _is_file(path: Path, fields: Collection[str]) -> bool:
    suffix = unpacked_name(path).suffix
    return (suffix == ".txt" and not fields) or (
        suffix == ".csv" and "dataset" not in fields and "passages" in fields
    )


def _lower_case(facts: Facts) -> str:
    return listed(tuple(fact.lower() for fact in facts))


def _generate(count: int, seed: int, facts: int, dates: str) -> list[Problem]:
    return twin.generate(count, seed, twin.Knobs(facts=facts))


DATASET = Dataset(
    "babi",
    title="bAbI",
    categories=reader.CATEGORIES,
    any_category=True,
    labels_of=_labels_of,
    fact="sentence",
    facts_text="\n".join,
    several=", with a comma between several",
    wrong_facts=lambda facts: facts,
    wrong_text=_lower_case,
    metrics=("exact", "official"),
    solve=solve,
    marked_by_rule=True,
    same_answers=answers.same_answers,
    given=cited.given,
    in_context=answers.in_context,
    rewriting=REWRITING,
    read=reader.read,
    is_file=_is_file,
    files="qa1_..._train.txt, .csv",
    is_released=True,
    hub=hub.TABLES,
    credit="Problems: bAbI tasks (Weston et al. 2015), CC BY 3.0.",
    generate=_generate,
    sizes=twin.FACTS,
)
