"""Targets with a teacher's texts, with texts of our own."""

from dataclasses import replace

import pytest

from tracelib.datasets import twins
from tracelib.datasets.distilled import Texts
from tracelib.traces import conditions
from tracelib.traces.conditions import TAUGHT, target
from tracelib.traces.described import describe
from tracelib.traces.format import parse

TEXTS = Texts("Both **Gamma** and Delta.\n", " Let me see. Gamma fits.\n", "Gamma fits.", "Since 1940.")


def made(problem, condition, texts=TEXTS):
    return target(problem, condition, 1, [problem], {problem.id: texts})


def test_targets_have_the_format_of_the_releases_r1_sets(problem):
    answer = "<answer>Both **Gamma** and Delta.</answer>"
    assert made(problem, "teacher") == f"<think>Let me see. Gamma fits.</think> {answer}"
    assert made(problem, "teacher-summary") == f"<think>Gamma fits.</think> {answer}"
    assert made(problem, "teacher-explanation") == f"<think>Since 1940.</think> {answer}"
    assert made(problem, "teacher-answer") == "Both **Gamma** and Delta."


@pytest.mark.parametrize("condition", TAUGHT)
def test_without_the_text_that_is_asked_for_there_is_no_target(condition, problem):
    """A trace alone is not enough: the target ends in the answer."""
    assert made(problem, condition, Texts(trace="Hm.", summary="Hm.", explanation="Hm.")) == ""
    assert target(problem, condition, 1, [problem]) == ""
    assert describe(condition).endswith(".")
    if condition != "teacher-answer":
        assert made(problem, condition, Texts(answer="Gamma.")) == ""


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS._replace(trace="Hm.</think> So"),
        TEXTS._replace(trace="<think>Hm."),
        TEXTS._replace(answer="</answer> x"),
    ],
)
def test_marks_that_would_end_a_thought_or_an_answer_early_give_no_target(texts, problem):
    assert made(problem, "teacher", texts) == ""


def test_a_trace_may_talk_of_answer_tags(problem):
    text = made(problem, "teacher", TEXTS._replace(trace="I put it in <answer></answer> tags."))
    assert parse(text).answer.startswith("Both")


def pool():
    """Problems of two categories and more, the first without a trace; and the texts, each trace its own."""
    problems = twins.generate("cotempqa", 40, 3, 6)
    texts = {p.id: Texts(f"answer {p.id}", f"trace {p.id}") for p in problems}
    return problems, texts | {problems[0].id: Texts("answer")}


def test_swapped_traces_go_round_within_a_category():
    """Each trace is used once, by another problem of its category; the answer stays."""
    problems, texts = pool()
    found = {p.id: target(p, "teacher-swapped", 1, problems, texts) for p in problems}
    donors = {p.id: found[p.id].removeprefix("<think>trace ").partition("<")[0] for p in problems[1:]}
    assert sorted(donors.values()) == sorted(donors)
    assert found[problems[0].id] == ""
    category = {p.id: p.category for p in problems}
    for own, donor in donors.items():
        assert own != donor
        assert category[own] == category[donor]
        assert found[own].endswith(f"<answer>answer {own}</answer>")
    assert found != {p.id: target(p, "teacher-swapped", 2, problems, texts) for p in problems}


def test_a_trace_that_is_alone_in_its_category_cannot_be_swapped(problem):
    other = replace(problem, id="p2", category="equal")
    texts = dict.fromkeys(("p1", "p2", "p3"), TEXTS)
    assert target(problem, "teacher-swapped", 1, [problem, problem, other], texts) == ""
    assert target(problem, "teacher-swapped", 1, [problem, replace(problem, id="p3"), other], texts)


def test_models_of_these_conditions_are_neither_judged_by_steps_nor_intervened_on():
    assert set(TAUGHT) <= set(conditions.UNTRACED) <= set(conditions.UNFORCED)
    assert set(TAUGHT).isdisjoint(conditions.CONDITIONS)
