"""The facts of *What would settle it*, from the shipped numbers, and with a teacher made up."""

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import settle
from tracelib.core.errors import InputError
from tracelib.datasets import twins
from tracelib.datasets.distilled import Texts
from tracelib.paper import taught_targets
from tracelib.paper.taught_targets import Arms

DESIGN = {"trainings": 10, "problems": 950, "margin": 3, "between": 2.0}


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taught_targets, "here", lambda texts: None)
        return settle.facts("", **DESIGN)


def test_the_prose_cites_what_is_there_as_text(found):
    assert cited("settle") == set(found.numbers)
    assert set(kinds(found.numbers)) == {"str"}


def test_without_the_texts_it_says_so_and_shows_none(found):
    assert found.examples == []
    assert found.numbers["source"].startswith("This build has no teacher's texts.")
    assert found.numbers["shown"].startswith("None is shown here")


def test_the_numbers_that_the_answer_rests_on(found):
    numbers = found.numbers
    assert numbers["train"] == "56"
    assert numbers["answered"] == "3,700"
    assert numbers["asked-step"].startswith("4,668 [")
    assert numbers["had-step"] == "1,018 [596, 1,585]"
    assert numbers["left-step"] == "814 [477, 1,268]"
    assert numbers["own-power"] == numbers["power-3-2"]


def test_the_targets_of_three_problems_are_shown_under_every_arm(monkeypatch):
    """The first problem has no summary, so its targets are not complete and it is not shown."""
    pool = twins.generate("cotempqa", 6, 7, 5, "day")
    texts = {one.id: Texts(f"{one.gold[0]}.", "<b>Well</b>", "In short.", "Because.") for one in pool}
    texts[pool[0].id] = texts[pool[0].id]._replace(summary="")
    arms = ["teacher", "teacher-summary", "correct"]
    here = Arms(arms, pool, pool, texts, "A teacher's texts", 1)
    monkeypatch.setattr(taught_targets, "here", lambda texts: here)
    shown = settle.facts("", **DESIGN)
    assert shown.numbers["source"] == "A teacher's texts."
    assert shown.arms["with a target"].tolist() == [6, 5, 6]
    problem, gallery, others = (part.data for part in shown.examples)
    assert "<details><summary>2 more problems</summary>" in others
    for text in (gallery, others):
        assert all(name in text for name in arms)
        assert "&lt;b&gt;Well&lt;/b&gt;" in text
        assert "<b>Well" not in text
    places = [(problem, pool[1]), (others, pool[2]), (others, pool[3])]
    assert all(one.facts[0].split("'")[0] in text for text, one in places)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trainings": 1}, "'trainings': expected a whole number from 2 to 200, found 1"),
        ({"problems": 2.5}, "'problems': expected a whole number from 2"),
        ({"margin": 0}, "'margin': expected points from 0.1 to 50, found 0"),
        ({"between": "two"}, "'between': expected points from 0 to 50, found 'two'"),
        ({"between": True}, "'between': expected points"),
    ],
)
def test_a_design_that_cannot_be_simulated_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        settle.facts("", **DESIGN | change)
