from tests.analysis.test_class_votes import as_verifier, written
from tests.cli.conftest import run


def test_a_set_is_written_voted_on_and_compared(capsys, tmp_path):
    folder = tmp_path / "class"
    status, out, err = run(capsys, "class-set", "write", folder, "--voters", 2)
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [
        str(folder / name) for name in ("sheet.html", "cards.html", "key.html", "votes.csv")
    ]
    written(folder / "votes.csv", *as_verifier(1), *as_verifier(2))
    report = tmp_path / "compared.html"
    status, out, err = run(capsys, "class-set", "compare", folder / "votes.csv", "--report", report)
    assert status == 0
    assert "10 of 10 cards" in out
    assert "30.0 [10.8, 60.3] of 10" in out
    assert err == f"tracelib: note: report written to {report}\n"
    assert "Card by card" in report.read_text()
    assert "<script" not in report.read_text()


def test_bad_input_is_one_line_and_writes_nothing(capsys, tmp_path):
    votes = written(tmp_path / "votes.csv", "1,0,1,yes,perhaps,no")
    report = tmp_path / "r.html"
    for arguments, message in (
        (("compare", votes, "--report", report), f"{votes}:2: column 'step2': expected yes, no or nothing"),
        (("compare", tmp_path / "none.csv"), "no such file"),
        (("compare", votes, "--report", tmp_path / "r.txt"), "not a name for a report"),
        (("write", tmp_path), "is there already, expected a new folder"),
    ):
        status, out, err = run(capsys, "class-set", *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert message in err
    assert not report.exists()
