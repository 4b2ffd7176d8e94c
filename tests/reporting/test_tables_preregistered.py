"""The registered answers as sentences: what is shown, what is open, and what is interim."""

import pandas as pd
import pytest

from tracelib.reporting import tables_preregistered

ROW = {
    "question": "correctness", "first": "both-wrong", "second": "correct", "margin": 0.05, "estimate": 0.01,
    "low": -0.02, "high": 0.04, "n": 5, "items": 375, "p": 0.001, "p_holm": 0.003,
    "shown": True, "above": False,
}  # fmt: skip
HELP = ROW | {"question": "help", "margin": None}
FOLLOWING = ROW | {"question": "following", "margin": None}


@pytest.mark.parametrize(
    ("row", "begins"),
    [
        (ROW, "Training on both-wrong traces costs less than 5 points of accuracy; whether it helps is open"),
        (ROW | {"above": True}, "Training on both-wrong traces gives better answers than training on"),
        (ROW | {"shown": False}, "Whether training on both-wrong traces costs 5 points of accuracy is open"),
        (HELP, "Training on the answer alone gives better answers than training on correct traces"),
        (HELP | {"estimate": -0.01}, "Training on the answer alone gives worse answers than training on"),
        (HELP | {"shown": False}, "Whether training on correct traces helps or harms is open"),
        (FOLLOWING, "Models trained on correct traces follow a misleading trace more often than models"),
        (FOLLOWING | {"estimate": -0.01}, "Models trained on correct traces follow a misleading trace less"),
        (FOLLOWING | {"shown": False}, "Whether models trained on correct traces follow a misleading trace"),
    ],
)  # fmt: skip
def test_an_answer_says_what_its_test_shows(row, begins):
    words = tables_preregistered.in_words(row, 5)
    assert words.startswith(begins)
    measured = f"{100 * row['estimate']:.1f} [-2.0, 4.0] points, p (Holm) 0.003"
    assert words.endswith(f"(both-wrong minus correct: {measured}; 5 trainings per arm, 375 problems)")


def test_with_fewer_trainings_than_planned_an_answer_is_interim():
    words = tables_preregistered.in_words(ROW | {"n": 3}, 5)
    assert words.startswith("Interim, after 3 of 5 trainings per arm: Training on both-wrong")
    assert "3 trainings per arm, 375 problems" in words


def test_odds_beyond_all_use_are_bounded():
    row = ROW | {"fixed_low": -0.1, "fixed_high": 0.1, "note": "", "odds_ratio_note": ""}
    row |= {"odds_ratio": 88709.3, "odds_ratio_low": 5.02, "odds_ratio_high": 1.5e6}
    (shown,) = tables_preregistered.beside_primary(pd.DataFrame([row])).iloc[:, 2]
    assert shown == "over 100 [5.02, over 100]"
