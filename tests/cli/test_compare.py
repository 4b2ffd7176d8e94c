import json
from pathlib import Path

from tests.cli.conftest import run


def test_a_comparison_does_not_replace_a_named_file_that_it_reads(capsys, monkeypatch, outputs_file):
    monkeypatch.chdir(outputs_file.parent)
    Path("a.csv").write_text("dataset,question,gold,prediction\nmine,Who?,Bo,Bo\n")
    status, _, err = run(capsys, "compare", "x=a.csv", outputs_file, "--items", "a.csv")
    assert status == 2
    assert "is one of the files to read" in err


def test_diff_is_another_name_that_shows_first_which_parameters_differ(capsys, outputs_file, tmp_path):
    for name, rate in (("a", 0.1), ("b", 0.2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "predictions.jsonl").write_bytes(outputs_file.read_bytes())
        record = {"parameters": {"learning_rate": rate, "epochs": 1}}
        (tmp_path / name / "run.json").write_text(json.dumps(record))
    page = tmp_path / "diff.html"
    status, out, _ = run(capsys, "diff", tmp_path / "a", tmp_path / "b", "--report", page)
    assert status == 0
    title, header, row, *rest = out.split("\n\n")[1].splitlines()
    assert (title, header.split(), row.split()) == (
        "What differs between the two run.json", ["name", "A", "B"], ["learning_rate", "0.1", "0.2"],
    )  # fmt: skip
    assert not rest
    assert page.read_text().index("learning_rate") < page.read_text().index("A minus B on the paired")
    assert run(capsys, "compare", tmp_path / "a", tmp_path / "b")[1] == out
