"""The registered answers as sentences: what is shown, what is open, and what is interim."""

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
        (ROW, "Wrong traces cost less than 5 points of accuracy; a gain is not shown"),
        (ROW | {"above": True}, "Models trained on wrong traces answer better than models trained on right"),
        (ROW | {"shown": False}, "That wrong traces cost less than 5 points is not shown; neither is that"),
        (HELP, "Models trained without traces answer better than models trained with them"),
        (HELP | {"estimate": -0.01}, "Models trained with traces answer better than models trained without"),
        (HELP | {"shown": False}, "No difference between training with and without traces is shown; none is"),
        (FOLLOWING, "Models trained on both-wrong traces follow a trace that leads astray more often"),
        (FOLLOWING | {"estimate": -0.01}, "Models trained on correct traces follow a trace that leads"),
        (FOLLOWING | {"shown": False}, "No difference in following a trace that leads astray is shown"),
    ],
)  # fmt: skip
def test_an_answer_says_what_its_test_shows(row, begins):
    words = tables_preregistered.in_words(row, 5)
    assert words.startswith(begins)
    measured = f"{100 * row['estimate']:.1f} [-2.0, 4.0] points, p (Holm) 0.003"
    assert words.endswith(f"(both-wrong minus correct: {measured}; 5 trainings per arm, 375 problems)")


def test_with_fewer_trainings_than_planned_an_answer_is_interim():
    words = tables_preregistered.in_words(ROW | {"n": 3}, 5)
    assert words.endswith("; interim, 3 of 5 planned trainings per arm, 375 problems)")
