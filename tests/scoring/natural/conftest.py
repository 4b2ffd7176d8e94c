"""A problem worked by hand, the one of the annotation guide."""

import pytest

from tracelib.datasets.problem import Problem, content_id

FACTS = (
    "Ada Moss holds the position of mayor from 1990 to 1994.",
    "Ada Moss holds the position of judge from June, 1992 to 1996.",
    "Ada Moss holds the position of envoy in March 3, 1985.",
    "Ada Moss holds the position of warden from 1990 to 1994.",
)
QUESTION = (
    "While Ada Moss was holding the position of mayor, which position did Ada Moss hold at the same time?"
)


def made(
    facts=FACTS, question=QUESTION, gold=("judge", "warden"), supporting=(1, 3), kind="S1_R1_O2"
) -> Problem:
    identity = content_id(question, facts, gold)
    return Problem(identity, "cotempqa", question, facts, gold, supporting, "mix", kind)


@pytest.fixture
def mayor() -> Problem:
    return made()


@pytest.fixture
def club() -> Problem:
    """Who else was in a club: the subjects tell the events apart."""
    people = {
        "Ada Moss": "from 1975 to 1979",
        "Bo Lind": "from 1977 to 1980",
        "Cy Park": "in 1951",
        "Di Park": "from May 9, 1976 to July, 1978",
    }
    facts = tuple(f"{name} is a member of the Free Union {time}." for name, time in people.items())
    question = (
        "While Ada Moss was a member of Free Union, who was also a member of Free Union at the same time?"
    )
    return made(facts, question, ("Bo Lind", "Di Park"), (1, 3), "S2_R1_O1")
