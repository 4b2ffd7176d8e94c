"""Answers scored by hand. test_release checks the agreement with the release's own accuracies."""

from dataclasses import replace

import pytest

from tracelib.scoring.metrics import (
    answer_correct,
    asks_for_subject,
    corrected,
    credit,
    names,
    official,
    primary,
    strict,
)
from tracelib.traces.format import parse


def judged(problem, text):
    trace = parse(text)
    return official(problem, trace), corrected(problem, trace), strict(problem, trace)


@pytest.mark.parametrize(
    ("answer", "expected"),  # official, corrected, strict
    [
        ("['Gamma', 'Delta']", (True, True, True)),
        ("['Delta', 'Gamma']", (True, True, True)),
        ("gamma and delta", (True, True, True)),
        ("['Gamma']", (False, False, False)),
        # A superfluous object: official looks for superfluous subjects here and misses it.
        ("['Gamma', 'Delta', 'Epsilon']", (True, False, False)),
        # An echo of the event asked about: the benchmark sets one such candidate aside.
        ("Beta: Gamma, Delta", (True, True, False)),
        ("", (False, False, False)),
    ],
)
def test_the_three_metrics_by_hand(problem, answer, expected):
    assert judged(problem, f"<answer>{answer}</answer>") == expected


def test_the_side_of_candidates_when_subjects_are_asked_for(problem):
    asked = replace(
        problem,
        facts=("Ada works for Beta in 1950.", "Bo works for Beta in 1950.", "Cy works for Beta in 1980."),
        question="While Ada was working for Beta, who else was?",
        gold=("Bo",),
        supporting=(1,),
        kind="S2_R1_O1",
    )
    assert judged(asked, "<answer>['Bo', 'Cy']</answer>") == (True, False, False)
    assert asks_for_subject(asked)
    assert asks_for_subject(replace(asked, kind=""))
    assert not asks_for_subject(replace(problem, kind=""))


def test_corrected_keeps_names_whole(problem):
    """Official deletes the word 'assistant' from the answer; corrected does not."""
    named = replace(
        problem,
        facts=("Ada holds the position of assistant in Rome in 1950.", "Ada works for Beta in 1950."),
        gold=("assistant in Rome",),
        supporting=(0,),
    )
    assert judged(named, "<answer>['assistant in Rome']</answer>") == (False, True, True)


def test_a_gold_answer_inside_the_question_counts(problem):
    named = replace(problem, question="While Ada led the Gamma Circle, what else?", gold=("Gamma",))
    official_, corrected_, strict_ = judged(named, "<answer>['Gamma']</answer>")
    assert (corrected_, strict_) == (True, True)
    assert not official_


def test_no_answer_is_wrong_under_every_metric(problem):
    assert judged(problem, "<think>hm</think>") == (False, False, False)


def test_exact_match_of_babi(problem):
    asked = replace(problem, dataset="babi", gold=("garden",))
    for text in ("assistant\n\n<answer>Garden.</answer>", "Answer: the garden"):
        assert answer_correct("exact", asked, parse(text))
    text = "<think>Ada is in the garden</think> kitchen"
    assert not answer_correct("exact", asked, parse(text))


@pytest.mark.parametrize(
    ("text", "right"),  # under the release's own search
    [
        ("assistant\n\n<answer>Garden.</answer>", True),
        ("Answer: garden", True),
        ("Answer: the garden", False),
        ("<think>She left.</think> garden", False),  # the thought is searched too
    ],
)
def test_official_match_of_babi_is_the_releases_search(problem, text, right):
    asked = replace(problem, dataset="babi", gold=("garden",))
    assert answer_correct("official", asked, parse(text)) == right


