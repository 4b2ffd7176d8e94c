import csv
import json

import pandas as pd
import pytest

from tests.study.conftest import ADMIN, Browser
from tracelib.core.errors import InputError
from tracelib.study import app, config, export


def test_ids_of_a_platform_are_apart_and_only_on_request(filled, tmp_path):
    export.write(filled, tmp_path / "data")
    assert not (tmp_path / "data" / "ids.csv").exists()
    assert "abc" not in "".join(path.read_text() for path in (tmp_path / "data").glob("*.csv")).split(",")
    export.write(filled, tmp_path / "data", ids=True)
    assert list(pd.read_csv(tmp_path / "data" / "ids.csv")["external"]) == ["abc"]


def test_csv_and_parquet_say_the_same(filled, tmp_path):
    sizes = export.write(filled, tmp_path / "data")
    for name, rows in sizes.items():
        parquet = pd.read_parquet(tmp_path / "data" / f"{name}.parquet")
        with (tmp_path / "data" / f"{name}.csv").open(newline="") as stream:
            assert len(list(csv.DictReader(stream))) == len(parquet) == rows


def test_a_folder_with_other_files_is_left_alone(filled, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="is there and is no export of a study"):
        export.write(filled, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_comment_is_no_formula(kept, tmp_path):
    browser = Browser(app.create(kept, ADMIN))
    browser.consent()
    while browser.path != "/page/comment":
        browser.answer()
    browser.send("/page/comment", comment='=HYPERLINK("http://evil")\nsecond, line')
    export.write(kept, tmp_path / "data")
    with (tmp_path / "data" / "comments.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["comment"] == '\'=HYPERLINK("http://evil")\nsecond, line'
    (kept_as_it_is,) = pd.read_parquet(tmp_path / "data" / "comments.parquet")["comment"]
    assert kept_as_it_is.startswith("=HYPERLINK")


def test_the_study_as_it_was_served_lies_beside_its_data(filled, tmp_path):
    export.write(filled, tmp_path / "data")
    text = (tmp_path / "data" / export.STUDY).read_text()
    assert config.Study.model_validate_json(text) == filled.study
    assert json.loads(text)["items"]["coherent"]["label"] == "coherent"
