"""How many participants a study of traces needs: the shipped grid, and a design of the reader's own."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd

from tracelib.analysis import power, respondents
from tracelib.analysis.power import PAIRS, Cell
from tracelib.core.errors import InputError, quoted
from tracelib.core.frames import where
from tracelib.reporting import tables_power
from tracelib.reporting.figures_ratings import DESIGNS
from tracelib.stats.as_text import decimal, percent, span

ENOUGH = 0.8  # the power that studies are usually planned for
MOST = {"people": 1000, "simulations": 5000}  # what a reader may ask for
EXAMPLE = 2.0  # an odds ratio
OWN = {"own-power": "found", "own-many": "found_of_many"}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: the cells of the grid with one question, with the power of a single comparison.
        of_many: the same, with the power of one of all comparisons after Bonferroni's correction.
        needed: the fewest participants of the grid that are enough (`tables_power.needed`).
        several: cells with several questions beside the same with one.
        checked: what was put in and found in each cell, and how many intervals hold the truth.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    of_many: pd.DataFrame
    needed: pd.DataFrame
    several: pd.DataFrame
    checked: pd.DataFrame


def facts(
    work: Path, people: int, odds_ratio: float, within: bool, questions: int, simulations: int
) -> Facts:
    """The facts, from the shipped grid and a simulation of the reader's design.

    Raises:
        InputError: the design cannot be simulated, or would take too long.
    """
    grid = power.load()
    single = where(grid, questions=1)
    rates, of_many = power.rates(single), power.rates(single, "found_of_many")
    several = power.rates(where(grid, people=power.SOME_PEOPLE, odds_ratio=power.SOME_ODDS))
    held = power.rates(grid.assign(truth=np.log(grid["odds_ratio"])), "held", "fitted")
    numbers = (
        {
            "alt": tables_power.described(rates),
            "simulations": int(grid["simulations"].iloc[0]),
            "pairs": PAIRS,
            "enough": f"{100 * ENOUGH:.0f}",
            "example": f"{EXAMPLE:g}",
            "example-points": decimal(where(single, odds_ratio=EXAMPLE)["points"].iloc[0]),
            "several-ratio": f"{power.SOME_ODDS:g}",
            "size": span(where(grid, odds_ratio=1.0)["found"] / where(grid, odds_ratio=1.0)["fitted"]),
            "held": span(held["estimate"]),
            "cells": len(grid),
            "tried": ", ".join(str(people) for people in power.PEOPLE),
        }
        | _design()
        | _several(several)
        | _recruited(rates)
        | _needed(rates, "needed")
        | _needed(of_many, "needed-many")
        | _own(_cell(people, odds_ratio, within, questions), _few(simulations))
    )
    return Facts(numbers, rates, of_many, tables_power.needed(rates, of_many, ENOUGH), several, held)


def _design() -> dict[str, object]:
    """The simulated study."""
    study = Cell(2, 1.0, True).study
    shares = {name: f"{100 * getattr(study, name):.0f}" for name in ("person", "taste", "page")}
    shares["answer"] = f"{100 * (1 - study.person - study.taste - study.page):.0f}"
    return shares | {"kinds": len(study.kinds), "pages": study.pages, "problems": study.problems}


def _own(cell: Cell, simulations: int) -> dict[str, object]:
    """The reader's design, simulated now."""
    row = pd.DataFrame([power.simulate(cell, simulations)])
    found = {name: percent(power.rates(row, of).iloc[0]) for name, of in OWN.items()}
    return found | {
        "own-people": cell.people,
        "own-design": DESIGNS[cell.within],
        "own-ratio": f"{cell.odds_ratio:g}",
        "own-questions": cell.questions,
        "own-points": decimal(row["points"].iloc[0]),
        "own-simulations": simulations,
    }


def _needed(rates: pd.DataFrame, name: str) -> dict[str, object]:
    """The fewest participants that are enough for the example, and their power."""
    found = {}
    for within, design in ((True, "within"), (False, "between")):
        part = where(rates, within=within, odds_ratio=EXAMPLE)
        found[f"{name}-{design}"] = tables_power.fewest(part, ENOUGH)
        found[f"{name}-{design}-power"] = percent(_fewest_or_most(part))
    return found


def _fewest_or_most(rates: pd.DataFrame) -> pd.Series:
    """The cell with the fewest participants that are enough, or else with the most that were tried."""
    part = rates.sort_values("people")
    enough = part[part["estimate"] >= ENOUGH]
    return enough.iloc[0] if len(enough) else part.iloc[-1]


def _several(rates: pd.DataFrame) -> dict[str, object]:
    """Power with one question and with several, if the most participants tried for it rate all kinds."""
    people = int(rates["people"].max())
    part = where(rates, people=people, within=True).sort_values("questions")
    return {
        "several-people": people,
        "several-questions": int(part["questions"].max()),
        "several-one": percent(part.iloc[0]),
        "several-many": percent(part.iloc[-1]),
    }


def _recruited(rates: pd.DataFrame) -> dict[str, object]:
    """How many to recruit, if as many are left out as in the simulated study of the chapter on ratings."""
    left_out = 2 * respondents.LEFT_OUT
    needed = _fewest_or_most(where(rates, within=True, odds_ratio=EXAMPLE))["people"]
    return {"left-out": f"{100 * left_out:.0f}", "recruited": ceil(needed / (1 - left_out))}


def _cell(people: int, odds_ratio: float, within: bool, questions: int) -> Cell:
    _whole("people", people, 5, MOST["people"])
    _whole("questions", questions, 1, 20)
    if (
        isinstance(odds_ratio, bool)
        or not isinstance(odds_ratio, int | float)
        or not 0.01 <= odds_ratio <= 100
    ):
        raise InputError(f"'odds_ratio': expected a number from 0.01 to 100, found {quoted(odds_ratio)}")
    if not isinstance(within, bool):
        raise InputError(f"'within': expected true or false, found {quoted(within)}")
    return Cell(people, float(odds_ratio), within, questions)


def _few(simulations: int) -> int:
    return _whole("simulations", simulations, 10, MOST["simulations"])


def _whole(name: str, value: int, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(f"'{name}': expected a whole number from {least} to {most}, found {quoted(value)}")
    return value
