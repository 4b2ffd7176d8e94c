"""Hand-worked answers; the agreement with the release's own accuracies is in test_release."""

from dataclasses import replace

import pytest

from tracelib.metrics import answer_correct, asks_for_subject, corrected, normalize, official, strict
from tracelib.traces import parse


def judged(problem, text):
    trace = parse(text)
    return official(problem, text).exact, corrected(problem, trace), strict(problem, trace)


@pytest.mark.parametrize(
    ("answer", "expected"),  # official, corrected, strict
    [
        ("['Gamma', 'Delta']", (True, True, True)),
        ("['Delta', 'Gamma']", (True, True, True)),
        ("gamma and delta", (True, True, False)),
        ("['Gamma']", (False, False, False)),
        # A superfluous object: official looks for superfluous subjects here and misses it.
        ("['Gamma', 'Delta', 'Epsilon']", (True, False, False)),
        # The event asked about, echoed: the benchmark sets one such candidate aside.
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
    assert answer_correct("exact", asked, "assistant\n\n<answer>Garden.</answer>", parse(""))
    assert not answer_correct("exact", asked, "Answer: the garden", parse(""))


@pytest.mark.parametrize(
    ("answer", "expected"),  # exact, rouge
    [
        ("the Dal river", (True, True)),
        ("The Dal River.", (True, True)),
        ("It is the Dal.", (True, True)),
        ("the river", (False, True)),  # 2 of 2 words, 2 of 3: F with beta 1.2 is 0.77
        ("the", (False, False)),  # 1 of 1, 1 of 3: 0.45
        ("No Answer Present.", (False, False)),
    ],
)
def test_marco_answers_match_any_reference(problem, answer, expected):
    asked = replace(problem, dataset="marco", gold=("the Dal river", "It is the Dal"))
    text = f"<think>hm</think> <answer>{answer}</answer>"
    assert (
        tuple(answer_correct(metric, asked, text, parse(text)) for metric in ("exact", "rouge")) == expected
    )
    assert not answer_correct("rouge", asked, "<think>hm</think>", parse("<think>hm</think>"))


def test_partial_credit_of_the_official_metric(problem):
    credit = official(problem, "<answer>['Gamma']</answer>")
    assert (credit.exact, credit.precision, credit.recall) == (False, 1, 0.5)
    assert credit.f1 == pytest.approx(2 / 3)


def test_normalize():
    assert normalize("  The U.S.\n Senate! ") == "the us senate"
