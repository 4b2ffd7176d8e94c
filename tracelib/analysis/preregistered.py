"""The analysis registered in `docs/analysis-plan-smollm2.md`, for one size: gates, and three primary tests.

A size is a grid of runs of the real model. The analysis was fixed before any result of these runs was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tracelib.analysis import effects
from tracelib.stats import crossed, mixed_logit
from tracelib.stats.estimate import prefixed
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import ALPHA

ARMS = ("vanilla-tagged", "correct", "both-wrong")  # primary
OTHER_ARMS = ("random-fact", "incorrect", "vanilla")  # trained as well, and explored
TRACED = ("correct", "both-wrong")
COMPLETE = 0.95  # the least share of outputs with all parts that their arm was trained to write
LEAST, MOST = 0.25, 0.90  # bounds of the share of right answers of vanilla-tagged
GAIN = 0.15  # the least difference in right answers, vanilla-tagged minus the prompted model
GATES = ("gate", "estimate", "low", "high", "least", "most", "n", "items", "passed")
QUESTIONS = {
    "correctness": "Does it matter that the traces are right?",
    "help": "Do traces help at all?",
    "following": "Do models read their answer off the trace?",
}


@dataclass(frozen=True)
class Size:
    """The settings that the plan fixes for one size.

    Attributes:
        margin: the margin of non-inferiority, as a share.
        astray: the intervention whose facts give a wrong answer.
        trainings: how many trainings per arm are planned. With fewer, every answer is interim.
    """

    margin: float
    astray: str
    trainings: int


CPU = Size(margin=0.05, astray="other answer", trainings=5)


def gates(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The gates, which decide whether the size can answer questions 1 and 2 at all.

    Returns:
        A row per gate, with the columns `GATES`: the mean over trainings, its interval, the bounds, and
        whether the mean is within the bounds.
    """
    plain = outcomes[outcomes["condition"] == "vanilla-tagged"]
    prompted = outcomes.loc[outcomes["condition"] == "prompted", "answer_correct"].astype(float).mean()
    right = _mean(plain, plain["answer_correct"])
    ends = [name for name in ("estimate", "low", "high") if pd.notna(right[name])]
    more = right | {name: right[name] - prompted for name in ends}
    rows = [
        {"gate": "vanilla-tagged: right answers", "least": LEAST, "most": MOST} | right,
        {"gate": "vanilla-tagged minus prompted: right answers", "least": GAIN, "most": 1.0} | more,
    ]
    for arm in ARMS:
        mine = outcomes[outcomes["condition"] == arm]
        tagged = mine["found"].eq("tag")
        whole = mine["parsed"].astype(bool) & tagged if arm in TRACED else tagged
        what = "both steps and a tagged answer" if arm in TRACED else "a tagged answer"
        rows.append({"gate": f"{arm}: {what}", "least": COMPLETE, "most": 1.0} | _mean(mine, whole))
    found = pd.DataFrame(rows)
    passed = found["estimate"].between(found["least"], found["most"])
    return found.assign(passed=passed)[list(GATES)]


def _mean(outcomes: pd.DataFrame, holds: pd.Series) -> dict:
    rates = effects.by_condition(outcomes.assign(holds=holds.astype(float), setting=""), ["holds"])
    return rates[["estimate", "low", "high", "n", "items"]].iloc[0].to_dict()


def primary(outcomes: pd.DataFrame, interventions: pd.DataFrame, size: Size) -> pd.DataFrame:
    """The three primary tests, adjusted by Holm's method, and further numbers that decide nothing.

    Args:
        outcomes, interventions: the size's tables, as `tracelib.experiments.sweep_tables.read` gives them.

    Returns:
        A row per question of `QUESTIONS`: question, first, second, test, margin, `effects.EFFECT` (first
        minus second; p is that of the registered test), p_holm, shown. The first question also has a test of
        superiority: p_above, above. The mixed logit gives odds_ratio, odds_ratio_low, odds_ratio_high,
        odds_ratio_note.
    """
    leads_astray = interventions["intervention"].eq(size.astray) & interventions["leads_astray"].eq(True)
    astray = interventions[leads_astray]
    asked = {
        "correctness": (outcomes, "both-wrong", "correct", "answer_correct", size.margin),
        "help": (outcomes, "vanilla-tagged", "correct", "answer_correct", None),
        "following": (astray, "correct", "both-wrong", "follows", None),
    }
    rows = []
    for question, (table, first, second, measure, margin) in asked.items():
        found = effects.contrasts(table.assign(setting=""), [(first, second)], measure)
        names = {"question": question, "first": first, "second": second, "margin": margin}
        row = names | found[list(effects.EFFECT)].iloc[0].to_dict()
        rows.append(_tested(row) | _odds(table, first, second, measure))
    return _family(pd.DataFrame(rows))


def _tested(row: Mapping) -> dict:
    """Add the registered test: two-sided, or one-sided against minus the margin."""
    if row["margin"] is None:
        return {**row, "test": "two-sided", "p_above": None}
    above = {name: crossed.p_above(row, -least) for name, least in (("p", row["margin"]), ("p_above", 0.0))}
    return {**row, "test": "one-sided, above minus the margin"} | above


def _odds(table: pd.DataFrame, first: str, second: str, measure: str) -> dict:
    found = mixed_logit.odds_ratio(table.assign(right=table[measure].astype(float)), first, second)
    return prefixed("odds_ratio", found) | {"odds_ratio_note": found["note"]}


def _family(rows: pd.DataFrame) -> pd.DataFrame:
    """Adjust p over the questions. Superiority is tested only if its question is shown, at the same level."""
    rank = rows["p"].rank(method="first")
    times = len(rows) + 1 - rank
    found = adjusted(rows)
    shown = found["p_holm"] < ALPHA
    return found.assign(shown=shown, above=shown & (rows["p_above"].astype(float) * times < ALPHA))
