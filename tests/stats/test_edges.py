"""Every estimate on extreme data gives a number, or a note that says why there is none.

A new estimate gets a line in `TRIED`: its name, and a function that makes its rows from a small table.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.analysis import clustered_rates, comparison, effects, trace_answer
from tracelib.paper import clustered, r1_totals, steps, synthesis
from tracelib.scoring.outcomes import RUN, counts
from tracelib.stats import (
    association,
    bootstrap,
    crossed,
    detection,
    dominance,
    hierarchical,
    meta,
    ordinal,
    paired,
    regression,
    reliability,
    seeds,
)
from tracelib.stats.proportions import clustered_wilson, difference, wilson

pytestmark = pytest.mark.filterwarnings("error")

FEW = 100  # resamples
METRICS = ("corrected", "official", "strict")


def sound(row: dict) -> None:
    """A row has no infinite number, both limits or neither, and a note if any number is missing."""
    for name, value in row.items():
        if isinstance(value, float | np.floating):
            assert not math.isinf(value), (name, row)
    low, estimate, high = (row.get(name) for name in ("low", "estimate", "high"))
    known = [not pd.isna(value) for value in (low, estimate, high)]
    assert known[0] == known[2], row
    if all(known):
        assert low - 1e-9 <= estimate <= high + 1e-9, row
    tests = [row[name] for name in ("p",) if name in row]
    assert all(pd.isna(p) or 0 <= p <= 1 for p in tests), row
    whole = all(name in row and not pd.isna(row[name]) for name in ("estimate", "low", "high") if name in row)
    assert (whole and not any(map(pd.isna, tests))) or row["note"], row


# --- Small tables -----------------------------------------------------------------------------


def outcomes(texts: dict[str, list[str]], traces: str = "", category: str = "") -> pd.DataFrame:
    """Outcomes of one model.

    Args:
        texts: condition -> one text per seed with a digit per item, 1 for a right answer.
        traces: a digit per item, 1 for a right trace.
        category: a letter per item.
    """
    rows = [
        {
            "dataset": "cotempqa",
            "model": "m",
            "condition": condition,
            "seed": seed,
            "setting": "s",
            "category": (category or "x" * len(digits))[number],
            "item": f"i{number}",
            "problem": f"p{number}",
            "right": digit == "1",
            "answer_correct": digit == "1",
            "trace_correct": (traces or "1" * len(digits))[number] == "1",
        }
        for condition, runs in texts.items()
        for seed, digits in enumerate(runs, start=1)
        for number, digit in enumerate(digits)
    ]
    columns = [*RUN, "setting", "category", "item", "problem", "right", "answer_correct", "trace_correct"]
    table = pd.DataFrame(rows, columns=columns).astype({"right": bool, "answer_correct": bool})
    table["category_correct"] = table["retrieval_correct"] = table["trace_correct"].astype(bool)
    table["parsed"] = True
    return table.assign(**{f"answer_{metric}": table["answer_correct"] for metric in METRICS})


ITEMS = 12
TABLES = {
    "nothing": {},
    "one item, one seed": {"vanilla": ["1"], "correct": ["1"]},
    "one condition": {"vanilla": ["0101", "1100"]},
    "all right": {name: ["1" * ITEMS] * 3 for name in comparison.CONDITIONS},
    "all wrong": {name: ["0" * ITEMS] * 3 for name in comparison.CONDITIONS},
    "opposite": {"vanilla": ["0" * ITEMS] * 3, "correct": ["1" * ITEMS] * 3, "incorrect": ["0" * ITEMS] * 3},
    "one seed": {"vanilla": ["010110100101"], "correct": ["110110100101"], "incorrect": ["000100100101"]},
    "one item": {"vanilla": ["0", "1", "0"], "correct": ["1", "1", "0"], "incorrect": ["0", "0", "0"]},
    "identical seeds": {"vanilla": ["010110100101"] * 3, "correct": ["010111110101"] * 3},
    "identical conditions": {name: ["010110100101", "110110100101"] for name in comparison.CONDITIONS},
    "no item in common": {"vanilla": ["0101"], "correct": [""], "incorrect": ["01"]},
    "a seed that one lacks": {"vanilla": ["010110100101"], "correct": ["010111110101", "110111110101"]},
    "plain": {
        "vanilla": ["010110100101", "110110100101", "110010100100"],
        "correct": ["110110110101", "110110101101", "111010100100"],
        "incorrect": ["000110100101", "110000100101", "110010100000"],
    },
}
TRACES = {"all traces right": "1" * ITEMS, "all traces wrong": "0" * ITEMS, "some right": "110101" * 2}
KINDS = {"one category": "x" * ITEMS, "a category of one": "y" + "x" * (ITEMS - 1), "two": "xy" * 6}


def tables() -> Iterable[tuple[str, pd.DataFrame]]:
    """Each of `TABLES` with one kind of traces and categories in turn, and the plain table with each kind."""
    ways = list(zip(TRACES.items(), KINDS.items(), strict=True))
    for number, (name, texts) in enumerate(TABLES.items()):
        for (which, traces), (kinds, category) in ways if name == "plain" else [ways[number % len(ways)]]:
            yield f"{name}, {which}, {kinds}", outcomes(texts, traces, category)


# --- Estimates --------------------------------------------------------------------------------


def interventions(table: pd.DataFrame) -> pd.DataFrame:
    """The table with each condition read as a forced trace, under one condition of training."""
    names = {"vanilla": "empty", "correct": "gold", "incorrect": "wrong facts"}
    found = table.assign(intervention=table["condition"].map(names), condition="correct")
    found["follows"] = found["trace_correct"].astype("boolean")
    return found.assign(leads_astray=found["intervention"].eq("wrong facts").astype("boolean"))


def wrong_facts(table: pd.DataFrame) -> pd.DataFrame:
    return interventions(table).query("intervention == 'wrong facts'")


def chances(table: pd.DataFrame) -> pd.DataFrame:
    """Half of the items have a chance."""
    known = table[["seed", "item"]].drop_duplicates()
    return known.assign(chance=[0.5 if item[-1] in "02468" else None for item in known["item"]])


def counted(table: pd.DataFrame) -> pd.DataFrame:
    return (
        counts(table, "corrected")
        if len(table)
        else pd.DataFrame(columns=[*trace_answer.TABLE, *trace_answer.CELLS])
    )


def joint_rates(table: pd.DataFrame) -> list[dict]:
    """Only one of the quantities has a test."""
    tests = ("statistic", "p", "p_exact")
    found = trace_answer.rates(counted(table)).to_dict("records")
    return [
        {name: value for name, value in row.items() if row["quantity"] == "chi_square" or name not in tests}
        for row in found
    ]


def once(table: pd.DataFrame) -> pd.DataFrame:
    """The first seed alone."""
    return table[table["seed"] == 1]


def wide(table: pd.DataFrame, condition: str = "correct") -> pd.DataFrame:
    part = table[table["condition"] == condition]
    return part.pivot(index="seed", columns="item", values="answer_correct").astype(float)


def pair(table: pd.DataFrame) -> list[pd.Series]:
    part = once(table)
    return [part[part["condition"] == name].set_index("item")["right"] for name in ("vanilla", "correct")]


def by_item(table: pd.DataFrame) -> pd.DataFrame:
    return once(table).pivot(index="item", columns="condition", values="right")


def two_by_two(table: pd.DataFrame) -> tuple[int, ...]:
    trace, answer = table["trace_correct"].astype(bool), table["answer_correct"].astype(bool)
    cells = (trace & answer, trace & ~answer, ~trace & answer, ~trace & ~answer)
    return tuple(int(part.sum()) for part in cells)


def by_seed(table: pd.DataFrame) -> list[float]:
    return wide(table).mean(axis=1).tolist()


def effects_and_errors(table: pd.DataFrame) -> tuple[list[float], list[float]]:
    rates = by_seed(table)
    return rates, [0.1] * len(rates)


def known(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(("estimate", "error"), effects_and_errors(table), strict=True)))


def per_problem(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    groups = table.groupby("problem")["right"]
    return groups.sum(), groups.size()


def two_models(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.assign(model="k")], ignore_index=True)


def stated(table: pd.DataFrame) -> pd.DataFrame:
    """Right answers per condition and run, in the columns of `tracelib.paper.r1_totals`."""
    found = table.groupby(["model", "condition", "category", "seed"], sort=False)["right"]
    found = found.agg(n="size", right="sum").reset_index().rename(columns={"seed": "run"})
    return found.assign(run=found["run"].astype(str)).astype({"right": "Int64"})


def ratings(table: pd.DataFrame) -> pd.DataFrame:
    """Items as participants who rate conditions: 1, 2 or 3."""
    rating = 1 + table["right"].astype(int) + table["trace_correct"].astype(int)
    names = {"item": "participant", "condition": "kind", "category": "problem"}
    return table.assign(rating=rating)[[*names, "rating"]].rename(columns=names)


def agreeing(table: pd.DataFrame) -> Iterable[dict]:
    """Three verdicts as questions that items answer."""
    scores = table[["right", "trace_correct", "answer_correct"]].astype(float)
    return reliability.reliability(scores, table["item"], FEW).values()


def accepted(table: pd.DataFrame) -> pd.DataFrame:
    """Items as participants who accept what is right, of answers whose trace is right or wrong."""
    names = {"item": "participant", "condition": "arm", "trace_correct": "answer_right", "right": "accepted"}
    return table.rename(columns=names)[[*names.values()]]


RATED = [("vanilla", "correct"), ("vanilla", "incorrect")]
NO_SUBJECTS = pd.DataFrame(columns=["problem", "subject"])
TRIED: dict[str, Callable[[pd.DataFrame], Iterable[dict] | pd.DataFrame]] = {
    "wilson": lambda t: [wilson(int(t["right"].sum()), len(t))],
    "difference": lambda t: [difference(*(v for part in pair(t) for v in (int(part.sum()), len(part))))],
    "two_by_two": lambda t: association.two_by_two(*two_by_two(t)).values(),
    "stratified": lambda t: association.stratified(
        [two_by_two(part) for _, part in t.groupby("category")]
    ).values(),
    "paired_difference": lambda t: [paired.paired_difference(*pair(t))],
    "equivalence": lambda t: [paired.equivalence(*pair(t), margin=0.05)],
    "cochrans_q": lambda t: [paired.cochrans_q(by_item(t))],
    "seeds.mean": lambda t: [seeds.mean(by_seed(t))],
    "seeds.equivalence": lambda t: [seeds.equivalence(by_seed(t), 0.05)],
    "t_interval": lambda t: [r1_totals.t_interval(by_seed(t))],
    "spread": lambda t: r1_totals.spread(stated(t)),
    "crossed": lambda t: [crossed.interval(crossed.means(wide(t)))],
    "random_effects": lambda t: [meta.random_effects(*effects_and_errors(t))],
    "combine": lambda t: [synthesis.combine(known(t))],
    "leave_out": lambda t: meta.leave_out(*effects_and_errors(t), list("abc")[: len(by_seed(t))]),
    "ratio": lambda t: [bootstrap.ratio(t["right"], np.ones(len(t)), t["problem"], resamples=FEW)],
    "cells": lambda t: clustered_rates.cells(t, resamples=FEW),
    "gee": lambda t: regression.gee(once(two_models(t))),
    "mixed": lambda t: regression.mixed(once(two_models(t))),
    "joint.rates": joint_rates,
    "joint.by_category": lambda t: trace_answer.by_category(counted(t)),
    "compare_conditions": lambda t: comparison.compare_conditions(t, "corrected", by=["category"]),
    "cochran": lambda t: comparison.cochran(t, "corrected"),
    "over_models": lambda t: comparison.over_models(t, "corrected"),
    "by_condition": effects.by_condition,
    "contrasts": effects.contrasts,
    "effects.equivalence": lambda t: effects.equivalence(effects.contrasts(t), "vanilla", "correct"),
    "association": effects.association,
    "slope": lambda t: [effects.slope(t, {"vanilla": 0.0, "correct": 1.0})],
    "forced": lambda t: effects.forced(interventions(t)),
    "led_astray": lambda t: effects.led_astray(interventions(t)),
    "effect": lambda t: effects.effect(interventions(t)),
    "exclusion": lambda t: effects.exclusion(wrong_facts(t), chances(t)),
    "split": lambda t: effects.split(t, t.groupby("item")["trace_correct"].any(), effects.paired),
    "clustered_wilson": lambda t: [clustered_wilson(*per_problem(t))],
    "steps.contrasts": steps.contrasts,
    "clustered.beside": lambda t: clustered.beside(once(t), NO_SUBJECTS, "corrected"),
    "odds_ratios": lambda t: ordinal.odds_ratios(ratings(t), RATED),
    "dominance": lambda t: dominance.dominance(ratings(t), RATED, FEW),
    "distributions": lambda t: dominance.distributions(ratings(t), FEW),
    "ranks": lambda t: [dominance.ranks(ratings(t))],
    "reliability": agreeing,
    "sensitivity": lambda t: detection.sensitivity(accepted(t), ["vanilla", "correct"], FEW),
    "detection.rates": lambda t: detection.rates(accepted(t), ["vanilla", "correct"]),
}  # fmt: skip


def rows(name: str, table: pd.DataFrame) -> list[dict]:
    found = TRIED[name](table)
    return found.to_dict("records") if isinstance(found, pd.DataFrame) else list(found)


@pytest.mark.parametrize("name", TRIED)
def test_at_every_edge_there_is_a_number_or_a_note(name):
    for case, table in tables():
        try:
            for row in rows(name, table):
                sound(row)
        except Exception as error:
            raise AssertionError(f"{case}: {type(error).__name__}: {error}") from error


SMALL = st.integers(1, 5).flatmap(
    lambda size: st.tuples(
        st.dictionaries(
            st.sampled_from(comparison.CONDITIONS),
            st.lists(st.text("01", min_size=size, max_size=size), min_size=1, max_size=3),
            min_size=1,
        ),
        st.text("01", min_size=size, max_size=size),
        st.text("xy", min_size=size, max_size=size),
    )
)
CHEAP = [name for name in TRIED if name not in ("over_models", "clustered.beside", "by_condition")]


def everywhere(small: tuple) -> None:
    table = outcomes(*small)
    for name in CHEAP:
        for row in rows(name, table):
            sound(row)


@settings(max_examples=4, deadline=None)
@given(SMALL)
def test_small_tables_of_any_kind_have_numbers_or_notes(small):
    everywhere(small)


@pytest.mark.nightly
@settings(max_examples=500, deadline=None)
@given(SMALL)
def test_many_small_tables_of_any_kind_have_numbers_or_notes(small):
    everywhere(small)


@pytest.mark.parametrize("margin", [0.0, 0.05, 1.0])
def test_power_is_a_chance_where_no_pair_is_discordant(margin):
    assert paired.power(0.0, 0.0, 20) == 0
    assert 0 <= paired.equivalence_power(margin, 0.0, 20) <= 1
    assert paired.minimum_detectable(0.0, 20) is paired.minimum_detectable(0.5, 0) is None


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=4), st.sampled_from([0.01, 0.1, 10.0]))
def test_a_posterior_of_few_effects_lies_around_its_mean(values, error):
    found = hierarchical.posterior(values, [error] * len(values), 0.1, 0.05, points=301).interval()
    assert found["low"] < found["estimate"] < found["high"]
