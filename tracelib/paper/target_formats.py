"""How the released targets of the conditions differ in more than their traces' contents.

Counted in the SFT sets' test files. Where the release cannot be had, the counts shipped with the
package stand in.
"""

import ast
from pathlib import Path

import pandas as pd

from tracelib.core.files import InputError, read_csv
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files
from tracelib.datasets.shipped import ShippedTable
from tracelib.traces.format import FACTS, parse


def compute() -> pd.DataFrame:
    """A row per dataset and condition of the release's SFT test sets.

    Returns dataset, condition, n, and how many targets: ``tagged`` have answer tags, ``facts_listed``
    have a printed list in step 2, ``answer_listed`` a printed list as the answer; and
    ``prompt_as_vanilla`` have the prompt of the same row of the vanilla set.
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
    """The user's and the assistant's turn of one row."""
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
load, shipped = SHIPPED.load, SHIPPED.read
