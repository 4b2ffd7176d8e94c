"""The facts of the front page, on two made runs and the release's tables in the package."""

import pytest

from tests.book.facts import made_runs
from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import index


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return index.facts(made_runs.work(tmp_path_factory.mktemp("work")), made_runs.NAMES)


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("index")
    texts = {
        "published-both", "published-given", "exact-both", "exact-given", "source", "outputs", "bases",
        "trained-on", "answer-correctness", "answer-help", "answer-following", "tally", "joint", "given",
        "after-wrong",
    }  # fmt: skip
    assert kinds(found.numbers) == {
        "str": texts, "float": {"largest"}, "int": set(found.numbers) - texts - {"largest"},
    }  # fmt: skip


def test_the_runs_are_described(found):
    assert (found.numbers["runs"], found.numbers["bases"]) == (2, "tiny-base")
    assert (found.numbers["largest"], found.numbers["trained-on"]) == (2.5, "cotempqa-twin")


def test_the_two_checks_count_the_same_answers(found):
    right = {
        int(row["trace_right_answer_right"] + row["trace_wrong_answer_right"])
        for row in found.two_checks.values()
    }
    assert len(right) == 1
    assert {int(row["n"]) for row in found.two_checks.values()} == {950}
    assert (found.numbers["comparable"], found.numbers["reproduced"]) == (52, 52)


def test_the_headline_is_that_of_the_chapter_on_it(found):
    assert found.numbers["joint"] == "32.0 [29.1, 35.0]"
    assert found.numbers["given"] == "96.2 [93.5, 97.8]"
    assert found.numbers["after-wrong"] == "31.4 [27.2, 35.8]"  # as on the scoreboard


def test_every_claim_with_an_estimate_has_its_first(found):
    assert set(found.leading) == {claim.estimates[0] for claim in found.claims if claim.estimates}
