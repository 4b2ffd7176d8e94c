from dataclasses import replace

import pytest

from tracelib.scoring.natural.verify import verify


def claimed(problem, text):
    return [
        (one.sentence, one.fact, one.relation, one.holds, one.interval)
        for one in verify(text, problem).claims
    ]


@pytest.mark.parametrize(
    ("text", "relation", "holds"),
    [
        ("Way too early.", "before", "yes"),
        ("It ended before 1990, so there is no overlap.", "before", "yes"),
        ("That's after 1994.", "after", "no"),
        ("No overlap.", "apart", "yes"),
        ("It doesn't coincide with that.", "apart", "yes"),
        ("That is the exact same period.", "equal", "no"),
        ("It falls entirely within her term as mayor.", "within", "no"),
        ("This covers the whole of her term.", "contains", "no"),
        ("It partly overlaps.", "part", "no"),
        ("So this overlaps.", "shared", "no"),
        ("She held both positions at the same time.", "shared", "no"),
    ],
)
def test_a_phrase_is_about_the_event_before_and_the_facts_judge_it(mayor, text, relation, holds):
    assert claimed(mayor, f"2. Envoy: March 1985. {text}") == [(1, 2, relation, holds, "none")]


@pytest.mark.parametrize(
    "text",
    [
        "I need one that overlaps with 1990 to 1994.",
        "Does it overlap?",
        "All the other positions are too early.",
        "Maybe it overlaps.",
        "It starts before 1990.",
        "1985 is a year.",
    ],
)
def test_plans_questions_and_one_end_claim_nothing(mayor, text):
    assert claimed(mayor, f"1. Judge: 1992 to 1996. {text}") == []


def test_a_claim_can_name_its_event_before_or_after_the_phrase(mayor):
    assert claimed(mayor, "Judge and warden overlap with mayor.") == [
        (0, 1, "shared", "yes", "none"),
        (0, 3, "shared", "yes", "none"),
    ]
    assert claimed(mayor, "The only position that overlaps is warden.") == [(0, 3, "shared", "yes", "none")]
    assert claimed(mayor, "Warden: same dates as mayor.") == [(0, 3, "equal", "yes", "none")]


@pytest.mark.parametrize(
    ("text", "interval"), [("from June 1992 to 1994", "right"), ("from 1990 to 1994", "wrong"), ("", "none")]
)
def test_a_stated_shared_time_is_right_or_wrong(mayor, text, interval):
    found = claimed(mayor, f"1. Judge: June 1992 to 1996. So they overlap {text}.")
    assert found == [(1, 1, "shared", "yes", interval)]


def test_one_end_settles_nothing_if_time_is_shared(mayor):
    text = "1. Judge: 1992 to 1996. It ends after 1994, so there is an overlap."
    assert claimed(mayor, text) == [(1, 1, "shared", "yes", "none")]


def test_a_date_can_stand_for_its_event(club):
    text = "1. Cy Park: 1951. Since 1951 is before 1975, he is out."
    assert claimed(club, text) == [(1, 2, "before", "yes", "none")]
    assert claimed(club, "1. Bo Lind: 1977 to 1980. 1977 is before 1979.") == []


def test_without_the_event_there_is_nothing_to_compare_with(mayor):
    verdict = verify("1. Judge: 1992 to 1996. It overlaps.", replace(mayor, question="Which?"))
    assert (verdict.event, verdict.claims, verdict.follows) == ((), (), "no")
    assert len(verdict.citations) == 1


def test_a_supposition_before_the_phrase_claims_nothing_and_one_after_it_takes_nothing_back(club):
    assert claimed(club, "1. Bo Lind: 1977 to 1980. It is possible that they overlapped.") == []
    found = claimed(club, "1. Cy Park: 1951. That is before 1975, so it is likely not relevant.")
    assert found == [(1, 2, "before", "yes", "none")]


def test_one_end_of_a_shared_time_can_be_stated_alone(club):
    assert claimed(club, "1. Bo Lind: 1977 to 1980. They overlapped until 1979.") == [
        (1, 1, "shared", "yes", "right")
    ]
    assert claimed(club, "1. Bo Lind: 1977 to 1980. They overlapped until 1980.") == [
        (1, 1, "shared", "yes", "wrong")
    ]
    assert claimed(club, "1. Bo Lind: 1977 to 1980. They overlapped in 1978.") == [
        (1, 1, "shared", "yes", "right")
    ]
