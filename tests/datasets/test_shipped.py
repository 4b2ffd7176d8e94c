"""Shipped tables are read as they were written, and rebuilt whole or not at all."""

import pandas as pd
import pytest

from tracelib.core.errors import InputError
from tracelib.datasets.release_files import Unreachable
from tracelib.datasets.shipped import ShippedTable

TYPES = {"name": "str", "n": "Int64", "right": "boolean"}
TABLE = pd.DataFrame({"name": ["a", ""], "n": [1, None], "right": [True, None], "file": ["x", "y"]}).astype(
    TYPES
)


def unreachable():
    raise Unreachable("no network")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_what_is_written_is_read_with_its_types(tmp_path, name):
    """An empty text is not missing; an empty number or verdict is."""
    table = ShippedTable(tmp_path / name, lambda: TABLE, TYPES)
    pd.testing.assert_frame_equal(table.derive(), TABLE)
    pd.testing.assert_frame_equal(table.read(), TABLE)


def test_verdicts_are_written_as_numbers(tmp_path):
    ShippedTable(tmp_path / "t.csv", lambda: TABLE).derive()
    assert (tmp_path / "t.csv").read_bytes() == b"name,n,right,file\na,1,1,x\n,,,y\n"


def test_without_the_release_the_shipped_table_is_loaded_and_none_is_derived(tmp_path):
    ShippedTable(tmp_path / "t.csv").write(TABLE)
    table = ShippedTable(tmp_path / "t.csv", unreachable, TYPES)
    pd.testing.assert_frame_equal(table.load(), TABLE)
    with pytest.raises(Unreachable):
        table.derive(tmp_path / "other.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_rows_of_files_that_are_not_here_are_kept(tmp_path):
    ShippedTable(tmp_path / "t.csv").write(TABLE)
    new = TABLE[1:].assign(n=7)
    table = ShippedTable(tmp_path / "t.csv", lambda: new, TYPES, by_file=True)
    assert table.load()["n"].tolist() == [1, 7]
    assert table.derive(tmp_path / "other.csv")["n"].tolist() == [1, 7]
    pd.testing.assert_frame_equal(table.read(), TABLE)
    assert ShippedTable(tmp_path / "t.csv", lambda: new, TYPES).load()["n"].tolist() == [7]


def test_bad_input_leaves_the_shipped_table_as_it_is(tmp_path):
    def bad():
        raise InputError("a line that cannot be read")

    ShippedTable(tmp_path / "t.csv").write(TABLE)
    for act in (ShippedTable(tmp_path / "t.csv", bad).load, ShippedTable(tmp_path / "t.csv", bad).derive):
        with pytest.raises(InputError):
            act()
    pd.testing.assert_frame_equal(ShippedTable(tmp_path / "t.csv", types=TYPES).read(), TABLE)
