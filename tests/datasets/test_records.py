"""Every form of a file gives the same records, or one clear error."""

import csv
import gzip
import io
import json
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets import records, sources
from tracelib.datasets.export import to_json_lines, to_record
from tracelib.datasets.twins import generate
from tracelib.scoring import outputs

RECORDS = [{"id": str(number), "text": f"é{number}"} for number in range(3)]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
TABLE = "id,text\n0,é0\n1,é1\n2,é2\n".encode()


def found(path, **options):
    return list(records.stream(path, lambda record, *_: record, **options))


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("x.jsonl", LINES, [1, 2, 3]),
        ("x.txt", b"\xef\xbb\xbf\n" + LINES, [2, 3, 4]),
        ("x.json", json.dumps(RECORDS).encode(), [1, 1, 1]),
        ("x.json", json.dumps(RECORDS, indent=1).encode(), [2, 6, 10]),
        ("x.json", b"\n[" + LINES.replace(b"\n", b"\n,", 2) + b"]\n\n", [2, 3, 4]),
        ("x.csv", TABLE, [2, 3, 4]),
        ("x.csv", LINES, [1, 2, 3]),
    ],
)
def test_forms(tmp_path, name, content, lines, packed):
    path = written(tmp_path, name, content)
    if packed:  # found by its first bytes; the name says what is inside
        path = written(tmp_path, f"{name}.gz", gzip.compress(content, mtime=0))
    assert found(path) == list(zip(lines, RECORDS, strict=True))


@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES, mtime=0), json.dumps(RECORDS).encode()])
def test_standard_input(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content))))
    assert [record for _, record in found("-")] == RECORDS


def test_standard_input_that_is_bad_or_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(b"{}\n{"))))
    with pytest.raises(InputError, match=r"^standard input:2: not a JSON object"):
        found("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match=r"^standard input: is closed"):
        found("-")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a": 1},\n{"a": ', r"x.json:2: not a JSON array of objects \(Expecting value\)"),
        (b'[{"a": 1},\n]', r"x.json:2: not a JSON array"),
        (
            b'[{"a": 1}\n{"a": 1}]',
            r"x.json:2: not a JSON array of objects \(no comma, no end, or text after it\)",
        ),
        (b'[{"a": 1}]\n[]', r"x.json:1: not a JSON array of objects \(no comma, no end, or text after it\)"),
        (b'[{"a": 1},\n\n{"a": 1, "a": 2}]', r"x.json:3: .*\(the key 'a' stands twice in one object\)"),
        (b"[" * 100_000, r"x.json:1: not a JSON object \(nested too deeply\)"),
        (b"[\xff]", r"x.json:1: not UTF-8 text"),
        (b'[{"a": 1}, 3]', r"x.json:1: expected a JSON object, found 3"),
        (b'{\n "id": 1,\n "b": 2\n}\n', "one JSON object over several lines, found .*, an array of objects"),
        (b"[", "not a JSON array"),
    ],
)
def test_broken_documents(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        found(written(tmp_path, "x.json", content))


def test_an_empty_array_holds_nothing(tmp_path):
    assert found(written(tmp_path, "x.json", b" [ ]\n")) == []


def test_lenient_reading_of_an_array_leaves_out_what_is_no_object(tmp_path):
    skipped = []
    path = written(tmp_path, "x.json", b'[{"a": 1},\n3,\n{"a": 2}]')
    assert found(path, skipped=skipped) == [(1, {"a": 1}), (3, {"a": 2})]
    assert [str(error) for error in skipped] == [f"{path}:2: expected a JSON object, found 3"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'[{"a": 1},\n{"a": 2},\n{"a": ', 3),
        (b'[{"a": 1},\n{"a": 2}', 2),
        (b'[{"a": 1},\n{"a": 2}\n{"a": 3}]', 3),
        (b'[{"a": 1},\n{"a": 2},\n{"b": 1, "b": 2}, {"a": 3}]', 3),
    ],
)
def test_of_a_broken_array_what_was_whole_is_read(tmp_path, content, line):
    path, skipped = written(tmp_path, "x.json", content), []
    assert [record for _, record in found(path, skipped=skipped)] == [{"a": 1}, {"a": 2}]
    assert [error.place for error in skipped] == [f"{path}:{line}"]


@pytest.mark.parametrize("start", [b"[INFO] start\n", b"[2025-01-31 10:20:30] start\n", b"[1, 2]\n"])
def test_a_line_in_brackets_is_no_array(tmp_path, start):
    path, skipped = written(tmp_path, "x.jsonl", start + LINES), []
    assert [record for _, record in found(path, skipped=skipped)] == RECORDS
    assert [error.place for error in skipped] == [f"{path}:1"]
    with pytest.raises(InputError, match=r"x.jsonl:1: (not|expected) a JSON object"):
        found(path)


