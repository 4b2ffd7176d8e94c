import pytest

from tracelib.scoring.natural.verify import verify

STATED = "Mayor: 1990 to 1994. Judge: June 1992 to 1996. Warden: 1990 to 1994. Envoy: 1985. "


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("So the answer is judge and warden.", (1, 3)),
        ("Therefore, while she was mayor, she was also a warden. The answer should be warden.", (3,)),
        ("\n### Final Answer:\njudge", (1,)),
        ("\nThe answers are:\n- judge\n- warden\nThat is all.", (1, 3)),
        ("So only the judge fits, the others like envoy do not.", (1,)),
        ("Judge overlaps. Envoy does not overlap.", (1,)),
        ("Nothing more to say.", ()),
    ],
)
def test_the_answers_that_a_trace_concludes(mayor, text, answers):
    assert verify(STATED + text, mayor).answers == answers


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        (f"{STATED}So the answer is judge and warden.", "yes"),
        (f"{STATED}So the answer is judge.", "no"),  # the warden is stated too, and shares time
        ("Mayor: 1990 to 1994. Judge: 1992 to 1996. So the answer is judge.", "yes"),
        ("Mayor: 1990 to 1994. So the answer is judge.", "no"),  # the judge's time is not stated
        ("Mayor: 1990 to 1994. Judge: 1996 to 1999. So the answer is judge.", "no"),  # as it is stated
        ("Mayor: 1990 to 1994. Envoy: 1994. So the answer is envoy.", "unclear"),
        (STATED, "no"),
    ],
)
def test_whether_the_answers_follow_from_what_is_stated(mayor, text, follows):
    assert verify(text, mayor).follows == follows


@pytest.mark.parametrize(
    ("claims", "relation"),
    [
        ("Judge overlaps. Warden overlaps.", "shared"),
        ("Judge overlaps. Warden: the exact same dates.", "equal"),
        ("Judge partly overlaps. Warden: the exact same dates.", "mix"),
        ("Judge falls within her term.", "during"),
        ("", "none"),
    ],
)
def test_the_relation_that_a_trace_commits_to(mayor, claims, relation):
    assert verify(f"{STATED}{claims} So the answer is judge and warden.", mayor).relation == relation
