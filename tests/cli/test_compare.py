from pathlib import Path

from tests.cli.conftest import run


def test_a_comparison_does_not_replace_a_named_file_that_it_reads(capsys, monkeypatch, outputs_file):
    monkeypatch.chdir(outputs_file.parent)
    Path("a.csv").write_text("dataset,question,gold,prediction\nmine,Who?,Bo,Bo\n")
    status, _, err = run(capsys, "compare", "x=a.csv", outputs_file, "--items", "a.csv")
    assert status == 2
    assert "is one of the files to read" in err
