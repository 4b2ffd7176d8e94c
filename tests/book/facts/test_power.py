"""The facts of the chapter on power, from the shipped grid and a small simulation."""

from pathlib import Path

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import power
from tracelib.core.errors import InputError

DESIGN = {"people": 20, "odds_ratio": 3.0, "within": True, "questions": 1, "simulations": 20}


@pytest.fixture(scope="module")
def found():
    return power.facts(Path("unused"), **DESIGN)


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("power")
    counts = {
        "simulations", "pairs", "kinds", "pages", "problems", "own-people", "own-questions",
        "own-simulations", "cells", "several-people", "several-questions", "recruited",
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_fewer_people_are_needed_if_everybody_rates_all_kinds(found):
    numbers = found.numbers
    assert int(numbers["needed-within"]) <= int(numbers["needed-many-within"])
    assert numbers["needed-between"].startswith("more than")
    shown = found.needed.set_index(["design", "odds ratio"])
    row = shown.loc[("everybody rates all kinds", "2")]
    assert row["one planned comparison"] == numbers["needed-within"]


def test_each_number_of_people_has_its_power_and_who_drops_out_is_added(found):
    numbers = found.numbers
    for name in ("needed-within", "needed-many-within"):
        assert float(numbers[f"{name}-power"].split()[0]) >= 80
    for name in ("needed-between", "needed-many-between"):
        assert float(numbers[f"{name}-power"].split()[0]) < 80
    assert (numbers["left-out"], numbers["recruited"]) == ("12", 69)  # 60 / 0.88, rounded up


def test_more_questions_find_more(found):
    one, many = (float(found.numbers[f"several-{name}"].split()[0]) for name in ("one", "many"))
    assert one < many
    assert (found.numbers["several-people"], found.numbers["several-questions"]) == (100, 5)


def test_the_readers_own_design_is_simulated(found):
    assert (found.numbers["own-people"], found.numbers["own-simulations"]) == (20, 20)
    assert 0 < float(found.numbers["own-power"].split()[0]) <= 100
    assert found.numbers["own-design"] == "everybody rates all kinds"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": 3}, "'people': expected a whole number from 5 to 1000, found 3"),
        ({"people": "many"}, "'people': expected a whole number"),
        ({"odds_ratio": 0}, "'odds_ratio': expected a number from 0.01 to 100, found 0"),
        ({"within": "yes"}, "'within': expected true or false, found 'yes'"),
        ({"questions": 0}, "'questions': expected a whole number from 1"),
        ({"simulations": 10**6}, "'simulations': expected a whole number from 10 to 5000"),
    ],
)
def test_a_design_that_cannot_be_simulated_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        power.facts(Path("unused"), **DESIGN | change)
