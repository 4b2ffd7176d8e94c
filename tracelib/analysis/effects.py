"""Effects over training seeds and problems: what other trainings would give, on other problems.

Seeds and problems are both samples. Every seed gives one rate or one difference, conditions of a seed being
compared in pairs, since they share problems, order and start; the primary interval crosses seeds and problems
(`tracelib.stats.crossed`). Beside it stands Student's t over the seeds alone (columns fixed_...), which is
about these problems and no others. `split` asks the same of the problems that a rule answers without dates.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from tracelib.analysis.comparison import MARGIN, PAIRS
from tracelib.core.files import InputError
from tracelib.stats import crossed, seeds
from tracelib.stats.crossed import Estimates
from tracelib.stats.paired import ALPHA, holm, paired_difference

UNIT = ["problem", "item"]  # of a test set
EFFECT = (  # of `_row`
    "estimate", "low", "high", "p_value", "n", "items", "error", "df", "method", "note",
    "fixed_low", "fixed_high", "fixed_p",
)  # fmt: skip
CONTRAST = (
    "first", "second", *EFFECT, "p_equivalence", "equivalent", "fixed_p_equivalence", "mcnemar",
)  # fmt: skip
LEAST = 5  # right and wrong traces each in a seed, or a share among them says nothing
TOO_FEW = f"fewer than {LEAST} right, or wrong, traces in every seed"
ASSOCIATION = ("given_right", "given_wrong", "right", "wrong")
DOSES = {  # the share of training problems whose trace is incorrect
    "correct": 0.0, "dose-10": 0.1, "dose-25": 0.25, "dose-50": 0.5, "dose-75": 0.75, "incorrect": 1.0,
}  # fmt: skip
CORNERS = ("correct", "wrong-category", "wrong-facts", "both-wrong")  # one format, as many facts
AGREEMENT = {  # of the effect of setting a trace and the association seen: 1 above zero, -1 below, 0 open
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
    """Share of items with `measure`, seeds in rows, (`by`, condition) in columns."""
    table = outcomes.assign(**{measure: outcomes[measure].astype(float)})
    return table.groupby([by, "condition", "seed"], sort=False)[measure].mean().unstack("seed").T


def by_condition(
    outcomes: pd.DataFrame, measures: Sequence[str] = tuple(MEASURES), by: str = "setting"
) -> pd.DataFrame:
    """Mean rate over seeds with its interval: columns `by`, condition, measure, `EFFECT`.

    An interval is cut at 0 and 1. n is the number of seeds, items that of problems.
    """
    rows = []
    for measure in measures:
        for (group, condition), part in outcomes.groupby([by, "condition"], sort=False):
            row = _row(_means(_indexed(part)[measure].astype(float)), 0, 1)
            rows.append({by: group, "condition": condition, "measure": measure} | row)
    found = pd.DataFrame(rows, columns=[by, "condition", "measure", *EFFECT])
    return found.drop(columns=["p_value", "fixed_p"])


def _row(estimates: Estimates, least: float = -1, most: float = 1, nothing: str = "") -> dict:
    """An effect for other seeds and problems, and (fixed_low, fixed_high, fixed_p) for these problems.

    Intervals are cut at what is possible: for a difference of two shares, -1 and 1. `nothing` is the note
    where there are no estimates.
    """
    row, here = crossed.interval(estimates), seeds.mean(estimates.by_seed)
    row |= {"fixed_low": here["low"], "fixed_high": here["high"], "fixed_p": here["p_value"]}
    if not row["n"]:
        row["note"] = nothing or row["note"]
    elif here["low"] is None and row["low"] is not None:
        row["note"] = "; ".join(filter(None, [row["note"], f"these problems alone: {here['note']}"]))
    ends = [name for name in ("low", "high", "fixed_low", "fixed_high") if row[name] is not None]
    return row | {name: float(min(most, max(least, row[name]))) for name in ends}


def contrasts(
    outcomes: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    measure: str = "answer_correct",
    by: str = "setting",
) -> pd.DataFrame:
    """First minus second condition, paired by seed and problem; Holm over all rows, equivalence.

    Columns: `by`, `CONTRAST` (equivalent within `MARGIN`; mcnemar: in how many of the seeds the problems
    alone differ at 5 %, by the exact test), p_holm and fixed_p_holm. Pairs of which a group lacks a
    condition have no row; pairs that share no problem in any seed have one without numbers.
    """
    rows = []
    for group, part in outcomes.groupby(by, sort=False):
        for (first, second), estimates in paired(part, pairs, measure).items():
            row = _row(estimates)
            alike = crossed.equivalence(row, MARGIN)
            here = seeds.equivalence(estimates.by_seed, MARGIN)["p_value"]
            rows.append(
                {by: group, "first": first, "second": second}
                | row
                | {"p_equivalence": alike["p_value"], "equivalent": alike["equivalent"]}
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
    """First minus second of each pair of values of `by`, on the problems that both have in a seed.

    Outcomes are of one setting. Pairs of which one value is not there are left out.
    """
    table = _measured(outcomes, measure, by)
    return {(a, b): _means(table[a] - table[b]) for a, b in pairs if a in table and b in table}


def _measured(outcomes: pd.DataFrame, measure: str, by: str = "condition") -> pd.DataFrame:
    """0 and 1 by seed and item in rows, a column per value of `by`."""
    return _indexed(outcomes, by)[measure].astype(float).unstack()


def _indexed(rows: pd.DataFrame, *more: str) -> pd.DataFrame:
    """Rows by seed, problem and item. A test set can hold a problem twice, as two items."""
    with_problem = rows if "problem" in rows else rows.assign(problem=rows["item"])
    return with_problem.set_index(["seed", *UNIT, *more])


def _means(values: pd.Series) -> Estimates:
    """`crossed.means` of values by seed, problem and item, where these are known."""
    return crossed.means(values.dropna().unstack(UNIT))


def _family(rows: list[dict], columns: Sequence[str]) -> pd.DataFrame:
    """Tested rows as a table, its p-values corrected together by Holm (p_holm, fixed_p_holm)."""
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(p_holm=holm(found["p_value"].tolist()), fixed_p_holm=holm(found["fixed_p"].tolist()))


def against(conditions: Sequence[str], references: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs for `contrasts`: every condition that is no reference, with each of the references."""
    others = [name for name in conditions if name not in references]
    return [(name, reference) for reference in references for name in others]


