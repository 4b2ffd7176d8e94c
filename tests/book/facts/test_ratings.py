"""The facts of the chapter on ratings, from simulated respondents and from a study's tables."""

from pathlib import Path

import pytest

from tests.analysis import test_collected
from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import ratings


@pytest.fixture(scope="module")
def found():
    return ratings.facts(Path("unused"))


@pytest.fixture(scope="module")
def of_study(tmp_path_factory):
    folder = test_collected.write(tmp_path_factory.mktemp("study"))
    return ratings.facts(Path("unused"), str(folder))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("ratings")
    counts = {
        "people", "included", "answers", "decisions", "respondents", "simulations", "fewest", "most", "cells"
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_without_data_everything_is_said_to_be_simulated(found):
    assert found.numbers["source"] == "simulated respondents"
    assert "simulated" in found.numbers["beware"]
    assert found.left_out["participants"].sum() == found.numbers["people"] > found.numbers["included"]


def test_the_odds_ratios_that_were_put_in_are_found(found):
    held = (found.recovered["low"] < found.recovered["expected"]) & (
        found.recovered["expected"] < found.recovered["high"]
    )
    assert f"{held.sum()} of {len(held)} intervals" in found.numbers["held"]
    assert held.mean() >= 0.85
    assert found.recovered["estimate"].corr(found.recovered["expected"]) > 0.97


def test_length_is_said_to_have_no_effect_and_its_intervals_are_counted(found, of_study):
    assert found.numbers["length-put-in"].startswith("No effect of length was put in")
    assert f"of {len(found.odds_same_length)} of these intervals" in found.numbers["length-put-in"]
    assert "not known" in of_study.numbers["length-put-in"]


def test_every_kind_and_arm_has_a_name(found):
    shown = {
        *found.pairs["measures"],
        *found.pairs["first"],
        *found.pairs["second"],
        *found.sensitivity["arm"],
    }
    assert shown <= {*found.wording.labels, *found.wording.arms}


def test_a_study_of_ones_own_has_the_same_numbers(found, of_study):
    assert set(of_study.numbers) == set(found.numbers)
    assert of_study.numbers["source"].startswith("the participants in `")
    assert of_study.numbers["beware"] == ""
    assert (of_study.numbers["people"], of_study.numbers["included"]) == (3, 1)
    assert (of_study.numbers["answers"], of_study.numbers["decisions"]) == (2, 1)
    assert of_study.recovered is None
    assert of_study.wording.anchors == {"interpretability": ("Disagree", "Agree")}
    assert "R1's trace: 50, 0, 0, 0, 50" not in of_study.numbers["alt"]
    assert "Interpretability, R1's trace" in of_study.numbers["alt"]
