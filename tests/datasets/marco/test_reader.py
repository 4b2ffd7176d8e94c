import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.core.jsonl import read_json_lines
from tracelib.datasets.marco import reader as marco

PASSAGES = [
    {"is_selected": 0, "passage_text": "The Aln is cold.", "url": "https://example.org/a"},
    {"is_selected": 1, "passage_text": "The Aln is 40 km long.", "url": "https://example.org/b"},
    {"is_selected": 0, "passage_text": "The Bode is 9 km long.", "url": "https://example.org/c"},
]
RECORD = {
    "query": "how long is the aln",
    "query_id": 7,
    "query_type": "NUMERIC",
    "answers": ["40 km"],
    "passages": PASSAGES,
    "wellFormedAnswers": ["The Aln is 40 km long."],
}
OLD = {name: value for name, value in RECORD.items() if name != "wellFormedAnswers"}  # v1.1
UNANSWERED = RECORD | {"answers": [marco.NO_ANSWER], "wellFormedAnswers": "[]"}


def of_columns(passages):
    return {name: [passage[name] for passage in passages] for name in passages[0]}


def columns(*records):
    """The official form: one object with a column per field, rows by key."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: {str(i): r[name] for i, r in enumerate(records) if name in r} for name in names}


def write(folder, *records):
    path = folder / "dev.json"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_reads_json_lines_of_v2(tmp_path):
    (problem,) = marco.read(write(tmp_path, RECORD))
    assert problem.dataset == "marco"
    assert problem.question == "how long is the aln"
    assert problem.facts == ("The Aln is cold.", "The Aln is 40 km long.", "The Bode is 9 km long.")
    assert problem.supporting == (1,)
    assert problem.gold == ("40 km", "The Aln is 40 km long.")
    assert (problem.category, problem.kind) == ("numeric", "")


@pytest.mark.parametrize(
    ("change", "gold"),
    [
        ({"wellFormedAnswers": "[]"}, ("40 km",)),
        ({"wellFormedAnswers": []}, ("40 km",)),
        ({"wellFormedAnswers": ["40 km", "It is."]}, ("40 km", "It is.")),
        ({"answers": ["40 km", "", "40 km"]}, ("40 km", "The Aln is 40 km long.")),
        ({"answers": [marco.NO_ANSWER] * 2, "wellFormedAnswers": "[]"}, (marco.NO_ANSWER,)),
        ({"answers": ["40 km", marco.NO_ANSWER]}, (marco.NO_ANSWER,)),  # as in the official scoring script
        ({"answers": [], "wellFormedAnswers": "[]"}, (marco.NO_ANSWER,)),
        ({"answers": [" "], "wellFormedAnswers": "[]"}, (marco.NO_ANSWER,)),
    ],
)
def test_gold_answers(tmp_path, change, gold):
    (problem,) = marco.read(write(tmp_path, RECORD | change))
    assert problem.gold == gold


def test_v1_has_no_well_formed_answers(tmp_path):
    (problem,) = marco.read(write(tmp_path, OLD | {"query_type": "entity"}))
    assert (problem.gold, problem.category) == (("40 km",), "entity")


def test_a_record_that_contradicts_itself_is_taken_as_it_is(tmp_path):
    none_selected = [passage | {"is_selected": False} for passage in PASSAGES]
    answered, unanswered = marco.read(write(tmp_path, RECORD | {"passages": none_selected}, UNANSWERED))
    assert (answered.gold[0], answered.supporting) == ("40 km", ())
    assert (unanswered.gold, unanswered.supporting) == ((marco.NO_ANSWER,), (1,))


def test_all_shapes_give_the_same_problems(tmp_path):
    records = [RECORD, OLD, UNANSWERED]
    expected = marco.read(write(tmp_path, *records))
    hub = [record | {"passages": of_columns(PASSAGES)} for record in records]
    assert marco.read(write(tmp_path, *hub)) == expected
    assert marco.read(write(tmp_path, columns(*records))) == expected
    assert marco.read(write(tmp_path, columns(*hub))) == expected
    path = tmp_path / "dev.json"
    path.write_text("\ufeff" + json.dumps(columns(*records), indent=1))
    assert marco.read(path) == expected
    assert len(expected) == 3


BAD = [
    ({"query": None}, "field 'query': expected a string, found None"),
    ({"query_type": "WHY"}, "expected description, numeric, entity, location, person, found 'why'"),
    ({"query_type": 3}, "field 'query_type': expected a string, found 3"),
    ({"answers": "40 km"}, "field 'answers': expected a list of strings, found '40 km'"),
    ({"answers": [40]}, "field 'answers': expected a list of strings, found [40]"),
    ({"answers": ["?"]}, "field 'gold': an entry without a letter or digit"),
    ({"answers": ["\ud800"]}, "field 'answers': not valid Unicode text"),
    ({"wellFormedAnswers": "[1]"}, "field 'wellFormedAnswers': expected a list of strings, found '[1]'"),
    ({"wellFormedAnswers": None}, "field 'wellFormedAnswers': expected a list of strings, found None"),
    ({"passages": None}, "field 'passages': expected a list of objects, or an object of lists, found None"),
    ({"passages": ["text"]}, "field 'passages': expected a list of objects"),
    ({"passages": []}, "field 'facts' is empty"),
    ({"passages": [{"is_selected": 1}]}, "field 'passage_text' is missing (found: is_selected)"),
    ({"passages": [{"passage_text": "a"}]}, "field 'is_selected': expected 0 or 1, found None"),
    ({"passages": [PASSAGES[0], PASSAGES[1] | {"passage_text": " "}]}, "passage 2 is empty"),
    ({"passages": {"passage_text": ["a"]}}, "expected a list of 1 flags, one per passage, found None"),
    ({"passages": {"passage_text": ["a", "b"], "is_selected": [1]}}, "expected a list of 2 flags"),
    ({"passages": {"passage_text": "a", "is_selected": [1]}}, "field 'passage_text': expected a list"),
    *(
        ({"passages": [PASSAGES[0] | {"is_selected": flag}]}, "field 'is_selected': expected 0 or 1, found")
        for flag in ("1", 2, -1, 0.5, 1.0, [1])
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_a_wrong_field_names_file_and_line(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        marco.read(write(tmp_path, RECORD, RECORD | change))
    assert "dev.json:2: " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(("change", "message"), BAD)
def test_a_wrong_field_in_a_column_names_file_and_key(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        marco.read(write(tmp_path, columns(RECORD, RECORD | change)))
    assert "dev.json (key '1', rows counted as lines):2: " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["query", "query_type", "answers", "passages"])
def test_a_missing_field(tmp_path, name):
    record = {key: value for key, value in RECORD.items() if key != name}
    for path in (write(tmp_path, RECORD, record), write(tmp_path, columns(RECORD, record))):
        with pytest.raises(InputError, match=rf":2: field '{name}'"):
            marco.read(path)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"query": "how lo', r"dev.json:2: not a JSON object"),
        (b'{"query": "a\x00b"}', r"dev.json:2: not a JSON object"),
        (b'{"query": "\xff"}', r"dev.json:2: not UTF-8"),
        (b"[1]", r"dev.json:2: expected a JSON object"),
        (b'{"query": "' + b"a" * 10_000_000 + b'"}', r"dev.json:2: a line of more than"),
    ],
)
def test_bad_lines_are_refused_or_skipped(tmp_path, raw, message):
    path = write(tmp_path, RECORD)
    path.write_bytes(path.read_bytes() + raw + b"\n" + path.read_bytes())
    with pytest.raises(InputError, match=message):
        marco.read(path)
    skipped = []
    assert len(marco.read(path, skipped)) == 2
    assert len(skipped) == 1


def test_bad_rows_of_columns_are_skipped_in_lenient_mode(tmp_path):
    skipped = []
    path = write(tmp_path, columns(RECORD, RECORD | {"answers": 1}, UNANSWERED))
    assert [p.gold[0] for p in marco.read(path, skipped)] == ["40 km", marco.NO_ANSWER]
    (error,) = skipped
    assert "(key '1', rows counted as lines):2: field 'answers'" in str(error)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"query": {"0": "how lo', r"dev.json:1: not JSON \(Unterminated string"),
        (b'{"query": {"0": "a"},\n"answers": {"0": [}}', r"dev.json:2: not JSON \(Expecting value"),
        (b'{"query": {"0": "a"}}\n{}', r"dev.json:2: not JSON \(Extra data"),
        (b'{"query": {"0": "a\x00"}}', r"dev.json:1: not JSON \(Invalid control character"),
        (b'{"query": {"0": "\xff"}}', r"dev.json:1: not UTF-8 text"),
        (b'{"query": {"0": ' + b"[" * 100_000, r"dev.json: not JSON \(nested too deeply\)"),
        (b'{"query": {"0": ' + b"1" * 5000 + b"}}", r"dev.json: not JSON \(a number with too many digits\)"),
        (b'{"query": {"0": "a"}, "answers": []}', r"dev.json: column 'answers': expected an object"),
    ],
)
def test_columns_that_are_not_whole_are_refused_in_both_modes(tmp_path, raw, message):
    path = tmp_path / "dev.json"
    path.write_bytes(raw)
    for skipped in (None, []):
        with pytest.raises(InputError, match=message):
            marco.read(path, skipped)


def test_columns_are_read_up_to_a_size(tmp_path, monkeypatch):
    path = write(tmp_path, columns(RECORD))
    monkeypatch.setattr(marco, "LARGEST_COLUMNS", path.stat().st_size - 1)
    with pytest.raises(InputError, match=r"dev.json: more than .* bytes to be read at once"):
        marco.read(path)
    monkeypatch.setattr(marco, "LARGEST_COLUMNS", path.stat().st_size)
    assert len(marco.read(path)) == 1


def test_a_missing_file_a_folder_and_an_empty_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        marco.read(tmp_path / "none.json")
    with pytest.raises(InputError, match="is a folder"):
        marco.read(tmp_path)
    assert marco.read(write(tmp_path)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RECORD)), JSON)
def test_any_value_gives_a_problem_or_an_input_error(name, value):
    problems, skipped = [], []
    try:
        problems.append(marco.from_record(RECORD | {name: value}, "x.json", 1))
    except InputError as error:
        skipped.append(error)
    assert all(str(error).startswith("x.json:1: ") for error in skipped)
    assert all(problem.category in marco.CATEGORIES and problem.gold for problem in problems)


def test_from_record_fits_the_reader_of_lines(tmp_path):
    path = write(tmp_path, RECORD)
    assert read_json_lines(path, marco.from_record) == marco.read(path)
