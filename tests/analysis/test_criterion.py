"""The plan's criterion on four seeds with given accuracies."""

import pandas as pd
import pytest

from tracelib.analysis import criterion


def outcomes(**right: tuple[int, ...]) -> pd.DataFrame:
    """Outcomes on 20 problems, from the number of right answers of each seed by condition."""
    return pd.DataFrame(
        {"setting": "s", "condition": condition, "seed": seed, "item": item, "answer_correct": item < count}
        for condition, counts in right.items()
        for seed, count in enumerate(counts)
        for item in range(20)
    )


@pytest.mark.parametrize(
    ("correct", "before", "holds", "inside"),
    [
        ((10, 10, 12, 8), 0.25, True, 4),
        ((10, 10, 12, 8), 0.26, False, 4),  # too accurate before training
        ((20, 20, 10, 10), 0.0, True, 2),  # the mean over seeds decides
        ((5, 5, 5, 5), 0.0, False, 0),
        ((20, 20, 20, 20), 0.0, False, 0),
    ],
)
def test_the_mean_over_seeds_has_to_lie_within(correct, before, holds, inside):
    found = criterion.judged(outcomes(vanilla=(10,) * 4, correct=correct), "s", before)
    assert found == {"setting": "s", "holds": holds, "seeds": 4, "vanilla": 4, "correct": inside}


def test_a_setting_that_lacks_a_condition_does_not_hold():
    found = criterion.judged(outcomes(correct=(10, 10)), "s", 0.0)
    assert (found["holds"], found["vanilla"]) == (False, 0)


def test_in_words():
    found = {"setting": "s", "holds": True, "seeds": 4, "vanilla": 4, "correct": 3}
    assert criterion.in_words(found) == "s: holds on average (in seeds: vanilla 4 of 4, correct 3 of 4)"
