"""The guide for lecturers, and the self-checks of the chapters that it names."""

import re
import shlex
from collections import Counter
from itertools import pairwise

import nbformat
import pytest
import yaml

from tests.conftest import ROOT
from tracelib.analysis.class_votes import COLUMNS
from tracelib.cli.main import parser
from tracelib.scoring.class_set import SIZE, cards

PAGE = (ROOT / "book" / "teaching.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
CHECKED = ("checking", "joint", "hurt", "interventions")  # chapters with a self-check


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_line_takes_every_command_of_the_page(line):
    assert parser().parse_args(shlex.split(line)[1:]).run


def test_the_class_of_ninety_minutes_has_ninety():
    spans = [(int(start), int(end)) for start, end in re.findall(r"^\| (\d+)–(\d+) \|", PAGE, re.MULTILINE)]
    assert spans[0][0] == 0
    assert spans[-1][1] == 90
    assert all(end == start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("minutes", re.findall(r"\| (\d+(?: \+ \d+)+) \|", PAGE))
def test_every_meeting_of_the_module_has_ninety_minutes(minutes):
    assert sum(map(int, minutes.split(" + "))) == 90


def test_each_meeting_of_the_seminar_has_ninety_minutes():
    (parts,) = re.findall(r"\*\*Each meeting\.\*\* (.*?): which verdict", PAGE, re.DOTALL)
    assert sum(map(int, re.findall(r"\d+", parts))) == 90


def test_what_the_page_says_of_the_cards_is_so():
    (columns,) = re.findall(r"has the columns (.*?)\. A vote", PAGE)
    assert re.findall(r"`(\w+)`", columns) == list(COLUMNS)
    assert "Ten problems" in PAGE
    assert SIZE == 10
    fields = Counter((card.trace_right, card.right["answer"]) for card in cards(0))
    assert (fields[True, True], fields[True, False]) == (3, 1)
    assert (fields[False, True], fields[False, False]) == (3, 3)
    (said,) = re.findall(r"In every set trace and answer are right on (.*?)\.\n", PAGE, re.DOTALL)
    assert " ".join(said.split()) == (
        "three cards, only the trace on one, only the answer on three, neither on three"
    )


def test_every_page_that_it_links_to_is_in_the_book():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = {chapter["file"] for part in toc["parts"] for chapter in part["chapters"]} | {toc["root"]}
    assert "book/teaching" in files
    for target in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`", PAGE):
        assert (target.removeprefix("../") if target.startswith("../") else f"book/{target}") in files


@pytest.mark.parametrize("name", CHECKED)
def test_a_chapter_has_questions_with_folded_answers(name):
    assert f"{{doc}}`../notebooks/{name}`" in PAGE
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    (text,) = (cell.source for cell in cells if "## Check yourself" in cell.source)
    questions = re.findall(r"^```\{dropdown\} ([^\n]+\?)\n(.+?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert 3 <= len(questions) <= 5
    assert text.count("```") == 2 * len(questions)
    assert "<" not in text
    for question, answer in questions:
        assert len(question) < 140
        assert 40 < len(answer) < 500
