"""The chapter on natural traces, from the shipped numbers alone."""

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import natural
from tracelib.paper.natural_compared import MEASURES
from tracelib.paper.natural_errors import ERRORS
from tracelib.paper.natural_structure import KINDS


@pytest.fixture(scope="module")
def found():
    return natural.facts()


def test_the_prose_cites_what_is_there_as_text(found):
    assert cited("natural") == set(found.numbers)
    assert set(kinds(found.numbers)) == {"str"}


def test_without_the_texts_it_says_so_and_shows_none(found):
    assert found.marked is None
    assert found.numbers["source"].startswith("This build has no texts of R1's")
    assert found.numbers["shown"].startswith("None is shown here")


def test_every_kind_has_every_measure(found):
    assert all(table["kind"].tolist() == list(KINDS.values()) for table in found.means_tables)
    assert sorted(name for table in found.means_tables for name in list(table)[2:]) == sorted(MEASURES)
    assert [list(table) for table in found.means_tables] == [
        ["kind", *list(table)[1:]] for table in found.contrasts_tables
    ]
    assert len(found.means) == len(KINDS) * len(MEASURES)
    assert set(found.rates["error"]) == set(ERRORS)


def test_the_numbers_that_the_answer_rests_on(found):
    """As counted from the shipped table and the annotations."""
    numbers = found.numbers
    assert (numbers["n"], numbers["n-summary"], numbers["n-both"]) == ("94", "74", "54")
    assert (numbers["n-prompted"], numbers["n-right"], numbers["n-wrong"]) == ("120 of 950", "25", "95")
    assert numbers["words-r1"].startswith("338 [")
    assert numbers["words-correct"].startswith("46 [")
    assert numbers["injected-first"].startswith("36.1 [")
    assert (numbers["injected-count"], numbers["erring"]) == ("13 of 36", "17")
    assert numbers["relation-first"] == "11 of 40"
    assert (numbers["confirmed-first"], numbers["confirmed-mix"]) == ("6 of 11", "6 of 6")
    assert numbers["step-both"] == "11 of 11"
    assert (numbers["comparisons-first"], numbers["most-first"]) == ("16", "7")
    assert numbers["precise-refuted"].startswith("47.8 [")


def test_a_difference_that_may_be_chance_shows_its_p(found):
    words = found.contrasts_tables[0].set_index("minus")["words"]
    assert words["summary of R1's trace − simulated summary"].endswith("p = 1.000")
    assert "p =" not in words["R1's trace − rule-made, correct"]


def test_a_measure_that_some_texts_lack_has_its_own_n(found):
    order = found.means_tables[0].set_index("kind")["order"]
    assert order["R1's trace"].endswith("], n 93")
    assert ", n" not in order["R1's explanation"]
    assert order["rule-made, incorrect"] == "–"


def test_a_difference_taken_the_other_way_keeps_its_interval(found):
    words = found.contrasts_tables[0].set_index("minus")["words"]
    assert words["R1's trace − simulated R1"] == "-110 [-147, -75]"
    assert found.numbers["longer"] == "110 [75, 147]"


def test_the_rules_stand_beside_the_first_reading(found):
    refuted = found.trusted.set_index("field").loc["refuted claims"]
    assert refuted[["first reading", "rules, frozen", "in both"]].tolist() == [16, 23, 11]
    assert [len(table) for table in found.verified] == [len(natural.FIELDS)] * 2


def test_the_trade_off_has_four_kinds_and_four_models(found):
    assert len(found.trade_off) == 4 * 4 * 2
    assert found.trade_off[["value", "estimate"]].notna().all(axis=None)
