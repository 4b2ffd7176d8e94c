from tests.cli.conftest import run
from tracelib.datasets import twins
from tracelib.datasets.export import from_json_lines


def test_problems_as_json_lines(capsys, tmp_path):
    out = tmp_path / "twin.jsonl"
    status, said, _ = run(
        capsys, "problems", "export", "babi-twin", out, "--count", 20, "--seed", 2, "--facts", 6
    )
    assert status == 0
    assert said == f"16 train, 2 validation, 2 test -> {out}\n"
    assert from_json_lines(out) == twins.generate("babi", 20, 2, 6)


def test_problems_as_a_folder_with_a_card(capsys, tmp_path, problem_file):
    run(capsys, "problems", "export", "marco-twin", tmp_path / "twin", "--count", 20, "--facts", 3)
    card = (tmp_path / "twin" / "README.md").read_text()
    assert 'license: "mit"' in card
    assert "`tracelib problems export marco-twin OUT --count 20 --seed 0 --facts 3`" in card
    assert len(list((tmp_path / "twin" / "data").iterdir())) == 3
    run(capsys, "problems", "export", problem_file, tmp_path / "mine")
    card = (tmp_path / "mine" / "README.md").read_text()
    assert 'license: "other"' in card
    assert "from `problems.jsonl`" in card
    assert str(tmp_path) not in card
    run(capsys, "problems", "export", problem_file, tmp_path / "mine", "--licence", "cc-by-4.0")
    assert 'license: "cc-by-4.0"' in (tmp_path / "mine" / "README.md").read_text()


def test_an_export_never_replaces_its_source_or_something_else(capsys, tmp_path, problem_file):
    before = problem_file.read_text()
    for out, message in (
        (problem_file, "is the source itself"),
        (tmp_path, "holds other files"),
        (".", "expected the name of a file or a new folder"),
    ):
        status, _, err = run(capsys, "problems", "export", problem_file, out)
        assert status == 2
        assert message in err
    assert problem_file.read_text() == before
