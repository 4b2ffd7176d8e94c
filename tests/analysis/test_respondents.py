"""Simulated respondents have the distribution, the design and the dependence that were put in."""

import numpy as np
import pytest
from scipy.special import expit

from tracelib.analysis import respondents
from tracelib.analysis.respondents import BASE, Respondents
from tracelib.core.errors import InputError

KINDS = {"a": 0.0, "b": 1.0}


def test_expected_shares_and_points_by_hand():
    """Shares 1/2 and 1/2 at log odds zero; with log odds ln 3 the higher rating has 3/4."""
    study = Respondents(10, {"a": 0.0, "b": np.log(3)}, base=(0.5, 0.5))
    assert study.shares(0.0) == pytest.approx([0.5, 0.5])
    assert study.shares(np.log(3)) == pytest.approx([0.25, 0.75])
    assert study.points("b", "a") == pytest.approx(0.25)


def test_shares_of_simulated_ratings_are_the_expected_ones():
    rows = respondents.ratings(Respondents(4000, KINDS, pages=4, problem_spread=0), seed=0)
    for kind, log_odds in KINDS.items():
        seen = rows.loc[rows["kind"] == kind, "rating"].value_counts(normalize=True).sort_index()
        above = expit(np.log(1 / np.cumsum(BASE)[:-1] - 1) + log_odds)
        expected = -np.diff([1.0, *above, 0.0])
        assert seen.to_numpy() == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("within", [True, False])
def test_the_design_is_balanced(within):
    study = Respondents(20, KINDS, within, pages=4, problems=6, questions=3)
    rows = respondents.ratings(study, seed=1)
    assert len(rows) == 20 * 4 * 3
    pages = rows.drop_duplicates(["participant", "page"])
    assert not pages.duplicated(["participant", "problem"]).any()
    assert pages["kind"].value_counts().tolist() == [40, 40]
    assert set(rows.groupby("participant")["kind"].nunique()) == {2 if within else 1}
    assert rows["rating"].between(1, 5).all()


def test_answers_of_a_person_depend_on_each_other_and_those_on_a_page_more():
    alike = {"pages": 2, "problem_spread": 0, "taste": 0}
    study = Respondents(3000, dict.fromkeys("ab", 0.0), questions=2, person=0.3, page=0.4, **alike)
    wide = respondents.ratings(study, seed=0).pivot(
        index="participant", columns=["page", "question"], values="rating"
    )
    table = wide.corr().to_numpy()
    assert 0.6 < table[0, 1] < 0.75  # the latent correlation is 0.7
    assert 0.2 < table[0, 2] < 0.35  # 0.3
    alone = Respondents(3000, dict.fromkeys("ab", 0.0), person=0, page=0, **alike)
    free = respondents.ratings(alone, seed=0).pivot(index="participant", columns="page", values="rating")
    assert abs(free.corr().to_numpy()[0, 1]) < 0.06


def test_a_seed_fixes_everything():
    study = Respondents(5, KINDS, pages=2)
    assert respondents.ratings(study, 1).equals(respondents.ratings(study, 1))
    assert not respondents.ratings(study, 1).equals(respondents.ratings(study, 2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"people": 0}, "at least one participant"),
        ({"pages": 3}, "3 pages, expected a multiple of the 2 kinds"),
        ({"pages": 4, "problems": 3}, "3 problems, expected at least one for each of 4 pages"),
        ({"person": 0.9, "taste": 0.1}, "shares of the variance"),
        ({"person": -0.1}, "shares of the variance"),
    ],
)
def test_impossible_studies_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        Respondents(**{"people": 4, "kinds": KINDS, "pages": 2, **settings})


def test_simulated_decisions_have_the_stated_rates():
    rows = respondents.decisions(5000, {"none": (2.0, 0.5)}, pages=4, spread=0.0, seed=0)
    accepted = rows.groupby("answer_right")["accepted"].mean()
    assert accepted[True] == pytest.approx(0.6915, abs=0.015)  # normal quantile 1 - 0.5
    assert accepted[False] == pytest.approx(0.0668, abs=0.01)  # -1 - 0.5
    with pytest.raises(InputError, match="5 pages, expected a multiple of 2"):
        respondents.decisions(3, {"none": (1, 0)}, pages=5)


def test_pooling_shrinks_as_much_as_criteria_vary():
    """With a spread of 0.75, the standard deviation of evidence minus criterion is 1.25."""
    assert respondents.pooled(1.0, -0.5, 0.75) == pytest.approx((0.8, -0.4))
