"""Tables of the stated means, by hand."""

import pandas as pd

from tracelib.reporting import tables_means
from tracelib.stats import bounded

SHARED = {"p_ends": 0.02, "estimate": 1.5, "high": 3.0}
DIFFERENCES = pd.DataFrame(
    [
        {"n": n, "paired": True, "method": method, "p": p, **SHARED, "low": low}
        for n in (25, 100)
        for method, low, p in ((bounded.WIDEST, 0.5, 0.0001), (bounded.GUARANTEED, -0.1, 0.06))
    ]
)


def test_a_design_has_both_intervals_and_three_p_values():
    first, second = tables_means.designs(DIFFERENCES).to_numpy().tolist()
    shown = ["the same people", "1.50 [0.50, 3.00]", "< 0.001", "[-0.10, 3.00]", "0.060", "0.0200"]
    assert (first, second) == ([25, *shown], [100, *shown])


def test_a_mean_has_an_interval_per_number_of_people():
    means = pd.DataFrame(
        [
            {"scale": "load", "kind": "r1", "n": n, "method": method, "low": n / 100, "high": 5.0}
            for n in (25, 100)
            for method in (bounded.WIDEST, bounded.GUARANTEED)
        ]
    )
    row = {"scale": "load", "kind": "r1", "mean": 4.0, "sd": 1.234, "top_low": 0.25, "top_high": 0.75}
    (shown,) = tables_means.means(means, pd.DataFrame([row])).to_dict("records")
    assert shown["25 people [widest t]"] == "[0.25, 5.00]"
    assert shown["100 people [widest t]"] == "[1.00, 5.00]"
    assert (shown["greatest standard deviation"], shown["percent that rated 5"]) == ("1.23", "25.0 to 75.0")


def test_a_mean_has_the_fewest_ratings_that_it_can_be_of():
    rows = pd.DataFrame([{"scale": "s", "kind": "k", "mean": "4.50", "sizes": [2, 4, 100]}])
    (shown,) = tables_means.possible(rows).to_dict("records")
    assert shown["fewest ratings"] == "2"
    assert (shown["of 25 ratings"], shown["of 100 ratings"]) == ("impossible", "possible")
