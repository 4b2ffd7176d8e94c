"""What would settle whether a teacher's steps must be right: how many trainings, problems, and traces.

Power is for the test of `tracelib.analysis.preregistered` that right answers after one kind of trace are not
fewer, by a margin, than after another. What it assumes about the spread of differences comes from the real
model's grid. The number of traces comes from the readings of R1's traces and from the sizes of R1's files.
"""

from collections.abc import Sequence
from itertools import product

import pandas as pd

from tracelib.analysis import effects
from tracelib.datasets.release_files import MAIN_TEST
from tracelib.paper import natural_errors, r1_totals, real_grid
from tracelib.paper.natural_annotations import FIRST
from tracelib.stats import crossed, crossed_power
from tracelib.stats.estimate import Estimate
from tracelib.stats.proportions import wilson

PAIR = ("both-wrong", "correct")  # the contrast whose spread is taken
ALL_PAIRS = (PAIR, ("vanilla-tagged", "correct"))  # the registered contrasts of right answers
BETWEEN = (0.02, 0.04)  # standard deviations between trainings that are tried, as shares
MARGINS = (0.03, 0.05)
TRAININGS = (3, 5, 10, 20)
PROBLEMS = (100, 376, 950, 2000, 4750)
ENOUGH = 0.8  # the power that studies are usually planned for
ARM = 1000  # training problems of an arm, as on bAbI in the real model's grid
FIFTH = 5  # the R1 family is tested on a fifth of what R1 answered correctly


def spreads() -> pd.DataFrame:
    """How differences spread in the real model's grid.

    Returns:
        A row per contrast of `ALL_PAIRS`: first, second, seeds, items, rest (standard deviations of the
        difference between trainings, between problems, and of the rest), seeds_low, seeds_high (interval of
        the first), discordance (share of answers that differ), n (trainings).
    """
    outcomes, *_ = real_grid.read()
    right = outcomes.pivot_table(
        index=["seed", "problem", "item"], columns="condition", values="answer_correct", aggfunc="first"
    )
    rows = []
    for (first, second), estimates in effects.paired(outcomes, ALL_PAIRS).items():
        names = ("seeds", "items", "rest")
        sizes = dict(zip(names, crossed.spread(estimates), strict=True))
        both = right[[first, second]].dropna()
        differ = float((both[first] != both[second]).mean())
        rows.append({"first": first, "second": second} | sizes | {"discordance": differ})
        low, high = crossed.between_seeds(estimates)
        rows[-1] |= {"seeds_low": low, "seeds_high": high, "n": len(estimates.by_seed)}
    return pd.DataFrame(rows)


def power(trainings: int, problems: int, margin: float, between: float, spread: pd.Series) -> Estimate:
    """The power to show that a kind of trace is not worse by the margin, if it makes no difference.

    Args:
        margin, between: the margin, and the standard deviation between trainings, as shares.
        spread: a row of `spreads`.
    """
    sizes = (between, spread["items"], spread["rest"])
    return crossed_power.power(trainings, problems, sizes, 0.0, margin=margin)


def powers(
    spread: pd.Series,
    trainings: Sequence[int] = TRAININGS,
    problems: Sequence[int] = PROBLEMS,
) -> pd.DataFrame:
    """`power` for each margin, spread between trainings, number of trainings and of problems."""
    cells = product(MARGINS, BETWEEN, trainings, problems)
    names = ("margin", "between", "trainings", "problems")
    return pd.DataFrame(
        dict(zip(names, cell, strict=True)) | power(cell[2], cell[3], cell[0], cell[1], spread)
        for cell in cells
    )


def limit(trainings: int, margin: float, between: float) -> float:
    """The power that no number of problems can exceed, with the arguments of `power`."""
    return crossed_power.limit(trainings, between, 0.0, margin)


def fewest(rows: pd.DataFrame) -> int | None:
    """The least number of problems in these rows of `powers` with power `ENOUGH`; None if none has it."""
    enough = rows.loc[rows["estimate"] >= ENOUGH, "problems"]
    return int(enough.min()) if len(enough) else None


def traces(errors: pd.DataFrame) -> pd.DataFrame:
    """How many problems a teacher like R1 must be asked for an arm of `ARM` traces of each kind.

    Whether R1's answer is right is counted: the R1 family was tested on a fifth of what R1 answered
    correctly. Whether a right answer comes with a wrong step is estimated from the readings. Its Wilson
    interval is multiplied by the share of right answers, which is taken as known.

    Args:
        errors: from `natural_errors.of_readings`.

    Returns:
        A row per kind of trace: kind, estimate, low, high (share of the problems asked), n, method, note,
        found (of n: such traces), asked, asked_low, asked_high (problems to ask), had, had_low, had_high
        (such traces if all of CoTempQA is asked; no interval where they are counted).
    """
    answered, every = (FIFTH * sizes for sizes in (_family(), sum(MAIN_TEST.values())))
    right, wrong = wilson(answered, every), wilson(every - answered, every)
    found = natural_errors.shares(errors).set_index(["source", "quantity"]).loc[(FIRST, "wrong step")]
    step = wilson(round(found["estimate"] * found["n"]), int(found["n"]))
    right_step = wilson(round((1 - found["estimate"]) * found["n"]), int(found["n"]))
    rows = {
        "right answer": right | _counted(right, every),
        "right answer, a wrong step": _part(right, step, every),
        "right answer, no wrong step": _part(right, right_step, every),
        "wrong answer": wrong | _counted(wrong, every),
    }
    return pd.DataFrame({"kind": kind} | row | _asked(row) for kind, row in rows.items())


def _family() -> int:
    return int(r1_totals.sizes(r1_totals.load())["n"].sum())


def _counted(row: Estimate, every: int) -> dict:
    count = round(every * row["estimate"])
    return {"found": count, "had": count, "had_low": None, "had_high": None}


def _part(right: Estimate, share: Estimate, every: int) -> dict:
    """A share of the right answers, as a share of the problems asked."""
    ends = {end: right["estimate"] * share[end] for end in ("estimate", "low", "high")}
    had = {"had": "estimate", "had_low": "low", "had_high": "high"}
    return (
        share
        | ends
        | {"method": "Wilson score, times the share of right answers"}
        | {"found": round(share["estimate"] * share["n"])}
        | {name: round(every * ends[end]) for name, end in had.items()}
    )


def _asked(row: Estimate) -> dict:
    return {
        "asked": ARM / row["estimate"],
        "asked_low": ARM / row["high"],
        "asked_high": ARM / row["low"],
    }
