"""Every reader, on files that are cut, mixed up or malicious."""

import csv
import io
import json
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracelib.core.errors import InputError
from tracelib.core.reading import LONGEST_LINE
from tracelib.datasets import export
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.marco import reader as marco
from tracelib.scoring import outputs

LONGEST_MESSAGE = 400  # characters, with the path
TEN_MB = b"a" * 10_000_000
RELEASED = "Qwen3-1.7B-sft-adapter_default.json"


@dataclass(frozen=True)
class Format:
    """A reader, a name for its file, a good record, and the kind of each required field."""

    read: object
    name: str
    record: dict
    kinds: dict


FACTS = {"facts": ["Ada works for B in 1990.", "Ada works for C from 1989 to 1991."]}
ASKED = {"question": "Whom else did Ada work for?", **FACTS}
PASSAGE = {"is_selected": 1, "passage_text": "The Aln is 40 km long."}
STORY = {
    "question": "Where is John?",
    "query_type": "single-supporting-fact",
    "answer_passage": "['John went to the garden.']",
}
TEXTS = "['John went to the garden.', 'Mary left.']"
LINES = {
    "outputs": Format(
        outputs.read,
        "outputs.jsonl",
        {"id": "q1", "dataset": "cotempqa", **ASKED, "gold": ["C"], "category": "mix", "prediction": "C"},
        {"id": "id", "dataset": "name", "question": "text", "facts": "texts", "gold": "answers"}
        | {"category": "name", "prediction": "text"},
    ),
    "outputs, released cotempqa": Format(
        outputs.read,
        f"mix/{RELEASED}",
        {**ASKED, "gold": ["C"], "triple_element": "S1_R1_O2", "prediction": "C"},
        {"question": "text", "facts": "list", "gold": "list", "triple_element": "text", "prediction": "text"},
    ),
    "outputs, released babi": Format(
        outputs.read,
        RELEASED,
        {**STORY, "passage": TEXTS, "gold": "garden", "prediction": "garden"},
        {"question": "text", "query_type": "text", "gold": "text", "prediction": "text"}
        | {"answer_passage": "printed", "passage": "printed"},
    ),
    "cotempqa": Format(
        cotempqa.read,
        "during.json",
        {"index": 0, "triple_element": "S1_R1_O2", **ASKED, "answer": ["C"]},
        {"triple_element": "text", "question": "text", "facts": "list", "answer": "list"},
    ),
    "marco": Format(
        marco.read,
        "dev.json",
        {
            "query": "how long is the aln",
            "query_type": "NUMERIC",
            "answers": ["40 km"],
            "passages": [PASSAGE],
        },
        {"query": "text", "query_type": "text", "answers": "list or none", "passages": "passages"},
    ),
    "export": Format(
        export.from_json_lines,
        "problems.jsonl",
        {"id": "q1", "dataset": "cotempqa", **ASKED, "gold": ["C"], "category": "mix", "supporting": [1]},
        {"id": "id", "dataset": "name", "question": "text", "facts": "texts", "gold": "answers"}
        | {"category": "name", "supporting": "indices"},
    ),
}
TABLES = {
    "cotempqa csv": Format(
        cotempqa.read,
        "val_set.csv",
        {
            "triple_element": "S1_R1_O2",
            "question": ASKED["question"],
            "facts": repr(FACTS["facts"]),
            "answer": "['C']",
            "label": "mix",
        },
        {"facts": "printed", "answer": "printed", "label": "text"},
    ),
    "babi csv": Format(
        babi.read,
        "test.csv",
        {**STORY, "passages": TEXTS, "answer": "garden"},
        {"passages": "printed", "answer_passage": "printed", "query_type": "text"},
    ),
}
STORIES = Format(babi.read, "qa1_single-supporting-fact_train.txt", {}, {})