def _within(outcomes: pd.DataFrame, first: str, second: str, measure: str, by: str = "condition") -> int:
    """In how many seeds the exact McNemar test, over the items that have both, finds a difference."""
    count = 0
    for _, run in outcomes.groupby("seed"):
        both = run.set_index(["item", by])[measure].unstack().reindex(columns=[first, second]).dropna()
        p_value = paired_difference(*(both[name].astype(bool) for name in both))["p"] if len(both) else None
        count += p_value is not None and p_value < ALPHA
    return count


def equivalence(compared: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Rows of `contrasts` about one pair, as a family: p-values and `equivalent` of the equivalence tests."""
    of_pair = compared["first"].eq(first) & compared["second"].eq(second)
    rows = (
        compared[of_pair]
        .drop(columns=["p_value", "fixed_p"])
        .rename(columns={"p_equivalence": "p_value", "fixed_p_equivalence": "fixed_p"})
    )
    rows = _family(rows.to_dict("records"), rows.columns)
    return rows.assign(equivalent=rows["p_holm"].astype(float) < ALPHA)


def association(outcomes: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """P(answer right given trace right) minus given wrong, per condition, over the seeds with enough of both.

    Columns: `by`, condition, `EFFECT`, given_right, given_wrong (their means over those seeds), right, wrong
    (how many traces), p_holm and fixed_p_holm over all rows. A condition with fewer than `LEAST` traces of
    one kind in every seed has a row with n 0, no estimates and a note.
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
    """What `association` tests, by condition of one setting; nothing of those without enough traces."""
    given = {name: _given(part) for name, part in outcomes.groupby("condition", sort=False)}
    return {name: right - wrong for name, (right, wrong) in given.items()}


def _given(outcomes: pd.DataFrame) -> tuple[Estimates, Estimates]:
    """Share of right answers given a right, and given a wrong trace, of the seeds with enough of each."""
    table = _indexed(outcomes)[["answer_correct", "trace_correct"]].unstack(UNIT)
    answers, traces = (table[name].astype(float) for name in ("answer_correct", "trace_correct"))
    kinds = [answers.where(traces == kind) for kind in (1, 0)]
    enough = np.all([kind.notna().sum(axis=1) >= LEAST for kind in kinds], axis=0)
    right, wrong = (crossed.means(kind[enough]) for kind in kinds)
    return right, wrong


def slope(outcomes: pd.DataFrame, doses: Mapping[str, float], measure: str = "answer_correct") -> dict:
    """Change of a rate per unit of dose: `line` as one row.

    `doses` gives each condition's dose, or what else is in its place (a length); outcomes are of one setting.
    """
    return _row(line(outcomes, doses, measure), -np.inf, np.inf)


def uncorrected(rows: pd.DataFrame) -> pd.DataFrame:
    """Effects that are each a family of their own: Holm's correction changes nothing."""
    return rows.assign(p_holm=rows["p_value"], fixed_p_holm=rows["fixed_p"])


def line(outcomes: pd.DataFrame, doses: Mapping[str, float], measure: str = "answer_correct") -> Estimates:
    """The least-squares slope over the doses within each seed, on the problems that every dose has."""
    table = _measured(outcomes, measure).reindex(columns=list(doses)).dropna()
    slopes = seeds.slopes(list(doses.values()), table.to_numpy())
    return _means(pd.Series(slopes, table.index))


def factorial(outcomes: pd.DataFrame, measure: str = "answer_correct") -> pd.DataFrame:
    """What a wrong category and wrong facts do to a rate: `corners` as rows.

    Columns: effect, `EFFECT`, p_holm and fixed_p_holm over the rows.
    """
    most = {"interaction": 2}  # of four shares, the others of two means of two
    found = corners(outcomes, measure).items()
    rows = [{"effect": name} | _row(e, -most.get(name, 1), most.get(name, 1)) for name, e in found]
    return _family(rows, ["effect", *EFFECT])


def corners(outcomes: pd.DataFrame, measure: str = "answer_correct") -> dict[str, Estimates]:
    """The main effects of the four `CORNERS` of one setting (means over both levels of the other factor).

    And their interaction: how much more a wrong category changes where the facts are wrong too.
    """
    table = _measured(outcomes, measure).reindex(columns=list(CORNERS)).dropna()
    neither, category, facts, both = (table[name] for name in CORNERS)
    values = {
        "wrong category": (category + both - neither - facts) / 2,
        "wrong facts": (facts + both - neither - category) / 2,
        "interaction": both - facts - category + neither,
    }
    return {name: _means(value) for name, value in values.items()}


def forced(interventions: pd.DataFrame) -> pd.DataFrame:
    """Per condition trained on and intervention: accuracy, and how often the answer follows the forced facts.

    Columns: condition, intervention, measure (answer_correct, follows), `EFFECT`. What the facts of a trace
    give is known for some interventions only; `follows` has rows for these.
    """
    rows = []
    for measure in ("answer_correct", "follows"):
        known = interventions[interventions[measure].notna()]
        for (condition, intervention), part in known.groupby(["condition", "intervention"], sort=False):
            names = {"condition": condition, "intervention": intervention, "measure": measure}
            rows.append(names | _row(_means(_indexed(part)[measure].astype(float)), 0, 1))
    return pd.DataFrame(rows)


def led_astray(interventions: pd.DataFrame) -> pd.DataFrame:
    """What is answered where the forced facts give another answer than the right one.

    Columns: condition, intervention, answers (how many), follows (the answer that the facts give), right (the
    right one all the same), neither: means over seeds of each seed's share; and `EFFECT` for `follows`.
    One metric decides that an answer follows, another that it is right, so both can hold.
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
    """Accuracy with one trace forced minus with another: `set_to` as rows, one per condition trained on.

    Columns: condition, `EFFECT`, p_holm and fixed_p_holm over the rows, mcnemar: in how many seeds the
    problems alone differ, by the exact test. With the defaults, the effect of do(trace correct).
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
    """Per condition trained on: right answers with one trace forced minus with another, on what has both."""
    parts = interventions.groupby("condition", sort=False)
    found = {name: paired(part, [(first, second)], by="intervention") for name, part in parts}
    return {name: estimates for name, pair in found.items() for estimates in pair.values()}


def beside_set(outcomes: pd.DataFrame, interventions: pd.DataFrame) -> pd.DataFrame:
    """The outcomes of those conditions and items for which a trace was set: the models' own traces there."""
    of_item = outcomes["item"].isin(interventions["item"])
    return outcomes[of_item & outcomes["condition"].isin(interventions["condition"])]


def exclusion(interventions: pd.DataFrame, chances: pd.DataFrame) -> pd.DataFrame:
    """How often the one name that a wrong trace cites is the answer, minus how often a guess among names is.

    Args:
        interventions: rows of one intervention.
        chances: of `tracelib.analysis.baselines.excluding`, by seed and item; cases without a chance are left
        out, and
            a condition without any other has a row that says so.

    Returns:
        condition, cases, follows and chance (means over seeds), `EFFECT` of their difference, p_holm and
        fixed_p_holm. Below zero the model answers with the cited name less often than a guess would.
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


def set_minus_seen(interventions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The effect of setting a trace (gold minus wrong facts) minus the association seen, seed by seed.

    Above zero, setting a right trace does more than seeing one suggests. Columns: condition, `EFFECT` over
    the seeds with enough right and wrong traces, p_holm and fixed_p_holm over the rows.
    """
    rows = []
    association = seen(outcomes)
    for condition, estimates in set_to(interventions).items():
        difference = estimates - association.get(condition, NOTHING)
        rows.append({"condition": condition} | _row(difference, -2, 2, TOO_FEW))
    return _family(rows, ["condition", *EFFECT])


WHOLE, UNDATED, DATED, APART = "all problems", "no date needed", "dates decide", "their difference"
KINDS = {True: UNDATED, False: DATED}  # of problems, by whether a rule without dates answers them
WHERE = {  # of the sides of an effect where no date is needed, and where dates decide
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
    """A contrast on all problems, on those that a rule without dates answers, and on the others.

    Args:
        outcomes: of one setting, or interventions; what `contrast` reads.
        guessable: by item, whether the rule answers it (`tracelib.analysis.baselines.guessable`).
        contrast: gives estimates by name, as `paired` and `set_to` do.

    Returns:
        name (a pair as "first − second"), problems (`WHOLE`, `UNDATED`, `DATED`, and `APART`: the second
        minus the third), `EFFECT`, p_holm and fixed_p_holm, each over the names of one kind of problems. A
        name that a kind of problems tells nothing of has a row that says so.

    Raises `InputError` for an item that `guessable` does not have.
    """
    lost = set(outcomes["item"]) - set(guessable.index)
    if lost:
        raise InputError(f"{len(lost)} items are none of the problems that the rule was tried on")
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
    """By name, on which problems of `split` an effect is shown after Holm: a value of `WHERE`.

    Or that one of the two kinds has no test.
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
    """1 for an effect above zero at 5 % after Holm, -1 below it, 0 where that is open or was not tested."""
    significant = not pd.isna(row["p_holm"]) and row["p_holm"] < ALPHA
    return int(np.sign(row["estimate"])) if significant else 0


def pattern(here: int, there: int) -> str:
    """Whether two experiments show the same, by the `side` of each."""
    if here and there:
        return "same direction" if here == there else "opposite directions"
    return "shown here only" if here else "shown there only" if there else "shown in neither"


def agreement(done: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Whether setting a trace (`effect`) and seeing it (`association`) say the same, per condition.

    Columns: condition, agreement: a value of `AGREEMENT`; or that nothing can be seen, too few traces of
    every seed being right, or wrong; or that one of the two has no test.
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
