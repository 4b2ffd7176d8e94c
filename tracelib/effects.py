"""Effects over training seeds: every seed gives one rate or one difference, and intervals are over seeds.

The seed is the unit of replication (docs/analysis-plan.md): a test over the items of one run says whether
that run's two models differ, not whether another training would show the same. Differences are
taken seed by seed, since conditions of a seed share problems, order and adapter weights.
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ConvergenceWarning, SingularMatrixWarning

from tracelib.comparison import MARGIN, PAIRS
from tracelib.stats import seeds
from tracelib.stats.paired import ALPHA, holm, paired_difference
from tracelib.stats.proportions import CONFIDENCE

CONTRAST = (
    "first", "second", "estimate", "low", "high", "p_value", "n", "sd", "method", "note", "p_equivalence",
    "equivalent", "mcnemar",
)  # fmt: skip
SEEDS = ("estimate", "low", "high", "p_value", "n", "sd", "method", "note")  # of `seeds.mean`
LEAST = 5  # right and wrong traces each in a seed, or a share among them says nothing
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
    """Mean rate over seeds with its t interval: columns `by`, condition, measure, and those of `seeds.mean`.

    An interval is cut at 0 and 1; `items` is the number per seed.
    """
    items = outcomes.groupby([by, "condition"])["item"].nunique()
    rows = []
    for measure in measures:
        table = rates(outcomes, measure, by)
        for group, condition in table.columns:
            row = _bounded(table[group, condition].dropna(), 0, 1)
            names = {by: group, "condition": condition, "measure": measure}
            rows.append(names | row | {"items": int(items[group, condition])})
    return pd.DataFrame(rows).drop(columns="p_value")


def _bounded(values: pd.Series, least: float = -1, most: float = 1) -> dict:
    """`seeds.mean`, its interval cut at what is possible: for a difference of two shares, -1 and 1."""
    row = seeds.mean(values)
    ends = {end: row[end] for end in ("low", "high") if row[end] is not None}
    return row | {end: float(min(most, max(least, value))) for end, value in ends.items()}


def contrasts(
    outcomes: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    measure: str = "answer_correct",
    by: str = "setting",
) -> pd.DataFrame:
    """First minus second condition, seed by seed: paired t over seeds, Holm over all rows, equivalence.

    Columns: `by`, first, second, those of `seeds.mean`, p_holm, p_equivalence, equivalent (margin
    `MARGIN`), mcnemar (in how many of the seeds the items alone differ at 5 %, by the exact test). Pairs of
    which a group lacks a condition are left out.
    """
    table = rates(outcomes, measure, by)
    rows = []
    for group in dict.fromkeys(table.columns.get_level_values(0)):
        part = table[group]
        for first, second in pairs:
            if first not in part or second not in part:
                continue
            differences = (part[first] - part[second]).dropna()
            alike = seeds.equivalence(differences, MARGIN)
            rows.append(
                {by: group, "first": first, "second": second}
                | _bounded(differences)
                | {"p_equivalence": alike["p_value"], "equivalent": alike["equivalent"]}
                | {"mcnemar": _within(outcomes[outcomes[by] == group], first, second, measure)}
            )
    return _family(rows, [by, *CONTRAST])


def _family(rows: list[dict], columns: Sequence[str]) -> pd.DataFrame:
    """Tested rows as a table, its p-values corrected together by Holm (p_holm)."""
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(p_holm=holm(found["p_value"].tolist()))


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
    """Rows of `contrasts` about one pair, as a family: p_holm and equivalent are of the equivalence tests."""
    rows = compared[compared["first"].eq(first) & compared["second"].eq(second)]
    rows = rows.assign(p_value=rows["p_equivalence"], p_holm=holm(rows["p_equivalence"].tolist()))
    return rows.assign(equivalent=rows["p_holm"].astype(float) < ALPHA)


def association(outcomes: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """P(answer right given trace right) minus given wrong, per condition: t over seeds with enough of both.

    Columns: `by`, condition, those of `seeds.mean`, given_right, given_wrong (their means over those
    seeds), right, wrong (how many traces), p_holm over all rows. A condition with fewer than `LEAST`
    traces of one kind in every seed has no row.
    """
    rows = []
    for (group, condition), part in outcomes.groupby([by, "condition"], sort=False):
        shares = _given(part)
        if shares.empty:
            continue
        traces = part.loc[part["seed"].isin(shares.index), "trace_correct"].astype(bool)
        names = {by: group, "condition": condition}
        given = {"given_right": shares[True].mean(), "given_wrong": shares[False].mean()}
        counted = {"right": int(traces.sum()), "wrong": int((~traces).sum())}
        rows.append(names | _bounded(shares[True] - shares[False]) | given | counted)
    return _family(rows, [by, "condition", *SEEDS, *ASSOCIATION])


def _given(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Share of right answers given a wrong (False) and a right trace (True), of seeds with enough of each."""
    answers = outcomes.groupby(["seed", "trace_correct"])["answer_correct"]
    shares, count = (
        table.unstack().reindex(columns=[False, True]) for table in (answers.mean(), answers.size())
    )
    return shares[(count >= LEAST).all(axis=1)]


