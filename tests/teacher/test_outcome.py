import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.teacher.replies import reply
from tracelib.teacher import outcome, reading, verdict
from tracelib.teacher.server import retry_after
from tracelib.teacher.settings import Tokens

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PIECES = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "\\boxed{",
    "Answer: ",
    "Gamma",
    "\n",
    ". So it is ",
    "\ud800",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map("".join)


@given(
    message=st.fixed_dictionaries(
        {},
        optional={
            "content": TEXTS | JSON,
            "reasoning_content": TEXTS | JSON,
            "reasoning": TEXTS | JSON,
            "refusal": TEXTS | JSON,
        },
    ),
    finish=st.sampled_from(["stop", "length", "content_filter"]) | JSON,
    more=st.dictionaries(st.sampled_from(["usage", "id", "error"]), JSON),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_message_is_read_and_judged(problem, message, finish, more):
    """Whatever a server sends has one cause, and what can be read can be written."""
    whole = {"choices": [{"message": message, "finish_reason": finish}]} | more
    found = outcome.of_reply(json.dumps(whole).encode())
    assert found.cause in outcome.CAUSES
    if found.cause == outcome.REPLIED:
        trace, text = reading.read_trace(found.text), reading.read(found.text)
        assert verdict.of_trace(problem, trace) in verdict.CAUSES
        assert verdict.of_text(problem, text) in verdict.CAUSES
        for part in (trace.trace, trace.said, text.said):
            part.encode("utf-8")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_have_a_cause(raw):
    assert outcome.of_reply(raw).cause in outcome.CAUSES


NEST = '{"choices": ' * 100_000


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (reply("x"), "replied"),
        (reply(None, reasoning_content="x"), "replied"),
        (reply(None, refusal="no"), "replied"),
        (reply(""), "empty reply"),
        (reply(None), "empty reply"),
        (reply(["x"]), "wrong schema"),
        ('{"choices": []}', "no choices"),
        ('{"choices": {}}', "wrong schema"),
        ('{"choices": [{"message": "x"}]}', "wrong schema"),
        ('{"choices": null, "error": {"message": "no"}}', "wrong schema"),
        ("[]", "wrong schema"),
        ("null", "wrong schema"),
        ("", "not JSON"),
        ("<html>502</html>", "not JSON"),
        (reply("x")[:-1], "not JSON"),
        (NEST, "not JSON"),
        ("1" * 5000, "not JSON"),
    ],
)
def test_what_a_body_is(raw, cause):
    found = outcome.of_reply(raw.encode())
    assert found.cause == cause
    assert found.text == raw


def test_bytes_that_are_no_text_and_too_many_bytes():
    assert outcome.of_reply(b"\xff\xfe").cause == "not JSON"
    found = outcome.of_reply(b"x" * (outcome.LARGEST + 1))
    assert (found.cause, found.text) == ("too large", "")


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 0}, Tokens(3, 0)),
        ({"prompt_tokens": 3}, None),
        ({"prompt_tokens": 3, "completion_tokens": -1}, None),
        ({"prompt_tokens": 3.5, "completion_tokens": 1}, None),
        ({"prompt_tokens": "3", "completion_tokens": 1}, None),
        ({"prompt_tokens": 10**30, "completion_tokens": 1}, None),
        (None, None),
    ],
)
def test_the_count_of_a_server_is_taken_only_if_it_can_be_one(usage, tokens):
    assert outcome.of_reply(reply("x", usage=usage).encode()).tokens == tokens


@pytest.mark.parametrize(
    ("status", "text", "cause"),
    [
        (429, "slow down", "rate limit"),
        (429, '{"error": {"code": "insufficient_quota"}}', "denied"),
        *((status, "", "server error") for status in (408, 409, 500, 502, 503, 529)),
        *((status, "", "refused request") for status in (302, 400, 413, 422)),
        *((status, "", "denied") for status in (401, 402, 403, 404)),
    ],
)
def test_what_a_status_means(status, text, cause):
    assert outcome.of_error(status, text, None).cause == cause


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_the_pause_that_a_server_asks_for(headers, seconds):
    assert retry_after(headers, now=10.0) == seconds
