"""Where the answer stands: the forms and wrappings that are promised, and the traps around them."""

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.answers import FORMS, KINDS, WRAPPINGS, find, parts


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text[:24])
def test_every_form_in_every_wrapping(form):
    for wrapping in WRAPPINGS:
        text = wrapping.replace("{}", form.text.format("Port Quay"))
        answer = find(text)
        assert answer.found == form.kind, text
        assert answer.text.strip("[]'\". ") == "Port Quay", text


def test_every_kind_has_a_form():
    assert {form.kind for form in FORMS} == set(KINDS) - {"none"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "<|im_end|>",
        "<think> She was in the kitchen and later went to the office, so office",
        "<think> Port Quay",
        "<think>\nAnswer: kitchen? No.\n\nLet me look again: she then went to",
        "<think>First <answer>kitchen</answer>, but then",
        "<think>Ada is in the office.</think>",
        "<think>Ada is in the office.</think><|im_end|>",
        "<think>a</think><think>office",
        "<answer></answer>",
        '{"answer": null}',
        "<|channel|>analysis<|message|>It is the office",
    ],
)
def test_no_answer(text):
    answer = find(text)
    assert answer in ((None, "none"), ('{"answer": null}', "bare"), ("<answer></answer>", "bare"))
    assert text.startswith(("<answer>", "{")) or answer.text is None


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("<think>\n\n['X', 'Y']", "['X', 'Y']", "bare"),
        ("<think>\n\n(['X'])", "(['X'])", "bare"),
        ("<think><answer>office</answer>", "office", "tag"),
        ("<think> Answer: office", "office", "label"),
        ("<think>\\boxed{office}", "office", "box"),
        ('<think>{"answer": "office"}', "office", "json"),
    ],
)
def test_all_of_a_thought_that_is_never_closed(text, expected, found):
    assert find(text) == (expected, found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Several of a kind: the last counts.
        ("Answer: kitchen. Wait, that is earlier.\nAnswer: office", "office"),
        ("<answer>kitchen</answer> No, she moved.\n<answer>office</answer>", "office"),
        ("\\boxed{kitchen} No. \\boxed{office}", "office"),
        ("The answer is kitchen. No: the answer is office.", "office."),
        # But not what corrects nothing, or was cut.
        ("<answer>office</answer> <answer>kitchen</answer>", "office"),
        ("<answer>office</answer> so <answer>off", "office"),
        ("Answer: office\nAnswer: office\nAnswer: off", "office"),
        ("The answer is: office\nThe answer is: office\nThe answer", "office"),
        # A stronger mark counts before a weaker one.
        ("The answer is kitchen. <answer>office</answer>", "office"),
        ("The answer is \\boxed{office}. Answer: see above", "office"),
        # After the answer.
        ("Answer: office\n\nExplanation: she was in the kitchen before.", "office"),
        ("Answer: office\nExplanation: she was in the kitchen before.", "office"),
        ("office\n\nQuestion: Where is Ben?\nAnswer: kitchen", "office"),
        ("The answer is office. She was in the kitchen before.", "office"),
        ("The answer is St. Louis.", "St. Louis."),
        # Labels in Markdown.
        ("## Final Answer\n\noffice", "office"),
        ("**Final Answer:**\n\noffice\n\nThe end.", "office"),
        ("__Answer__ - office", "office"),
        ("*Answer:* `office`", "office"),
        ("Answer\uff1aoffice", "office"),
        ("Answer = office", "office"),
        ("The answer to the question 'Where is Ada?' is office.", "office."),
        ("Answer:\n- milk\n- football\n\nThat is all.", "- milk\n- football"),
        # What only looks like a label.
        ("The answer is not given in the text.", "The answer is not given in the text."),
        ("The answer is based on fact two.", "The answer is based on fact two."),
        # Within a mark.
        ("<answer>My answer: ['office']</answer>", "['office']"),
        ('<answer>{"answers": ["office"]}</answer>', "['office']"),
        ("<answer>The answer is office.</answer>", "office."),
        ("<answer>['Answer: a novel']</answer>", "['Answer: a novel']"),
        ('```json\n{"answer": {"text": "office"}, "why": "the answer is kitchen"}\n```', "['office']"),
        ('{"answer": "office", "cut": "the answ', "office"),
        ("{'answer': 'office', 'sure': True}", "office"),
        ('{"answer": 4}', "4"),
        # Prompts given back, other turns, tokens.
        ("<s>[INST] Where is Ada? [/INST] office</s>", "office"),
        (
            "<|im_start|>user\nWhere? <answer>x</answer><|im_end|>\n<|im_start|>assistant\noffice<|im_end|>",
            "office",
        ),
        ("<|start_header_id|>assistant<|end_header_id|>\n\noffice<|eot_id|>", "office"),
        ("<\uff5cAssistant\uff5c><think>x</think>office<\uff5cend\u2581of\u2581sentence\uff5c>", "office"),
        ("office<end_of_turn>\n<start_of_turn>user\nAnd Ben?", "office"),
        # Thoughts of every name; closed by an end alone; more than one.
        ("<Thinking>kitchen</Thinking>office", "office"),
        ("kitchen</think>office", "office"),
        ("<think>a</think>kitchen<think>b</think>office", "kitchen\noffice"),
        ("<think>a</think> then </think>\n\nAnswer: office", "office"),
        ("\u25c1think\u25b7kitchen\u25c1/think\u25b7office", "office"),
    ],
)
def test_which_of_several_and_what_around_it(text, expected):
    answer = find(text)
    if expected == "kitchen\noffice":  # nothing marks it: the last piece
        expected = "office"
    assert answer.text == expected


