import time
from dataclasses import replace

import pytest

from tests.teacher.replies import reply
from tracelib.teacher import asking, verdict
from tracelib.teacher.reading import Reading, read_trace

TRACE = "Ada works for Gamma from 1940 to 1960, which is at the same time."
RIGHT, WRONG = "<answer>['Gamma', 'Delta']</answer>", "<answer>['Epsilon']</answer>"
GERMAN = (
    "Ada arbeitet von 1940 bis 1960 bei Gamma und von 1950 bis 1955 bei Delta, also sind es diese beiden, "
)
GERMAN += "denn beide Zeiträume überschneiden sich mit der Zeit, in der Ada bei Beta gearbeitet hat."


def of(problem, content=RIGHT, trace=TRACE, **more):
    return verdict.of_trace(problem, read_trace(reply(content, reasoning_content=trace, **more)))


def test_a_right_answer_with_a_trace_is_kept(problem):
    assert of(problem) == "kept"
    assert of(problem, "Delta and Gamma.") == "kept"
    assert of(problem, f"{TRACE}\n{RIGHT}", trace="") == "kept"
    assert (
        of(problem, trace=f"{TRACE} I put it in <answer></answer> tags. It is 3 < 4, and a <b> 5.") == "HTML"
    )
    assert of(problem, trace=f"{TRACE} I put it in <answer></answer> tags. It is 3 < 4, and 5 > 4.") == "kept"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"content": WRONG}, "wrong answer"),
        ({"content": "<answer>['Gamma']</answer>"}, "wrong answer"),  # both are needed
        ({"content": ""}, "no answer"),
        ({"trace": ""}, "no trace"),
        ({"trace": None, "content": "Gamma, Delta"}, "no trace"),
        ({"content": "I'm sorry, but I can't help with that.", "trace": ""}, "refusal"),
        ({"content": "I cannot answer this."}, "refusal"),
        ({"content": "", "refusal": "No."}, "refusal"),
        ({"content": "", "finish": "length"}, "cut"),
        ({"trace": f"{TRACE}</think><answer>['Gamma']</answer>"}, "marks in the text"),
        ({"trace": f"{TRACE} <think> again"}, "marks in the text"),
        ({"trace": f"{TRACE}<script>alert(1)</script>"}, "HTML"),
        ({"trace": f"<div class='x'>{TRACE}</div>"}, "HTML"),
        ({"trace": "从1940年到1960年，阿达在伽马工作，与她在贝塔工作的时间相同。"}, "another language"),
        ({"trace": GERMAN}, "another language"),
        ({"trace": "word " * 100_000}, "too long"),
    ],
)  # fmt: skip
def test_each_fault_has_its_cause(problem, change, cause):
    assert of(problem, **change) == cause


def test_a_text_that_repeats_the_prompt_is_found_in_reasoning_and_content(problem):
    prompt = asking.prompt(problem)
    assert of(problem, trace=f"{prompt}\n{TRACE}") == "prompt echoed"
    assert of(problem, f"{prompt}\n{RIGHT}") == "prompt echoed"
    assert of(problem, trace=" ".join(problem.facts) + TRACE) == "kept"  # to cite all facts is no echo


def test_a_problem_in_another_language_has_traces_in_it(problem):
    german = replace(
        problem, question=f"{GERMAN} {GERMAN}?", facts=(GERMAN,), dataset="mine", gold=("Gamma",)
    )
    found = verdict.of_trace(german, Reading(GERMAN, "<answer>Gamma</answer>", GERMAN))
    assert found == "kept"


def test_the_metric_decides_which_answers_are_right(problem):
    """The corrected metric accepts a sentence that names both answers; the strict one needs the bare list."""
    said = read_trace(reply("They are Gamma and then also Delta.", reasoning_content=TRACE))
    assert verdict.of_trace(problem, said) == "kept"
    assert verdict.of_trace(problem, said, "strict") == "wrong answer"
    assert verdict.of_trace(problem, said, "rouge") == "kept"  # not one of the dataset's: its own decides


@pytest.mark.parametrize(
    ("said", "finish", "cause"),
    [
        (TRACE, "stop", "kept"),
        ("", "stop", "no text"),
        ("I'm unable to do that.", "stop", "refusal"),
        (TRACE, "length", "cut"),
        (f"{TRACE} {RIGHT}", "stop", "marks in the text"),
        (f"<p>{TRACE}</p>", "stop", "HTML"),
        (GERMAN, "stop", "another language"),
    ],
)
def test_a_summary_is_judged_as_text(problem, said, finish, cause):
    assert verdict.of_text(problem, Reading("", said, said, cut=finish == "length")) == cause


def test_no_text_is_slow(problem):
    for text in ("<" * 200_000, "<a " * 100_000, "a" * 500_000, "\n" * 300_000, "<!" * 200_000):
        start = time.perf_counter()
        of(problem, trace=text)
        assert time.perf_counter() - start < 5
