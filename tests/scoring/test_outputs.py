import json

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import released
from tracelib.datasets.problem import content_id
from tracelib.reporting.tables import accuracy_table, association_table
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import counts, score

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
        ({"dataset": "a\nb"}, "field 'dataset': expected one line without control characters"),
        ({"dataset": "a" * 101}, "field 'dataset': expected a name of at most 100 characters"),
        ({"supporting": [5]}, "index 5 is outside the 2 facts"),
        ({"supporting": "1"}, "field 'supporting': expected a list of fact indices, found '1'"),
        ({"supporting": [True]}, "expected a list of fact indices"),
        ({"dataset": "babi"}, "field 'supporting' is missing (found: category, dataset, facts, gold, id,"),
        ({"dataset": "MS MARCO"}, "field 'supporting' is missing"),
        ({"dataset": "babi", "supporting": None}, "expected a list of fact indices, found None"),
        ({"seed": "x"}, "field 'seed': expected a whole number"),
        ({"facts": []}, "field 'facts' is empty"),
        ({"facts": "['Ada.'"}, "field 'facts': expected a list as JSON or Python prints it, found"),
        ({"gold": "[harbour master]"}, "field 'gold': expected a list as JSON or Python prints it"),
        ({"facts": ["", "A."]}, "field 'facts': an entry without a letter or digit"),
        ({"gold": ["."]}, "field 'gold': an entry without a letter or digit"),
        ({"category": "all"}, "expected one of equal, overlap, during, mix"),
        ({"category": "between"}, "found 'between', expected one of equal"),
        ({"seed": 10**30}, "a whole number of at most 64 bits"),
        ({"id": []}, "field 'id': expected a string, found []"),
        ({"model": "\ud800"}, "field 'model': not valid Unicode text"),
    ],
)
def test_wrong_fields_name_file_line_and_expectation(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, LINE, LINE | change)
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["dataset", "question", "facts", "gold", "category", "prediction"])
def test_a_missing_field_is_named(tmp_path, name):
    with pytest.raises(InputError, match=f"outputs.jsonl:1: field '{name}' is missing"):
        read(tmp_path, {key: value for key, value in LINE.items() if key != name})


def test_all_missing_fields_are_named_at_once_with_those_found(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, {"qid": 1, "dataset": "babi", "query": "Where?", "completion": "x"})
    assert str(error.value).partition(":1: ")[2] == (
        "fields 'question', 'facts', 'gold', 'category', 'supporting', 'prediction' are missing "
        "(found: completion, dataset, qid, query); give the name with --field prediction=NAME"
    )


def test_an_id_is_by_default_a_name_of_the_content(tmp_path):
    unnamed = {key: value for key, value in LINE.items() if key != "id"}
    first, second, other = read(tmp_path, unnamed, unnamed | {"model": "m"}, unnamed | {"question": "?"})
    assert first.problem.id == second.problem.id == content_id(LINE["question"], LINE["facts"], LINE["gold"])
    assert other.problem.id != first.problem.id


@pytest.mark.parametrize(
    ("spelling", "dataset"),
    [("CoTempQA", "cotempqa"), ("cotempqa-twin", "cotempqa"), ("my CoTempQA", "my CoTempQA")],
)
def test_a_known_dataset_is_known_in_any_spelling(tmp_path, spelling, dataset):
    assert read(tmp_path, LINE | {"dataset": spelling})[0].problem.dataset == dataset


OWN = {"dataset": "myqa", "question": "Where is Ada?", "gold": ["office"], "prediction": "office"}
STEPS = {"facts": ["Ada left.", "Ada is in the office."], "supporting": [1], "category": "where"}


def test_a_dataset_of_ones_own_needs_no_code(tmp_path):
    (output,) = read(tmp_path, OWN | STEPS)
    assert output.problem.has_steps
    assert (output.problem.dataset, output.problem.category) == ("myqa", "where")
    assert output.problem.supporting_facts == ("Ada is in the office.",)


