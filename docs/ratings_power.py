"""The grid of power for a study with ratings, by simulation: writes tracelib/assets/study/power.csv.

::

    python docs/ratings_power.py

It takes about ten minutes of one core. Each run gives the same counts.
"""

import pandas as pd
from tqdm import tqdm

from tracelib.analysis import power
from tracelib.core.atomic import write_text

SIMULATIONS = 400


def main() -> None:
    rows = [power.simulate(cell, SIMULATIONS) for cell in tqdm(list(power.grid()))]
    write_text(power.GRID, pd.DataFrame(rows).to_csv(index=False, float_format="%.4f"))


if __name__ == "__main__":
    main()
