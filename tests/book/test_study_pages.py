"""The pages on running the human study: their commands and their study file are right."""

import re
import shlex

import pytest

from tests.chapters import executed, glued, shown
from tests.conftest import ROOT
from tracelib.cli.main import parser
from tracelib.study import config, store, tidy

PAGES = {name: (ROOT / "book" / f"{name}.md").read_text() for name in ("study", "ethics")}
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGES["study"], re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
COMMANDS += re.findall(r"`(tracelib study [^`]+)`", "\n".join(PAGES.values()))


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("tracelib")])
def test_the_command_line_takes_every_command_of_the_pages(line):
    words = shlex.split(line, comments=True)[1:]
    if words in (["study", "preregister"], ["study", "export"]):
        return  # named in prose, without its arguments
    parser().parse_args(words)


def test_the_study_file_of_the_page_is_one(tmp_path):
    (text,) = (block for kind, block in BLOCKS if kind == "yaml")
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    study = config.load(str(path)).study
    config.check_ready(study, path)
    assert study.ratings.pages == 8


def test_the_page_names_every_table():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGES["study"], re.MULTILINE))
    assert named == set(tidy.COLUMNS) - {"ids"}


def test_what_the_ethics_page_says_is_stored_is_all_that_is():
    """A new column of the database needs a new row on the page."""
    people = {column.name for column in store.PARTICIPANTS.columns}
    assert people == {"code", "slot", "external", "started", "finished", "withdrawn"}
    answers = {column.name for column in store.ANSWERS.columns}
    assert answers == {"code", "page", "values", "shown", "stored"}


@pytest.mark.slow
def test_the_chapter_is_executed_and_shows_a_page(tmp_path):
    chapter = executed("instrument", tmp_path)
    assert glued(chapter)["ratings"] == 1000
    assert "<iframe" in shown(chapter)
