"""Compare every figure that the release states with the same figure computed from its outputs.

There are three kinds of figures: accuracies, partial credit (F1, precision, recall, average), and the cells
of the confusion matrices. A status is ``reproduced``, ``differs`` or ``cannot be checked``.
"""

from dataclasses import dataclass

import pandas as pd

from tracelib.core.frames import where
from tracelib.datasets import release_files
from tracelib.paper import release, specifications
from tracelib.paper.steps import RUNS
from tracelib.scoring.outcomes import counts_under

CREDIT = ("f1", "precision", "recall", "average")
EARLIER = {  # accuracies of Llama-3.2-1B-Instruct on correct traces, stated at another commit, fdd7c3ba
    "equal": 63.2,
    "during": 48.8,
    "mix": 8.0,
}
UNCHECKED = "cannot be checked"
ROUNDING = 0.0501  # the release prints one decimal; a tie may be rounded either way


@dataclass(frozen=True)
class Reproduction:
    """The results of `accuracies`, `partial_credit` and `matrices`."""

    accuracies: pd.DataFrame
    credit: pd.DataFrame
    matrices: pd.DataFrame


def compare(outcomes: pd.DataFrame, checks: pd.DataFrame) -> Reproduction:
    """Compare every stated figure with ours, under the release's metric and check."""
    stated = release.load_accuracies()
    ours = accuracies(counts_under(outcomes, "official"), stated)
    counted = matrices(release.load_matrices(), specifications.matrices(outcomes, checks), ours)
    return Reproduction(ours, partial_credit(outcomes, stated), counted)


