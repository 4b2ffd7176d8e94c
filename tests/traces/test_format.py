import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.pylist import entries, listed
from tracelib.core.texts import normal
from tracelib.datasets.problem import Problem
from tracelib.scoring.verify import verify
from tracelib.traces.format import parse, render

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# No dataset has facts with words that open or close a part of the trace.
MARKED = re.compile(r"[{\\`:\[]|\bans", re.IGNORECASE)  # text that might mark an answer within an answer
FACTS = TEXTS.filter(lambda text: "<" not in text and "question:" not in text)


def made(dataset, gold):
    """A problem with these answers; the rest does not matter to a trace."""
    return Problem("p", dataset, "Who?", ("A fact.",), tuple(gold), (0,), "equal")


def test_a_released_text_is_read_as_a_person_would():
    trace = parse(
        "assistant\n\n<think>The temporal relation between the event in question and the event in context "
        "is: equal.\nI need to use the following facts to answer the question: ['A b in 1990.', \"C's d in "
        "1991.\"]</think> <answer>['X', 'Y']</answer>"
    )
    assert trace.category == "equal"
    assert trace.quotes == ("A b in 1990.", "C's d in 1991.")
    assert trace.answer == "['X', 'Y']"
    assert trace.tagged
    assert trace.status == "complete"


@pytest.mark.parametrize(
    ("text", "answer", "status"),
    [
        ("", None, "no trace"),
        ("assistant\n\n['Really']", "['Really']", "no trace"),
        ("assistant\n<think>\n\n</think>\n\ngreen", "green", "no trace"),
        ("assistant\n<think>\n\n['X']", "['X']", "no trace"),
        ("Answer: Yellow.", "Yellow.", "no trace"),
        ("\n\nThe temporal relation is: overlap.\n</think>\n\n <answer>['X']</answer>", "['X']", "partial"),
        ("<think>The temporal relation is: overlap.\nI need to use the following facts", None, "partial"),
        ("<answer>cut off", "cut off", "no trace"),
    ],
)
def test_incomplete_outputs(text, answer, status):
    trace = parse(text)
    assert trace.answer == answer
    assert trace.status == status


def test_steps_repeated_after_the_trace_are_not_the_answer():
    steps = (
        "The temporal relation between the event in question and the event in context is: during.\n"
        "I need to use the following fact to answer the question: ['A in 1990.']"
    )
    assert parse(f"<think>\n{steps}\n</think>\n\n{steps}").answer is None
    assert parse(f"<think>\n{steps}\n</think>\n\n{steps}\nAnswer: ['A']").answer == "['A']"


def test_slightly_reworded_steps_are_found():
    trace = parse(
        "<think>The time interval between the event in the question and the event in the context is: equal.\n"
        "I need to use the following fact to answer the question: A.</think>"
    )
    assert trace.category == "equal"
    assert trace.quotes == ("A.",)


@settings(max_examples=200)
@given(st.sampled_from(["equal", "overlap", "during", "mix"]), st.lists(FACTS), st.lists(FACTS, min_size=1))
def test_parse_inverts_render(category, facts, answers):
    text = render(made("cotempqa", answers), category, listed(tuple(facts)))
    trace = parse(text)
    assert trace.category == category
    assert trace.quotes == tuple(facts)
    assert entries(trace.answer) == tuple(answers)
    assert trace.status == "complete"


@settings(max_examples=200)
@given(TEXTS.map(str.strip).filter(lambda text: text and "<" not in text and entries(text) == (text,)))
def test_a_bare_fact_is_one_quote(fact):
    assert parse(render(made("babi", ["yes"]), "counting", fact)).quotes == (fact,)


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_parsing_is_total(text):
    trace = parse(text)
    assert trace.status in ("complete", "partial", "no trace")
    assert isinstance(trace.quotes, tuple)


