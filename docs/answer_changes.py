"""The verdicts on released outputs that changed when one documented procedure began to find all answers.

Writes ``answer-changes.csv`` beside this file: a row per output and metric whose verdict differs from the
table of outcomes shipped at commit `BEFORE`, with the reason. The rows hold ids and labels, no text of the
release. The script needs the git history and a local copy of the outputs::

    TRACELIB_DATA=FOLDER python docs/answer_changes.py

Before the change, bAbI's metric `exact` was the release's own search, which is now its metric `official`.
MARCO's outputs are missing from the shipped table, because the copy of the release lacked them.
"""

import io
import subprocess
from pathlib import Path

import pandas as pd

from tracelib.core.texts import normal, normal_set
from tracelib.paper import release
from tracelib.scoring.outcomes import RUN, as_outcomes
from tracelib.scoring.outputs import Output
from tracelib.traces.answers import find

BEFORE = "b587212"
TABLE = "tracelib/assets/paper/release_outcomes.parquet"
FILE = Path(__file__).with_name("answer-changes.csv")
METRICS = ("corrected", "official", "strict", "exact")
KEYS = [*(name for name in RUN if name != "seed"), "category", "item"]
ALONE = "read {} alone; before, with the text around it"
PLACES = {"label": "after the last label", "box": "in the last box", "bare": "yes or no before a comma"}
WHY = {  # (condition, item) -> reason, from reading these outputs one by one
    ("incorrect", "ef58ef5b8325"): "what follows a printed list counts",
    ("incorrect", "5b94c60f75ef"): "another kind of apostrophe makes no difference",
    ("incorrect", "2d2837fdd5e8"): "an entry of a list is read without quotes too",
    ("incorrect", "4d4d31dff1f4"): "entries with commas between are a list without brackets too",
    ("incorrect", "e1d22ef66739"): "read after the label; entries of a list are read without quotes too",
    ("correct", "e81e878a9b9b"): "the answer stands in the thought alone",
    ("incorrect", "28f028177280"): "the answer stands in a thought that is never closed",
    ("correct", "59eda5d2ae50"): "a list is compared as a set",
    ("incorrect", "59eda5d2ae50"): "a list is compared as a set",
    ("correct", "6584daa11afa"): "read after the label; before, the facts repeated after it were the answer",
}


def earlier() -> pd.DataFrame:
    """The outcomes shipped at `BEFORE`."""
    shown = subprocess.run(["git", "show", f"{BEFORE}:{TABLE}"], capture_output=True, check=True)
    return as_outcomes(pd.read_parquet(io.BytesIO(shown.stdout)).assign(found=None))


def reason(output: Output, item: str, found: str) -> str:
    """Why the verdict on an output changed."""
    if known := WHY.get((output.condition, item)):
        return known
    labelled = output.prediction.partition("nswer:")[2].strip().lower()
    if labelled.startswith("the ") and normal(labelled) in normal_set(output.problem.gold):
        return "a leading article makes no difference"
    if (find(output.prediction).text or "").strip(". ").isdigit():
        return "a number in figures is the one in words"
    return ALONE.format(PLACES[found])


def changes(before: pd.DataFrame, after: pd.DataFrame, outputs: list[Output]) -> pd.DataFrame:
    """A row per output and metric whose verdict changed: `KEYS`, metric, before, after, found, why."""
    if not len(before) == len(after) == len(outputs):
        raise SystemExit("the outputs of the whole release are needed")
    rows = []
    for metric in METRICS:
        verdict = f"answer_{metric}"
        changed = (before[verdict] != after[verdict]) & before[verdict].notna()
        for place in after.index[changed.fillna(False)]:
            row = after.loc[place]
            rows.append(
                {
                    **row[KEYS],
                    "metric": metric,
                    "before": before.loc[place, verdict],
                    "after": row[verdict],
                    "found": row["found"],
                    "why": reason(outputs[place], row["item"], row["found"]),
                }
            )
    return pd.DataFrame(rows).sort_values([*KEYS, "metric"], ignore_index=True)


if __name__ == "__main__":
    changes(earlier(), release.shipped_outcomes(), release.load_outputs()).to_csv(FILE, index=False)
