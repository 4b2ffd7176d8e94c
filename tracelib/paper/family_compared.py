"""Compare the conditions of the R1 family, and of the further seeds, on the same problems.

`tracelib.paper.r1_totals` has only totals and can only bound these results. From the outputs this module
makes paired tests, takes runs and problems as samples, and recomputes the stated accuracies.
"""

from collections import Counter

import pandas as pd

from tracelib.analysis.comparison import PAIRS, compare_conditions
from tracelib.datasets.family_files import FAMILY, SEEDS
from tracelib.paper import release
from tracelib.paper.family import CELL, ELSEWHERE, ENDINGS, NO_ANSWER, NOT_FOUND, coverage, of_group
from tracelib.paper.r1_totals import CONDITIONS, KINDS, RELATIONS, ROUNDING
from tracelib.scoring.metrics import names
from tracelib.stats import crossed
from tracelib.stats.estimate import not_estimated, noted
from tracelib.stats.holm import adjusted
from tracelib.stats.proportions import wilson

FIRST = "r1-traces"
AGAINST_R1 = tuple((FIRST, kind) for kind in KINDS if kind != FIRST)
RELEASED = "released"  # the run of the main release; its seed is not stated


def counts(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Right answers of the R1 family, in the columns of `tracelib.paper.r1_totals.counts`.

    Returns:
        A row per model, condition and relation, and one for all relations: model, condition, category, n,
        right. ``right`` is missing without outputs; for all relations, if any relation has none.
    """
    outcomes = of_group(outcomes, FAMILY)
    answers = outcomes.groupby(["model", "condition", "category"])[f"answer_{metric}"]
    found = {cell: (len(part), int(part.sum())) for cell, part in answers}
    usual = answers.size().groupby("category").max()
    rows = []
    for model in outcomes["model"].unique():
        for condition in KINDS:
            part = [
                found.get((model, condition, name), (int(usual.get(name, 0)), None)) for name in RELATIONS
            ]
            n, right = (list(values) for values in zip(*part, strict=True))
            whole = (sum(n), None if None in right else sum(right))
            rows += [
                (model, condition, category, *row)
                for category, row in zip((*RELATIONS, "all"), (*part, whole), strict=True)
            ]
    columns = ["model", "condition", "category", "n", "right"]
    return pd.DataFrame(rows, columns=columns).astype({"right": "Int64"})


def contrasts(outcomes: pd.DataFrame, metric: str = "corrected", by: tuple[str, ...] = ()) -> pd.DataFrame:
    """R1's traces minus each other condition of the R1 family, paired by problem.

    The rows are those of `tracelib.analysis.comparison.compare_conditions`. Holm's adjustment is over all
    models and conditions (and values of `by`).
    """
    return compare_conditions(of_group(outcomes, FAMILY), metric, AGAINST_R1, by)


def unanswered_as_wrong(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes with every output without an answer (`NO_ANSWER`) counted as wrong, by each metric."""
    answered = ~outcomes["ending"].isin(NO_ANSWER)
    columns = [f"answer_{metric}" for metric in names("cotempqa")]
    return outcomes.assign(**{column: outcomes[column] & answered for column in columns})


def endings(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How the outputs of each model and condition end.

    Returns:
        model, condition, n, a count for each of `ENDINGS`, official and corrected. The last two count the
        outputs without an answer (`NO_ANSWER`) that the metric nevertheless counts as right.
    """
    rows = []
    for (model, condition), part in outcomes.groupby(["model", "condition"], sort=False):
        found = {name: int((part["ending"] == name).sum()) for name in ENDINGS}
        silent = part["ending"].isin(NO_ANSWER)
        for metric in ("official", "corrected"):
            found[metric] = int((silent & part[f"answer_{metric}"]).sum())
        rows.append({"model": model, "condition": condition, "n": len(part), **found})
    return pd.DataFrame(rows)


def reproduced(outcomes: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """The stated accuracies and those of the outputs under the official metric, in percent.

    Args:
        stated: `tracelib.paper.r1_totals.load`.

    Returns:
        A row per file of outputs: group, `CELL`, versions (of the file), n, stated, ours, status. The status
        is ``same`` (to one decimal), ``differs``, ``no figure stated`` or ``no outputs here``.
    """
    figures = stated[stated["dataset"] == "CoTempQA"].rename(columns={"accuracy": "stated"})
    figures = figures.assign(condition=figures["condition"].replace(CONDITIONS))
    right = outcomes.assign(ours=100 * outcomes["answer_official"].astype("Float64"))
    ours = right.groupby(CELL, dropna=False)["ours"].agg(["size", "mean"]).reset_index()
    ours = ours.rename(columns={"size": "n", "mean": "ours"})
    table = coverage(outcomes)[["group", *CELL, "versions"]]
    table = table.merge(figures[[*CELL, "stated"]], on=CELL, how="left")
    table = table.merge(ours, on=CELL, how="left").astype({"n": "Int64"})
    table["status"] = [_status(row) for row in table.itertuples()]
    return table[["group", *CELL, "versions", "n", "stated", "ours", "status"]]


def _status(row) -> str:
    if pd.isna(row.ours):
        return "no outputs here"
    if pd.isna(row.stated):
        return "no figure stated"
    return "same" if abs(row.stated - row.ours) < ROUNDING else "differs"


def reproduced_sentence(compared: pd.DataFrame) -> str:
    """A sentence with the number of stated accuracies that the outputs reproduce, from `reproduced`."""
    checked = compared["status"].isin(["same", "differs"])
    if not checked.any():
        return "No stated accuracy is checked here."
    same = int((compared["status"] == "same").sum())
    return f"The outputs give {same} of {int(checked.sum())} stated accuracies, to the decimal stated."


def problems(outcomes: pd.DataFrame, main: pd.DataFrame) -> pd.DataFrame:
    """Whether each file holds the expected problems.

    A file of the R1 family should hold the same problems as most files of its relation. A file of a further
    seed should hold the main runs' test set.

    Args:
        main: outcomes of the main runs (`released`).

    Returns:
        A row per file: group, `CELL`, n, others (rows with an unexpected problem), lacking (expected problems
        that it does not have), elsewhere (rows whose problem the main runs have under another relation;
        missing if the problems of the main runs are incomplete).
    """
    rows = []
    for group in (FAMILY, SEEDS):
        for category, part in of_group(outcomes, group).groupby("category", sort=False):
            held = {cell: frozenset(file["problem"]) for cell, file in part.groupby(CELL, dropna=False)}
            usual = Counter(held.values()).most_common(1)[0][0]
            if group == SEEDS:
                usual = frozenset(main.loc[main["category"] == category, "problem"])
            for cell, file in part.groupby(CELL, dropna=False, sort=False):
                row = {"group": group, **dict(zip(CELL, cell, strict=True)), "n": len(file)}
                others = int((~file["problem"].isin(usual)).sum())
                row |= {"others": others, "lacking": len(usual - held[cell])}
                known = file["main_split"].notna().all()
                elsewhere = int((file["main_split"] == ELSEWHERE).sum()) if known else None
                rows.append(row | {"elsewhere": elsewhere})
    table = pd.DataFrame(rows)
    return table.astype({"elsewhere": "Int64"}) if len(table) else table


def released() -> pd.DataFrame:
    """The outcomes of the pinned release on CoTempQA, for the conditions that have further seeds."""
    outcomes = release.shipped_outcomes()
    same = outcomes["condition"].isin(list(CONDITIONS.values()))
    return outcomes[same & (outcomes["dataset"] == "cotempqa")]


def seed_contrasts(outcomes: pd.DataFrame, main: pd.DataFrame, metric: str = "corrected") -> pd.DataFrame:
    """Differences of two conditions over repeated runs, with intervals over runs and problems.

    The two conditions of a run share seed and problems, so they are paired by both. Interval and test are
    those of `tracelib.stats.crossed`. Problems that some run lacks are left out and counted in the note.

    Args:
        main: outcomes of the main runs (`released`), which add one run per model.

    Returns:
        A row per model and pair: model, first, second, the keys of `crossed.interval` (n: runs; items), runs
        (their names), ahead (runs in which the first is higher), p_holm (over models and pairs).
    """
    further = of_group(outcomes, SEEDS)
    main = main[main["model"].isin(further["model"].unique())]
    runs = pd.concat([main.assign(run=RELEASED), further.assign(run=further["seed"].astype(str))])
    rows = []
    for model, part in runs.groupby("model", sort=False):
        wide = part.set_index(["run", "item", "condition"])[f"answer_{metric}"].astype(float)
        wide = wide.unstack("condition").reindex(columns=list(CONDITIONS.values()))
        for first, second in PAIRS:
            gaps = (wide[first] - wide[second]).unstack("item").dropna(how="all")
            if len(gaps):
                pair = {"model": model, "first": first, "second": second, "runs": ", ".join(gaps.index)}
                common = gaps.dropna(axis=1)
                lost = len(gaps.columns) - len(common.columns)
                row = _over_runs(common)
                notes = (
                    row["note"],
                    f"{lost} problems that not all runs answered, left out" if lost and row["items"] else "",
                )
                rows.append(pair | row | {"note": noted(*notes)})
    return adjusted(pd.DataFrame(rows))


def _over_runs(gaps: pd.DataFrame) -> dict:
    """`seed_contrasts` of one pair.

    Args:
        gaps: (runs, problems) differences, without missing values.
    """
    if gaps.empty:
        note = "no problem that all runs answered"
        return not_estimated(len(gaps), crossed.METHOD, note, items=0, p=None, ahead=0)
    means = crossed.means(gaps)
    return {**crossed.interval(means), "ahead": int((means.by_seed > 0).sum())}


def trained_on(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How many of the R1 family's test problems are training problems of the main runs.

    Returns:
        A row per relation, and ``all``: category, n (problems), train, test, not_found (number in each
        split), and estimate, low, high of the share in train (Wilson). A category has no row if the split of
        some problem is unknown.
    """
    once = of_group(outcomes, FAMILY).drop_duplicates(["category", "problem"])
    rows = []
    for category in (*RELATIONS, "all"):
        part = once if category == "all" else once[once["category"] == category]
        if part["main_split"].isna().any():
            continue
        found = {name: int((part["main_split"] == name).sum()) for name in ("train", "test", NOT_FOUND)}
        row = {"category": category} | {name.replace(" ", "_"): count for name, count in found.items()}
        rows.append(row | wilson(found["train"], len(part)))
    return pd.DataFrame(rows)
