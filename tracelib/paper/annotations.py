"""Check the verifier against two independent readings of a sample of the released outputs.

``docs/readings.md`` describes how the readings were made and which guide they followed. The labels are in
``assets/paper/readings.csv``: a row per output, with two judgements (right, wrong, absent) of its category,
its facts and its answer. The file holds no text of the release.
"""

import random
from collections.abc import Iterator

import pandas as pd

from tracelib.core.paths import PAPER
from tracelib.scoring.outputs import Output
from tracelib.stats.agreement import kappa
from tracelib.stats.estimate import interval_of, noted, prefixed
from tracelib.stats.proportions import wilson

LABELS = PAPER / "readings.csv"
ITEM = ["dataset", "model", "condition", "category", "item"]
STEPS = {  # what the readers judged -> the column of the outcomes with the verifier's verdict
    "category": "category_correct",
    "facts": "retrieval_correct",
    "answer": "answer_correct",
}
SHORTENED = "The output names the category 'lists', which is not a label; the readers took it as lists-sets."
EXPLAINED = {  # (step, number of the output) -> why a reading and the verifier differ
    ("category", 122): SHORTENED,
    ("category", 128): SHORTENED,
    ("facts", 111): "The fact is in a loop after the answer, not in a sentence that says that it is used.",
}
SAMPLE = 150
PER_STRATUM = 6
LONGEST = 6000  # characters of an output on a sheet, at most


def load() -> pd.DataFrame:
    """The labels, a row per output: `ITEM`, its stratum, ``category_1``, ``category_2``, ``facts_1``, ..."""
    return pd.read_csv(LABELS)


def stratum(outcomes: pd.DataFrame) -> pd.Series:
    """The stratum of each outcome: which steps are right, or that the steps were not found."""
    names = {(True, True): "both right", (True, False): "category only", (False, True): "retrieval only"}
    pairs = zip(outcomes["category_correct"], outcomes["retrieval_correct"], strict=True)
    classes = pd.Series([names.get(pair, "neither") for pair in pairs], index=outcomes.index)
    return classes.where(outcomes["parsed"], "steps missing")


def sample(outcomes: pd.DataFrame, seed: int = 1) -> list[int]:
    """Positions of `SAMPLE` outcomes, in random order: `PER_STRATUM` of each dataset x model x verdict.

    A smaller stratum gives all its outcomes. The largest strata give one more each, until the sample is full.
    The shipped labels were drawn with an earlier verifier and keep its verdicts. Only tests call this
    function: it documents how the readings were drawn.
    """
    rng = random.Random(f"readings/{seed}")
    table = outcomes.reset_index(drop=True).assign(verdict=lambda rows: stratum(rows))
    groups = {key: list(rows.index) for key, rows in table.groupby(["dataset", "model", "verdict"])}
    take = {key: min(PER_STRATUM, len(rows)) for key, rows in groups.items()}
    for key in sorted(groups, key=lambda key: -len(groups[key]))[: SAMPLE - sum(take.values())]:
        take[key] += 1
    chosen = [row for key, rows in groups.items() for row in rng.sample(rows, take[key])]
    rng.shuffle(chosen)
    return chosen


def sheet(outputs: list[Output], chosen: list[int]) -> Iterator[str]:
    """The text for the readers, one chosen output at a time, numbered from 1.

    It does not show model, condition or verdict. Only tests call this function: it documents what the
    readers saw.
    """
    for number, place in enumerate(chosen, start=1):
        problem = outputs[place].problem
        facts = "\n".join(f"  [{index}] {fact}" for index, fact in enumerate(problem.facts))
        yield (
            f"=== {number}\nQUESTION: {problem.question}\nCONTEXT FACTS:\n{facts}\n"
            f"GOLD CATEGORY: {problem.category}\nGOLD FACTS: {list(problem.supporting)}\n"
            f"GOLD ANSWER(S): {list(problem.gold)}\n"
            f"OUTPUT:\n<<<\n{outputs[place].prediction[:LONGEST]}\n>>>\n"
        )


def compared(labels: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The labels, with the verifier's verdicts on the same outputs as columns ``category_verdict``, ..."""
    verdicts = outcomes[[*ITEM, *STEPS.values()]].rename(
        columns={column: f"{step}_verdict" for step, column in STEPS.items()}
    )
    return labels.merge(verdicts, on=ITEM, how="left", validate="one_to_one")


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Agreement of the two readings and the verifier, a row per step and pair of judges.

    Judgements are right or not right; an absent step is not right, as in a verdict. The sample is
    stratified, so the figures hold for the sample, not for the whole release.

    Returns:
        step, judges, n, agree (outputs), estimate, low, high (their share, Wilson), kappa, kappa_low,
        kappa_high (`tracelib.stats.agreement`), note.
    """
    rows = []
    for step in STEPS:
        known = table[table[f"{step}_verdict"].notna()]
        lost = len(table) - len(known)
        left_out = f"{lost} outputs without a verdict, left out" if lost else ""
        right = {judge: known[f"{step}_{judge}"] == "right" for judge in ("1", "2")}
        right["verdict"] = known[f"{step}_verdict"].astype(bool)
        for one, other in (("1", "2"), ("1", "verdict"), ("2", "verdict")):
            row = _agreement(step, one, other, right[one], right[other])
            rows.append(row | {"note": noted(row["note"], left_out)})
    return pd.DataFrame(rows)


def _agreement(step: str, one: str, other: str, first: pd.Series, second: pd.Series) -> dict:
    agreeing, n = int((first == second).sum()), len(first)
    rate, beyond = wilson(agreeing, n), kappa(first, second)
    judges = {"1": "first reading", "2": "second reading", "verdict": "verifier"}
    row = {"step": step, "judges": f"{judges[one]}, {judges[other]}", "n": n, "agree": agreeing}
    row |= interval_of(rate) | prefixed("kappa", beyond)
    return row | {"note": rate["note"] or beyond["note"]}


def disagreements(table: pd.DataFrame) -> pd.DataFrame:
    """A row per output and step on which a reading and the verifier differ, with the reason.

    Outputs without a verdict are left out, as in `agreement`.
    """
    rows = []
    for step in STEPS:
        for row in table[table[f"{step}_verdict"].notna()].itertuples(index=False):
            read = {getattr(row, f"{step}_{judge}") for judge in ("1", "2")}
            verdict = "right" if getattr(row, f"{step}_verdict") else "not right"
            if any((reading == "right") != (verdict == "right") for reading in read):
                rows.append(
                    {
                        "output": row.number,
                        "dataset": row.dataset,
                        "step": step,
                        "read as": ", ".join(sorted(read)),
                        "verdict": verdict,
                        "why": EXPLAINED.get((step, row.number), "not explained yet"),
                    }
                )
    return pd.DataFrame(rows, columns=["output", "dataset", "step", "read as", "verdict", "why"])
