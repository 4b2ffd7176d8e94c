"""From a file to a verdict: right and wrong answers are judged so in every form, dataset and wrapping."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.pylist import listed
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.export import to_record
from tracelib.scoring import audit
from tracelib.scoring.metrics import primary
from tracelib.traces.answers import FORMS, WRAPPINGS

# Names like CoTempQA's: letters of many alphabets, apostrophes, hyphens, full stops, digits.
WORDS = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=2, max_size=9).filter(
    str.isalnum
)
JOINED = st.sampled_from([" ", "-", "'", ". ", " de "])
NAMES = st.builds(lambda one, mark, two: f"X{one}{mark}{two}", WORDS, JOINED, WORDS)
WRONG = "Elsewhere"


def record(dataset, gold, prediction, category):
    facts = [f"Ada holds the position of {name} from 1990 to 1995." for name in (*gold, WRONG)]
    return {
        **{"id": "p", "dataset": dataset, "question": "Which position did Ada hold?", "facts": facts},
        **{"gold": list(gold), "supporting": list(range(len(gold))), "category": category},
        "prediction": prediction,
    }


def verdicts(path, records):
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    audited = audit.read([path])
    return audited.outcomes


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("outputs") / "outputs.jsonl"


def in_every_form(answer):
    """Pairs (text, how the answer is found in it), for every form and wrapping."""
    for form in FORMS:
        for wrapping in WRAPPINGS:
            yield wrapping.replace("{}", form.text.format(answer)), form.kind


DATASETS = [
    ("cotempqa", "equal"),
    ("babi", "single-supporting-fact"),
    ("marco", "entity"),
    ("mine", "a kind"),
]


@pytest.mark.parametrize(("dataset", "category"), DATASETS)
@settings(max_examples=4, deadline=None)
@given(gold=NAMES)
def test_one_answer(file, dataset, category, gold):
    texts = [*in_every_form(gold), *in_every_form(WRONG)]
    records = [record(dataset, [gold], text, category) for text, _ in texts]
    table = verdicts(file, records)
    half = len(texts) // 2
    wrong = [texts[row] for row in range(half) if not table["answer_correct"][row]]
    right = [texts[row] for row in range(half, 2 * half) if table["answer_correct"][row]]
    assert (wrong, right) == ([], [])
    assert table["found"].tolist() == [kind for _, kind in texts]


SPELLINGS = (
    lambda names: listed(tuple(names)),
    lambda names: json.dumps(names, ensure_ascii=False),
    lambda names: f"[{', '.join(names)}]",
    lambda names: f"({', '.join(map(repr, names))})",
    lambda names: ", ".join(names),
    lambda names: " and ".join(names),
    lambda names: ", ".join(names[:-1]) + f", and {names[-1]}",
    lambda names: "\n".join(f"- {name}" for name in names),
    lambda names: "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1)),
)
LISTS = (
    "<answer>{}</answer>",
    "Answer:\n{}",
    "{}",
    "<think>Not {}</think>\n{}",
    "<answer>\n{}\n</answer><|im_end|>",
)
PLAIN = st.from_regex(r"[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8})?", fullmatch=True)


@pytest.mark.parametrize("metric", ["corrected", "strict"])
@settings(max_examples=15, deadline=None)
@given(names=st.lists(PLAIN, min_size=2, max_size=4, unique_by=str.casefold), order=st.randoms())
def test_several_answers_in_any_spelling_of_a_list(file, metric, names, order):
    given_names = order.sample(names, len(names))
    texts = [place.replace("{}", spelled(given_names)) for spelled in SPELLINGS for place in LISTS]
    less = [place.replace("{}", spelled(given_names[1:])) for spelled in SPELLINGS[:5] for place in LISTS]
    records = [record("cotempqa", names, text, "equal") for text in (*texts, *less)]
    right = verdicts(file, records)[f"answer_{metric}"].tolist()
    assert [text for text, verdict in zip((*texts, *less), right, strict=True) if not verdict] == less


@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.from_regex("[a-z]{3,7}", fullmatch=True), min_size=2, max_size=4, unique=True))
def test_babi_writes_a_list_as_one_answer(file, names):
    gold = ",".join(names)
    texts = [spelled(names[::-1]) for spelled in SPELLINGS]
    wrong = ["".join(names), names[0], f"{gold},elsewhere"]
    records = [record("babi", [gold], text, "lists-sets") for text in (*texts, *wrong)]
    assert verdicts(file, records)["answer_exact"].tolist() == [True] * len(texts) + [False] * len(wrong)


EIGHT = (  # ways in which models write an answer
    "{}",
    "<think>\nMary is in the {other}.\n</think>\n\n{}",
    "<think>\nMary is in the {other}.\n</think>\n\n**Answer**: {}",
    "<think>Not the {other}.</think> <answer>{}</answer>",
    "{}<|im_end|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\nThe answer is {}.<|eot_id|>",
    '```json\n{{"reasoning": "first {other}", "answer": "{}"}}\n```',
    "Mary went to the {other}. So \\boxed{{\\text{{{}}}}}.",
)


def test_the_published_first_task_in_eight_wrappings(published_babi, tmp_path):
    """In each wrapping, all of 1,000 right answers count as right, and none of 1,000 wrong answers."""
    published = published_babi / "qa1_single-supporting-fact_test.txt"
    problems = babi.read(published)
    records = []
    for number, wrapping in enumerate(EIGHT):
        for problem in problems:
            gold = problem.gold[0]
            other = "kitchen" if gold != "kitchen" else "garden"
            for condition, answer, instead in (("right", gold, other), ("wrong", other, gold)):
                text = wrapping.replace("{other}", instead).replace("{{", "{").replace("}}", "}")
                text = text.replace("{}", answer)
                said = {"model": f"wrapping {number}", "condition": condition, "prediction": text}
                records.append(to_record(problem) | said)
    table = verdicts(tmp_path / "eight.jsonl", records)
    right = table.groupby(["model", "condition"])["answer_exact"].sum().unstack()
    assert len(right) == 8
    assert right["right"].tolist() == [1000] * 8
    assert right["wrong"].tolist() == [0] * 8
    assert primary("babi") == "exact"
