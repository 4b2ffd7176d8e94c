"""Effects of conditions on rates, with intervals for other training seeds and other problems.

Each seed gives one rate, or one difference of two conditions. Conditions are paired within a seed: they share
its problems, their order and the initialisation. The primary interval is over seeds and problems
(`tracelib.stats.crossed`). Columns fixed_... have Student's t over seeds alone, which holds for these
problems only. `split` repeats a contrast on the problems that a rule without dates answers, and on the rest.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from tracelib.analysis.comparison import MARGIN, PAIRS
from tracelib.core.errors import InputError
from tracelib.stats import crossed, seeds
from tracelib.stats.crossed import Estimates
from tracelib.stats.estimate import noted
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import ALPHA, paired_difference
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import UNTRAINED

UNIT = ["problem", "item"]  # of a test set
EFFECT = (  # the columns of an effect, by `_row`
    "estimate", "low", "high", "p", "n", "items", "error", "df", "method", "note",
    "fixed_low", "fixed_high", "fixed_p",
)  # fmt: skip
CONTRAST = (
    "first", "second", *EFFECT, "p_equivalence", "equivalent", "fixed_p_equivalence", "mcnemar",
)  # fmt: skip
LEAST = 5  # a seed needs this many right traces and this many wrong traces for its shares to say anything
TOO_FEW = f"fewer than {LEAST} right, or wrong, traces in every seed"
ASSOCIATION = ("given_right", "given_wrong", "right", "wrong")
DOSES = {  # the share of training problems whose trace is incorrect
    "correct": 0.0, "dose-10": 0.1, "dose-25": 0.25, "dose-50": 0.5, "dose-75": 0.75, "incorrect": 1.0,
}  # fmt: skip
AGREEMENT = {  # (side of the effect of setting a trace, side of the association seen) -> in words
    (1, 1): "both above zero",
    (-1, -1): "both below zero",
    (0, 0): "neither shown",
    (1, 0): "set only",
    (-1, 0): "set only, below zero",
    (0, 1): "seen only",
    (0, -1): "seen only, below zero",
    (1, -1): "opposite",
    (-1, 1): "opposite",
}
MEASURES = {
    "answer_correct": "answer right",
    "category_correct": "category right",
    "retrieval_correct": "facts right",
    "trace_correct": "trace right",
}


def rates(outcomes: pd.DataFrame, measure: str, by: str = "setting") -> pd.DataFrame:
    """Share of items with `measure`: a row per seed, a column per (`by`, condition)."""
    table = outcomes.assign(**{measure: outcomes[measure].astype(float)})
    return table.groupby([by, "condition", "seed"], sort=False)[measure].mean().unstack("seed").T


def by_condition(
    outcomes: pd.DataFrame, measures: Sequence[str] = tuple(MEASURES), by: str = "setting"
) -> pd.DataFrame:
    """Mean rate over seeds with its interval, for each group, condition and measure.

    A model that was not trained answers the same with every seed. Its interval is Wilson's, over problems.

    Returns:
        `by`, condition, measure and `EFFECT` without p-values. Intervals are cut at 0 and 1; n is the number
        of seeds, items the number of problems.
    """
    rows = []
    for measure in measures:
        for (group, condition), part in outcomes.groupby([by, "condition"], sort=False):
            row = _row(_means(_indexed(part)[measure].astype(float)), 0, 1)
            row |= _of_problems(part[measure].dropna().astype(bool)) if condition in UNTRAINED else {}
            rows.append({by: group, "condition": condition, "measure": measure} | row)
    found = pd.DataFrame(rows, columns=[by, "condition", "measure", *EFFECT])
    return found.drop(columns=["p", "fixed_p"])


def _of_problems(holds: pd.Series) -> dict:
    found = wilson(int(holds.sum()), len(holds))
    return {name: found[name] for name in ("low", "high", "method", "note")}


def _row(estimates: Estimates, least: float = -1, most: float = 1, nothing: str = "") -> dict:
    """`EFFECT` from one estimate per seed.

    Args:
        least, most: the possible range, at which intervals are cut; -1 and 1 for a difference of shares.
        nothing: the note if there are no estimates.
    """
    row, here = crossed.interval(estimates), seeds.mean(estimates.by_seed)
    row |= {"fixed_low": here["low"], "fixed_high": here["high"], "fixed_p": here["p"]}
    if not row["n"]:
        row["note"] = nothing or row["note"]
    elif here["low"] is None and row["low"] is not None:
        row["note"] = noted(row["note"], f"these problems alone: {here['note']}")
    ends = [name for name in ("low", "high", "fixed_low", "fixed_high") if row[name] is not None]
    return row | {name: float(min(most, max(least, row[name]))) for name in ends}


def contrasts(
    outcomes: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    measure: str = "answer_correct",
    by: str = "setting",
) -> pd.DataFrame:
    """First minus second condition, paired by seed and problem, with equivalence tests.

    Returns:
        `by`, `CONTRAST`, p_holm and fixed_p_holm (over all rows). ``equivalent`` is at `MARGIN``; ``mcnemar``
        is the number of seeds in which McNemar's exact test over problems is significant at 5 %. A pair has
        no row if its group lacks a condition, and a row without numbers if no seed has a problem under both.
    """
    rows = []
    for group, part in outcomes.groupby(by, sort=False):
        for (first, second), estimates in paired(part, pairs, measure).items():
            row = _row(estimates)
            alike = crossed.equivalence(row, MARGIN)
            here = seeds.equivalence(estimates.by_seed, MARGIN)["p"]
            rows.append(
                {by: group, "first": first, "second": second}
                | row
                | {"p_equivalence": alike["p"], "equivalent": alike["equivalent"]}
                | {"fixed_p_equivalence": here}
                | {"mcnemar": _within(part, first, second, measure)}
            )
    return _family(rows, [by, *CONTRAST])


def paired(
    outcomes: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    measure: str = "answer_correct",
    by: str = "condition",
) -> dict[tuple[str, str], Estimates]:
    """First minus second of each pair of values of `by`, over the problems that both have in a seed.

    Args:
        outcomes: of one setting.

    Returns:
        (first, second) -> estimates. Pairs with an absent value are left out.
    """
    table = _measured(outcomes, measure, by)
    return {(a, b): _means(table[a] - table[b]) for a, b in pairs if a in table and b in table}


def _measured(outcomes: pd.DataFrame, measure: str, by: str = "condition") -> pd.DataFrame:
    """The measure as 0 and 1: a row per seed, problem and item, a column per value of `by`."""
    return _indexed(outcomes, by)[measure].astype(float).unstack()


def _indexed(rows: pd.DataFrame, *more: str) -> pd.DataFrame:
    """Rows by seed, problem and item. A test set can hold a problem twice, as two items."""
    with_problem = rows if "problem" in rows else rows.assign(problem=rows["item"])
    return with_problem.set_index(["seed", *UNIT, *more])


def _means(values: pd.Series) -> Estimates:
    """`crossed.means` of the known values, indexed by seed, problem and item."""
    return crossed.means(values.dropna().unstack(UNIT))


def _family(rows: list[dict], columns: Sequence[str]) -> pd.DataFrame:
    """The rows as a table, with p-values adjusted together by Holm (p_holm, fixed_p_holm)."""
    found = pd.DataFrame(rows, columns=columns)
    return adjusted(adjusted(found), p="fixed_p", into="fixed_p_holm")


def against(conditions: Sequence[str], references: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs for `contrasts`: each condition that is not a reference, with each reference."""
    others = [name for name in conditions if name not in references]
    return [(name, reference) for reference in references for name in others]


def _within(outcomes: pd.DataFrame, first: str, second: str, measure: str, by: str = "condition") -> int:
    """In how many seeds the exact McNemar test over the common items is significant."""
    count = 0
    for _, run in outcomes.groupby("seed"):
        both = run.set_index(["item", by])[measure].unstack().reindex(columns=[first, second]).dropna()
        p_value = paired_difference(*(both[name].astype(bool) for name in both))["p"] if len(both) else None
        count += p_value is not None and p_value < ALPHA
    return count


def equivalence(compared: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The equivalence tests of one pair as a family of their own.

    Returns:
        The pair's rows of `contrasts`; p_value, p_holm and equivalent are of the equivalence tests.
    """
    of_pair = compared["first"].eq(first) & compared["second"].eq(second)
    rows = (
        compared[of_pair]
        .drop(columns=["p", "fixed_p"])
        .rename(columns={"p_equivalence": "p", "fixed_p_equivalence": "fixed_p"})
    )
    rows = _family(rows.to_dict("records"), rows.columns)
    return rows.assign(equivalent=rows["p_holm"].astype(float) < ALPHA)


def association(outcomes: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """P(answer right | trace right) minus P(answer right | trace wrong), per condition.

    Only seeds with at least `LEAST` right and `LEAST` wrong traces count.

    Returns:
        `by`, condition, `EFFECT`, given_right and given_wrong (means over the seeds that count), right and
        wrong (number of traces), p_holm and fixed_p_holm over all rows. A condition without a seed that
        counts has a row with n 0, no estimates and a note.
    """
    rows = []
    for (group, condition), part in outcomes.groupby([by, "condition"], sort=False):
        right, wrong = _given(part)
        traces = part.loc[part["seed"].isin(right.by_seed.index), "trace_correct"].astype(bool)
        names = {by: group, "condition": condition}
        given = {"given_right": right.by_seed.mean(), "given_wrong": wrong.by_seed.mean()}
        counted = {"right": int(traces.sum()), "wrong": int((~traces).sum())}
        rows.append(names | _row(right - wrong, nothing=TOO_FEW) | given | counted)
    return _family(rows, [by, "condition", *EFFECT, *ASSOCIATION])


def seen(outcomes: pd.DataFrame) -> dict[str, Estimates]:
    """The estimates that `association` tests, by condition of one setting.

    The estimates of a condition are empty if no seed has enough traces of both kinds.
    """
    given = {name: _given(part) for name, part in outcomes.groupby("condition", sort=False)}
    return {name: right - wrong for name, (right, wrong) in given.items()}


def _given(outcomes: pd.DataFrame) -> tuple[Estimates, Estimates]:
    """Share of right answers given a right trace, and given a wrong one, in the seeds with enough of each."""
    table = _indexed(outcomes)[["answer_correct", "trace_correct"]].unstack(UNIT)
    answers, traces = (table[name].astype(float) for name in ("answer_correct", "trace_correct"))
    kinds = [answers.where(traces == kind) for kind in (1, 0)]
    enough = np.all([kind.notna().sum(axis=1) >= LEAST for kind in kinds], axis=0)
    right, wrong = (crossed.means(kind[enough]) for kind in kinds)
    return right, wrong


def slope(outcomes: pd.DataFrame, doses: Mapping[str, float], measure: str = "answer_correct") -> dict:
    """Change of a rate per unit of dose: `line` as a row of `EFFECT`.

    Args:
        outcomes: of one setting.
        doses: condition -> dose, or another number in its place (a length).
    """
    return _row(line(outcomes, doses, measure), -np.inf, np.inf)


def uncorrected(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with p_holm and fixed_p_holm for effects that are each a family of their own."""
    return rows.assign(p_holm=rows["p"], fixed_p_holm=rows["fixed_p"])


def line(outcomes: pd.DataFrame, doses: Mapping[str, float], measure: str = "answer_correct") -> Estimates:
    """The least-squares slope over the doses within each seed, over the problems that all doses have."""
    table = _measured(outcomes, measure).reindex(columns=list(doses)).dropna()
    slopes = seeds.slopes(list(doses.values()), table.to_numpy())
    return _means(pd.Series(slopes, table.index))


def forced(interventions: pd.DataFrame) -> pd.DataFrame:
    """Accuracy, and how often the answer follows the forced facts, per training condition and intervention.

    Returns:
        condition, intervention, measure (answer_correct or follows), `EFFECT`. Only some interventions have
        facts that give an answer; only these have rows for ``follows``.
    """
    rows = []
    for measure in ("answer_correct", "follows"):
        known = interventions[interventions[measure].notna()]
        for (condition, intervention), part in known.groupby(["condition", "intervention"], sort=False):
            names = {"condition": condition, "intervention": intervention, "measure": measure}
            rows.append(names | _row(_means(_indexed(part)[measure].astype(float)), 0, 1))
    return pd.DataFrame(rows)


def led_astray(interventions: pd.DataFrame) -> pd.DataFrame:
    """Whether answers follow forced facts that give a wrong answer, or are right all the same.

    Returns:
        condition, intervention, answers (their number), the shares follows, right and neither (means over
        seeds), and `EFFECT` for ``follows``. An answer can be both: ``follows`` and ``right`` have different
        metrics.
    """
    astray = interventions[interventions["leads_astray"].eq(True)]
    follows, right = (astray[name].astype(bool) for name in ("follows", "answer_correct"))
    kinds = pd.DataFrame({"follows": follows, "right": right, "neither": ~(follows | right)})
    keys = ["condition", "intervention"]
    shares = pd.concat([astray.drop(columns=list(kinds), errors="ignore"), kinds.astype(float)], axis=1)
    rows = []
    for names, part in shares.groupby(keys, sort=False):
        row = dict(zip(keys, names, strict=True)) | {"answers": len(part)}
        row |= part.groupby("seed")[list(kinds)].mean().mean().to_dict()
        rows.append(row | _row(_means(_indexed(part)["follows"]), 0, 1))
    return pd.DataFrame(rows)


def effect(interventions: pd.DataFrame, first: str = "gold", second: str = "wrong facts") -> pd.DataFrame:
    """Accuracy with one forced trace minus accuracy with another: `set_to` as a row per training condition.

    With the defaults this is the effect of do(trace correct).

    Returns:
        condition, `EFFECT`, mcnemar (as in `contrasts`), p_holm and fixed_p_holm over the rows.
    """
    rows = []
    for condition, estimates in set_to(interventions, first, second).items():
        part = interventions[interventions["condition"].eq(condition)]
        within = _within(part, first, second, "answer_correct", "intervention")
        rows.append({"condition": condition} | _row(estimates) | {"mcnemar": within})
    return _family(rows, ["condition", *EFFECT, "mcnemar"])


def set_to(
    interventions: pd.DataFrame, first: str = "gold", second: str = "wrong facts"
) -> dict[str, Estimates]:
    """Right answers with one forced trace minus with another, over the problems that have both.

    Returns:
        training condition -> estimates.
    """
    parts = interventions.groupby("condition", sort=False)
    found = {name: paired(part, [(first, second)], by="intervention") for name, part in parts}
    return {name: estimates for name, pair in found.items() for estimates in pair.values()}


def beside_set(outcomes: pd.DataFrame, interventions: pd.DataFrame) -> pd.DataFrame:
    """The outcomes (with the models' own traces) of the conditions and items that have interventions."""
    of_item = outcomes["item"].isin(interventions["item"])
    return outcomes[of_item & outcomes["condition"].isin(interventions["condition"])]


def exclusion(interventions: pd.DataFrame, chances: pd.DataFrame) -> pd.DataFrame:
    """How often a model answers with the name that a wrong trace cites, minus how often a guess would.

    Args:
        interventions: rows of one intervention.
        chances: rows of `tracelib.analysis.baselines.excluding`. Cases without a chance are left out; a
            condition without other cases has a row whose note says so.

    Returns:
        condition, cases, follows and chance (means over seeds), `EFFECT` of their difference, p_holm and
        fixed_p_holm. Below zero, the model names the cited name less often than a random guess would.
    """
    cases = interventions.merge(chances, "left", on=["seed", "item"])
    cases = cases.astype({"follows": float, "chance": float})
    rows = []
    for condition, part in cases.groupby("condition", sort=False):
        table = _indexed(part.dropna(subset=["follows", "chance"]))
        more = _means(table["follows"] - table["chance"])
        shares = table.groupby("seed")[["follows", "chance"]].mean().mean().to_dict()
        row = _row(more, nothing="no case in which the cited name is one of several that fit")
        rows.append({"condition": condition, "cases": len(table)} | shares | row)
    return _family(rows, ["condition", "cases", "follows", "chance", *EFFECT])


WHOLE, UNDATED, DATED, APART = "all problems", "no date needed", "dates decide", "their difference"
KINDS = {True: UNDATED, False: DATED}  # whether a rule without dates answers a problem -> kind of problem
WHERE = {  # (side of an effect where no date is needed, side where dates decide) -> in words
    (1, 1): "in both",
    (-1, -1): "in both",
    (1, -1): "opposite",
    (-1, 1): "opposite",
    (1, 0): "only where no date is needed",
    (-1, 0): "only where no date is needed",
    (0, 1): "only where dates decide",
    (0, -1): "only where dates decide",
    (0, 0): "in neither",
}
Contrast = Callable[[pd.DataFrame], Mapping[object, Estimates]]
NOTHING = crossed.means(pd.DataFrame())


def split(outcomes: pd.DataFrame, guessable: pd.Series, contrast: Contrast) -> pd.DataFrame:
    """A contrast on all problems, on the problems that a rule without dates answers, and on the others.

    Args:
        outcomes: outcomes or interventions of one setting, the input of `contrast`.
        guessable: whether the rule answers an item (`tracelib.analysis.baselines.guessable`).
        contrast: returns estimates by name, like `paired` and `set_to`.

    Returns:
        name (a pair as "first − second"), problems, `EFFECT`, p_holm and fixed_p_holm. ``problems`` is
        `WHOLE`, `UNDATED`, `DATED` or `APART` (undated minus dated); the rows of each are one family. A name
        without estimates on some problems has a row there whose note says so.

    Raises:
        InputError: `guessable` lacks an item.
    """
    lost = set(outcomes["item"]) - set(guessable.index)
    if lost:
        raise InputError(f"{len(lost)} items have no verdict of the rule, expected one for every item")
    undated = outcomes["item"].map(guessable).astype(bool)
    whole, *parts = contrast(outcomes), contrast(outcomes[undated]), contrast(outcomes[~undated])
    there, here = ({name: part.get(name, NOTHING) for name in whole} for part in parts)
    apart = {name: there[name] - here[name] for name in whole}
    rows = []
    for problems, estimates in {WHOLE: whole, UNDATED: there, DATED: here, APART: apart}.items():
        most = 2 if problems == APART else 1
        named = {_named(name): _row(part, -most, most) for name, part in estimates.items()}
        kind = [{"name": name, "problems": problems} | row for name, row in named.items()]
        rows.append(_family(kind, ["name", "problems", *EFFECT]))
    return pd.concat(rows, ignore_index=True)


def _named(name: object) -> str:
    return name if isinstance(name, str) else " − ".join(name)


def where(rows: pd.DataFrame) -> dict[str, str]:
    """On which kind of problems an effect is significant after Holm's correction, from the rows of `split`.

    Returns:
        name -> a value of `WHERE`, or which kind of problems has no test.
    """
    found: dict[str, str] = {}
    for name, part in rows.groupby("name", sort=False):
        of_kind = {row["problems"]: row for row in part.to_dict("records")}
        tested = [kind for kind in (UNDATED, DATED) if pd.notna(of_kind.get(kind, {}).get("p_holm"))]
        missing = " and ".join(kind for kind in (UNDATED, DATED) if kind not in tested)
        sides = tuple(side(of_kind[kind]) for kind in tested)
        found[str(name)] = f"not tested: {missing}" if missing else WHERE[sides]
    return found


def side(row: Mapping) -> int:
    """The sign of an effect that is significant at 5 % after Holm's correction; 0 for any other effect."""
    significant = not pd.isna(row["p_holm"]) and row["p_holm"] < ALPHA
    return int(np.sign(row["estimate"])) if significant else 0


def pattern(here: int, there: int) -> str:
    """Whether two experiments show the same effect, from the `side` of each."""
    if here and there:
        return "same direction" if here == there else "opposite directions"
    return "shown here only" if here else "shown there only" if there else "shown in neither"


def agreement(done: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Whether the effect of setting a trace and the association seen agree, per condition.

    Args:
        done: rows of `effect`.
        seen: rows of `association`.

    Returns:
        condition, agreement: a value of `AGREEMENT`, ``cannot be seen`` (no association estimate) or
        ``cannot be tested`` (one of the two has no p-value).
    """
    of_seen = {row["condition"]: row for row in seen.to_dict("records")}
    rows = []
    for row in done.to_dict("records"):
        other = of_seen.get(row["condition"])
        if other is None or pd.isna(other["estimate"]):
            verdict = "cannot be seen"
        elif pd.isna(row["p_holm"]) or pd.isna(other["p_holm"]):
            verdict = "cannot be tested"
        else:
            verdict = AGREEMENT[side(row), side(other)]
        rows.append({"condition": row["condition"], "agreement": verdict})
    return pd.DataFrame(rows)
