"""How often a study of a given size finds a difference between two kinds of trace, by simulation.

The simulated study is analysed as the real one: cumulative logit, problems as fixed effects, clustered on the
participant (`tracelib.stats.cumulative_logit` stands for the same fit by statsmodels, which is slow). The
package has a computed grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import log, sqrt

import numpy as np
import pandas as pd
from scipy import stats

from tracelib.analysis import respondents
from tracelib.analysis.respondents import Respondents
from tracelib.core.paths import ASSETS
from tracelib.stats import cumulative_logit, ordinal
from tracelib.stats.paired import ALPHA
from tracelib.stats.proportions import CONFIDENCE, wilson

GRID = ASSETS / "study" / "power.csv"  # written by docs/ratings_power.py
FIRST, SECOND = "first", "second"  # the kinds that are compared
OTHERS = ("third", "fourth", "fifth")  # rated too, and like the second
PAIRS = 10  # comparisons of five kinds
LEVELS = {"found": ALPHA, "found_of_many": ALPHA / PAIRS}  # one planned comparison; Bonferroni's of ten
PEOPLE = (20, 40, 60, 100, 160)
ODDS_RATIOS = (1.0, 1.25, 1.5, 2.0, 3.0)
SEVERAL, SOME_PEOPLE, SOME_ODDS = 5, (40, 100), 1.5  # questions on a page, and where that is tried


@dataclass(frozen=True)
class Cell:
    """One simulated study.

    Attributes:
        people: number of participants.
        odds_ratio: odds of a higher rating of the first kind, divided by those of the second.
        within: whether each participant rates all kinds, or else one.
        questions: questions of the construct on each page.
    """

    people: int
    odds_ratio: float
    within: bool
    questions: int = 1

    @property
    def study(self) -> Respondents:
        kinds = {FIRST: log(self.odds_ratio), SECOND: 0.0, **dict.fromkeys(OTHERS, 0.0)}
        return Respondents(self.people, kinds, self.within, questions=self.questions)


def grid() -> Iterator[Cell]:
    """The cells of the shipped grid: one question in all of them, several in a few."""
    for within, people, odds_ratio in product((True, False), PEOPLE, ODDS_RATIOS):
        yield Cell(people, odds_ratio, within)
    for within, people in product((True, False), SOME_PEOPLE):
        yield Cell(people, SOME_ODDS, within, SEVERAL)


def simulate(cell: Cell, simulations: int, seed: int = 0) -> dict[str, object]:
    """Simulate and analyse a study many times.

    Returns:
        the cell's settings; points (the expected difference of the means); simulations; fitted (how many have
        an estimate); found, found_of_many (in how many p is below each of `LEVELS`); log_odds and
        log_odds_sd (mean and standard deviation of the estimates); held (how many 95% intervals hold the
        truth).
    """
    truth = log(cell.odds_ratio)
    rows = [_analysed(cell, seed * simulations + number) for number in range(simulations)]
    found = np.array([row for row in rows if row is not None]).reshape(-1, 2)
    estimates, errors = found.T
    df = cell.people - 1
    p = 2 * stats.t.sf(np.abs(estimates) / errors, df)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * errors
    return {
        "people": cell.people,
        "within": cell.within,
        "odds_ratio": cell.odds_ratio,
        "questions": cell.questions,
        "points": cell.study.points(FIRST, SECOND),
        "simulations": simulations,
        "fitted": len(found),
        **{name: int((p < level).sum()) for name, level in LEVELS.items()},
        "log_odds": float(estimates.mean()),
        "log_odds_sd": float(estimates.std(ddof=1)),
        "held": int((np.abs(estimates - truth) <= half).sum()),
    }


def _analysed(cell: Cell, seed: int) -> tuple[float, float] | None:
    """The log odds ratio of one simulated study, and its standard error."""
    rows = respondents.ratings(cell.study, seed)
    effects = ("problem", "question") if cell.questions > 1 else ("problem",)
    columns = ordinal.design(rows, effects)
    fit = cumulative_logit.fit(rows["rating"], columns, rows["participant"])
    if fit is None:
        return None
    contrast = ordinal.contrast(columns, FIRST, SECOND)
    return float(contrast @ fit.slopes), sqrt(contrast @ fit.covariance @ contrast)


def load() -> pd.DataFrame:
    """The shipped grid: a row of `simulate` per cell."""
    return pd.read_csv(GRID)


def rates(table: pd.DataFrame, of: str = "found", among: str = "simulations") -> pd.DataFrame:
    """The rows of a grid with one column of counts as a share of another, and its Wilson interval."""
    shares = [wilson(int(row[of]), int(row[among])) for row in table.to_dict("records")]
    return pd.concat([table.reset_index(drop=True), pd.DataFrame(shares)], axis=1)
