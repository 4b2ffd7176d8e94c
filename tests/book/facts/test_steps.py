"""Steps, following and exclusion in a made release, counted by hand."""

import pytest

from tracelib.book.facts import steps


@pytest.fixture(scope="module")
def found(made_work):
    return steps.facts(made_work)


def test_right_answers_by_step(found):
    """Two of three outputs with right facts, and two of five with wrong facts, have a right answer."""
    assert (found.numbers["right-any"], found.numbers["wrong-label-right"]) == ("66.7", "40.0")
    assert (found.numbers["accuracies"], found.numbers["right-facts"]) == ("50.0", "37.5")
    assert found.numbers["babi-left"] == "50.0"
    assert found.numbers["models"] == 3
    assert found.by_steps["steps"].iloc[0] == "facts right, label right"
    assert set(found.cotempqa["dataset"]) == {"cotempqa"}
    assert set(found.others["dataset"]) == {"babi"}


def test_only_the_facts_can_be_contrasted_as_every_label_is_right(found):
    """On correct traces: three runs on CoTempQA and two on bAbI. Incorrect runs have no right trace."""
    assert (found.numbers["tested"], found.numbers["label-tested"]) == (5, 0)
    assert (found.numbers["facts-found"], found.numbers["turned"]) == ("0 of 5", "0 of 0")
    assert found.numbers["label-difference"] == found.numbers["label-low"] == "–"
    assert len(found.contrasts_cotempqa) == 6 * 4


def test_a_wrong_label_alone_and_steps_that_are_not_there(found):
    assert found.numbers["label-alone"] == "0.0 (0 of 6)"
    assert found.numbers["unread"] == "0 of 64"


def test_answers_follow_the_facts_that_are_cited(found):
    """Three of five correct outputs with wrong facts follow them, and five of eight incorrect outputs."""
    assert (found.numbers["follow-correct"], found.numbers["follow-count-correct"]) == ("60.0", "9 of 15")
    assert found.numbers["follow-incorrect"] == "62.5"
    assert found.numbers["follow-count-incorrect"] == "15 of 24"
    assert (found.numbers["recover-correct"], found.numbers["recover-incorrect"]) == ("40.0", "37.5")
    assert set(found.give_other["kind"]) == {"what the facts give", "the gold answer", "neither"}
    assert set(found.give_gold["give"]) == {"the gold answer"}


def test_both_conditions_cite_amiss_on_five_problems(found):
    """On them, three of five answers follow after correct traces, and all after incorrect traces."""
    assert (found.numbers["both"], found.numbers["both-difference"]) == ("5 to 5", "-40.0")
    assert found.numbers["silent"] == "0 of 48"


def test_with_one_wrong_name_nothing_can_be_avoided(found):
    """The context has one wrong name, so a wrong answer with a name must be the cited name."""
    assert (found.numbers["named"], found.numbers["named-n"], found.numbers["others"]) == (0, "0", "1")
    assert found.numbers["open"] == "0 of 15"
    assert len(found.exclusion) == len(found.exclusion_by_side) == len(found.paired) == 6


def test_the_exercise_keeps_the_accuracy_as_every_label_is_right(found):
    names = ("exercise-n", "exercise-before", "exercise-after")
    assert [found.numbers[name] for name in names] == ["8", "50.0", "50.0"]


def test_what_the_targets_teach_is_counted_in_the_released_files(found):
    assert found.numbers["leak"] == "949 of 949"
    assert found.numbers["lacking"].endswith(f" of {found.targets['of'].sum()}")


def test_every_number_is_a_text_but_counts(found):
    counts = {name for name, value in found.numbers.items() if not isinstance(value, str)}
    assert counts == {"models", "tested", "label-tested", "label-found", "turned-found", "named"}
    assert all(type(found.numbers[name]) is int for name in counts)
    assert len(found.numbers) == 52
