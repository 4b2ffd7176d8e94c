from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracelib.study import config, forms, materials, plan


@pytest.fixture
def pages(small):
    drawn = materials.draw(small)
    return lambda slot: plan.pages(small, drawn, slot)


def test_pages_come_in_order_and_are_named(pages):
    names = [page.name for page in pages(0)]
    assert names == ["instructions", "rating-1", "rating-2", "rating-3", "rating-4", "comment"]
    assert pages(0) == pages(0)


def test_kinds_are_balanced_and_no_problem_comes_twice(pages):
    for slot in range(6):
        rated = [page for page in pages(slot) if page.kind == "ratings"]
        assert Counter(page.trace_kind for page in rated) == {"long": 2, "short": 2}
        assert len({page.shown.id for page in rated}) == 4


def test_a_check_stands_on_one_page_and_not_always_on_the_same(pages):
    places = []
    for slot in range(12):
        (place,) = [page.name for page in pages(slot) if page.kind == "ratings" and page.check]
        places.append(place)
    assert len(set(places)) > 1


@pytest.mark.parametrize("name", ["classroom", "trust"])
@pytest.mark.parametrize("assignment", ["within", "between"])
def test_a_preview_has_every_level_even_if_nobody_sees_all(name, assignment):
    study = config.load(name).study
    part = "ratings" if study.ratings else "trust"
    study = study.model_copy(
        update={part: getattr(study, part).model_copy(update={"assignment": assignment})}
    )
    shown = plan.samples(study, materials.draw(study))
    levels = {page.level for page in shown} - {("instructions",), ("comment",)}
    assert len(levels) == (6 if part == "ratings" else 8)
    assert len({page.name for page in shown}) == len(shown)


def test_options_are_shuffled_without_losing_one(pages):
    firsts = set()
    for slot in range(12):
        for page in pages(slot)[1:-1]:
            assert sorted(page.options) == sorted(page.shown.options)
            firsts.add(page.options[0] == page.shown.answer)
    assert firsts == {True, False}


def test_each_arm_shows_what_it_says(load):
    study = config.load("trust").study
    drawn = materials.draw(study)
    seen = {}
    for slot in range(4):
        for page in plan.pages(study, drawn, slot)[1:-1]:
            seen.setdefault((page.arm, page.is_right), page)
    assert len(seen) == 8
    for (arm, is_right), page in seen.items():
        assert page.side is (page.shown.right if is_right else page.shown.wrong)
        if arm == "none":
            assert page.text == ""
        if arm == "both":
            answers = [answer for answer, _ in page.explained]
            assert set(answers) == {page.shown.right.answer, page.shown.wrong.answer}
            assert (answers[0] == page.side.answer) == page.own_first
        if arm == "trace":
            assert page.text == page.side.trace


def test_forms_take_only_stated_answers(small, pages):
    page = next(page for page in pages(0) if page.kind == "ratings" and page.check)
    asked = [question.name for question in forms.questions(small, page)]
    assert asked[0] == "expected"
    assert set(asked) == {"expected", "check", *small.items}
    good = {name: "1" for name in asked}
    assert forms.read(small, page, good | {"more": "x"}).values == {name: 1 for name in asked}
    for bad in ("", "0", "6", "1.0", "<b>", "one"):
        read = forms.read(small, page, good | {"effort": bad})
        assert read.errors == {"effort": forms.MISSING}
        assert "effort" not in read.values
    assert forms.read(small, page, good | {"expected": "0"}).values["expected"] == 0  # I cannot tell


def test_a_comment_may_be_empty_but_not_endless(small, pages):
    page = pages(0)[-1]
    assert forms.read(small, page, {}) == ({"comment": ""}, {})
    assert forms.read(small, page, {"comment": " a\r\nb\0 "}).values == {"comment": "a\nb"}
    assert (
        "at most 2,000 characters; this has 2,001"
        in forms.read(small, page, {"comment": "x" * 2001}).errors["comment"]
    )


@pytest.fixture
def first_pages(pages):
    return pages(0)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_whatever_is_sent_only_stated_answers_are_kept(small, first_pages, data):
    page = data.draw(st.sampled_from(first_pages))
    asked = {question.name: dict(question.choices) for question in forms.questions(small, page)}
    name = st.sampled_from([*asked, "comment", "token", "other"]) | st.text(max_size=5)
    form = data.draw(st.dictionaries(name, st.text(max_size=5) | st.sampled_from(["0", "1", "5", "6"])))
    read = forms.read(small, page, form)
    for question, value in read.values.items():
        if question in asked:
            assert str(value) in asked[question]
        else:
            assert (question, page.kind) == ("comment", "comment")
    assert set(asked) == {*read.values, *read.errors} - {"comment"}
