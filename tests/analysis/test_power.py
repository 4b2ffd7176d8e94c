"""Power by simulation: the planned analysis, the shipped grid, and its numbers computed again."""

from math import log

import pandas as pd
import pytest

from tests.conftest import ROOT
from tracelib.analysis import power, respondents
from tracelib.analysis.power import Cell
from tracelib.book import build
from tracelib.core import keys
from tracelib.core.frames import where
from tracelib.stats import ordinal


def test_a_simulated_study_is_analysed_as_a_real_one():
    cell = Cell(20, 2.0, within=True, questions=2)
    rows = respondents.ratings(cell.study, seed=4)
    pair = [(power.FIRST, power.SECOND)]
    (real,) = ordinal.odds_ratios(rows, pair, ("problem", "question")).to_dict("records")
    log_odds, error = power._analysed(cell, seed=4)
    assert log_odds == pytest.approx(log(real["estimate"]), rel=1e-4)
    ends = [log_odds + sign * error * 2.0930 for sign in (-1, 1)]  # the t quantile with 19 degrees of freedom
    assert ends == pytest.approx([log(real["low"]), log(real["high"])], rel=1e-3)


def test_counts_of_a_cell():
    row = power.simulate(Cell(30, 4.0, within=True), simulations=20)
    assert (row["people"], row["simulations"], row["fitted"]) == (30, 20, 20)
    assert row["found_of_many"] <= row["found"]
    assert row["found"] >= 18
    assert row["log_odds"] == pytest.approx(log(4), abs=0.3)
    assert row == power.simulate(Cell(30, 4.0, within=True), simulations=20)
    assert row != power.simulate(Cell(30, 4.0, within=True), simulations=20, seed=1)


def test_the_shipped_grid_has_all_cells():
    table = power.load()
    named = ["people", "odds_ratio", "within", "questions"]
    cells = {(cell.people, cell.odds_ratio, cell.within, cell.questions) for cell in power.grid()}
    assert set(table[named].itertuples(index=False, name=None)) == cells
    assert len(table) == len(cells)
    assert table["simulations"].nunique() == 1


def test_the_shipped_grid_says_what_theory_says():
    """Power grows with people and odds; sizes are near 5%, coverage near 95%; estimates are not biased."""
    table = where(power.load(), questions=1)
    size = where(table, odds_ratio=1.0)
    assert (size["found"] / size["fitted"]).between(0.02, 0.09).all()
    assert (table["held"] / table["fitted"]).between(0.91, 0.99).all()
    large = table[table["people"] >= 60]
    assert (large["log_odds"] - large["odds_ratio"].map(log)).abs().max() < 0.1
    wide = table.pivot(index=["within", "people"], columns="odds_ratio", values="found")
    assert (wide[[1.0, 1.5, 2.0, 3.0]].diff(axis=1).drop(columns=1.0) >= 0).all(axis=None)
    both = table.pivot(index=["people", "odds_ratio"], columns="within", values="found")
    different = both[both.index.get_level_values("odds_ratio") > 1]
    assert (different[True] > different[False]).all()


def test_the_chapters_that_show_the_grid_have_it_in_their_keys():
    paths = {name: ROOT / "notebooks" / f"{name}.ipynb" for name in build.chapters()}
    shown = {name for name, path in paths.items() if "tracelib.analysis.power" in keys.closure(path)}
    assert shown == set(build.STUDY_CHAPTERS)


@pytest.mark.nightly
def test_cells_of_the_shipped_grid_computed_again():
    table = power.load()
    for cell in (Cell(20, 2.0, True), Cell(40, 1.0, False)):
        named = {"people": cell.people, "odds_ratio": cell.odds_ratio, "within": cell.within, "questions": 1}
        (shipped,) = where(table, **named).to_dict("records")
        again = power.simulate(cell, shipped["simulations"])
        assert again == pytest.approx(shipped, abs=1e-3)


def test_rates_are_shares_of_the_simulations():
    table = pd.DataFrame([{"simulations": 10, "fitted": 8, "found": 4, "held": 6}])
    assert power.rates(table)["estimate"].tolist() == [0.4]
    assert power.rates(table, "held", "fitted")["estimate"].tolist() == [0.75]