def slope(outcomes: pd.DataFrame, doses: Mapping[str, float], measure: str = "answer_correct") -> dict:
    """Change of a rate per unit of dose: least squares within each seed, then t over seeds.

    `doses` gives each condition's dose, or what else is in its place (a length); outcomes are of one setting.
    """
    table = rates(outcomes, measure).droplevel(0, axis=1)[list(doses)].dropna()
    row = seeds.mean(seeds.slopes(list(doses.values()), table.to_numpy()))
    return row | {"method": "least squares within seed, Student's t over seeds"}


def factorial(outcomes: pd.DataFrame, measure: str = "answer_correct") -> pd.DataFrame:
    """What a wrong category and wrong facts do to a rate, from the four `CORNERS` of one setting.

    Rows: the main effects (mean over both levels of the other factor) and the interaction (how much more a
    wrong category changes where the facts are wrong too), seed by seed. Columns: effect, those of
    `seeds.mean`, p_holm over the rows.
    """
    table = rates(outcomes, measure).droplevel(0, axis=1)[list(CORNERS)].dropna()
    neither, category, facts, both = (table[name] for name in CORNERS)
    values = {
        "wrong category": (category + both - neither - facts) / 2,
        "wrong facts": (facts + both - neither - category) / 2,
        "interaction": both - facts - category + neither,
    }
    most = {"interaction": 2}  # of four shares, the others of two means of two
    rows = [{"effect": n} | _bounded(v, -most.get(n, 1), most.get(n, 1)) for n, v in values.items()]
    found = pd.DataFrame(rows)
    return found.assign(p_holm=holm(found["p_value"].tolist()))


def forced(interventions: pd.DataFrame) -> pd.DataFrame:
    """Per condition trained on and intervention: accuracy, and how often the answer follows the forced facts.

    Columns: condition, intervention, measure (answer_correct, follows), those of `seeds.mean`. What the
    facts of a trace give is known for some interventions only; `follows` has rows for these.
    """
    rows = []
    for measure in ("answer_correct", "follows"):
        known = interventions[interventions[measure].notna()]
        table = known.assign(**{measure: known[measure].astype(float)})
        means = table.groupby(["condition", "intervention", "seed"], sort=False)[measure].mean()
        for (condition, intervention), part in means.groupby(level=[0, 1], sort=False):
            names = {"condition": condition, "intervention": intervention, "measure": measure}
            rows.append(names | _bounded(part, 0, 1))
    return pd.DataFrame(rows)


def led_astray(interventions: pd.DataFrame) -> pd.DataFrame:
    """What is answered where the forced facts give another answer than the right one.

    Columns: condition, intervention, answers (how many), follows (the answer that the facts give), right (the
    right one all the same), neither: means over seeds of each seed's share; and those of `seeds.mean`
    for `follows`. One metric decides that an answer follows, another that it is right, so both can hold.
    """
    astray = interventions[interventions["leads_astray"].eq(True)]
    follows, right = (astray[name].astype(bool) for name in ("follows", "answer_correct"))
    kinds = pd.DataFrame({"follows": follows, "right": right, "neither": ~(follows | right)})
    keys = ["condition", "intervention"]
    shares = pd.concat([astray[[*keys, "seed"]], kinds.astype(float)], axis=1)
    rows = []
    for names, part in shares.groupby(keys, sort=False):
        by_seed = part.groupby("seed")[list(kinds)].mean()
        row = dict(zip(keys, names, strict=True)) | {"answers": len(part)}
        rows.append(row | by_seed.mean().to_dict() | _bounded(by_seed["follows"], 0, 1))
    return pd.DataFrame(rows)


def effect(interventions: pd.DataFrame, first: str = "gold", second: str = "wrong facts") -> pd.DataFrame:
    """Accuracy with one trace forced minus with another, on the items that have both: paired t over seeds.

    One row per condition trained on; p_holm over them; mcnemar: in how many seeds the items alone differ, by
    the exact test. With the defaults, the effect of do(trace correct).
    """
    chosen = interventions[interventions["intervention"].isin([first, second])]
    rows = []
    for condition, part in chosen.groupby("condition", sort=False):
        differences = _set(part, first, second)
        if len(differences):
            within = _within(part, first, second, "answer_correct", "intervention")
            rows.append({"condition": condition} | _bounded(differences) | {"mcnemar": within})
    return _family(rows, ["condition", *SEEDS, "mcnemar"])


