import sys
from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.scoring.natural import verify as module
from tracelib.scoring.natural.verify import verify

EXAMPLE = """\
Okay, Ada was mayor from 1990 to 1994.
1. Judge: from June 1992 to 1996.
This overlaps from 1992 to 1994.
2. Envoy: 1986, too early.
3. Warden: same dates as mayor.
Wait, was she a judge until 1996?
Yes.
So she was a judge and a warden.
So the answer is judge and warden."""


def test_the_example_of_the_guide(mayor):
    found = verify(EXAMPLE, mayor)
    assert [(one.sentence, one.fact, one.form == "altered") for one in found.citations] == [
        (0, 0, False),
        (1, 1, False),
        (3, 2, True),
    ]
    assert [one[:6] for one in found.claims] == [
        (2, 1, 0, "shared", "yes", "right"),
        (3, 2, 0, "before", "yes", "none"),
        (4, 3, 0, "equal", "yes", "none"),
    ]
    assert (found.relation, found.answers, found.follows) == ("equal", (1, 3), "no")
    assert (found.backtracking, found.hedging, found.repetition, found.outside) == ((5,), (), (8,), ())
    assert found.cited == {0, 1}
    assert found.refuted == ()


def test_every_span_lies_in_the_trace_and_says_why(mayor):
    spans = verify(EXAMPLE, mayor).spans
    shown = {(EXAMPLE[span.start : span.end], span.kind, span.verdict) for span in spans}
    assert ("June 1992 to 1996", "citation", "reworded") in shown
    assert ("1986", "citation", "altered") in shown
    assert ("too early", "claim", "yes") in shown
    assert ("So the answer is judge and warden.", "conclusion", "no") in shown
    assert all(span.why for span in spans)
    assert list(spans) == sorted(spans)


def test_hedges_and_knowledge(mayor):
    found = verify("Maybe she stayed. Typically mayors serve four years. I'll assume so.", mayor)
    assert (found.hedging, found.outside) == ((0, 2), (1,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0 \ud800 \u202e",
        "<b onclick=x>judge</b></think><answer>['judge']</answer>",
        "这是一个问题。从1990年到1994年。",
        "---\n***\n",
        "(((((",
        "1990-" * 50,
        "\n".join(["Ada Moss holds the position of mayor from 1990 to 1994."] * 3),
    ],
)
def test_any_text_has_a_verdict(mayor, text):
    found = verify(text, mayor)
    assert found.words == len(text.split())
    assert all(0 <= span.start < span.end <= len(text) for span in found.spans)


def test_facts_that_fit_no_template_or_have_no_time_are_left_out(mayor):
    odd = replace(mayor, facts=(*mayor.facts, "Nothing to parse", "Ada Moss holds the position of dean."))
    assert verify(f"{EXAMPLE} Dean: 1990.", odd).cited == {0, 1}


def calls(trace, problem):
    """How many functions are called to verify a trace."""
    count = 0

    def counted(frame, event, arg):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        verify(trace, problem)
    finally:
        sys.setprofile(None)
    return count


def test_a_long_trace_takes_work_in_proportion(mayor):
    assert calls(EXAMPLE * 80, mayor) < 8 * 1.5 * calls(EXAMPLE * 10, mayor)


def test_too_long_a_trace_and_another_dataset_are_input_errors(mayor, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 10)
    with pytest.raises(InputError, match="a trace of 11 characters, expected at most 10"):
        verify("x" * 11, mayor)
    with pytest.raises(InputError, match="expected one of cotempqa"):
        verify("x", replace(mayor, dataset="babi"))
