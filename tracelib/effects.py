"""Effects over training seeds: every seed gives one rate or one difference, and intervals are over seeds.

The seed is the unit of replication (docs/analysis-plan.md): a test over the items of one run says whether
that run's two models differ, not whether another training would show the same. Differences are
taken seed by seed, since conditions of a seed share problems, order and adapter weights.
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ConvergenceWarning, SingularMatrixWarning

from tracelib.comparison import MARGIN, PAIRS
from tracelib.stats import seeds
from tracelib.stats.paired import ALPHA, holm, paired_difference

CONTRAST = (
    "first", "second", "estimate", "low", "high", "p_value", "n", "sd", "method", "note", "p_equivalence",
    "equivalent", "mcnemar",
)  # fmt: skip
SEEDS = ("estimate", "low", "high", "p_value", "n", "sd", "method", "note")  # of `seeds.mean`
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
            row = _rate(table[group, condition].dropna())
            names = {by: group, "condition": condition, "measure": measure}
            rows.append(names | row | {"items": int(items[group, condition])})
    return pd.DataFrame(rows).drop(columns="p_value")


def _rate(shares: pd.Series) -> dict:
    """`seeds.mean` of shares, whose interval cannot leave 0 to 1."""
    row = seeds.mean(shares)
    return row | {end: None if row[end] is None else min(1.0, max(0.0, row[end])) for end in ("low", "high")}


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
                | seeds.mean(differences)
                | {"p_equivalence": alike["p_value"], "equivalent": alike["equivalent"]}
                | {"mcnemar": _within(outcomes[outcomes[by] == group], first, second, measure)}
            )
    found = pd.DataFrame(rows, columns=[by, *CONTRAST])
    return found.assign(p_holm=holm(found["p_value"].tolist()))


def against(conditions: Sequence[str], references: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs for `contrasts`: every condition that is no reference, with each of the references."""
    others = [name for name in conditions if name not in references]
    return [(name, reference) for reference in references for name in others]


def _within(outcomes: pd.DataFrame, first: str, second: str, measure: str) -> int:
    """In how many seeds the exact McNemar test finds a difference between the two runs."""
    count = 0
    for _, run in outcomes.groupby("seed"):
        one, two = (
            run[run["condition"] == name].set_index("item")[measure].astype(bool) for name in (first, second)
        )
        p_value = paired_difference(one, two)["p"] if len(one) and len(two) else None
        count += p_value is not None and p_value < ALPHA
    return count


def association(outcomes: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """P(answer right given trace right) minus given wrong, per condition: t over the seeds that have both.

    Columns: `by`, condition, those of `seeds.mean`, given_right, given_wrong (their means over those
    seeds), p_holm over all rows.
    """
    rows = []
    for (group, condition), part in outcomes.groupby([by, "condition"], sort=False):
        shares = part.groupby(["seed", "trace_correct"])["answer_correct"].mean().unstack()
        shares = shares.reindex(columns=[False, True]).dropna()
        if shares.empty:
            continue
        names = {by: group, "condition": condition}
        given = {"given_right": shares[True].mean(), "given_wrong": shares[False].mean()}
        rows.append(names | seeds.mean(shares[True] - shares[False]) | given)
    found = pd.DataFrame(rows, columns=[by, "condition", *SEEDS, "given_right", "given_wrong"])
    return found.assign(p_holm=holm(found["p_value"].tolist()))


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
    found = pd.DataFrame([{"effect": name} | seeds.mean(value) for name, value in values.items()])
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
            rows.append(names | _rate(part))
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
        rows.append(row | by_seed.mean().to_dict() | _rate(by_seed["follows"]))
    return pd.DataFrame(rows)


def effect(interventions: pd.DataFrame, first: str = "gold", second: str = "wrong facts") -> pd.DataFrame:
    """Accuracy with one trace forced minus with another, on the items that have both: paired t over seeds.

    One row per condition trained on; p_holm over them. With the defaults, the effect of do(trace correct).
    """
    chosen = interventions[interventions["intervention"].isin([first, second])]
    rows = []
    for condition, part in chosen.groupby("condition", sort=False):
        answers = part.set_index(["seed", "item", "intervention"])["answer_correct"].astype(float).unstack()
        answers = answers.reindex(columns=[first, second]).dropna()
        if len(answers):
            shares = answers.groupby("seed").mean()
            rows.append({"condition": condition} | seeds.mean(shares[first] - shares[second]))
    found = pd.DataFrame(rows, columns=["condition", *SEEDS])
    return found.assign(p_holm=holm(found["p_value"].tolist()))


def side(row: Mapping) -> int:
    """1 for an effect above zero at 5 % after Holm, -1 below it, 0 where that is open or was not tested."""
    significant = not pd.isna(row["p_holm"]) and row["p_holm"] < ALPHA
    return int(np.sign(row["estimate"])) if significant else 0


def agreement(done: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Whether setting a trace (`effect`) and seeing it (`association`) say the same, per condition.

    Columns: condition, agreement: a value of `AGREEMENT`, or that there is no association, all traces of
    every seed being alike.
    """
    of_seen = {row["condition"]: side(row) for row in seen.to_dict("records")}
    rows = []
    for row in done.to_dict("records"):
        name = row["condition"]
        verdict = AGREEMENT[side(row), of_seen[name]] if name in of_seen else "no association"
        rows.append({"condition": name, "agreement": verdict})
    return pd.DataFrame(rows)


def mixed(outcomes: pd.DataFrame, reference: str, measure: str = "answer_correct") -> pd.DataFrame:
    """Each condition minus the reference, from a linear mixed model with random seed and item.

    A check on `contrasts`, of one setting's outcomes: it uses seeds and items at once. Columns: condition,
    estimate, low, high, p_value, n (answers), method, note. Answers that are all alike have no model.
    """
    others = [name for name in dict.fromkeys(outcomes["condition"]) if name != reference]
    rows = pd.DataFrame({"condition": others, "n": len(outcomes)})
    rows["method"] = "linear mixed model, random seed and item"
    nothing = dict.fromkeys(("estimate", "low", "high", "p_value"))
    if outcomes[measure].nunique() < 2:
        return rows.assign(**nothing, note="all answers alike: no model")
    design = pd.DataFrame({name: (outcomes["condition"] == name).astype(float) for name in others})
    design.insert(0, "constant", 1.0)
    fit = _crossed(outcomes[measure].astype(float).to_numpy(), design.to_numpy(), outcomes[["seed", "item"]])
    if fit is None:
        return rows.assign(**nothing, note="could not be fitted")
    low, high = fit.conf_int()[1 : len(design.columns)].T
    return rows.assign(
        estimate=fit.fe_params[1:],
        low=low,
        high=high,
        p_value=fit.pvalues[1 : len(design.columns)],
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
