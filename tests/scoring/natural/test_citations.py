import pytest

from tracelib.scoring.natural.verify import verify


def cited(problem, text):
    return [(one.sentence, one.fact, one.form) for one in verify(text, problem).citations]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Ada Moss holds the position of judge from June, 1992 to 1996.", [(1, "verbatim")]),
        ("Ada was a judge from 1992 until 1996.", [(1, "reworded")]),
        ("3. **Envoy**: March 1985.", [(2, "reworded")]),
        ("Her term as mayor ended in 1994.", [(0, "reworded")]),
        ("way before she became mayor in 1990", [(0, "reworded")]),
        ("Both mayor and warden ran from 1990 to 1994.", [(0, "reworded"), (3, "reworded")]),
        ("She was also a warden.", []),
        ("Before 1990, so no.", []),
        ("She was judge from 1991 to 1996.", [(1, "altered")]),
        ("Envoy: 1986, too early.", [(2, "altered")]),
        ("Was she a judge until 1996?", []),
        ("All other positions started after 1990.", []),
    ],
)
def test_the_examples_of_the_guide(mayor, text, facts):
    assert [found[1:] for found in cited(mayor, text)] == facts


def test_an_event_is_carried_over_from_the_sentence_before(mayor):
    assert cited(mayor, "She was mayor. That was from 1990 to 1994.") == [(1, 0, "reworded")]
    assert cited(mayor, "1. Judge: from 1992 to 1996. It ended in 1996.") == [
        (0, 1, "reworded"),
        (1, 1, "reworded"),
    ]


def test_the_range_of_the_event_is_its_own_without_a_name(mayor):
    assert cited(mayor, "I will focus on that period (1990-1994).") == [(0, 0, "reworded")]


def test_a_shared_time_is_no_citation(mayor):
    assert cited(mayor, "1. Judge: 1992 to 1996. They overlap from 1992 to 1994.") == [(0, 1, "reworded")]


def test_a_time_tells_facts_with_one_name_apart(club):
    assert cited(club, "Park joined in 1951.") == [(0, 2, "reworded")]
    assert cited(club, "Park: 1976 to 1978.") == [(0, 3, "reworded")]