OURS = [{"dataset": "mine", "question": f"Q{n}?", "gold": "Ann", "prediction": "Ann"} for n in range(3)]
OUR_TABLE = b"dataset,question,gold,prediction\n" + b"".join(b"mine,Q%d?,Ann,Ann\n" % n for n in range(3))


@pytest.mark.parametrize("name", ["x.CSV", "x.txt", "x", "x.Csv.gz"])
def test_a_table_is_known_by_its_header_or_its_name(tmp_path, name):
    content = gzip.compress(OUR_TABLE, mtime=0) if name.endswith(".gz") else OUR_TABLE
    assert [record for _, record in found(written(tmp_path, name, content))] == OURS


def test_a_table_on_standard_input(monkeypatch):
    for content, names in (
        (OUR_TABLE, {}),
        (b"q,a\nQ0?,Ann\n", {"question": "q", "gold": "a"}),
    ):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content))))
        assert next(record["question"] for _, record in found("-", names=names)) == "Q0?"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OUR_TABLE.replace(b",", b";"), r"x\.csv:1: columns separated by ';', expected commas"),
        (OUR_TABLE.replace(b",", b"\t"), r"x\.csv:1: columns separated by '\\t', expected commas"),
        (b"sep=,\n" + OUR_TABLE, r"x\.csv:1: a line 'sep=,', expected the header as the first line"),
        (b"sep=;\n" + OUR_TABLE, r"x\.csv:1: a line 'sep=;', expected the header as the first line"),
        (b"\n" + OUR_TABLE.replace(b"gold", b"question"), r"x\.csv:2: two columns are named 'question'"),
    ],
)
@pytest.mark.parametrize("lenient", [True, False])
def test_headers_that_cannot_be_meant(tmp_path, content, message, lenient):
    with pytest.raises(InputError, match=message):
        found(written(tmp_path, "x.csv", content), skipped=[] if lenient else None)


def test_columns_without_a_name_are_no_repeats(tmp_path):
    path = written(tmp_path, "x.csv", b"dataset,gold,,\nmine,Ann,,\n")
    assert found(path) == [(2, {"dataset": "mine", "gold": "Ann", "": ""})]


def test_a_space_in_a_header_is_seen(tmp_path):
    path = written(tmp_path, "x.csv", OUR_TABLE.replace(b",question", b", question"))
    with pytest.raises(InputError, match=r"'question' is missing \(found: ' question', dataset, gold"):
        list(outputs.stream(path))


def test_a_separator_by_another_name(tmp_path):
    with pytest.raises(InputError, match=r"x\.tsv:1: columns separated by '\\t'"):
        found(written(tmp_path, "x.tsv", OUR_TABLE.replace(b",", b"\t")))


def test_fields_of_the_first_record_that_can_be_read(tmp_path):
    for name, content in {
        "lines.jsonl": b"{broken\n" + LINES,
        "array.json": json.dumps(RECORDS).encode(),
        "table.csv": TABLE,
        "packed": gzip.compress(LINES, mtime=0),
    }.items():
        assert records.fields(written(tmp_path, name, content)) == {"id", "text"}
    for content in (b"", b"{broken\n" * 50 + LINES, b"\x1f\x8b", b"PK\x03\x04"):
        assert records.fields(written(tmp_path, "none.jsonl", content)) == set()
    assert records.fields(tmp_path / "missing") == set()


PACKED = gzip.compress(LINES * 100, mtime=0)


@pytest.mark.parametrize(
    "content", [PACKED[:40], PACKED[:-4], PACKED[:-8] + b"\0" * 8, PACKED + b"more", PACKED[:2], PACKED[:10]]
)
@pytest.mark.parametrize("lenient", [True, False])
def test_gzip_that_is_cut_or_damaged(tmp_path, content, lenient):
    path = written(tmp_path, "x.jsonl.gz", content)
    with pytest.raises(InputError, match="gzip data that is cut or damaged") as error:
        found(path, skipped=[] if lenient else None)
    assert str(error.value).startswith(f"{path}: ")


def test_a_small_file_that_unpacks_to_a_long_line_is_refused(tmp_path):
    path = written(tmp_path, "bomb.gz", gzip.compress(b"a" * 30_000_000, mtime=0))
    with pytest.raises(InputError, match="a line of more than"):
        found(path)