@pytest.mark.parametrize(
    ("gold", "category", "answer", "right"),
    [
        ("football,milk", "lists-sets", "football,milk", True),
        ("football,milk", "lists-sets", "football, milk", True),
        ("football,milk", "lists-sets", "the milk and the football", True),
        ("football,milk", "lists-sets", "['milk', 'football']", True),
        ("football,milk", "lists-sets", "- milk\n- football", True),
        ("football,milk", "lists-sets", "footballmilk", False),
        ("football,milk", "lists-sets", "football", False),
        ("football,milk", "lists-sets", "football, milk, apple", False),
        ("football,milk", "lists-sets", "not football, milk", False),
        ("s,w", "path-finding", "s, w", True),
        ("s,w", "path-finding", "South, west.", True),
        ("s,w", "path-finding", "['s', 'w']", True),
        ("s,w", "path-finding", "w,s", False),
        ("s,w", "path-finding", "sw", False),
        ("s,s", "path-finding", "south then south", True),
        ("s,s", "path-finding", "s", False),
    ],
)
def test_lists_of_babi_in_any_spelling(problem, gold, category, answer, right):
    asked = replace(problem, dataset="babi", gold=(gold,), category=category)
    text = f"<answer>{answer}</answer>"
    assert answer_correct("exact", asked, parse(text)) == right


def test_metrics_of_a_users_own_dataset(problem):
    assert (names("mine"), primary("mine")) == (("exact", "strict"), "exact")
    asked = replace(problem, dataset="mine")
    right = {
        answer: tuple(answer_correct(metric, asked, parse(answer)) for metric in names("mine"))
        for answer in ("Gamma", "Gamma, Delta")
    }
    assert right == {"Gamma": (True, False), "Gamma, Delta": (False, True)}


@pytest.mark.parametrize(
    ("answer", "expected"),  # exact, rouge
    [
        ("the Dal river", (True, True)),
        ("The Dal River.", (True, True)),
        ("It is the Dal.", (True, True)),
        ("a river", (False, False)),
        ("the river", (False, True)),  # 2 of 2 words, 2 of 3: F with beta 1.2 is 0.77
        ("the", (False, False)),  # 1 of 1, 1 of 3: 0.45
        ("No Answer Present.", (False, False)),
    ],
)
def test_marco_answers_match_any_reference(problem, answer, expected):
    asked = replace(problem, dataset="marco", gold=("the Dal river", "It is the Dal"))
    text = f"<think>hm</think> <answer>{answer}</answer>"
    assert tuple(answer_correct(metric, asked, parse(text)) for metric in ("exact", "rouge")) == expected
    assert not answer_correct("rouge", asked, parse("<think>hm</think>"))


def test_partial_credit_of_the_official_metric(problem):
    found = credit(problem, parse("<answer>['Gamma']</answer>"))
    assert (found.exact, found.precision, found.recall) == (False, 1, 0.5)
    assert found.f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "answer", ["No. 10 Downing Street", "Yes, you can freeze it.", "Yes! Magazine", "1. FC Köln"]
)
def test_the_gold_text_is_right_whatever_it_begins_with(problem, answer):
    for dataset, metric in (
        ("marco", "exact"),
        ("mine", "exact"),
        ("mine", "strict"),
        ("cotempqa", "strict"),
    ):
        asked = replace(problem, dataset=dataset, gold=(answer,))
        assert answer_correct(metric, asked, parse(answer))


@pytest.mark.parametrize(("gold", "right"), [("no", True), ("yes", False)])
def test_after_yes_or_no_an_explanation_may_follow(problem, gold, right):
    asked = replace(problem, dataset="babi", gold=(gold,))
    text = "No, she is in the kitchen."
    assert answer_correct("exact", asked, parse(text)) == right


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("-1", "\\boxed{1}"), ("5", ".5"), ("2.5", "2/5"), ("C", "C++"), ("B", "A, B"), ("B", "A & B")],
)
def test_signs_and_letters_that_are_answers_count(problem, gold, answer):
    for dataset in ("marco", "mine", "babi"):
        asked = replace(problem, dataset=dataset, gold=(gold,))
        assert not answer_correct("exact", asked, parse(answer))


@pytest.mark.parametrize(
    ("answer", "strict_too"),
    [
        ("['Gamma', 'Delta']", True),
        ("['Gamma'], ['Delta']", True),
        ("['Gamma', Delta]", True),
        ("['Gamma', 'Delta'] or ['Epsilon']", False),
        ("['Gamma', 'Delta'] is wrong", False),
    ],
)
def test_text_after_a_printed_list_counts(problem, answer, strict_too):
    assert strict(problem, parse(answer)) == strict_too
