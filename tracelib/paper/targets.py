"""What the released targets teach about the facts they cite: to answer what these give, or anything but that.

Counted in the SFT sets that are there. Where the release cannot be had, the counts shipped with the package
stand in.
"""

from pathlib import Path

import pandas as pd

from tracelib import release
from tracelib.datasets import release_files
from tracelib.datasets.release_files import ASSETS, SFT_FILES, Unreachable
from tracelib.files import read_csv, written_beside
from tracelib.formats import turns_of
from tracelib.interventions import read_off
from tracelib.metrics import normalize
from tracelib.paper.following import candidates
from tracelib.printed import entries
from tracelib.problems import Problem
from tracelib.traces import parse
from tracelib.verify import cited_facts

SHIPPED = ASSETS / "release_targets.csv"
CONDITIONS = ("correct", "incorrect")
COUNTS = {  # columns of `compute`: how many targets
    "n": "there are",
    "cites": "cite a fact of the context",
    "cites_gold": "cite a gold fact",
    "cites_answer": "cite a fact that contains a gold answer",
    "label_right": "name the right label",
    "gives": "cite facts that give an answer (on CoTempQA alone it can be read off)",
    "of_kind": "cite a fact that gives a wrong name of the kind asked for",
    "follows": "answer what the cited facts give",
    "repeats": "name in their answer something that the cited facts give",
}


def compute() -> pd.DataFrame:
    """A row per dataset, condition and split of the released SFT sets, counts as in `COUNTS`.

    ``files`` and ``of`` say how many of the split's files are here; counts are of these alone. `Unreachable`
    if it is none of them.
    """
    listed = {
        (dataset, condition, split): names
        for dataset, conditions in SFT_FILES.items()
        for condition in CONDITIONS
        for split, names in conditions[condition].items()
    }
    release_files.available(name for names in listed.values() for name in names)
    return pd.DataFrame([_split(*key, names) for key, names in listed.items()])


def _split(dataset: str, condition: str, split: str, names: list[str]) -> dict:
    there = [name for name in names if release_files.copies(name)]
    counted = pd.DataFrame(
        [_counts(*pair) for name in there for pair in _targets(name, dataset)], columns=list(COUNTS)
    )
    row = {"dataset": dataset, "condition": condition, "split": split}
    return row | {"files": len(there), "of": len(names)} | counted.sum().astype(int).to_dict()


def _targets(name: str, dataset: str) -> list[tuple[Problem, str]]:
    """Problems of a file, each with the target to train on."""
    path = release_files.locate(name)
    turns = read_csv(path, turns_of)
    return list(zip(release.READERS[dataset](path), (target for _, target in turns), strict=True))


def _counts(problem: Problem, target: str) -> dict[str, int]:
    trace = parse(target)
    cited = cited_facts(problem.facts, trace.facts_text or "")
    given = {normalize(name) for name in read_off(problem, target)}
    answer = {normalize(name) for name in entries(trace.answer or "")}
    counts = {
        "n": True,
        "cites": bool(cited),
        "cites_gold": bool(cited & {fact.casefold() for fact in problem.supporting_facts}),
        "cites_answer": any(gold.casefold() in fact for fact in cited for gold in problem.gold),
        "label_right": trace.category == problem.category,
        "gives": bool(given),
        "of_kind": bool(given & candidates(problem)["kind"]),
        "follows": bool(given) and given == answer,
        "repeats": bool(given & answer),
    }
    return {name: int(value) for name, value in counts.items()}


def shipped() -> pd.DataFrame:
    """The counts that `derive` wrote into the package."""
    return pd.read_csv(SHIPPED)


def load() -> pd.DataFrame:
    """The counts from the release; a split of which the shipped counts rest on more files is as shipped."""
    try:
        table = compute()
    except Unreachable:
        return shipped()
    kept = shipped()
    return table.where(table["files"] >= kept["files"], kept, axis=0).astype(kept.dtypes)


def derive(target: Path = SHIPPED) -> int:
    """Rebuild the shipped counts from the files that are here; returns how many targets there are."""
    table = load()
    with written_beside(target) as beside:
        table.to_csv(beside, index=False)
    return int(table["n"].sum())