@given(st.binary(max_size=40), st.sampled_from([b"", b"[", b'{\n"', b"\x1f\x8b", b"PK\x03\x04", b'[{"a":1}']))
def test_any_bytes_are_records_or_an_error(tmp_path_factory, content, start):
    path = written(tmp_path_factory.getbasetemp(), "any.json", start + content)
    try:
        read = found(path)
    except InputError as error:
        read, place = [], error.place
    else:
        place = str(path)
    assert place.startswith(str(path))
    assert all(isinstance(record, dict) for _, record in read)


# --- Names of one's own -----------------------------------------------------------------------

OTHERS = {
    "qid": 3,
    "task": "babi",
    "context": "Ada left.\nAda is in the office.",
    "query": "Where is Ada?",
    "answers": [{"text": "office"}],
    "evidence": [1],
    "qtype": "where",
    "out": {"choices": ["office"]},
}
NAMES = {
    "id": "qid",
    "question": "query",
    "facts": "context",
    "gold": "answers.0.text",
    "supporting": "evidence",
    "category": "qtype",
    "prediction": "out.choices.0",
}


def test_somebodys_records_need_names_alone(tmp_path):
    path = written(tmp_path, "runs.jsonl", json.dumps(OTHERS).encode())
    ((line, output),) = outputs.stream(path, fields=NAMES, dataset="mine")
    assert (line, output.prediction) == (1, "office")
    assert output.problem.facts == ("Ada left.", "Ada is in the office.")
    assert (output.problem.id, output.problem.dataset, output.problem.gold) == ("3", "mine", ("office",))
    assert output.problem.has_steps
    (problem,) = sources.load(str(path), 1, 0, 8, fields=NAMES, dataset="mine")["train"]
    assert problem == output.problem


def test_a_dataset_given_wins_over_the_records(tmp_path):
    path = written(tmp_path, "runs.jsonl", json.dumps(OTHERS | {"dataset": "squad"}).encode())
    ((_, output),) = outputs.stream(path, fields=NAMES, dataset="bAbI")
    assert output.problem.dataset == "babi"


def test_names_and_datasets_are_for_files():
    for source in ("babi-twin", "cotempqa", "hub:babi"):
        with pytest.raises(InputError, match="--field and --dataset are for files"):
            sources.load(source, 1, 0, 8, dataset="mine")


def test_a_table_of_ones_own_reads_as_json_lines_do(tmp_path):
    problem = generate("babi", 1, 0, 4)[0]
    record = to_record(problem) | {"prediction": "x", "model": "m", "seed": 3}
    lines = written(tmp_path, "runs.jsonl", json.dumps(record).encode())
    expected = [output for _, output in outputs.stream(lines)]
    for printed in (json.dumps, repr):
        cells = {
            name: printed(cell) if isinstance(cell, list | tuple) else cell for name, cell in record.items()
        }
        cells["facts"] = printed(list(record["facts"]))
        cells |= {"gold": problem.gold[0], "supporting": json.dumps(record["supporting"]), "condition": ""}
        path = tmp_path / "runs.csv"
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(cells))
            writer.writeheader()
            writer.writerow(cells)
        assert [output for _, output in outputs.stream(path)] == expected
        assert sources.load(str(path), 1, 0, 8)["train"] == [problem]


def test_an_empty_cell_says_nothing_but_of_a_prediction(tmp_path):
    path = written(
        tmp_path, "x.csv", b"dataset,question,gold,prediction,facts,seed,category\nmine,Who?,Ada,,,,\n"
    )
    ((_, output),) = outputs.stream(path)
    assert (output.prediction, output.seed, output.problem.facts) == ("", None, ())
    assert not output.problem.has_steps


def test_packed_problems_of_known_datasets(tmp_path):
    story = b"1 Ada went to the attic.\n2 Where is Ada?\tattic\t1\n"
    columns = {"query": {"0": "q?"}, "query_type": {"0": "NUMERIC"}, "answers": {"0": ["4"]}}
    columns["passages"] = {"0": [{"is_selected": 1, "passage_text": "It is 4."}]}
    (cotempqa,) = generate("cotempqa", 1, 0, 4)
    published = {"triple_element": "S1_R1_O2", "question": cotempqa.question, "facts": cotempqa.facts}
    published["answer"] = cotempqa.gold
    to_json_lines([cotempqa], tmp_path / "ours.jsonl")
    contents = {
        "qa1_single-supporting-fact_test.txt": story,
        "dev_v2.1.json": json.dumps(columns).encode(),
        "equal.json": json.dumps(published).encode(),
        "ours.jsonl": (tmp_path / "ours.jsonl").read_bytes(),
    }
    for name, content in contents.items():
        plain = sources.load(str(written(tmp_path, name, content)), 1, 0, 8)
        assert (
            sources.load(str(written(tmp_path, f"{name}.gz", gzip.compress(content, mtime=0))), 1, 0, 8)
            == plain
        )
