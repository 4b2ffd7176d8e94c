"""What would settle it: spreads, powers and numbers of traces, by hand and from the shipped tables."""

import pandas as pd
import pytest

from tracelib.paper import natural_compared, natural_errors, natural_structure, settling

SPREAD = pd.Series({"items": 0.3, "rest": 0.4})


@pytest.fixture(scope="module")
def errors():
    table = natural_compared.reasoning(natural_compared.described(natural_structure.load()))
    return natural_errors.of_readings(table)


def test_the_spreads_of_the_grid_add_up_to_its_differing_answers():
    """The variance of a difference of 0/1 answers is at most the share of answers that differ."""
    found = settling.spreads()
    assert list(zip(found["first"], found["second"], strict=True)) == list(settling.ALL_PAIRS)
    variance = (found[["seeds", "items", "rest"]] ** 2).sum(axis=1)
    assert (variance - found["discordance"]).abs().max() < 0.02


def test_power_is_counted_for_every_cell_and_grows():
    found = settling.powers(SPREAD, trainings=(3, 10), problems=(100, 1000))
    assert len(found) == len(settling.MARGINS) * len(settling.BETWEEN) * 2 * 2
    cells = found.set_index(["margin", "between", "trainings", "problems"])["estimate"]
    assert cells[0.05, 0.02, 10, 1000] > cells[0.03, 0.02, 10, 1000] > cells[0.03, 0.02, 10, 100]
    assert cells[0.03, 0.02, 10, 1000] > cells[0.03, 0.02, 3, 1000]
    assert cells[0.03, 0.02, 10, 1000] > cells[0.03, 0.04, 10, 1000]


def test_no_number_of_problems_gives_more_than_the_limit():
    limit = settling.limit(3, 0.05, 0.04)
    most = settling.power(3, 10**7, 0.05, 0.04, SPREAD)
    assert most["low"] < limit < most["high"]
    assert settling.power(3, 100, 0.05, 0.04, SPREAD)["high"] < limit
    assert settling.limit(20, 0.05, 0.04) > settling.limit(10, 0.05, 0.04) > limit


def test_the_fewest_problems_are_those_with_enough_power():
    rows = pd.DataFrame({"problems": [100, 400, 900], "estimate": [0.3, 0.8, 0.95]})
    assert settling.fewest(rows) == 400
    assert settling.fewest(rows.assign(estimate=0.1)) is None


def test_the_traces_needed_by_hand(errors):
    """R1 answered 5 x (82 + 113 + 499 + 46) = 3,700 of 4,750; 11 of 40 read traces have a wrong step."""
    found = settling.traces(errors).set_index("kind")
    assert found.loc["right answer", "estimate"] == 3700 / 4750
    step = found.loc["right answer, a wrong step"]
    assert step["estimate"] == pytest.approx(3700 / 4750 * 11 / 40)
    assert step["asked"] == pytest.approx(1000 / step["estimate"])
    assert step["asked_low"] < step["asked"] < step["asked_high"]
    assert step["had"] == round(3700 * 11 / 40)
    assert step["had_low"] < step["had"] < step["had_high"]
    assert (step["found"], step["n"]) == (11, 40)
    assert pd.isna(found.loc["right answer", "had_low"])
    both = step["estimate"] + found.loc["right answer, no wrong step", "estimate"]
    assert both == pytest.approx(found.loc["right answer", "estimate"])
    assert found.loc["right answer", "had"] + found.loc["wrong answer", "had"] == 4750
