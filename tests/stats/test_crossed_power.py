"""Power by four draws, against whole simulated tables, and at its ends."""

import numpy as np
import pandas as pd
import pytest

from tracelib.stats import crossed, crossed_power

SPREAD = (0.02, 0.25, 0.3)


def tables(simulations, seeds, items, truth):
    rng = np.random.default_rng(1)
    shapes = ((simulations, seeds, 1), (simulations, 1, items), (simulations, seeds, items))
    return truth + sum(size * rng.normal(size=shape) for size, shape in zip(SPREAD, shapes, strict=True))


@pytest.mark.parametrize(("seeds", "items"), [(3, 40), (5, 200)])
def test_four_draws_give_the_power_of_whole_tables(seeds, items):
    rows = [
        crossed.interval(crossed.means(pd.DataFrame(table))) for table in tables(1000, seeds, items, 0.06)
    ]
    found = crossed_power.power(seeds, items, SPREAD, 0.06)
    shown = np.mean([row["p"] < 0.05 for row in rows])
    assert found["estimate"] == pytest.approx(shown, abs=0.05)  # three standard errors of 1,000 tables
    above = crossed_power.power(seeds, items, SPREAD, 0.06, margin=0.05, alpha=0.05 / 3)
    by_table = np.mean([crossed.p_above(row, -0.05) < 0.05 / 3 for row in rows])
    assert above["estimate"] == pytest.approx(by_table, abs=0.05)


def test_the_mean_squares_have_the_expected_size():
    _, error, df = crossed_power.drawn(10, 400, SPREAD, 20_000)
    truth = 0.02**2 / 10 + 0.25**2 / 400 + 0.3**2 / 4000
    assert (error**2).mean() == pytest.approx(truth, rel=0.02)
    assert df.min() >= 9


def test_without_a_difference_the_share_found_is_at_most_the_level():
    found = crossed_power.power(5, 376, SPREAD, 0.0)
    assert found["low"] <= 0.05
    at_margin = crossed_power.power(5, 376, SPREAD, -0.05, margin=0.05)
    assert at_margin["low"] <= 0.05


def test_power_grows_with_items_seeds_and_the_difference():
    def share(seeds, items, truth):
        return crossed_power.power(seeds, items, SPREAD, truth)["estimate"]

    assert share(5, 400, 0.05) > share(5, 100, 0.05)
    assert share(10, 400, 0.05) > share(3, 400, 0.05)
    assert share(5, 400, 0.10) > share(5, 400, 0.05)


def test_the_same_seed_gives_the_same_power():
    assert crossed_power.power(5, 50, SPREAD, 0.1) == crossed_power.power(5, 50, SPREAD, 0.1)
