import pytest

from tests.teacher.replies import reply
from tracelib.teacher.reading import plain, read, read_trace

ANSWER = "<answer>['Gamma']</answer>"


@pytest.mark.parametrize(
    "text",
    [
        reply(ANSWER, reasoning_content="Gamma overlaps."),
        reply(ANSWER, reasoning="Gamma overlaps."),
        reply(ANSWER, reasoning_content="Gamma overlaps.", reasoning="another field"),
        reply(f"<think>\nGamma overlaps.\n</think>\n\n{ANSWER}"),
        reply(f"Gamma overlaps.</think>{ANSWER}"),  # the thought began in the prompt
        reply(f"<think>\n\n</think>{ANSWER}", reasoning_content="Gamma overlaps."),
        reply(f"<thinking>Gamma overlaps.</thinking>{ANSWER}"),
        reply(f"Gamma overlaps.\n\n{ANSWER}"),
        reply(f"Gamma overlaps. {ANSWER}", reasoning_content=""),
        reply(f"Gamma overlaps. {ANSWER}", reasoning_content=None),
    ],
)
def test_reasoning_is_read_from_a_field_from_marks_and_from_plain_text(text):
    found = read_trace(text)
    assert (found.trace, found.said) == ("Gamma overlaps.", ANSWER)
    assert not found.cut
    assert not found.refused


UNMARKED = "A text that reasons about Gamma and marks no answer."


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        ("It is in 1950. So it is Gamma.\n", "Answer: Gamma"),
        ("The facts say so. ", "The answer is Gamma."),
        ("One. <answer>no</answer> Wait. ", "<answer>Gamma</answer>"),
        ("It adds up.\n", "\\boxed{Gamma}"),
        ("", "<answer>Gamma</answer>"),
        ("", "Gamma"),
        ("", UNMARKED),
        ("", ""),
    ],
)
def test_a_plain_text_is_split_before_its_answer(trace, said):
    assert plain(trace + said) == (trace.strip(), said)


def test_a_summary_that_names_the_answer_is_whole():
    said = "Gamma is at the same time. So the answer is Gamma."
    assert read(reply(said)).said == said
    assert read(reply(said, reasoning_content="Let me write it.")).said == said
    assert read(reply(f"<think>Let me write it.</think>{said}")).said == said


def test_a_thought_that_is_never_closed_says_nothing():
    found = read(reply("<think>It goes on and on", finish="length"))
    assert (found.trace, found.said, found.cut) == ("It goes on and on", "", True)


@pytest.mark.parametrize(
    "text",
    [reply(None, refusal="I cannot."), reply("", finish="content_filter"), reply(ANSWER, refusal="No.")],
)
def test_a_servers_own_mark_of_a_refusal_is_read(text):
    assert read(text).refused


def test_half_a_surrogate_pair_is_replaced():
    found = read('{"choices": [{"message": {"content": "a \\ud800 b", "reasoning_content": "\\udc00"}}]}')
    assert (found.trace, found.said) == ("?", "a ? b")


def test_a_long_text_takes_no_longer_than_its_length_asks():
    found = read(reply("<answer>" * 50_000 + "word " * 100_000))
    assert len(found.whole) > 800_000
