"""The planned analysis on a simulated study: what it compares, and over what Holm adjusts."""

import numpy as np
import pandas as pd
import pytest

from tracelib.analysis import ratings, respondents
from tracelib.stats import dominance, holm, ordinal


@pytest.fixture(scope="module")
def study():
    return respondents.study(people=40, seed=1).included()


def test_each_construct_is_analysed_by_itself(study):
    found = ratings.pairs(study.ratings)
    assert found.groupby("measures").size().to_dict() == {"interpretability": 10, "load": 10}
    own = study.ratings[study.ratings["measures"] == "load"]
    (alone,) = dominance.dominance(own, [("correct", "r1")]).to_dict("records")
    row = found.set_index(["measures", "first", "second"]).loc[("load", "correct", "r1")]
    assert (row["estimate"], row["points"], row["p"]) == (alone["estimate"], alone["points"], alone["p"])


def test_holm_is_over_the_pairs_of_a_construct_and_over_the_constructs(study):
    found = ratings.pairs(study.ratings)
    for _, part in found.groupby("measures"):
        assert part["p_holm"].tolist() == pytest.approx(holm.holm(part["p"].tolist()))
    tests = ratings.all_kinds(study.ratings)
    assert tests["p_holm"].tolist() == pytest.approx(holm.holm(tests["p"].tolist()))


def test_every_point_of_the_scale_has_a_column(study):
    found = ratings.distributions(study.ratings.assign(rating=study.ratings["rating"].clip(upper=4)))
    assert found[5].tolist() == [0] * 10
    counts = found[[1, 2, 3, 4, 5]].sum(axis=1)
    assert counts.tolist() == found["n"].tolist()


def test_odds_ratios_have_problems_and_questions_in_the_model(study):
    own = study.ratings[study.ratings["measures"] == "load"]
    row = ratings.odds_ratios(own).iloc[0]
    pair = [(row["first"], row["second"])]
    (alone,) = ordinal.odds_ratios(own, pair, ("problem", "question")).to_dict("records")
    assert row["estimate"] == pytest.approx(alone["estimate"])
    length = ratings.odds_ratios(own, length=True).iloc[0]
    assert length["estimate"] != pytest.approx(row["estimate"], rel=1e-3)


def test_agreement_of_each_constructs_questions(study):
    found = ratings.agreement(study.ratings)
    assert list(zip(found["measures"], found["coefficient"], strict=True)) == [
        ("interpretability", "alpha"), ("interpretability", "omega"), ("load", "alpha"), ("load", "omega")
    ]  # fmt: skip
    assert (found["questions"] == respondents.QUESTIONS).all()
    assert found["estimate"].between(0.7, 0.95).all()


def test_the_arm_without_anything_comes_first(study):
    assert ratings.arms(study.decisions) == ["none", "both", "explanation", "trace"]
    found = ratings.sensitivity(study.decisions)
    assert found["arm"].tolist() == ratings.arms(study.decisions)
    assert pd.isna(found["d_more"].iloc[0])
    assert found["d_more"].iloc[1] == pytest.approx(found["estimate"].iloc[1] - found["estimate"].iloc[0])


def test_calibration_compares_confidence_in_right_and_wrong_decisions(study):
    row = ratings.calibration(study.decisions).set_index("arm").loc["trace"]
    own = study.decisions[study.decisions["arm"] == "trace"]
    right = own["accepted"] == own["answer_right"]
    first, second = own.loc[right, "confidence"], own.loc[~right, "confidence"]
    expected = np.sign(np.subtract.outer(first.to_numpy(), second.to_numpy())).mean()
    assert row["estimate"] == pytest.approx(expected)


@pytest.mark.filterwarnings("error")
def test_a_study_without_ratings_or_without_decisions_has_empty_tables(study):
    nothing = study.ratings.head(0)
    tables = [ratings.distributions(nothing), ratings.all_kinds(nothing), ratings.pairs(nothing)]
    tables += [ratings.odds_ratios(nothing), ratings.agreement(nothing)]
    undecided = study.decisions.head(0)
    tables += [ratings.sensitivity(undecided), ratings.acceptance(undecided), ratings.calibration(undecided)]
    assert all(table.empty for table in tables)
