"""The chapters' parameters and commands, read from the notebooks themselves and from a build's."""

import shlex

import nbformat
import pytest

from tests.conftest import ROOT
from tracelib.book import contents, rerun
from tracelib.book.declared import checked, declared
from tracelib.cli import main


@pytest.fixture
def work(tmp_path):
    """A build's folder with one chapter, executed with other parameters than its own in 7 seconds."""
    given = {"work": "work/my own", "run_names": ["a-s1", "b-s1"]}
    book = nbformat.v4.new_notebook(metadata={"papermill": {"parameters": given}})
    (tmp_path / "notebooks").mkdir()
    nbformat.write(book, tmp_path / "notebooks" / "one-run.ipynb")
    record = tmp_path / "times" / "chapters" / "one-run.tsv"
    record.parent.mkdir(parents=True)
    record.write_text("s\th:m:s\n7.04\t0:00:07\n")
    return tmp_path


def test_a_chapter_s_command_repeats_what_the_build_gave_it(work):
    rows = {row["chapter"]: row for row in contents.pages(work)}
    assert rows["One run, seen live"] == {
        "chapter": "One run, seen live",
        "command": "tracelib run one-run -p work 'work/my own' -p run_names 'a-s1, b-s1'",
        "seconds": "7",
    }
    joint = "What is the 28%?"
    assert rows[joint] == {"chapter": joint, "command": "tracelib run joint", "seconds": None}
    assert len(rows) == len(contents.chapters())


def test_what_another_version_wrote_is_as_if_it_were_not_there(work):
    (work / "times" / "chapters" / "one-run.tsv").write_text("seconds\n7\n")
    notebook = work / "notebooks" / "one-run.ipynb"
    for text in ("", "{}", "[]", '{"metadata": {"papermill": null}}'):
        notebook.write_text(text)
        (row,) = [row for row in contents.pages(work) if row["chapter"] == "One run, seen live"]
        assert (row["command"], row["seconds"]) == ("tracelib run one-run", None)


def test_every_command_is_one_with_parameters_that_fit(work):
    for page in contents.pages(work):
        args = main.parser().parse_args(shlex.split(page["command"])[1:])
        path = rerun.find(args.what)
        assert path == contents.notebook(args.what)
        checked(declared(path), args.given)


NAMES = ("work", "run_names", "people", "trainings", "study", "tables")


def test_every_parameter_of_a_chapter_has_a_meaning():
    shown = contents.parameters()
    assert all(row["meaning"] for row in shown)
    by_name = {name: [row for row in shown if row["parameter"] == name] for name in NAMES}
    assert all(by_name.values())
    assert by_name["people"] == [
        {"parameter": "people", "meaning": "who rate", "value": "40", "chapters": "Power and planning"}
    ]
    (runs,) = by_name["run_names"]
    assert runs["value"] == "cotempqa-twin-vanilla-s1, cotempqa-twin-correct-s1, cotempqa-twin-incorrect-s1"
    assert runs["chapters"].count(";") == 2


def test_chapters_are_the_notebooks_of_the_table_of_contents():
    names = contents.chapters()
    assert names[0] == "index"
    assert sorted([*names, "experiment"]) == sorted(
        path.stem for path in (ROOT / "notebooks").glob("*.ipynb")
    )
    assert contents.title("settle") == "What would settle it"