def accuracies(computed: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """The stated accuracies and ours, in percent.

    Args:
        computed: counts under one metric (`tracelib.scoring.outcomes.counts`).
        stated: `tracelib.paper.release.read_accuracies`.

    Returns:
        A row per stated accuracy: dataset, model, condition, category, n, accuracy, ours, matrix, status,
        why. ``matrix`` is the accuracy in the release's own confusion matrix of the same run, if there is
        one. ``why`` explains a figure that is not reproduced.
    """
    keys = [*RUNS, "category"]
    rate = 100 * computed["answer_correct"] / computed["n"]
    table = stated.merge(computed.assign(ours=rate)[[*keys, "n", "ours"]], on=keys, how="left")
    table["status"] = _status(table["accuracy"], table["ours"])
    table["matrix"] = (100 * table["matrix_right"] / table["matrix_n"]).round(1)
    table["why"] = [_why_accuracy(row) for row in table.itertuples()]
    table["ours"] = table["ours"].round(1)
    table["n"] = table["n"].astype("Int64")
    return table[[*keys, "n", "accuracy", "ours", "matrix", "status", "why"]]


def _status(stated: pd.Series, ours: pd.Series) -> pd.Series:
    same = (stated.astype(float) - ours.astype(float)).abs() < ROUNDING
    status = same.map({True: "reproduced", False: "differs"})
    return status.where(ours.notna(), UNCHECKED)


def _why_accuracy(row) -> str:
    if row.status == "reproduced":
        return ""
    if row.status == "differs":
        return f"ours is {row.ours - row.accuracy:+.1f} points away"
    if pd.isna(row.matrix):
        return f"{_no_outputs(row.file)}; the release states no confusion matrix of this run"
    agrees = abs(row.matrix - row.accuracy) < ROUNDING
    word = "agrees with" if agrees else "contradicts"
    return f"{_no_outputs(row.file)}; {word} the confusion matrix of this run"


def _no_outputs(stated_in: str) -> str:
    """Why a stated figure has no outputs to check it."""
    files = release.outputs_behind(stated_in)
    if any(name not in release_files.tree() for name in files):
        return "outputs not in the public tree"
    lacking = release_files.absent(files)
    if not lacking and release_files.local_root() is not None:
        return "outputs here, but of no readable line"
    part = f"{len(lacking)} of {len(files)} files of " if 0 < len(lacking) < len(files) else ""
    return f"{part}outputs public, not in this copy"


def against_matrix(accuracies: pd.DataFrame) -> pd.DataFrame:
    """The rows of `accuracies` on MARCO that have a confusion matrix, with the column agrees (boolean)."""
    both = accuracies[(accuracies["dataset"] == "marco") & accuracies["matrix"].notna()]
    return both.assign(agrees=(both["matrix"] - both["accuracy"]).abs() < ROUNDING)


def contradicted(accuracies: pd.DataFrame) -> pd.Series:
    """The first stated accuracy that the release's own confusion matrix of the run contradicts."""
    against = against_matrix(accuracies)
    return against[~against["agrees"]].iloc[0]


def zeros(accuracies: pd.DataFrame) -> int:
    """The number of accuracies on MARCO that are stated as zero."""
    return len(where(accuracies, dataset="marco", accuracy=0))


def partial_credit(outcomes: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """The stated F1, precision, recall and average, and ours, in percent.

    On CoTempQA they are means over items of the official metric. On bAbI and MARCO they equal the accuracy.

    Returns:
        A row per figure: dataset, model, condition, category, quantity, stated, ours, status, why.
    """
    rows = outcomes.assign(category=outcomes["category"].where(outcomes["dataset"] == "cotempqa", "all"))
    exact = rows["answer_official"].fillna(rows["answer_exact"]).astype(float)
    for name in ("f1", "precision", "recall"):
        rows[name] = rows[f"official_{name}"].astype(float).fillna(exact)
    means = (
        100
        * rows.assign(exact=exact).groupby([*RUNS, "category"])[["exact", "f1", "precision", "recall"]].mean()
    )
    means["average"] = (means["exact"] + means["f1"]) / 2
    keys = [*RUNS, "category"]
    ours = means[list(CREDIT)].reset_index().melt(keys, var_name="quantity", value_name="ours")
    table = stated.melt([*keys, "file"], list(CREDIT), var_name="quantity", value_name="stated")
    table = table.merge(ours, on=[*keys, "quantity"], how="left")
    table["status"] = _status(table["stated"], table["ours"])
    table["why"] = [_no_outputs(row.file) if row.status == UNCHECKED else "" for row in table.itertuples()]
    return table.drop(columns="file")


def matrices(stated: pd.DataFrame, computed: pd.DataFrame, accuracies: pd.DataFrame) -> pd.DataFrame:
    """The counts of the stated confusion matrices, and ours.

    Args:
        stated: `tracelib.paper.release.read_matrices`.
        computed: `tracelib.paper.specifications.matrices`.
        accuracies: the result of `accuracies`, to see whether a matrix is of the same outputs.

    Returns:
        A row per stated count: dataset, model, condition, quantity, stated, n, computed, difference, status,
        why.
    """
    table = stated.dropna(subset="stated").merge(computed, on=[*RUNS, "quantity"], how="left")
    # With a file missing, a run would seem to have other outputs.
    lacking = pd.MultiIndex.from_frame(accuracies.loc[accuracies["n"].isna(), RUNS])
    part = pd.MultiIndex.from_frame(table[RUNS]).isin(lacking)
    table["computed"] = table["computed"].astype("Int64").mask(part)
    table["difference"] = table["computed"] - table["stated"]
    table["status"] = _status(table["stated"], table["computed"])
    right = _right(accuracies)
    whole = []
    for run, part in table.groupby(RUNS, sort=False):
        part["why"] = _why_matrix(part, right.get(run))
        whole.append(part)
    return pd.concat(whole, ignore_index=True).drop(columns="file")


def _right(accuracies: pd.DataFrame) -> dict[tuple, int]:
    """Number of right answers by the stated accuracies of each run, over all relations."""
    known = accuracies[accuracies["n"].notna()]
    counts = (known["accuracy"] * known["n"].astype(float) / 100).round()
    return counts.groupby([known[name] for name in RUNS]).sum().astype(int).to_dict()


def _why_matrix(part: pd.DataFrame, right: int | None) -> str:
    if (part["status"] == UNCHECKED).all():
        return _no_outputs(part["file"].iloc[0])
    if (part["status"] == "reproduced").all():
        return ""
    said = int(part.loc[part["quantity"] == "answer right", "stated"].iloc[0])
    labels = part.loc[part["quantity"] == "category right"].iloc[0]
    if part["dataset"].iloc[0] == "marco":
        ours = int(part.loc[part["quantity"] == "answer right", "computed"].iloc[0])
        return (
            f"the matrix counts {said} right answers, our exact match with any reference {ours}; by which "
            f"metric the release counts them on MARCO has not been checked"
        )
    return (
        f"the matrix is of other outputs: it counts {said} right answers, the stated accuracies of this "
        f"run {right}; and {labels['stated']} right labels, which no choice of gold row could change, the "
        f"outputs {labels['computed']}"
    )


def earlier(accuracies: pd.DataFrame) -> pd.DataFrame:
    """`EARLIER` and the released accuracies of the same run: relation, earlier, released."""
    run = where(accuracies, model=release.MODELS["l1"], condition="correct")
    final = run.set_index("category")["accuracy"]
    rows = [{"relation": name, "earlier": value, "released": final[name]} for name, value in EARLIER.items()]
    return pd.DataFrame(rows)


def summary(*tables: pd.DataFrame) -> pd.DataFrame:
    """Number of figures of each dataset by status, over all kinds: dataset, and a column per status."""
    rows = pd.concat([table[["dataset", "status"]] for table in tables])
    counted = rows.value_counts(sort=False).unstack(fill_value=0)
    statuses = ("reproduced", "differs", UNCHECKED)
    return counted.reindex(columns=statuses, fill_value=0).reset_index().rename_axis(columns=None)
