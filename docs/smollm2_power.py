"""The power of the tests that analysis-plan-smollm2.md plans, by simulation.

Prints the plan's table of power::

    python docs/smollm2_power.py

For each problem and training, the difference between two arms is drawn from a normal distribution. If 0/1
answers differ on a share q of the problems, as often in either direction, their difference has the variance
q. A part of this variance belongs to the problem and is the same in every training. In addition, trainings
differ with a standard deviation of 2 points. The values of q are those of the released outputs, correct
against incorrect traces.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from tracelib.stats import crossed

OUTCOMES = Path(__file__).parents[1] / "tracelib" / "assets" / "paper" / "release_outcomes.parquet"
SIZES = {"bAbI, CPU": (5, 376, 5.0), "CoTempQA, CPU": (3, 362, 5.0), "bAbI, GPU": (10, 376, 3.0)}
SHARE = 0.5  # the part of the variance that belongs to the problem
SEED_SPREAD = 0.02  # standard deviation between trainings
SIMULATIONS = 1000
FIRST_OF_HOLM = 0.05 / 3


def discordances() -> pd.Series:
    """By dataset and model, the share of test problems answered rightly after only one of the trainings."""
    rows = pd.read_parquet(OUTCOMES)
    rows = rows[rows["condition"].isin(["correct", "incorrect"])]
    wide = rows.pivot_table(
        index=["dataset", "model", "problem"],
        columns="condition",
        values="answer_correct",
        aggfunc=lambda values: float(values.iloc[0]),
    ).dropna()
    return (wide["correct"] != wide["incorrect"]).groupby(["dataset", "model"]).mean()


def power(seeds: int, items: int, discordance: float, truth: float, margin: float, alpha: float) -> dict:
    """The shares of simulations that show a mean above minus the margin, and a mean different from 0."""
    rng = np.random.default_rng(0)
    shown = {"not inferior": 0, "different": 0}
    for _ in range(SIMULATIONS):
        own = rng.normal(0, np.sqrt(SHARE * discordance), (1, items))
        rest = rng.normal(0, np.sqrt((1 - SHARE) * discordance), (seeds, items))
        values = truth + own + rest + rng.normal(0, SEED_SPREAD, (seeds, 1))
        row = crossed.interval(crossed.means(pd.DataFrame(values)))
        above = stats.t.sf((row["estimate"] + margin / 100) / row["error"], row["df"])
        shown["not inferior"] += above < alpha
        shown["different"] += row["p"] < alpha
    return {name: count / SIMULATIONS for name, count in shown.items()}


def main() -> None:
    found = discordances()
    print(found.round(3).to_string(), "\n")
    print("| size | trainings x problems | discordance | not inferior, no difference | 6 points are shown |")
    print("|---|---|---|---|---|")
    for name, (seeds, items, margin) in SIZES.items():
        of_dataset = found[name.partition(",")[0].lower()]
        for q in sorted({round(float(value), 2) for value in (of_dataset.min(), of_dataset.max(), 0.4)}):
            same = power(seeds, items, q, 0.0, margin, FIRST_OF_HOLM)["not inferior"]
            other = power(seeds, items, q, 0.06, margin, FIRST_OF_HOLM)["different"]
            print(f"| {name} | {seeds} x {items} | {q:.2f} | {same:.0%} | {other:.0%} |")


if __name__ == "__main__":
    main()
