"""The chapter on the instrument: its tables are the study file's, and its balance is counted."""

import pytest

from tracelib.book.facts import instrument
from tracelib.study import config


@pytest.fixture(scope="module")
def found():
    return instrument.facts()


def test_the_tables_have_the_study_files_wording(found):
    study = config.load("paper").study
    assert found.items["wording"].tolist() == [item.text for item in study.items.values()]
    assert (found.items["reversed"] == "yes").sum() == found.numbers["reversed"] == 2
    assert found.kinds["kind"].tolist() == [kind.label for kind in study.ratings.kinds.values()]
    assert found.arms["arm"].tolist() == list(config.ARMS)


def test_what_stands_in_for_r1_is_called_simulated(found):
    here = dict(zip(found.kinds["text"], found.kinds["here"], strict=True))
    assert here["r1_trace"] == "simulated-r1"
    assert here["correct"] == "correct"


def test_a_hundred_people_are_ten_whole_blocks(found):
    """1,000 ratings over 10 positions x 5 kinds, and over 20 problems x 5 kinds."""
    assert found.numbers["ratings"] == 1000
    assert found.numbers["per-position"] == "20"
    assert found.numbers["per-problem"] == "10"


def test_each_row_of_orders_has_every_kind_equally_often(found):
    for row in found.orders.drop(columns="participant").itertuples(index=False):
        assert sorted(row) == sorted([*config.load("paper").study.ratings.kinds] * 2)


def test_the_page_is_whole_and_holds_nothing_that_runs_or_loads(found):
    assert found.page.startswith("<!DOCTYPE html>")
    assert found.page.count("<fieldset") >= 11
    for forbidden in ("<script", "src=", "http://", "https://", 'rel="stylesheet"'):
        assert forbidden not in found.page
