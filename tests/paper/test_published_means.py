"""The stated means of the human study: by hand, and the rows of every plausible design."""

import pytest

from tracelib.core.frames import where
from tracelib.paper import published_means
from tracelib.stats import bounded


def test_every_mean_has_both_intervals_for_each_number_of_people():
    found = published_means.means()
    assert len(found) == 3 * 2 * 2
    for row in found.to_dict("records"):
        assert 1 <= row["low"] < row["estimate"] < row["high"] <= 5
    widths = found.assign(width=found["high"] - found["low"]).pivot_table(
        index=["scale", "kind", "method"], columns="n", values="width"
    )
    assert (widths[100] < widths[25]).all()


def test_the_widest_interval_of_the_load_by_hand():
    """At most 4.59 - 0.005 +- 1.9842 sqrt(0.415 x 3.585 / 99), and the same from 4.595."""
    (row,) = where(published_means.means(), scale="cognitive load", n=100, method=bounded.WIDEST).to_dict(
        "records"
    )
    assert row["low"] == pytest.approx(4.585 - 1.98422 * (0.415 * 3.585 / 99) ** 0.5, abs=1e-4)
    assert row["high"] == pytest.approx(4.595 + 1.98422 * (0.405 * 3.595 / 99) ** 0.5, abs=1e-4)


def test_every_plausible_design_is_tried():
    found = published_means.differences()
    designs = {(row.n, row.paired) for row in found.itertuples()}
    assert designs == {(25, False), (25, True), (100, False), (100, True)}
    assert len(found) == 2 * len(designs)
    assert (found["estimate"].round(9) == 1.47).all()


def test_the_smallest_difference_within_rounding_counts():
    """4.855 - 3.395 = 1.46: the p-value is that of the least favourable of the possible means."""
    (row,) = where(published_means.differences(), n=25, paired=True, method=bounded.GUARANTEED).to_dict(
        "records"
    )
    assert published_means.least_difference() == pytest.approx(1.46)
    assert row["p"] == pytest.approx(bounded.guaranteed_difference(4.855, 3.395, 25, True)["p"])
    assert row["p"] > bounded.guaranteed_difference(4.86, 3.39, 25, True)["p"]


def test_what_the_means_say_of_the_ratings():
    """Of decomposed traces at least 4.855 - 4 of the ratings are 5."""
    tops = published_means.distributions().set_index(["scale", "kind"])
    row = tops.loc[("interpretability", "decomposed traces")]
    assert row["top_low"] == pytest.approx(0.855)
    assert row["top_high"] == pytest.approx((4.865 - 1) / 4)
    assert row["sd"] == pytest.approx((0.145 * 3.855) ** 0.5)
    low, high = published_means.delta_range()
    assert 0.3 < low < 1.46 / 4 < high < 1


def test_25_single_ratings_cannot_have_these_means_and_100_can():
    sizes = dict(published_means.possible()[["mean", "sizes"]].itertuples(index=False))
    assert set(sizes) == {"3.39", "4.86", "4.59"}
    assert all(25 not in found and 100 in found for found in sizes.values())
    assert [found[0] for found in sizes.values()] == [18, 7, 17]
