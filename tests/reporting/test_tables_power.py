"""Tables of power, by hand."""

import pandas as pd

from tracelib.reporting import tables_power

SHARES = {20: 0.5, 40: 0.85}
RATES = pd.DataFrame(
    [
        {
            "within": within,
            "people": n,
            "odds_ratio": ratio,
            "questions": 1,
            "points": 0.27,
            "estimate": share,
        }
        | {"low": share - 0.1, "high": share + 0.1, "truth": 0.4, "log_odds": 0.41, "log_odds_sd": 0.2}
        for within in (True, False)
        for n, share in SHARES.items()
        for ratio in (1.0, 1.5)
    ]
)


def test_a_row_per_design_and_odds_ratio_and_a_column_per_number_of_people():
    shown = tables_power.grid(RATES)
    assert shown.iloc[1].tolist() == [
        "everybody rates all kinds", "1.5", "0.27", "50.0 [40.0, 60.0]", "85.0 [75.0, 95.0]"
    ]  # fmt: skip
    assert len(shown) == 4


def test_the_fewest_people_who_are_enough():
    assert tables_power.fewest(RATES, 0.8) == "40"
    assert tables_power.fewest(RATES, 0.9) == "more than 40"
    shown = tables_power.needed(RATES, RATES.assign(estimate=0.1), 0.8)
    assert shown["odds ratio"].tolist() == ["1.5", "1.5"]
    assert shown.iloc[0, 3:].tolist() == ["40", "more than 40"]


def test_several_questions_stand_beside_one():
    both = pd.concat([RATES, RATES.assign(questions=5, estimate=0.9, low=0.8, high=1.0)])
    shown = tables_power.several(both[both["odds_ratio"] == 1.5])
    assert shown.columns.tolist() == ["design", "people", "one question", "5 questions"]
    assert shown.iloc[0, 1:].tolist() == [20, "50.0 [40.0, 60.0]", "90.0 [80.0, 100.0]"]


def test_what_was_put_in_stands_beside_what_was_found():
    shown = tables_power.checked(RATES.head(1))
    assert shown.iloc[0, 1:].tolist() == [20, "0.40", "0.41", "0.20", "50.0 [40.0, 60.0]"]


def test_the_curves_in_words():
    words = tables_power.described(RATES)
    assert "Everybody rates one kind, odds ratio 1.5, percent by people: 20: 50, 40: 85." in words
