import time

import pytest

from tracelib.core.errors import InputError
from tracelib.core.jsonl import read_json_lines


def lines_of(tmp_path, content: bytes):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    return read_json_lines(path, lambda record, path, line: (line, record))


def test_reads_objects_with_line_numbers(tmp_path):
    assert lines_of(tmp_path, b'{"a": 1}\n\n{"b": 2}') == [(1, {"a": 1}), (3, {"b": 2})]


def test_line_separators_inside_strings_do_not_split_lines(tmp_path):
    assert lines_of(tmp_path, '{"a": "x\u2028y"}\n{"b": 1}\n'.encode())[1] == (2, {"b": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": ', "x.jsonl:2: not a JSON object"),
        (b"hello\n", "x.jsonl:1: not a JSON object"),
        (b"[1, 2]\n", "x.jsonl:1: expected a JSON object, found [1, 2]"),
        (b'{"a": 1}\n\xff\xfe\n', "x.jsonl:2: not UTF-8 text"),
        (b"[" * 100_000 + b"\n", "x.jsonl:1: not a JSON object"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, content, message):
    with pytest.raises(InputError) as error:
        lines_of(tmp_path, content)
    assert message in str(error.value)
    assert len(str(error.value)) < 500


def test_a_repeated_key_among_many_is_found_fast(tmp_path):
    """A search of all keys for each key would take minutes."""
    keys = ", ".join(f'"k{number}": 0' for number in range(100_000))
    started = time.process_time()
    with pytest.raises(InputError, match="the key 'k99999' stands twice in one object"):
        lines_of(tmp_path, f'{{{keys}, "k99999": 1}}\n'.encode())
    assert time.process_time() - started < 5


def test_a_missing_file_and_a_folder_have_clear_errors(tmp_path):
    for path, message in ((tmp_path / "none", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=message):
            read_json_lines(path, lambda *record: record)
