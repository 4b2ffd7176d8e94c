"""Examples without the release, and descriptions of the twins, by hand."""

import pytest

from tests.book.facts.made import TIMED
from tracelib.book.facts import problem


@pytest.fixture(scope="module")
def found():
    return problem.facts()


def test_without_the_release_the_twins_stand_in(found):
    assert found.numbers["cotempqa-source"] == found.numbers["babi-source"] == problem.TWIN
    assert (found.timed.category, found.story.category) == ("mix", "basic-induction")
    assert (len(found.query.supporting), len(found.unanswerable.supporting)) == (2, 0)


def test_the_solver_derives_the_gold_of_a_twin(found):
    assert found.numbers["timed-solved"] == found.numbers["story-solved"] == "the same"
    assert found.numbers["timed-derived"] == f"{', '.join(found.timed.gold)} (mix)"


def test_what_a_twin_is_like_by_hand():
    """Two problems of one relation, each with three facts of eight or nine words."""
    row = problem._described("made", TIMED[:2])
    words = [len(fact.split()) for fact in TIMED[0].facts]
    assert row == {
        "twin": "made", "problems": 2, "categories": 1, "facts": 3, "gold facts": 1,
        "words per fact": sum(words) / 3, "without an answer": 0,
    }  # fmt: skip


def test_every_twin_has_a_row_and_marcos_alone_lacks_answers(found):
    twins = found.twins.set_index("twin")
    assert twins.index.tolist() == ["cotempqa", "babi", "marco"]
    assert twins["problems"].tolist() == [200] * 3
    assert [count > 0 for count in twins["without an answer"]] == [False, False, True]


def test_every_number_is_a_text_but_two_counts(found):
    counts = {name for name, value in found.numbers.items() if type(value) is int}
    assert counts == {"babi-tasks", "babi-released"}
    assert all(isinstance(found.numbers[name], str) for name in found.numbers.keys() - counts)
    assert len(found.numbers) == 8