PIECES = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "['",
    "',",
    "]",
    "\\",
    '"',
    "is:",
    "equal",
    "\n",
    "'",
]
PIECES += [
    "The temporal relation is: ",
    "the following facts to answer the question:",
    "Answer:",
    "\\x",
    "\\U",
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_parsing_is_total_on_what_looks_like_traces(pieces):
    trace = parse("".join(pieces))
    assert isinstance(entries(trace.answer or ""), tuple)
    assert isinstance(trace.quotes, tuple)


@pytest.mark.nightly
@settings(max_examples=10_000)
@given(st.lists(st.sampled_from(PIECES) | TEXTS, max_size=60))
def test_parsing_is_total_at_length(pieces):
    assert isinstance(parse("".join(pieces)).quotes, tuple)


UNITS = [
    "['",
    "[[",
    "\\",
    "\\'",
    "temporal relation ",
    "<think>",
    "Answer: ",
    "is: ",
    "'a', ",
    "[\n",
    "\t\n",
    " ",
]


@pytest.mark.parametrize("unit", [*UNITS, "the following facts ", "I need to use the following\t"])
def test_parsing_time_is_linear(unit):
    """Half a million characters that could make a pattern backtrack; in quadratic time they take minutes."""
    facts = "The temporal relation is: equal.\nthe following facts to answer the question: ["
    start = time.process_time()
    for head in ("", "[", facts):
        text = head + unit * (500_000 // len(unit))
        trace = parse(text)
        entries(text)
        entries(trace.facts_text or "")
    assert time.process_time() - start < 10


def test_quoting_is_undone():
    assert entries(r"['it\'s', 'a\\b', 'x\xa0y', 'tab\t']") == ("it's", "a\\b", "x\xa0y", "tab\t")
    assert entries("") == ()
    assert entries("[]") == ()
    assert entries("['whole', 'cut") == ("whole",)


# --- At length --------------------------------------------------------------------------------

BYTES = st.lists(st.sampled_from(PIECES).map(str.encode) | st.binary(max_size=40), max_size=40).map(b"".join)


def check_total(text):
    """Properties of any text's trace: it consists of the text, and it can be judged."""
    trace = parse(text)
    assert trace.status in ("complete", "partial", "no trace")
    assert trace.category is None or trace.category == trace.category.lower().strip("-")
    assert trace.facts_text is None or trace.facts_text in text
    spaces = {",", " "} if "\\" in text else set()  # LaTeX's spaces and breaks become these
    assert set(trace.answer or "") <= {*text, "\n", *spaces}
    assert all(isinstance(quote, str) for quote in trace.quotes)
    verdict = verify(made("cotempqa", ["A"]), trace)
    assert verdict.both <= min(verdict.cited, verdict.gold) == min(verdict.cited, 1)


@settings(max_examples=200)
@given(BYTES, st.sampled_from(["surrogateescape", "replace"]))
def test_parsing_is_total_on_bytes(data, errors):
    check_total(data.decode("utf-8", errors))


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(BYTES, st.sampled_from(["surrogateescape", "replace"]))
def test_parsing_is_total_on_bytes_at_length(data, errors):
    check_total(data.decode("utf-8", errors))


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(st.text(st.characters(), max_size=2000))
def test_parsing_is_total_on_any_characters_at_length(text):
    check_total(text)


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(
    st.sampled_from(["cotempqa", "babi", "marco"]),
    st.from_regex(r"[a-z]{1,12}(-[a-z]{1,12}){0,2}", fullmatch=True),
    st.lists(FACTS),
    st.lists(FACTS.filter(lambda text: text.strip() and not MARKED.search(text)), min_size=1),
)
def test_parse_inverts_render_at_length(dataset, category, facts, answers):
    trace = parse(render(made(dataset, answers), category, listed(tuple(facts))))
    assert trace.category == category
    assert trace.quotes == tuple(facts)
    if dataset == "cotempqa":
        assert entries(trace.answer) == tuple(answers)
    else:
        assert normal(trace.answer) == normal(answers[0])
    assert trace.status == "complete"