WRONG = {  # by kind, values that are not of this kind; an empty list is wrong for facts and answers
    "text": (None, True, 7, 1.5, [], ["a"], {}, {"a": "b"}),
    "list": (None, False, 7, "['C']", {}, {"0": "C"}, [], [None], [1], [["C"]], ["C", 2], [""], ["?"]),
    "printed": ("", "C", "['C'", "'C']", "[C]", "[1]", "['C', 2]", "[['C']]", "[" * 100_000),
    "id": (None, True, 1.5, [], ["a"], {}),
    "indices": (None, True, 1, "1", {}, [True], ["1"], [1.0], [[1]], [-1], [2], [10**30]),
    "passages": (None, 7, "a", {}, ["a"], [[]], [], [{}], [PASSAGE | {"passage_text": ""}]),
}
UNREADABLE = (
    "",
    "?",
    "['C'",
    "['C' 'D']",
    "[C]",
    "['C', 2]",
    "[['C']]",
    "[" * 100_000,
    [None],
    [["C"]],
    [""],
)
WRONG["name"] = (*WRONG["text"], "", "\n", "?", "a\nb", "a\u2028", "a\x1b", "a" * 101)
WRONG["texts"] = (*UNREADABLE, None, False, 7, {}, {"0": "C"}, [], [1], ["C", 2], "[1]", "[]")
WRONG["answers"] = (*UNREADABLE, None, True, 1.5, {}, {"0": "C"}, [], [True], [1.5], "[1.5]", "[]")
WRONG["passages"] += tuple([PASSAGE | {"is_selected": flag}] for flag in (None, "1", 2, -1, 0.5, [1], {}))
WRONG["list or none"] = tuple(value for value in WRONG["list"] if value not in ([], [""]))  # unanswerable


# --- One bad line among good ones -------------------------------------------------------------


def line(record):
    return json.dumps(record).encode() + b"\n"


def with_field(record, written):
    """A good record with one more field, whose value is written as given."""
    return line(record)[:-2] + b', "x": ' + written + b"}\n"


def good(form, count=2):
    """Distinct good lines."""
    name = "query" if "query" in form.record else "question"
    return [line(form.record | {name: f"{form.record[name]} ({number})"}) for number in range(count)]


def lines_in(content):
    return content.count(b"\n")


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def message_of(read, path, place):
    """The message of a strict reading's error, which must name the place, and be short and printable."""
    with pytest.raises(InputError) as error:
        read(path)
    message = str(error.value)
    assert message.startswith(f"{path}{place}: ")
    assert len(message) <= LONGEST_MESSAGE
    assert message.isprintable()
    return message


def check_refused(folder, form, before, bad, after):
    """Strict: one error at the bad part. Lenient: all other records in order, and the same error once."""
    expected = form.read(write(folder, form.name, before + after))
    assert len(expected) == 2
    path = write(folder, form.name, before + bad + after)
    message = message_of(form.read, path, f":{lines_in(before) + 1}")
    skipped = []
    assert form.read(path, skipped=skipped) == expected
    assert [str(error) for error in skipped] == [message]


def check_line_refused(folder, form, bad):
    first, second = good(form)
    check_refused(folder, form, first, bad, second)


