from dataclasses import replace

import pytest

from tracelib.core import terminal
from tracelib.core.errors import InputError
from tracelib.reporting import terminal_text


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setattr(terminal, "width", lambda: 80)
    monkeypatch.setattr(terminal, "column_width", lambda: 80)
    monkeypatch.setenv("NO_COLOR", "1")


def test_a_problem_with_gold_facts_marked_and_solved(problem):
    lines = terminal_text.problem_lines("test", problem)
    assert lines[0] == "cotempqa, test, problem p1, kind S1_R1_O2"
    assert [line.split()[1] for line in lines if line.lstrip().startswith("*")] == ["2", "3"]
    assert "solver    answer: agrees" in lines
    wrong = "\n".join(
        terminal_text.problem_lines("test", replace(problem, category="equal", gold=("Gamma",)))
    )
    assert "answer: differs, ('Gamma', 'Delta')" in wrong
    assert "category: differs, 'mix'" in wrong


def test_what_no_solver_says(problem):
    assert "solver    none for this dataset" in terminal_text.problem_lines(
        "a", replace(problem, dataset="marco")
    )
    unasked = terminal_text.problem_lines("a", replace(problem, question="Why?"))
    assert "solver    no answer: no fact states the event of the question" in unasked


def test_conditions_are_judged_in_words(problem):
    pool = [problem, replace(problem, id="p2", supporting=(3,))]
    lines = terminal_text.condition_lines(problem, "swapped", 1, pool)
    assert lines[0] == "swapped"
    assert "facts     wrong (cited 1, gold 2, both 0)" in lines
    assert "answer    right" in lines
    assert "category  absent" in terminal_text.condition_lines(problem, "filler", 1, pool)
    alone = terminal_text.condition_lines(problem, "swapped", 1, [problem])
    assert alone[-1].startswith("none: swapped traces need a second problem")


def test_findings_are_bounded():
    lines = terminal_text.finding_lines("check", "What it means.", [("train", str(i), "x") for i in range(9)])
    assert lines[1:3] == ["check (9)", "What it means."]
    assert len([line for line in lines if line.startswith("  train")]) == terminal_text.FINDINGS
    assert lines[-1] == "  and 6 more (--json has all)"


def test_of_errors_that_say_the_same_the_first_is_shown_and_the_others_are_counted():
    errors = [InputError("not a number; found 'x'", "a.csv", line) for line in range(1, 6)]
    first = "  a.csv:1: not a number; found 'x'"
    assert terminal_text.left_out_lines(errors[:1]) == [first]
    assert terminal_text.left_out_lines(errors[:4]) == [f"{first} (and 3 more: a.csv:2, a.csv:3, a.csv:4)"]
    assert terminal_text.left_out_lines(errors) == [f"{first} (and 4 more: a.csv:2, a.csv:3, a.csv:4, ...)"]
    kinds = [InputError(f"reason {number}") for number in range(7)]
    lines = terminal_text.left_out_lines([*kinds, kinds[6]])
    assert lines == [*(f"  reason {number}" for number in range(5)), "  and 3 more, for 2 other reasons"]


def test_other_peoples_text_cannot_control_the_terminal(problem):
    evil = replace(problem, question="\x1b[2Jgone", facts=("\x1b]0;title\x07Ada.", *problem.facts[1:]))
    text = "\n".join(terminal_text.problem_lines("test", evil))
    assert "\x1b" not in text
    assert "gone" in text
