import json

from tests.cli.conftest import run
from tracelib.datasets.shipped import ShippedTable
from tracelib.paper import natural_structure, taught_targets


def test_the_agreement_is_printed_without_the_traces(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    status, out, err = run(capsys, "natural", "agreement")
    assert status == 0
    assert "first reading, second reading" in out
    assert "second reading, rules, frozen" in out
    assert "only the frozen score is shown" in err
    status, out, _ = run(capsys, "natural", "agreement", "--json")
    rows = json.loads(out)["natural"]
    assert {row["judges"] for row in json.loads(out)["simulated"]} == {"truth (simulated), rules"}
    assert {row["field"] for row in rows} >= {"citations", "claims, exact", "follows"}
    assert all(row["agree"] is None or 0 <= row["agree"] <= 1 for row in rows)


def test_a_page_of_marked_outputs_is_written(capsys, outputs_file, tmp_path):
    page = tmp_path / "marked.html"
    status, out, _ = run(capsys, "natural", "mark", outputs_file, "--out", page, "--number", 2)
    assert status == 0
    assert out == f"2 traces -> {page}\n"
    assert page.read_text().count("<section>") == 2
    assert "<script>" not in page.read_text()


def test_bad_input_is_one_line(capsys, outputs_file, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    for arguments, message in (
        (("r1", "--out", tmp_path / "a.html"), "R1's texts are not here: expected a sample"),
        ((outputs_file, "--out", tmp_path / "a.txt"), "expected one that ends in .html or .htm"),
        ((tmp_path / "none", "--out", tmp_path / "a.html"), "no such file"),
    ):
        status, out, err = run(capsys, "natural", "mark", *arguments)
        assert status in (1, 2)
        assert out == ""
        assert message in err
        assert err.count("\n") == 1
    assert not (tmp_path / "a.html").exists()


def test_the_table_is_derived_from_texts_alone(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    before = natural_structure.SHIPPED.path.read_bytes()
    status, out, err = run(capsys, "natural", "derive")
    assert status != 0
    assert out == ""
    assert "R1's texts are not here: expected a sample" in err
    assert natural_structure.SHIPPED.path.read_bytes() == before


def test_a_derived_table_is_counted_by_kind(capsys, monkeypatch):
    monkeypatch.setattr(ShippedTable, "derive", ShippedTable.read)
    status, out, _ = run(capsys, "natural", "derive")
    assert status == 0
    assert "R1's trace     94" in out
    assert f"1,662 texts -> {natural_structure.SHIPPED.path}\n" in out
    assert out.endswith(f"370 targets -> {taught_targets.SHIPPED.path}\n")
