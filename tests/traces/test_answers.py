"""The answer in a text: in all documented forms and wrappings, and in misleading texts."""

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.traces.answers import FORMS, KINDS, WRAPPINGS, find, parts


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
        ("<answer>office</answer> <think>Ada is in the kitchen", "office", "tag"),
        ("<answer></answer> <think>Ada is in the kitchen", None, "none"),
        ("office <think>Ada is in the kitchen", None, "none"),
        ("<think><answer>office</answer>", "office", "tag"),
        ("<think> Answer: office", "office", "label"),
        ("<think>\\boxed{office}", "office", "box"),
        ('<think>{"answer": "office"}', "office", "json"),
    ],
)
def test_the_answer_of_an_open_thought_is_all_of_it_or_a_tag_before_it(text, expected, found):
    assert find(text) == (expected, found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Several of a kind: the last counts.
        ("Answer: kitchen. Wait, that is earlier.\nAnswer: office", "office"),
        ("<answer>kitchen</answer> No, she moved.\n<answer>office</answer>", "office"),
        ("\\boxed{kitchen} No. \\boxed{office}", "office"),
        ("The answer is kitchen. No: the answer is office.", "office."),
        # But not one that corrects nothing, or was cut.
        ("<answer>office</answer> <answer>kitchen</answer>", "office"),
        ("<answer>office</answer> so <answer>off", "office"),
        ("Answer: office\nAnswer: office\nAnswer: off", "office"),
        ("The answer is: office\nThe answer is: office\nThe answer", "office"),
        # A stronger mark counts before a weaker one.
        ("The answer is kitchen. <answer>office</answer>", "office"),
        ("The answer is \\boxed{office}. Answer: see above", "office"),
        # Text after the answer.
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
        # Words that only look like a label.
        ("The answer is not given in the text.", "The answer is not given in the text."),
        ("The answer is based on fact two.", "The answer is based on fact two."),
        # Within a mark.
        ("<answer>My answer: ['office']</answer>", "['office']"),
        ('<answer>{"answers": ["office"]}</answer>', "['office']"),
        ("<answer>The answer is office.</answer>", "office."),
        ("<answer>['Answer: a novel']</answer>", "['Answer: a novel']"),
        ('```json\n{"answer": {"text": "office"}, "why": "the answer is kitchen"}\n```', "office"),
        ('{"answer": "office", "cut": "the answ', "office"),
        ("{'answer': 'office', 'sure': True}", "office"),
        ('{"answer": 4}', "4"),
        # Repeated prompts, other turns, tokens.
        ("<s>[INST] Where is Ada? [/INST] office</s>", "office"),
        (
            "<|im_start|>user\nWhere? <answer>x</answer><|im_end|>\n<|im_start|>assistant\noffice<|im_end|>",
            "office",
        ),
        ("<|start_header_id|>assistant<|end_header_id|>\n\noffice<|eot_id|>", "office"),
        ("<\uff5cAssistant\uff5c><think>x</think>office<\uff5cend\u2581of\u2581sentence\uff5c>", "office"),
        ("office<end_of_turn>\n<start_of_turn>user\nAnd Ben?", "office"),
        # Thoughts of every name; only a closing mark; several thoughts.
        ("<Thinking>kitchen</Thinking>office", "office"),
        ("kitchen</think>office", "office"),
        ("<think>a</think>kitchen<think>b</think>office", "kitchen\noffice"),
        ("<think>a</think> then </think>\n\nAnswer: office", "office"),
        ("\u25c1think\u25b7kitchen\u25c1/think\u25b7office", "office"),
    ],
)
def test_the_mark_that_counts_and_the_text_removed_around_it(text, expected):
    answer = find(text)
    if expected == "kitchen\noffice":  # without a mark, the last piece counts
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
    """Each text has 100,000 characters. With backtracking, it would take far longer."""
    start = time.process_time()
    for head in ("", "<think>x</think>", "Answer: ", "<answer>"):
        find(head + unit * (100_000 // len(unit)))
    assert time.process_time() - start < 10


def test_json_is_read_and_never_evaluated():
    deep = "[" * 50_000
    assert find(f'{{"answer": {deep}').found in ("json", "bare")
    assert find(json.dumps({"answer": "open('x')"})).text == "open('x')"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A remark about the answer must not overrule it.
        ("Answer: office\n\nThe answer is directly stated in the context.", "office"),
        ("The answer is office. I hope my answer is helpful.", "office"),
        ("Answer: To answer this, we look at all that was said.\n\nThe answer is office.", None),
        ("Put in <answer> tags. <answer>office</answer>", "office"),
        ("<answer>office</answer>\nFormat: <answer>your answer</answer>", "office"),
        ('{"answer": "office", "result": "success"}', "office"),
        ('{"answer": {"value": "office", "confidence": 0.9}}', "office"),
        # The end of a sentence.
        ("The answer is no. Ada left.", "no"),
        ("The answer is Prof. Anna Lund.", "Prof. Anna Lund."),
        ("The answer is M.V. Frunze. She said so.", "M.V. Frunze"),
        ("Final Answer: The final answer is 42. I hope it is correct.", "42"),
        # Words that look like headers.
        ("assistant manager", "assistant manager"),
        ("model railway", "model railway"),
        ("See [thoughts](x) office", "See [thoughts](x) office"),
        # Tags that began in the prompt; attributes; lists of marked answers.
        ("office</answer>", "office"),
        ("!</answer> <answer>office</answer>", "office"),
        ("Answer: The answer is: the garden.\nAnswer: The answer is:", "the garden."),
        ("</think>office</answer>", "office"),
        ('<answer type="x">office</answer>', "office"),
        ("<answer>milk</answer> and <answer>football</answer>", "['milk', 'football']"),
        ("\\boxed{milk}, \\boxed{football}", "['milk', 'football']"),
        # Thoughts of other model families, and thoughts that lost their marks.
        ("<|START_THINKING|>kitchen<|END_THINKING|><|START_RESPONSE|>office<|END_RESPONSE|>", "office"),
        ('<|channel|>final <|constrain|>json<|message|>{"answer": "office"}', "office"),
        ("analysisWe think: kitchenassistantfinaloffice", "office"),
        ("<minimax:think>kitchen</minimax:think>office", "office"),
        ("[think]kitchen[/think]office", "office"),
        ("Thinking...\nkitchen\n...done thinking.\noffice", "office"),
        # Repeated prompts and further turns, without tokens.
        ("Context: a b.\nQuestion: Where?\nAnswer: office", "office"),
        ("### Instruction:\nWhere?\n### Response:\noffice", "office"),
        ("user\nWhere?\nassistant\n\noffice", "office"),
        ("office\nassistant\nkitchen", "office"),
        # Marks around the answer.
        ("Here:\n```\noffice\n```", "office"),
        ("3+4=7\n#### 42", "42"),
        ("__Answer:__ office", "office"),
        ("Answer: <b>office</b>", "office"),
        ("Answer is office", "office"),
        ("Ans: office", "office"),
        ("Antwort: office", "office"),
        ("\u7b54\u6848\uff1aoffice", "office"),
        ("\\boxed{3{,}000}", "3,000"),
        ("office [1]", "office"),
        ("office (fact 3)", "office"),
    ],
)
def test_further_forms_from_real_outputs(text, expected):
    if expected is None:  # a short thought after a label counts as the answer
        assert find(text).found == "label"
    else:
        assert find(text).text == expected


@pytest.mark.parametrize(
    "text", ["<think>The answer is office. But wait, she", "<think>\\boxed{office} wait {no}"]
)
def test_a_cut_thought_has_no_answer(text):
    assert find(text) == (None, "none")


def test_deep_or_odd_json_is_text():
    assert find(f'{{"answer": {"[" * 40}1{"]" * 40}}}').text == "['1']"
    assert find('{"answer": "\\ud800 x"}').text == "? x"  # half a character


LONG_SPACES = ("ans x\n" + " " * 20_000 + "y", "x" + " " * 20_000 + "y", "a:" + "\n" * 20_000 + "x")


@pytest.mark.parametrize("text", LONG_SPACES)
def test_time_is_linear_in_blank_space(text):
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 5
