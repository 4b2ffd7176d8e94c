import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.reporting import writing


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "'a", "'=1"])
def test_a_text_that_would_be_a_formula_is_escaped(text):
    assert writing.no_formula(text) == "'" + text


@pytest.mark.parametrize("cell", ["a=1", " =1", "", 1, -1.5, True, None, "Ada"])
def test_other_cells_stay_as_they_are(cell):
    assert writing.no_formula(cell) is cell


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_the_text_comes_back_when_an_apostrophe_is_taken_off(text):
    escaped = writing.no_formula(text)
    assert escaped.removeprefix("'") == text
    assert not escaped.startswith(writing.FORMULA)


def test_a_csv_file_has_its_texts_escaped_and_its_numbers_as_they_are(tmp_path):
    table = pd.DataFrame({"=name": ["=cmd|' /C calc'!A0", 'a,"b"\nc', None, "é"], "x": [-1.5, 2, None, 0]})
    writing.write_csv(table, tmp_path / "new" / "t.csv")
    with (tmp_path / "new" / "t.csv").open(encoding="utf-8", newline="") as stream:
        read = list(csv.reader(stream))
    assert read == [
        ["=name", "x"],
        ["'=cmd|' /C calc'!A0", "-1.5"],
        ['a,"b"\nc', "2.0"],
        ["", ""],
        ["é", "0.0"],
    ]


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("old")

    def fail(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="No space"):
        writing.write_csv(pd.DataFrame({"a": [1]}), path)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["t.csv"]


def test_where_a_file_may_go(tmp_path):
    given_, folder = tmp_path / "in.csv", tmp_path / "folder.csv"
    given_.write_text("mine")
    folder.mkdir()
    with pytest.raises(InputError, match=r"not a name for a table, expected one that ends in \.csv$"):
        writing.checked(tmp_path / "t.txt", [".csv"], "a table")
    with pytest.raises(InputError, match=r"ends in \.csv, \.tex or \.md$"):
        writing.checked(tmp_path / "t", [".csv", ".tex", ".md"], "a table")
    with pytest.raises(InputError, match="is a folder"):
        writing.checked(folder, [".csv"], "a table")
    with pytest.raises(InputError, match="is one of the files to read, expected another name for a table"):
        writing.checked(given_, [".csv"], "a table", [tmp_path / "none", given_])
    assert writing.checked(given_, [".csv"], "a table") == given_


def test_bytes_that_are_no_text_are_spelled_out():
    assert writing.text_of("a\udcff") == "a\\udcff"
    assert writing.shown("a\u202eb\n") == "a\\u202eb\\u000a"
    assert writing.shown(None) == "–"
