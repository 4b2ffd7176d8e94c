"""How the released targets of the conditions differ in format, besides the contents of their traces.

The counts are over the test files of the SFT sets. Without the release, the counts that the package ships
stand in.
"""

import ast
from pathlib import Path

import pandas as pd

from tracelib.core.csv_files import read_csv
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files
from tracelib.datasets.shipped import ShippedTable
from tracelib.traces.format import FACTS, parse


def compute() -> pd.DataFrame:
    """Counts of formats in the release's SFT test sets.

    Returns:
        A row per dataset and condition: dataset, condition, n (targets), and how many have: answer tags
        (``tagged``), a printed list in step 2 (``facts_listed``), a printed list as the answer
        (``answer_listed``), the same prompt as the same row of the vanilla set (``prompt_as_vanilla``).
    """
    rows = []
    for dataset, conditions in release_files.SFT_FILES.items():
        vanilla: list[str] = []
        for condition, splits in conditions.items():
            turns = [
                turn for name in splits["test"] for turn in read_csv(release_files.locate(name), turns_of)
            ]
            prompts = [prompt for prompt, _ in turns]
            vanilla = vanilla or prompts
            same = sum(one == other for one, other in zip(prompts, vanilla, strict=True))
            counts = pd.DataFrame([_shape(target) for _, target in turns]).sum().to_dict()
            rows.append(
                {
                    "dataset": dataset,
                    "condition": condition,
                    "n": len(turns),
                    **counts,
                    "prompt_as_vanilla": same,
                }
            )
    return pd.DataFrame(rows)


def turns_of(record: dict, path: str | Path, line: int) -> tuple[str, str]:
    """The user's turn and the assistant's turn of one row of an SFT set."""
    try:
        user, assistant = ast.literal_eval(record["messages"])
        return user["content"], assistant["content"]
    except (KeyError, TypeError, ValueError, SyntaxError):
        raise InputError("field 'messages': expected a printed list of two turns", path, line) from None


def _shape(target: str) -> dict[str, bool]:
    trace = parse(target)
    facts = FACTS.search(target)
    return {
        "tagged": trace.tagged,
        "facts_listed": bool(facts) and target[facts.end() :].lstrip().startswith("["),
        "answer_listed": (trace.answer or "").startswith("["),
    }


SHIPPED = ShippedTable(PAPER / "release_formats.csv", compute)
load = SHIPPED.load
