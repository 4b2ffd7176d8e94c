"""The scoreboard's claims, each with its estimates, from a made release."""

import pytest

from tests.book.facts.cited import cited
from tracelib.book.facts import claims
from tracelib.paper import claims as scoreboard
from tracelib.paper.estimates import InWords


@pytest.fixture(scope="module")
def found(made_work):
    return claims.facts(made_work)


def test_every_claim_is_the_papers_or_the_referees(found):
    assert len(found.of_paper) + len(found.of_referee) == len(scoreboard.load())
    assert {claim.source for claim in found.of_referee} == {"review"}
    assert "review" not in {claim.source for claim in found.of_paper}


def test_every_estimate_that_a_claim_names_is_computed(found):
    named = {name for claim in (*found.of_paper, *found.of_referee) for name in claim.estimates}
    assert named == set(found.values)
    assert all(isinstance(value, InWords) for value in found.values.values())
    together = found.values["right_together"].value  # two of eight outputs have trace and answer right
    assert together.count("25.0 [") == 3


def test_the_ratings_are_those_that_are_stated(found):
    assert set(found.numbers) == {"rated-r1", "rated-decomposed", "of-paper", "tally"} == cited("claims")
    assert (found.numbers["rated-decomposed"], found.numbers["rated-r1"]) == ("4.86", "3.39")


def test_the_verdicts_are_counted(found):
    counted = [int(part.split()[0]) for part in found.numbers["tally"].split(", ")]
    assert sum(counted) == found.numbers["of-paper"] == len(found.of_paper)
