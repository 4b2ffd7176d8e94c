"""Display tables of `tracelib.paper.steps`, `following` and `targets`."""

import pandas as pd

from tracelib.paper.following import KINDS
from tracelib.paper.steps import RUNS
from tracelib.paper.targets import COUNTS
from tracelib.reporting.tables import without_empty_notes
from tracelib.stats.as_text import VERDICT, p_value, percent, plain
from tracelib.stats.estimate import unprefixed

CELLS = "Right answers by facts and label, each right or wrong (exact check): percent [95% Wilson interval]"
CONTRASTS = (
    "Right answers where a step is right minus where it is wrong, the other step being the same: points "
    "[95% Newcombe interval];\nwithin relations or categories: odds ratio [95% interval], exact test, Holm"
)
ANSWERED = "What is answered, by what the facts cited in the trace give: percent [95% Wilson interval]"
ENDS = {"estimate": "", "low": "_low", "high": "_high"}  # suffixes of a difference in `following.exclusion`


def cells(rates: pd.DataFrame) -> pd.DataFrame:
    """`steps.rates`: a row per run and combination of facts step and label step."""
    shown = rates[RUNS].assign(
        facts=rates["facts_correct"].map(VERDICT),
        label=rates["category_correct"].map(VERDICT),
        n=rates["n"],
        right=rates["answer_correct"],
    )
    return shown.assign(**{"answer right": [percent(row) for row in rates.to_dict("records")]})


def contrasts(found: pd.DataFrame) -> pd.DataFrame:
    """`steps.contrasts`: a row per run, step and state of the other step, if both sides have outputs."""
    found = found[(found["n_right"] > 0) & (found["n_wrong"] > 0)]
    rows = found.to_dict("records")
    odds = [unprefixed("odds_ratio", row) for row in rows]
    lacking = found[["odds_ratio", "p"]].isna().any(axis=1)
    shown = found[RUNS].assign(
        **{
            "step, given": found["step"] + ", " + found["given"],
            "n right, wrong": found["n_right"].astype(str) + ", " + found["n_wrong"].astype(str),
            "difference": [percent(row) for row in rows],
            "odds ratio": [plain(row, digits=1) for row in odds],
            "p (Holm)": [p_value(row["p_holm"]) for row in rows],
            "note": found["note"].where(lacking, ""),
        }
    )
    return without_empty_notes(shown)


def differences(found: pd.DataFrame) -> pd.DataFrame:
    """`contrasts` without the odds ratios and their notes."""
    return contrasts(found.assign(note="")).drop(columns="odds ratio")


def answered(found: pd.DataFrame) -> pd.DataFrame:
    """`following.answered`: a row per run and per answer that the cited facts give, a column per kind."""
    rows = []
    for names, part in found.groupby([*RUNS, "give"], sort=False):
        kinds = {row["answer"]: percent(row) for row in part.to_dict("records")}
        row = dict(zip([*RUNS, "cited facts give"], names, strict=True)) | {"n": int(part["n"].iloc[0])}
        rows.append(row | {words: kinds.get(kind, "–") for kind, words in KINDS.items()})
    return pd.DataFrame(rows)


def answered_otherwise(found: pd.DataFrame) -> pd.DataFrame:
    """`answered`, for outputs whose cited facts give another answer than the gold one."""
    return answered(found).drop(columns="cited facts give")


def answered_right(found: pd.DataFrame) -> pd.DataFrame:
    """`answered`, for outputs whose cited facts give the gold answer: how many answers are right."""
    return answered(found)[["model", "condition", "n", KINDS["gold_all_the_same"]]]


def exclusion(found: pd.DataFrame) -> pd.DataFrame:
    """`following.exclusion`: observed against expected counts, a row per run."""
    rows = found.to_dict("records")
    gaps = [{end: row[f"difference{suffix}"] for end, suffix in ENDS.items()} for row in rows]
    return (
        found[RUNS]
        .assign(
            **{
                "n": found["n"],
                "named": found["observed"],
                "chance": found["expected"].round(1),
                "difference": [percent(row) for row in gaps],
                "p (Holm)": [p_value(row["p_holm"]) for row in rows],
                "note": found["note"],
            }
        )
        .pipe(without_empty_notes)
    )


def with_and_without(found: pd.DataFrame) -> pd.DataFrame:
    """`following.with_and_without`: the same cited names in two models' wrong answers, a row per run."""
    rows = found.to_dict("records")
    return (
        found[RUNS]
        .assign(
            **{
                "n": found["n"],
                "named": found["own"],
                "without traces": found["untraced"],
                "difference": [percent(row) for row in rows],
                "p (Holm)": [p_value(row["p_holm"]) for row in rows],
                "note": found["note"],
            }
        )
        .pipe(without_empty_notes)
    )


def targets(counted: pd.DataFrame) -> pd.DataFrame:
    """`targets.summed`: a row per count, a column per split with at least one file."""
    columns = {"targets": [*COUNTS.values(), "files that could be read"]}
    for row in counted[counted["files"] > 0].to_dict("records"):
        name = f"{row['condition']}, {row['dataset']} {row['split']}"
        columns[name] = [*(f"{row[count]:,}" for count in COUNTS), f"{row['files']} of {row['of']}"]
    return pd.DataFrame(columns)
