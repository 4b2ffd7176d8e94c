"""The baseline of the most frequent answer: the shipped verdicts equal the computed ones."""

from tracelib.paper import frequent_answers, real_grid


def test_shipped_verdicts_are_on_the_test_problems():
    found = frequent_answers.SHIPPED.read()
    outcomes, *_ = real_grid.read()
    one = outcomes[outcomes["condition"].eq("prompted")]
    assert sorted(found["item"]) == sorted(one["problem"])
    assert int(found["right"].sum()) == 93  # of 376


def test_shipped_verdicts_are_the_computed_ones(release_root):
    assert frequent_answers.compute().equals(frequent_answers.SHIPPED.read())