@pytest.mark.parametrize("left_out", [*STEPS, "all"])
def test_what_ones_own_dataset_lacks_is_not_judged(tmp_path, left_out):
    steps = {} if left_out == "all" else {key: value for key, value in STEPS.items() if key != left_out}
    if left_out == "facts":
        with pytest.raises(InputError, match="index 1 is outside the 0 facts"):
            read(tmp_path, OWN | steps)
        return
    whole, lacking = score(read(tmp_path, OWN | STEPS, OWN | steps)).to_dict("records")
    assert (whole["status"], lacking["status"]) == ("no trace", "not judged")
    assert whole["answer_strict"] == lacking["answer_strict"]
    table = counts(score(read(tmp_path, OWN | steps)), "strict")
    assert table["trace_correct"].isna().all()
    assert table["trace_wrong_answer_right"].isna().all()
    assert (table["n"] == 1).all()
    assert (accuracy_table(table)["whole trace"] == "–").all()
    assert association_table(table).empty


@pytest.mark.parametrize(
    ("change", "gold", "facts"),
    [
        ({"gold": "C"}, ("C",), None),
        ({"gold": "A, B"}, ("A, B",), None),
        ({"gold": 42}, ("42",), None),
        ({"gold": [1, "C"]}, ("1", "C"), None),
        ({"gold": repr(["it's"]), "facts": json.dumps(["A.", "it's so."])}, ("it's",), ("A.", "it's so.")),
        ({"facts": "Ada works for C.\n\n Bob left. \n"}, ("C",), ("Ada works for C.", "Bob left.")),
        ({"facts": "Ada works for C."}, ("C",), ("Ada works for C.",)),
    ],
)
def test_texts_in_place_of_lists(tmp_path, change, gold, facts):
    problem = read(tmp_path, LINE | change)[0].problem
    assert problem.gold == gold
    assert problem.facts == (facts or tuple(LINE["facts"]))


def test_equal_values_of_different_types_are_not_taken_for_each_other(tmp_path):
    """Problems are cached by their record, and Python's True, 1 and 1.0 are equal."""
    for good, bad in (({"gold": [1]}, {"gold": [True]}), ({"supporting": [1]}, {"supporting": [True]})):
        read(tmp_path, LINE | good)
        with pytest.raises(InputError):
            read(tmp_path, LINE | bad)
    read(tmp_path, LINE | {"id": 1})
    with pytest.raises(InputError, match="field 'id'"):
        read(tmp_path, LINE | {"id": True})
    read(tmp_path, LINE | {"facts": ["C", "D"]})
    assert read(tmp_path, LINE | {"facts": "CD"})[0].problem.facts == ("CD",)


def test_a_stream_has_lines_and_holds_no_outputs(tmp_path):
    path = tmp_path / "outputs.jsonl"
    path.write_text("\n".join(["", json.dumps(LINE), "{", "", json.dumps(LINE | {"id": "q2"})]))
    skipped = []
    found = outputs.stream(path, skipped)
    assert [(line, output.problem.id) for line, output in found] == [(2, "q1"), (5, "q2")]
    assert [error.place for error in skipped] == [f"{path}:3"]


@pytest.mark.parametrize(
    ("count", "said"), [(0, ""), (3, "3 of 5 outputs lack facts, supporting facts or a category")]
)
def test_what_is_not_judged_is_said(count, said):
    assert outputs.unjudged(count, 5).startswith(said)
    assert bool(outputs.unjudged(count, 5)) == bool(said)


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
    assert released.run(tmp_path / name) == run


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


def test_the_same_run_of_two_files_is_two(tmp_path):
    """Together they would look like one run of twice the size, with an accuracy that neither has."""
    paths = [tmp_path / name / "p.jsonl" for name in ("x", "y")]
    for path, said in zip(paths, ("['C']", "['B']"), strict=True):
        path.parent.mkdir()
        path.write_text(json.dumps(LINE | {"prediction": said}) + "\n")
    found = outputs.read(*paths)
    assert [output.condition for output in found] == ["x", "y"]
    whole = counts(score(found), "corrected").query("category == 'all'")
    assert whole[["condition", "n", "answer_correct"]].to_numpy().tolist() == [["x", 1, 1], ["y", 1, 0]]
    named = [json.dumps(LINE | {"condition": name}) + "\n" for name in "ab"]
    for path, text in zip(paths, named, strict=True):
        path.write_text(text)
    assert [output.condition for output in outputs.read(*paths)] == ["a", "b"]