BROKEN = {
    "truncated": lambda record: line(record)[:-20] + b"\n",
    "an array": lambda record: b"[" + line(record)[:-1] + b"]\n",
    "a string": lambda record: b'"text"\n',
    "null": lambda record: b"null\n",
    "two objects": lambda record: line(record)[:-1] + line(record),
    "Python's quotes": lambda record: repr(record).encode() + b"\n",
    "Latin-1": lambda record: with_field(record, '"Zoë"'.encode("latin-1")),
    "UTF-16": lambda record: line(record)[:-1].decode().encode("utf-16") + b"\n",
    "UTF-16 without its mark": lambda record: line(record)[:-1].decode().encode("utf-16-le") + b"\n",
    "half a character": lambda record: with_field(record, b'"\xf0\x9f\x98"'),
    "a surrogate in UTF-8": lambda record: with_field(record, b'"\xed\xa0\x80"'),
    "a NUL byte": lambda record: with_field(record, b'"\0"'),
    "NUL bytes": lambda record: b"\0" * 100 + b"\n",
    "10 MB in a field": lambda record: with_field(record, b'"' + TEN_MB + b'"'),
    "10 MB of text": lambda record: TEN_MB + b"\n",
    "brackets": lambda record: b"[" * 100_000 + b"\n",
    "objects": lambda record: b'{"x":' * 100_000 + b"\n",
    "closed brackets": lambda record: with_field(record, b"[" * 100_000 + b"]" * 100_000),
    "10,000 digits": lambda record: with_field(record, b"1" * 10_000),
    "a key twice": lambda record: line(record)[:-2] + b", " + line(record)[1:],
    "a key twice inside": lambda record: with_field(record, b'[{"a": 1, "a": 1}]'),
    "an open string": lambda record: line(record)[:-1] + b'"\n',
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("name", LINES)
def test_a_broken_line(tmp_path, name, case):
    check_line_refused(tmp_path, LINES[name], BROKEN[case](LINES[name].record))


@pytest.mark.parametrize("name", LINES)
def test_many_bad_lines_are_each_counted_once(tmp_path, name):
    form = LINES[name]
    bad = [made(form.record) for case, made in BROKEN.items() if not case.startswith("10 MB")]
    kept = good(form, len(bad))
    expected = form.read(write(tmp_path, form.name, b"".join(kept)))
    path = write(tmp_path, form.name, b"".join(two for pair in zip(bad, kept, strict=True) for two in pair))
    skipped = []
    assert form.read(path, skipped=skipped) == expected
    places = [str(error).removeprefix(f"{path}:").partition(":")[0] for error in skipped]
    assert places == [str(2 * number + 1) for number in range(len(bad))]


FIELDS = [(name, field) for name, form in LINES.items() for field in form.kinds]


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_field_of_the_wrong_type_or_missing(tmp_path, name, field):
    form = LINES[name]
    left_out = field == "id" or (name, field) == ("export", "supporting")  # derived on CoTempQA
    for value in WRONG[form.kinds[field]]:
        if not (left_out and value is None):  # null means the same as no field
            check_line_refused(tmp_path, form, line(form.record | {field: value}))
    if not left_out:
        check_line_refused(tmp_path, form, line({k: v for k, v in form.record.items() if k != field}))


def holding(value, text):
    """A field's value with this text in it, whatever its kind."""
    if isinstance(value, str):
        return value + text
    if isinstance(value[0], dict):
        return [value[0] | {"passage_text": text}]
    return [*value, "A" + text]


TEXT_FIELDS = [(name, field) for name, field in FIELDS if LINES[name].kinds[field] != "indices"]


@pytest.mark.parametrize(("name", "field"), TEXT_FIELDS)
def test_half_a_character_by_escape(tmp_path, name, field):
    form = LINES[name]
    for text in ("\ud800", "\udfff", "\udc00\ud800"):
        check_line_refused(tmp_path, form, line(form.record | {field: holding(form.record[field], text)}))


LISTS = ("list", "texts", "answers", "passages", "list or none")
CONTENT = [pair for pair in TEXT_FIELDS if LINES[pair[0]].kinds[pair[1]] in LISTS]
CONTENT += [(name, field) for name, field in FIELDS if field in ("question", "query", "passage")]


@pytest.mark.parametrize(("name", "field"), CONTENT)
def test_an_escaped_nul_in_a_problem(tmp_path, name, field):
    form = LINES[name]
    check_line_refused(tmp_path, form, line(form.record | {field: holding(form.record[field], "\0")}))


@pytest.mark.parametrize("name", LINES)
def test_brackets_as_deep_as_can_be_read(tmp_path, name):
    """Whether reading or quoting the value fails first, the error is an `InputError`."""
    form = LINES[name]
    field = next(field for field, kind in form.kinds.items() if kind in ("text", "name"))
    for depth in range(850, 1000, 3):
        bad = line(form.record | {field: "@"}).replace(b'"@"', b"[" * depth + b"]" * depth)
        with pytest.raises(InputError):
            form.read(write(tmp_path, form.name, bad))


@pytest.mark.parametrize("name", LINES)
def test_long_numbers_where_a_number_may_stand(tmp_path, name):
    form = LINES[name]
    for field in form.record:
        bad = line(form.record | {field: "@"}).replace(b'"@"', b"-" + b"9" * 10_000)
        check_line_refused(tmp_path, form, bad)


def test_an_outputs_optional_fields(tmp_path):
    form = LINES["outputs"]
    wrong = {
        **dict.fromkeys(("model", "condition", "triple_element"), WRONG["text"][1:]),  # null means no value
        "seed": (True, 1.5, "one", "1.0", "1" * 21, [], {}, 2**63, -(2**63)),
        "supporting": WRONG["indices"][1:],
    }
    assert WRONG["text"][0] is WRONG["indices"][0] is None
    for field, values in wrong.items():
        for value in values:
            check_line_refused(tmp_path, form, line(form.record | {field: value}))


# --- Tables and stories -----------------------------------------------------------------------


def table(form, *records):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, form.record, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue().encode()


def check_row_refused(folder, form, bad):
    header, row = table(form, form.record).splitlines(keepends=True)
    first, second = (row.replace(b"?", f"? ({number})".encode()) for number in (1, 2))
    check_refused(folder, form, header + first, bad, second)


ROWS = {
    "truncated": lambda row: row[:10] + b"\n",
    "one column more": lambda row: row[:-1] + b",x\n",
    "JSON": lambda row: b"[1]\n",
    "Latin-1": lambda row: row.replace(b"John", b"Zo\xeb").replace(b"Ada", b"Zo\xeb"),
    "UTF-16": lambda row: b"\xff\xfeA\0d\0a\0\n",
    "a NUL byte": lambda row: row.replace(b"?", b"\0?"),
    "NUL bytes": lambda row: b"\0" * 100 + b"\n",
    "brackets": lambda row: b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("name", TABLES)
def test_a_broken_row(tmp_path, name, case):
    form = TABLES[name]
    check_row_refused(tmp_path, form, ROWS[case](table(form, form.record).splitlines(keepends=True)[1]))


@pytest.mark.parametrize("name", TABLES)
def test_a_wrong_column_of_a_row(tmp_path, name):
    form = TABLES[name]
    for field, kind in form.kinds.items():
        for value in (*WRONG["printed"], "[]") if kind == "printed" else ("", "x", "7"):
            if (field, value) == ("answer_passage", "[]"):
                continue  # a question may have no supporting sentence
            _, row = table(form, form.record | {field: value}).split(b"\n", 1)
            check_row_refused(tmp_path, form, row)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("bad", [b'1,"never closed\n', b'"a"b,c\n', b'"' + (b"a" * 1000 + b"\n") * 5000])
def test_where_a_row_ends_is_not_known(tmp_path, name, bad):
    """After unmatched quotes, strict and lenient readings both stop: the rest of the file is one error."""
    form = TABLES[name]
    header, row = table(form, form.record).splitlines(keepends=True)
    path = write(tmp_path, form.name, header + row + bad + row)
    for read in (form.read, lambda path: form.read(path, skipped=[])):
        with pytest.raises(InputError, match=r"not CSV") as error:
            read(path)
        assert str(error.value).startswith(f"{path}:")
        assert len(str(error.value)) <= LONGEST_MESSAGE


STORY_LINES = {
    "truncated": b"2 Where is Jo\n",
    "no tabs": b"2 Where is John?\n",
    "JSON": b'{"a": 1}\n',
    "Latin-1": b"2 Zo\xeb left.\n",
    "UTF-16": "2 Mary left.".encode("utf-16") + b"\n",
    "NUL bytes": b"\0" * 100 + b"\n",
    "10 MB": b"2 " + TEN_MB + b"\n",
    "brackets": b"[" * 100_000 + b"\n",
    "10,000 digits": b"1" * 10_000 + b" John left.\n",
    "10,000 digits of support": b"2 Where is John?\tgarden\t" + b"1" * 10_000 + b"\n",
    "no support": b"2 Where is John?\tgarden\t\n",
    "no answer": b"2 Where is John?\t\t1\n",
    "a NUL in the answer": b"2 Where is John?\tgar\0den\t1\n",
}


@pytest.mark.parametrize("case", [case for case in STORY_LINES if case != "truncated"])
def test_a_broken_line_of_a_story(tmp_path, case):
    """The broken line is in a story of its own; the stories before and after it are read."""
    story = b"1 John went to the garden.\n2 Where is John?\tgarden\t1\n"
    check_refused(tmp_path, STORIES, story + b"1 John left.\n", STORY_LINES[case], story)


# --- Whole files ------------------------------------------------------------------------------

STORY_TEXT = b"1 John went to the garden.\n2 Where is John?\tgarden\t1\n3 Where is he?\tgarden\t1\n"
WHOLE = {
    **{name: (form, b"".join(good(form))) for name, form in LINES.items()},
    **{name: (form, table(form, form.record, form.record)) for name, form in TABLES.items()},
    "babi txt": (STORIES, STORY_TEXT),
}


@pytest.mark.parametrize("name", WHOLE)
def test_marks_line_ends_and_blank_lines_change_nothing(tmp_path, name):
    form, content = WHOLE[name]
    expected = form.read(write(tmp_path, form.name, content))
    assert len(expected) == 2
    variants = {
        "a byte order mark": b"\xef\xbb\xbf" + content,
        "CRLF": content.replace(b"\n", b"\r\n"),
        "blank lines": b"\n\n" + content.replace(b"\n", b"\n\n \t\r\n"),
        "no last line end": content.rstrip(b"\n"),
    }
    for case, variant in variants.items():
        for skipped in (None, []):
            assert form.read(write(tmp_path, form.name, variant), skipped=skipped) == expected, case
            assert not skipped


@pytest.mark.parametrize("name", LINES)
def test_errors_count_blank_lines_and_marks(tmp_path, name):
    form = LINES[name]
    first, second = good(form)
    path = write(tmp_path, form.name, b"\xef\xbb\xbf\r\n\n" + first + b"\r\n\xef\xbb\xbf{\n" + second)
    message_of(form.read, path, ":5")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n \r\n\n"])
def test_an_empty_file_holds_nothing(tmp_path, name, content):
    form, _ = WHOLE[name]
    path = write(tmp_path, form.name, content)
    if form.read is outputs.read:
        message_of(form.read, path, "")
    else:
        assert form.read(path) == []


@pytest.mark.parametrize("name", WHOLE)
def test_a_folder_and_a_missing_file(tmp_path, name):
    form, _ = WHOLE[name]
    path = tmp_path / form.name
    assert "no such file" in message_of(form.read, path, "")
    path.mkdir(parents=True)
    assert "is a folder" in message_of(form.read, path, "")
    with pytest.raises(InputError):
        form.read(path, skipped=[])


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_another_encoding_is_refused(tmp_path, name, encoding):
    form, content = WHOLE[name]
    path = write(tmp_path, form.name, content.decode().encode(encoding))
    with pytest.raises(InputError) as error:
        form.read(path)
    assert str(error.value).startswith(f"{path}:")
    assert len(str(error.value)) <= LONGEST_MESSAGE


# --- MARCO in columns -------------------------------------------------------------------------


def columns(*records):
    return {name: {str(i): record[name] for i, record in enumerate(records)} for name in records[0]}


@pytest.mark.parametrize("field", LINES["marco"].kinds)
def test_a_wrong_field_in_columns(tmp_path, field):
    """A file of columns has no lines: the message names the row, and a lenient reading keeps other rows."""
    form = LINES["marco"]
    second = form.record | {"query": "how long is it"}
    expected = marco.read(write(tmp_path, form.name, line(columns(form.record, second))))
    for value in WRONG[form.kinds[field]]:
        rows = (form.record, form.record | {field: value}, second)
        path = write(tmp_path, form.name, line(columns(*rows)))
        message = message_of(marco.read, path, " (key '1', rows counted as lines):2")
        skipped = []
        assert marco.read(path, skipped) == expected
        assert [str(error) for error in skipped] == [message]


WHOLE_COLUMNS = line(columns(LINES["marco"].record))[:-1]
BROKEN_COLUMNS = {
    "truncated": WHOLE_COLUMNS[:-20],
    "Latin-1": WHOLE_COLUMNS[:-1] + b', "x": "\xeb"}',
    "a NUL byte": WHOLE_COLUMNS[:-1] + b', "x": "\0"}',
    "brackets": WHOLE_COLUMNS[:-1] + b', "x": ' + b"[" * 100_000,
    "10,000 digits": WHOLE_COLUMNS[:-1] + b', "x": ' + b"1" * 10_000 + b"}",
    "two objects": WHOLE_COLUMNS * 2,
    "a column that is none": WHOLE_COLUMNS[:-1] + b', "x": [1]}',
}


@pytest.mark.parametrize("case", BROKEN_COLUMNS)
def test_broken_columns(tmp_path, case):
    """No part of such a file can be read, not even leniently."""
    path = write(tmp_path, "dev.json", BROKEN_COLUMNS[case])
    for skipped in (None, []):
        with pytest.raises(InputError) as error:
            marco.read(path, skipped)
        assert str(error.value).startswith(f"{path}:")
        assert len(str(error.value)) <= LONGEST_MESSAGE
        assert str(error.value).isprintable()


# --- Memory -----------------------------------------------------------------------------------


def peak(read, path):
    """The peak memory of a reading that fails, in bytes, and its error message."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as error:
            read(path)
        return tracemalloc.get_traced_memory()[1], str(error.value)
    finally:
        tracemalloc.stop()


@pytest.mark.nightly
@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("ahead", [True, False], ids=["after good lines", "alone"])
def test_a_line_of_200_mb_is_not_held(tmp_path, name, ahead):
    form, content = WHOLE[name]
    path = write(tmp_path, form.name, content if ahead else b"{")
    with Path(path).open("r+b") as stream:
        stream.truncate(200 * 1024**2)  # sparse: NUL bytes up to there
    size, message = peak(form.read, path)
    assert size < 8 * LONGEST_LINE
    assert message.startswith(f"{path}:{lines_in(content) + 1 if ahead else 1}: ")
    assert len(message) <= LONGEST_MESSAGE


# --- Known faults: each test passes once its fault is repaired --------------------------------


@pytest.mark.parametrize("name", ["outputs", "export"])
def test_a_long_index_is_cut_in_the_message(tmp_path, name):
    form = LINES[name]
    check_line_refused(tmp_path, form, line(form.record | {"supporting": [10**4000]}))


@pytest.mark.parametrize("name", [name for name in LINES if name != "export"])
def test_field_names_are_shown_printably(tmp_path, name):
    check_line_refused(tmp_path, LINES[name], line({"a\nb\x1b[31m": 1}))


@pytest.mark.parametrize("key", ["1" * 1000, "1\n\x1b[31m"])
@pytest.mark.parametrize("of", ["column", "row"])
def test_keys_of_columns_and_rows_are_shown_short_and_printably(tmp_path, key, of):
    wrong = columns(LINES["marco"].record)
    (wrong if of == "column" else wrong["query"])[key] = 3
    with pytest.raises(InputError) as error:
        marco.read(write(tmp_path, "dev.json", line(wrong)))
    assert len(str(error.value)) <= LONGEST_MESSAGE
    assert str(error.value).isprintable()


@pytest.mark.parametrize("name", LINES)
def test_a_long_line_that_starts_blank_is_refused(tmp_path, name):
    form = LINES[name]
    check_line_refused(tmp_path, form, b" " * (LONGEST_LINE + 1) + line(form.record))


@pytest.mark.parametrize("name", TABLES)
def test_a_blank_line_inside_a_field_is_kept(tmp_path, name):
    form = TABLES[name]
    (problem,) = form.read(write(tmp_path, form.name, table(form, form.record | {"question": "A?\n\nB?"})))
    assert problem.question == "A?\n\nB?"


@pytest.mark.parametrize("name", TABLES)
def test_rows_after_blank_lines_have_their_own_line_number(tmp_path, name):
    form = TABLES[name]
    header, row = table(form, form.record).splitlines(keepends=True)
    message_of(form.read, write(tmp_path, form.name, header + b"\n\n" + row + b"x\n"), ":5")


@pytest.mark.parametrize("name", TABLES)
def test_a_row_of_10_mb(tmp_path, name):
    check_row_refused(tmp_path, TABLES[name], TEN_MB + b"\n")


@pytest.mark.parametrize("name", TABLES)
def test_an_error_in_the_header_is_on_line_1(tmp_path, name):
    form = TABLES[name]
    message_of(form.read, write(tmp_path, form.name, table(form, form.record).replace(b"\n", b"\r")), ":1")
