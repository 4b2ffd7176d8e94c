import pytest

from tracelib.core.errors import InputError
from tracelib.teacher import asking
from tracelib.teacher.settings import Price, Teacher, Tokens, checked_url, is_here


def test_a_price_is_for_a_million_tokens():
    """100 prompt tokens at 10 dollars and 50 written ones at 40 dollars a million: 0.001 + 0.002."""
    assert Price(10, 40).of(Tokens(100, 50)) == pytest.approx(0.003)


def test_another_model_summarises_at_temperature_0_and_for_its_own_price():
    teacher = Teacher("u", "big", summary_model="small", price=Price(1, 1), summary_price=Price(2, 2))
    assert [teacher.model_of(kind) for kind in teacher.kinds] == ["big", "small", "big"]
    assert [teacher.recipe(kind)["temperature"] for kind in teacher.kinds] == [None, 0.0, None]
    assert teacher.dollars("summary", Tokens(10**6, 0)) == 2
    assert teacher.dollars("explanation", Tokens(10**6, 0)) == 1


def test_a_request_has_the_name_of_the_limit_that_its_server_knows(problem):
    ours = asking.trace(Teacher("http://127.0.0.1/v1", "m", max_tokens=9, temperature=0.5), problem).body
    assert (ours["max_tokens"], ours["temperature"]) == (9, 0.5)
    openai = asking.trace(Teacher("https://api.openai.com/v1", "m", max_tokens=9), problem)
    assert openai.body["max_completion_tokens"] == 9
    assert "temperature" not in openai.body
    assert openai.most.completion == 9


def test_keys_tell_requests_apart_and_nothing_else(problem):
    """A later request's key comes from the trace's key. The address and prices are no part."""
    base = Teacher("u", "m")
    same = [
        asking.trace(Teacher("v", "m", price=Price(1, 1), kinds=("trace",)), problem),
        asking.trace(base, problem),
    ]
    assert len({request.key for request in same}) == 1
    others = [
        Teacher("u", "m", kinds=("trace",), metric="strict"),
        Teacher("u", "n"),
        Teacher("u", "m", max_tokens=9),
        Teacher("u", "m", temperature=1),
    ]
    keys = {asking.trace(teacher, problem).key for teacher in (base, *others)}
    assert len(keys) == 5
    later = {asking.summary(base, "k", "t").key, asking.explanation(base, "k", problem, "a").key}
    assert len(later | {asking.summary(base, "l", "t").key}) == 3
    assert asking.later_key(base.recipe("summary"), "k") == asking.summary(base, "k", "t").key


def test_a_summary_is_made_from_the_trace_alone_and_an_explanation_from_the_answer(problem):
    teacher = Teacher("u", "m")
    (message,) = asking.summary(teacher, "k", "Some reasoning.").body["messages"]
    assert message["content"].endswith("\n\nSome reasoning.")
    assert problem.question not in message["content"]
    roles = [each["role"] for each in asking.explanation(teacher, "k", problem, "Gamma").body["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_no_request_takes_more_than_it_reserves(problem):
    """A byte is at most one token; a template adds at most 256 to a message."""
    request = asking.trace(Teacher("u", "m", max_tokens=9), problem)
    assert request.most == Tokens(len(asking.prompt(problem).encode()) + 256, 9)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:11434/v1", True),
        ("http://[::1]/v1", True),
        ("https://api.deepseek.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_a_server_on_this_machine_is_known(url, here):
    assert is_here(checked_url(f"{url}/")) == here


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(InputError) as error:
        checked_url("https://me:secret@host/v1")
    assert "secret" not in str(error.value)
