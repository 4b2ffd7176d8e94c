import pytest

from tests.teacher.replies import reply
from tracelib.reporting import teacher_text
from tracelib.teacher import asking, outcome, store
from tracelib.teacher.budget import Cost, Limit, spent_on
from tracelib.teacher.estimate import LENGTHS, estimate
from tracelib.teacher.plan import Plan, Todo, plan
from tracelib.teacher.settings import INSTRUCTIONS, Price, Teacher, Tokens
from tracelib.teacher.store import Spent

TEACHER = Teacher("http://127.0.0.1:9/v1", "m", max_tokens=1000, price=Price(1, 10))


def test_without_a_store_texts_are_as_long_as_r1s(problem):
    """Four characters are a token; a trace has 2,139 characters, so 534 tokens."""
    trace, summary, explanation = estimate(TEACHER, Plan([Todo("a", problem, TEACHER.kinds)]))
    prompt = len(asking.prompt(problem))
    assert trace.expected == Tokens(prompt // 4, 534)
    assert summary.expected == Tokens((len(INSTRUCTIONS["summary"]) + 2139) // 4, LENGTHS["summary"] // 4)
    assert explanation.expected.completion == LENGTHS["explanation"] // 4
    assert [row.most.completion for row in (trace, summary, explanation)] == [1000] * 3
    assert [row.to_ask for row in (trace, summary, explanation)] == [1] * 3
    for row in (trace, summary, explanation):
        assert row.expected.prompt < row.most.prompt


def test_no_estimate_is_below_what_a_request_reserves(problem):
    todo = Plan([Todo("a", problem, TEACHER.kinds)])
    trace, summary, explanation = (row.most for row in estimate(TEACHER, todo))
    assert asking.trace(TEACHER, problem).most.total <= trace.total
    text = "x" * 1000  # as many bytes as the longest completion has tokens
    assert asking.summary(TEACHER, "k", text).most.total <= summary.total
    assert asking.explanation(TEACHER, "k", problem, text).most.total <= explanation.total


def test_a_store_shows_how_long_texts_are(tmp_path, problem):
    request = asking.trace(TEACHER, problem)
    with store.writing(tmp_path / "s.db") as kept:
        raw = reply("x", usage={"prompt_tokens": 70, "completion_tokens": 300})
        number = kept.sending(request, problem, "a", Tokens(1, 1))
        kept.came(number, request, outcome.of_reply(raw.encode()))
        todo = Plan([Todo("a", problem, ("trace",))] * 3)
        trace, summary, _ = estimate(TEACHER, todo, kept)
    assert trace.expected == Tokens(210, 900)
    assert (summary.to_ask, summary.expected.total) == (0, 0)


def test_the_cost_table(problem):
    """Prompts cost 1 dollar a million tokens, written ones 10."""
    rows = estimate(TEACHER, plan(TEACHER, [("a", problem)]))
    lines = teacher_text.estimate_lines(TEACHER, rows, Limit(dollars=5), Cost(1234, 0.5))
    assert lines[0].split("  ")[-1] == "at most"
    assert "tokens, about" in lines[0]
    assert "dollars, about" in lines[0]
    assert lines[2].split()[:4] == ["summary", "m", "0", "1"]
    about, most = lines[4].split()[-2:]
    assert float(about) == pytest.approx(sum(TEACHER.dollars(r.kind, r.expected) for r in rows), abs=0.01)
    assert float(most) == pytest.approx(sum(TEACHER.dollars(r.kind, r.most) for r in rows), abs=0.01)
    assert "spent so far: 1,234 tokens, 0.50 dollars at most" in lines
    assert "budget: 5.00 dollars in all runs of this store" in lines
    free = Teacher("u", "m\x1b[31m")
    text = "\n".join(teacher_text.estimate_lines(free, estimate(free, Plan()), Limit(), Cost()))
    assert "dollars" not in text
    assert "budget: none" in text
    assert "\x1b" not in text


def test_all_that_was_perhaps_paid_counts():
    """100 + 10 and 20 + 5 tokens at 1 and 10 dollars a million."""
    spent = {"trace": Spent(Tokens(100, 10), Tokens(20, 5))}
    cost = spent_on(TEACHER, spent)
    assert (cost.tokens, cost.dollars) == (135, pytest.approx((120 + 150) / 1e6))