def test_parts():
    assert parts("a<think>b</think>c") == (("b",), ("a", "c"), False)
    assert parts("b</think>c") == (("b",), ("c",), False)
    assert parts("a<think>b") == (("b",), ("a",), True)
    assert parts("a") == ((), ("a",), False)


PIECES = [
    *("<think>", "</think>", "<answer>", "</answer>", "[ANSWER]", "\\boxed{", "}", "{", '"answer":', "['"),
    *("']", '"', "Answer:", "**", "```\n", "The answer is ", "<|im_end|>", "<|im_start|>assistant\n"),
    *("[INST]", "[/INST]", "\n\n", "Question:", "office", "Explanation:", "- ", "\\text{", "$", "\n", " "),
    *("A:", "<|channel|>final", "\nAnswer\n", "(", "\u25c1/think\u25b7"),
]
MORE = ("the a ", "answer to a ", "<answer>x</answer>a", "Answer: x\n", "(a)", "'a', ", "answer to what? ")


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40))
def test_finding_is_total_and_gives_text_or_none(pieces):
    answer = find("".join(pieces))
    assert answer.found in KINDS
    assert (answer.text is None) == (answer.found == "none")
    assert answer.text is None or answer.text.strip()


@pytest.mark.nightly
def test_a_million_texts():
    rng = random.Random(0)
    for _ in range(1_000_000):
        answer = find("".join(rng.choices(PIECES, k=rng.randrange(24))))
        assert (answer.text is None) == (answer.found == "none")


@pytest.mark.parametrize("unit", [*PIECES, *MORE])
def test_time_is_linear(unit):
    """A hundred thousand characters of each piece: far below what a search that goes back would take."""
    start = time.process_time()
    for head in ("", "<think>x</think>", "Answer: ", "<answer>"):
        find(head + unit * (100_000 // len(unit)))
    assert time.process_time() - start < 10


def test_json_is_read_and_never_evaluated():
    deep = "[" * 50_000
    assert find(f'{{"answer": {deep}').found in ("json", "bare")
    assert find(json.dumps({"answer": "open('x')"})).text == "open('x')"
