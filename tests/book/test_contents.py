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
    rows = contents.pages(work).set_index("chapter")
    assert rows.loc["One run, seen live"].to_dict() == {
        "command": "tracelib run one-run -p work 'work/my own' -p run_names 'a-s1, b-s1'",
        "seconds": "7",
    }
    assert rows.loc["What is the 28%?"].to_dict() == {"command": "tracelib run joint", "seconds": "–"}
    assert len(rows) == len(contents.chapters())


def test_every_command_is_one_with_parameters_that_fit(work):
    for command in contents.pages(work)["command"]:
        args = main.parser().parse_args(shlex.split(command)[1:])
        path = rerun.find(args.what)
        assert path == contents.notebook(args.what)
        checked(declared(path), args.given)


def test_every_parameter_of_a_chapter_has_a_meaning():
    shown = contents.parameters()
    assert (shown["meaning"] != "").all()
    assert {"work", "run_names", "people", "trainings", "study", "tables"} <= set(shown["parameter"])
    people = shown[shown["parameter"] == "people"].to_dict("records")
    assert people == [
        {"parameter": "people", "meaning": "who rate", "value": "40", "chapters": "Power and planning"}
    ]
    (runs,) = shown[shown["parameter"] == "run_names"].to_dict("records")
    assert runs["value"] == "cotempqa-twin-vanilla-s1, cotempqa-twin-correct-s1, cotempqa-twin-incorrect-s1"
    assert runs["chapters"].count(";") == 2


def test_chapters_are_the_notebooks_of_the_table_of_contents():
    names = contents.chapters()
    assert names[0] == "index"
    assert sorted([*names, "experiment"]) == sorted(
        path.stem for path in (ROOT / "notebooks").glob("*.ipynb")
    )
    assert contents.title("settle") == "What would settle it"
