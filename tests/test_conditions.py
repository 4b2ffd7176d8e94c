import random

import pytest

from tracelib import conditions
from tracelib.datasets import cotempqa
from tracelib.files import InputError
from tracelib.traces import entries, parse
from tracelib.verify import verify


def test_targets_in_the_release_wording(problem):
    rng = random.Random(0)
    assert conditions.vanilla(problem, rng) == "['Gamma', 'Delta']"
    assert conditions.correct(problem, rng) == (
        "<think>The temporal relation between the event in question and the event in context is: mix.\n"
        "I need to use the following facts to answer the question: "
        "['Ada works for Gamma from 1940 to 1960.', 'Ada works for Delta from 1950 to 1955.']"
        "</think> <answer>['Gamma', 'Delta']</answer>"
    )


@pytest.mark.parametrize("condition", conditions.CONDITIONS)
def test_every_condition_keeps_the_answer_and_repeats(twins, condition):
    for twin in twins:
        text = conditions.target(twin, condition, seed=5)
        assert text == conditions.target(twin, condition, seed=5)
        assert entries(parse(text).answer) == twin.gold


def test_correct_is_right_and_incorrect_is_wrong_in_both_steps(twins):
    for twin in twins:
        right = verify(twin, parse(conditions.target(twin, "correct", 1)))
        wrong = verify(twin, parse(conditions.target(twin, "incorrect", 1)))
        assert right.trace
        assert not wrong.category
        assert not wrong.retrieval
        assert (wrong.cited, wrong.both) == (1, 0)


def test_seeds_change_the_incorrect_trace_only(twins):
    def texts(condition, seed):
        return [conditions.target(twin, condition, seed) for twin in twins]

    assert texts("correct", 1) == texts("correct", 2)
    assert texts("incorrect", 1) != texts("incorrect", 2)


def test_without_a_distractor_nothing_is_cited(problem):
    alone = cotempqa.Problem(**{**problem.__dict__, "facts": problem.facts[1:3], "supporting": (0, 1)})
    assert parse(conditions.target(alone, "incorrect", 1)).quotes == ()


def test_an_unknown_condition_lists_the_known_ones(problem):
    with pytest.raises(
        InputError, match="unknown condition 'accurate', expected one of vanilla, correct, inc"
    ):
        conditions.target(problem, "accurate", 1)
