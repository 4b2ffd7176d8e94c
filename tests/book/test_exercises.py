"""The executed solutions of the exercises, by hand."""

import pytest

from tracelib.book import exercises


@pytest.mark.parametrize(
    ("stated", "n", "digits", "expected"),
    [
        (28, 949, 0, "261 to 270"),  # 260 is 27.40%, 261 is 27.50%, 270 is 28.45%, 271 is 28.56%
        (50, 4, 0, "2"),
        (41.2, 85, 1, "35"),
        (41.3, 85, 1, "none"),  # 35 of 85 is 41.18%, 36 is 42.35%
        (0, 1000, 0, "0 to 5"),
    ],
)
def test_the_counts_behind_a_printed_percentage(stated, n, digits, expected):
    assert exercises.counts_behind(stated, n, digits)["counts that give it"].item() == expected


def test_the_checks_that_can_be_fooled():
    found = exercises.fooled_checks().set_index("trace")
    assert found["exact"].tolist() == ["right", "wrong", "wrong", "wrong", "wrong"]
    assert found["published"].tolist() == ["right", "right", "right", "wrong", "wrong"]


def test_equal_joint_rates_with_other_conditional_ones():
    found = exercises.rates_of({"a": (30, 0, 10, 60), "b": (30, 60, 5, 5)})
    assert found["both right, of all"].nunique() == 1
    assert [text.split(" ")[0] for text in found["answer right, of right traces"]] == ["100.0", "33.3"]
    assert [text.split(" ")[0] for text in found["answer right, of wrong traces"]] == ["14.3", "50.0"]


def test_matches_by_chance():
    """202 shares on 101 percents: two each. None of two shares: (100 / 101) squared."""
    assert exercises.matches_by_chance(202)["expected at one percent"].item() == "2.0"
    one = 100 * (1 - (100 / 101) ** 2)
    assert exercises.matches_by_chance(2)["chance of one or more"].item() == f"{one:.1f}%"


def test_the_same_totals_with_few_and_with_many_discordant_items():
    """60 and 50 of 100: at least 10 discordant items, at most 50 + 40."""
    few, many = exercises.same_totals(100, 60, 50).to_dict("records")
    assert (few["only the first right"], few["only the second right"]) == (10, 0)
    assert (many["only the first right"], many["only the second right"]) == (50, 40)
    assert few["p (McNemar)"] == "0.002"  # 2 / 2 ** 10
    assert float(many["p (McNemar)"]) == pytest.approx(0.343, abs=0.001)
    assert few["difference, points"].startswith("+10.0 [")
    assert many["difference, points"].startswith("+10.0 [")


def test_answers_by_three_metrics():
    """The official metric does not see a name that is too many; only the strict one wants nothing else."""
    found = exercises.judged_answers().set_index("answer")
    seen = {answer: tuple(row) for answer, row in found.iterrows()}
    assert list(found) == ["official", "corrected", "strict"]
    assert seen == {
        "['Gamma']": ("right", "right", "right"),
        "Gamma.": ("right", "right", "right"),
        "['Gamma', 'Delta']": ("right", "wrong", "wrong"),
        "['Beta', 'Gamma']": ("right", "wrong", "wrong"),
        "Gamma, as she was there all the time.": ("right", "right", "wrong"),
    }
