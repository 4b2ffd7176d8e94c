import json

import pytest

from tracelib import outputs
from tracelib.files import InputError

LINE = {
    "id": "q1",
    "dataset": "cotempqa",
    "question": "While Ada worked for B, whom else did she work for?",
    "facts": ["Ada works for B in 1990.", "Ada works for C from 1989 to 1991."],
    "gold": ["C"],
    "category": "during",
    "prediction": "['C']",
}


def read(tmp_path, *records):
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return outputs.read(path)


def test_the_contract_shape_with_and_without_optional_fields(tmp_path):
    plain, full = read(
        tmp_path, LINE, LINE | {"supporting": [0], "model": "m", "condition": "correct", "seed": 3}
    )
    assert plain.problem.supporting == (1,)
    assert (plain.model, plain.condition, plain.seed) == ("unnamed", "unnamed", None)
    assert full.problem.supporting == (0,)
    assert (full.model, full.condition, full.seed) == ("m", "correct", 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prediction": 3}, "outputs.jsonl:2: field 'prediction': expected a string, found 3"),
        ({"dataset": "squad"}, "dataset 'squad', expected one of cotempqa, babi"),
        ({"supporting": [5]}, "index 5 is outside the 2 facts"),
        ({"supporting": "1"}, "field 'supporting': expected a list of fact indices, found '1'"),
        ({"supporting": [True]}, "expected a list of fact indices"),
        ({"dataset": "babi"}, "field 'supporting': expected a list of fact indices, found None"),
        ({"seed": "x"}, "field 'seed': expected a whole number"),
        ({"facts": []}, "field 'facts' is empty"),
        ({"facts": ["", "A."]}, "field 'facts': an entry without a letter or digit"),
        ({"gold": ["."]}, "field 'gold': an entry without a letter or digit"),
        ({"category": "all"}, "expected one of equal, overlap, during, mix"),
        ({"category": "between"}, "found 'between', expected one of equal"),
        ({"seed": 10**30}, "a whole number of at most 64 bits"),
        ({"id": None}, "field 'id': expected a string, found None"),
        ({"model": "\ud800"}, "field 'model': not valid Unicode text"),
    ],
)
def test_wrong_fields_name_file_line_and_expectation(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, LINE, LINE | change)
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["id", "dataset", "question", "facts", "gold", "prediction"])
def test_a_missing_field_is_named(tmp_path, name):
    with pytest.raises(InputError, match=f"outputs.jsonl:1: field '{name}' is missing"):
        read(tmp_path, {key: value for key, value in LINE.items() if key != name})


def test_without_a_category_the_file_must_be_the_releases(tmp_path):
    with pytest.raises(
        InputError, match="field 'category' is missing and the name is not one of the release's"
    ):
        read(tmp_path, {key: value for key, value in LINE.items() if key != "category"})


def test_numbers_and_a_byte_order_mark_are_no_obstacle(tmp_path):
    path = tmp_path / "outputs.jsonl"
    path.write_text(json.dumps(LINE | {"id": 7}) + "\n", encoding="utf-8-sig")
    assert outputs.read(path)[0].problem.id == "7"
    path.write_text('{"id": ' + "1" * 5000 + "}\n")
    with pytest.raises(
        InputError, match=r"outputs.jsonl:1: not a JSON object \(a number with too many digits"
    ):
        outputs.read(path)


def test_an_empty_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no outputs in this file"):
        read(tmp_path)


def test_repeated_problems_get_their_own_ids(tmp_path):
    found = read(tmp_path, LINE, LINE, LINE | {"seed": 1}, LINE, LINE | {"id": "q1.2"})
    assert [output.problem.id for output in found] == ["q1", "q1.2", "q1", "q1.3", "q1.2.2"]


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("Qwen3-1.7B-sft-adapter_default.json", ("Qwen3-1.7B", "vanilla")),
        ("Qwen3-1.7B-sft-adapter-reasoning-facts_default.json", ("Qwen3-1.7B", "correct")),
        ("Qwen3-1.7B-sft-adapter-reasoning-facts-perturbed_default.json", ("Qwen3-1.7B", "incorrect")),
        ("meta-llama_Llama-3.2-1B-Instruct_default_equal.json", ("Llama-3.2-1B-Instruct", "prompted")),
        ("Qwen_Qwen3-1.7B_default_test.csv", ("Qwen3-1.7B", "prompted")),
    ],
)
def test_what_the_releases_names_mean(tmp_path, name, run):
    assert outputs.release_run(tmp_path / name) == run


RELEASED = {
    "input": "...",
    "prediction": "['C']",
    "gold": ["C"],
    "triple_element": "S1_R1_O2",
    "question": LINE["question"],
    "facts": LINE["facts"],
}


def test_a_released_file_says_its_relation_by_folder(tmp_path):
    name = "Qwen3-1.7B-sft-adapter_default.json"
    for folder, category in (("equal", "equal"), ("mix_default", "mix")):
        path = tmp_path / folder / name
        path.parent.mkdir()
        path.write_text(json.dumps(RELEASED) + "\n")
        assert outputs.read(path)[0].problem.category == category
    elsewhere = tmp_path / name
    elsewhere.write_text(json.dumps(RELEASED) + "\n")
    with pytest.raises(InputError, match="the folder does not name the relation"):
        outputs.read(elsewhere)


def test_babi_as_released(tmp_path):
    record = {
        "prediction": "<think>x</think> <answer>garden</answer>",
        "gold": "garden",
        "question": "Where is John?",
        "query_type": "single-supporting-fact",
        "passage": "['John went to the garden.', 'Mary left.']",
        "answer_passage": "['John went to the garden.']",
    }
    path = tmp_path / "Qwen3-1.7B-sft-adapter_default.json"
    path.write_text(json.dumps(record) + "\n")
    (output,) = outputs.read(path)
    assert output.problem.facts == ("John went to the garden.", "Mary left.")
    assert output.problem.supporting == (0,)
    assert output.problem.category == "single-supporting-fact"