def _set(interventions: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Accuracy with one trace forced minus with another, on the items that have both: one number per seed."""
    answers = interventions.set_index(["seed", "item", "intervention"])["answer_correct"]
    answers = answers.astype(float).unstack().reindex(columns=[first, second]).dropna()
    shares = answers.groupby("seed").mean()
    return shares[first] - shares[second]


def set_minus_seen(interventions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The effect of setting a trace (gold minus wrong facts) minus the association seen, seed by seed.

    Above zero, setting a right trace does more than seeing one suggests. Columns: condition, those of
    `seeds.mean` over the seeds with enough right and wrong traces, p_holm over the rows.
    """
    rows = []
    for condition, part in interventions.groupby("condition", sort=False):
        seen = _given(outcomes[outcomes["condition"] == condition])
        difference = (_set(part, "gold", "wrong facts") - (seen[True] - seen[False])).dropna()
        if len(difference):
            rows.append({"condition": condition} | _bounded(difference, -2, 2))
    return _family(rows, ["condition", *SEEDS])


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
        if other is None:
            verdict = "cannot be seen"
        elif pd.isna(row["p_holm"]) or pd.isna(other["p_holm"]):
            verdict = "cannot be tested"
        else:
            verdict = AGREEMENT[side(row), side(other)]
        rows.append({"condition": row["condition"], "agreement": verdict})
    return pd.DataFrame(rows)


def mixed(
    outcomes: pd.DataFrame, pairs: Sequence[tuple[str, str]] = PAIRS, measure: str = "answer_correct"
) -> pd.DataFrame:
    """First minus second condition, from a linear mixed model with random seed, run and item.

    A check on `contrasts`, of one setting's outcomes: it uses seeds and items at once. What a run shares
    beyond its condition and seed is an effect of its own, as the t test over seeds has it. Columns: first,
    second, estimate, low, high, p_value, n (answers), method, note. Answers that are all alike have no model,
    nor has one seed, where a run cannot be told from its condition.
    """
    present = list(dict.fromkeys(outcomes["condition"]))
    rows = pd.DataFrame([pair for pair in pairs if set(pair) <= set(present)], columns=["first", "second"])
    rows = rows.assign(n=len(outcomes), method="linear mixed model, random seed, run and item")
    nothing = dict.fromkeys(("estimate", "low", "high", "p_value"))
    if outcomes[measure].nunique() < 2:
        return rows.assign(**nothing, note="all answers alike: no model")
    if outcomes["seed"].nunique() < 2:
        return rows.assign(**nothing, note="one seed: no model")
    design = pd.get_dummies(outcomes["condition"], dtype=float)[present]
    factors = outcomes[["seed", "item"]].assign(run=outcomes.groupby(["seed", "condition"]).ngroup())
    fit = _crossed(outcomes[measure].astype(float).to_numpy(), design.to_numpy(), factors)
    if fit is None:
        return rows.assign(**nothing, note="could not be fitted")
    chosen = [
        [(name == first) - (name == second) for name in present]
        for first, second in rows[["first", "second"]].to_numpy()
    ]
    within = np.asarray(chosen, dtype=float).reshape(-1, len(present))
    estimate = within @ fit.fe_params
    error = np.sqrt(np.diag(within @ fit.cov_params()[: len(present), : len(present)] @ within.T))
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * error
    return rows.assign(
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
        p_value=2 * stats.norm.sf(np.abs(estimate / error)),
        note="" if fit.converged else "did not converge",
    )


def _crossed(values: np.ndarray, design: np.ndarray, factors: pd.DataFrame):
    """A mixed model with a random intercept per level of each factor; None where it cannot be fitted."""
    parts = [[pd.get_dummies(factors[name], dtype=float).to_numpy()] for name in factors]
    columns = [[[str(level) for level in range(matrix.shape[1])]] for (matrix,) in parts]
    spec = VCSpec(list(factors), columns, parts)
    with warnings.catch_warnings():  # a variance of zero, as seeds may have, is no failure
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", SingularMatrixWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            model = MixedLM(values, design, groups=np.ones(len(values)), exog_vc=spec, exog_re=None)
            # Without gradients: those stop short of convergence, or not, by the rounding of the machine.
            fit = model.fit(method="powell")
        except np.linalg.LinAlgError:
            return None
        return fit if np.isfinite(fit.bse[: design.shape[1]]).all() else None
