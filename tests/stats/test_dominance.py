"""Cliff's delta, means and rank tests: by hand, beside scipy, and what data cannot tell."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tracelib.analysis import respondents
from tracelib.analysis.respondents import Respondents
from tracelib.stats import dominance

KINDS = {"a": 0.0, "b": 0.8, "c": 0.0}


@pytest.fixture(scope="module")
def within():
    return respondents.ratings(Respondents(40, KINDS, pages=6), seed=1)


@pytest.fixture(scope="module")
def between():
    return respondents.ratings(Respondents(90, KINDS, within=False, pages=6), seed=1)


def rated(**by_kind):
    """One answer per participant and kind, in order."""
    rows = [(person, kind, r) for kind, ratings in by_kind.items() for person, r in enumerate(ratings)]
    return pd.DataFrame(rows, columns=["participant", "kind", "rating"])


def test_delta_by_hand():
    """2, 4, 5 against 1, 4, 4: of nine pairs 5 are above, 2 below, 2 equal."""
    (row,) = dominance.dominance(rated(a=[2, 4, 5], b=[1, 4, 4]), [("a", "b")]).to_dict("records")
    assert row["estimate"] == pytest.approx((5 - 2) / 9)
    assert row["points"] == pytest.approx(11 / 3 - 3)
    assert (row["n"], row["clusters"]) == (6, 3)


def test_delta_is_mann_and_whitneys_u_on_another_scale(between):
    (row,) = dominance.dominance(between, [("a", "b")], resamples=50).to_dict("records")
    first, second = (between.loc[between["kind"] == kind, "rating"] for kind in "ab")
    u = stats.mannwhitneyu(first, second).statistic
    assert row["estimate"] == pytest.approx(2 * u / (len(first) * len(second)) - 1)


def test_a_resample_gives_what_its_answers_give(within):
    """The bootstrap on counts equals delta and means computed from the drawn answers themselves."""
    counted = dominance._Counted.of(within, resamples=3, seed=5)
    drawn = np.random.default_rng(5).integers(40, size=(3, 40))
    people = np.sort(within["participant"].unique())
    for sample, chosen in enumerate(drawn):
        rows = pd.concat([within[within["participant"] == people[one]] for one in chosen])
        a, b = (rows.loc[rows["kind"] == kind, "rating"].to_numpy() for kind in "ab")
        counts = [counted.drawn[kind][[sample]] for kind in "ab"]
        assert dominance._gap(*counts, counted.levels) == pytest.approx([a.mean() - b.mean()])
        delta = np.sign(np.subtract.outer(a, b)).mean()
        assert dominance._delta(*counts, counted.levels) == pytest.approx([delta])


def test_participants_are_drawn_within_the_kinds_if_each_has_rated_one(between):
    counted = dominance._Counted.of(between, resamples=20, seed=0)
    for kind in "abc":
        assert (counted.drawn[kind].sum(axis=1) == counted.observed[kind].sum()).all()


def test_distributions_count_every_rating(within):
    found = dominance.distributions(within).set_index("kind")
    for kind, part in within.groupby("kind"):
        row = found.loc[kind]
        assert row["estimate"] == pytest.approx(part["rating"].mean())
        assert [row[level] for level in range(1, 6)] == [
            (part["rating"] == level).sum() for level in range(1, 6)
        ]
        assert row["low"] < row["estimate"] < row["high"]


def test_the_rank_tests_are_scipys(within, between):
    means = within.groupby(["participant", "kind"])["rating"].mean().unstack()
    friedman, found = stats.friedmanchisquare(*means.to_numpy().T), dominance.ranks(within)
    assert (found["statistic"], found["p"]) == pytest.approx((friedman.statistic, friedman.pvalue))
    assert (found["df"], found["n"], found["note"]) == (2, 40, "")
    (row,) = dominance.dominance(within, [("a", "b")], resamples=50).to_dict("records")
    assert row["p"] == pytest.approx(stats.wilcoxon(means["a"] - means["b"]).pvalue)

    groups = [part for _, part in between.groupby(["participant", "kind"])["rating"].mean().groupby("kind")]
    kruskal, found = stats.kruskal(*groups), dominance.ranks(between)
    assert (found["statistic"], found["p"]) == pytest.approx((kruskal.statistic, kruskal.pvalue))
    assert found["method"].startswith("Kruskal-Wallis")
    (row,) = dominance.dominance(between, [("a", "b")], resamples=50).to_dict("records")
    assert row["p"] == pytest.approx(stats.mannwhitneyu(groups[0], groups[1]).pvalue)


def test_who_has_not_rated_all_kinds_is_left_out_of_friedmans_test(within):
    part = within[(within["participant"] != 7) | (within["kind"] != "a")]
    found = dominance.ranks(part)
    assert found["n"] == 39
    assert found["note"] == "1 participants have not rated all kinds, left out"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (rated(a=[1, 2, 3], b=[2, 2, 2]), "fewer than three kinds"),
        (rated(a=[3, 4], b=[3, 4], c=[3, 4]), "rates all kinds alike"),
        (rated(a=[3], b=[4], c=[5]), "fewer than two participants"),
        (rated(a=[1, 2, 3]), "one kind alone"),
    ],
)
def test_where_there_is_no_test_a_note_says_why(rows, why):
    found = dominance.ranks(rows)
    assert (found["statistic"], found["p"]) == (None, None)
    assert why in found["note"]


@pytest.mark.filterwarnings("error")
def test_extreme_pairs():
    rows = dominance.dominance(rated(a=[5, 5], b=[1, 1]), [("a", "b"), ("a", "c")]).to_dict("records")
    assert rows[0]["estimate"] == 1
    assert pd.isna(rows[0]["low"])
    assert "do not vary" in rows[0]["note"]
    assert all(pd.isna(rows[1][name]) for name in ("estimate", "points", "p"))
    assert rows[1]["note"] == "no ratings of c"
    (same,) = dominance.dominance(rated(a=[3, 4], b=[3, 4]), [("a", "b")]).to_dict("records")
    assert "no participant tells the kinds apart" in same["note"]


@pytest.mark.nightly
def test_intervals_of_delta_hold_the_truth_of_simulated_studies():
    """Truth: Cliff's delta of the two shares of ratings, averaged over problems, from a very large study."""
    study = Respondents(60, KINDS, pages=6, problem_spread=0)
    shares = [study.shares(study.kinds[kind]) for kind in "ba"]
    truth = shares[0] @ np.sign(np.subtract.outer(range(5), range(5))) @ shares[1]
    held = 0
    for seed in range(300):
        rows = dominance.dominance(respondents.ratings(study, seed), [("b", "a")], resamples=500)
        held += rows["low"].iloc[0] <= truth <= rows["high"].iloc[0]
    assert 0.91 < held / 300 < 0.985
