"""Whether the released targets teach to answer what the cited facts give, or to avoid it.

The counts are over the files of the SFT sets. The counts that the package ships stand in for missing files.
"""

import pandas as pd

from tracelib.core.csv_files import read_csv
from tracelib.core.paths import PAPER
from tracelib.core.pylist import entries
from tracelib.core.texts import folded, normal
from tracelib.datasets import registry, release_files
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import SFT_FILES, available
from tracelib.datasets.shipped import ShippedTable
from tracelib.experiments.interventions import read_off
from tracelib.paper.following import candidates
from tracelib.paper.target_formats import turns_of
from tracelib.scoring.verify import cited_facts
from tracelib.traces.format import parse

CONDITIONS = ("correct", "incorrect")
SPLIT = ["dataset", "condition", "split"]
FILES = {  # (dataset, condition, split) -> names of its files
    (dataset, condition, split): names
    for dataset, conditions in SFT_FILES.items()
    for condition in CONDITIONS
    for split, names in conditions[condition].items()
}
COUNTS = {  # columns of `compute`: number of targets that ...
    "n": "there are",
    "cites": "cite a fact of the context",
    "cites_gold": "cite a gold fact",
    "cites_answer": "cite a fact that contains a gold answer",
    "label_right": "name the right label",
    "gives": "cite facts that give an answer (counted on CoTempQA alone)",
    "of_kind": "cite a fact that gives a wrong name of the kind asked for",
    "follows": "answer what the cited facts give",
    "repeats": "name in their answer something that the cited facts give",
}


def compute() -> pd.DataFrame:
    """Counts of targets in each available file of the released SFT sets.

    Returns:
        A row per file: dataset, condition, split, file, and `COUNTS`.

    Raises:
        Unreachable: no file is available.
    """
    splits = {name: split for split, names in FILES.items() for name in names}
    return pd.DataFrame([_file(name, *splits[name]) for name in available(splits)])


def _file(name: str, *split: str) -> dict:
    counted = pd.DataFrame([_counts(*pair) for pair in _targets(name, split[0])], columns=list(COUNTS))
    return {**dict(zip(SPLIT, split, strict=True)), "file": name, **counted.sum().astype(int)}


def summed(counted: pd.DataFrame) -> pd.DataFrame:
    """The counts of each split, in the order of `FILES`.

    Args:
        counted: the rows of `compute`.

    Returns:
        dataset, condition, split, files (files counted), of (files of the split), and `COUNTS`.
    """
    groups = counted.groupby(SPLIT, sort=False)
    table = groups[list(COUNTS)].sum().assign(files=groups.size())
    table = table.reindex(pd.MultiIndex.from_tuples(FILES, names=SPLIT), fill_value=0)
    table["of"] = [len(names) for names in FILES.values()]
    return table[["files", "of", *COUNTS]].reset_index()


def _targets(name: str, dataset: str) -> list[tuple[Problem, str]]:
    """The problems of a file, each with its training target."""
    path = release_files.locate(name)
    turns = read_csv(path, turns_of)
    return list(zip(registry.dataset(dataset).read(path, None), (target for _, target in turns), strict=True))


def _counts(problem: Problem, target: str) -> dict[str, int]:
    trace = parse(target)
    cited = cited_facts(problem.facts, trace.facts_text or "")
    given = {normal(name) for name in read_off(problem, target)} if problem.dataset == "cotempqa" else set()
    answer = {normal(name) for name in entries(trace.answer or "")}
    counts = {
        "n": True,
        "cites": bool(cited),
        "cites_gold": bool(cited & set(map(folded, problem.supporting_facts))),
        "cites_answer": any(folded(gold) in fact for fact in cited for gold in problem.gold),
        "label_right": trace.category == problem.category,
        "gives": bool(given),
        "of_kind": bool(given & candidates(problem)["kind"]),
        "follows": bool(given) and given == answer,
        "repeats": bool(given & answer),
    }
    return {name: int(value) for name, value in counts.items()}


SHIPPED = ShippedTable(PAPER / "release_targets.csv", compute, by_file=True)


def load() -> pd.DataFrame:
    """`summed` counts from the release, with the shipped counts of missing files."""
    return summed(SHIPPED.load())
