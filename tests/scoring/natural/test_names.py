from tests.scoring.natural.conftest import made
from tracelib.scoring.natural.reading import read, setting


def found(problem, text):
    known = setting(problem).known
    return [(text[m.start : m.end], m.facts, m.form) for one in read(text, known) for m in one.mentions]


def test_full_names_count_whatever_their_case_and_punctuation(mayor, club):
    assert found(mayor, "**Judge**: then Mayor.") == [("Judge", (1,), "full"), ("Mayor", (0,), "full")]
    assert found(club, "BO LIND and Cy-Park") == [("BO LIND", (1,), "full"), ("Cy-Park", (2,), "full")]


def test_a_surname_or_a_first_name_can_stand_for_a_person(club):
    assert found(club, "Lind left. So did Bo.") == [("Lind", (1,), "short"), ("Bo", (1,), "short")]
    assert found(club, "Then Park came.") == [("Park", (2, 3), "short")]
    assert found(club, "in a park") == []


TITLES = (
    "Ada Moss holds the position of Minister for Jobs, Trade and Fisheries in 1990.",
    "Ada Moss holds the position of Chief Secretary of New South Wales in 1990.",
    "Ada Moss holds the position of Minister of the Environment in 1991.",
    "Ada Moss holds the position of Agreement in 1992.",
)


def test_titles_can_be_shortened_turned_around_or_misspelt():
    problem = made(TITLES)
    assert found(problem, "Minister for Jobs") == [("Minister for Jobs", (0,), "short")]
    assert found(problem, "the Environment Minister") == [("Environment Minister", (2,), "short")]
    assert found(problem, "Chief Secretary of NSW") == [("Chief Secretary of NSW", (1,), "short")]
    assert found(problem, "the Envirenment") == [("Envirenment", (2,), "close")]


def test_a_name_that_is_an_ordinary_word_needs_its_capital():
    problem = made(TITLES)
    assert found(problem, "they are in agreement") == []
    assert found(problem, "Agreement in 1992") == [("Agreement", (3,), "full")]


def test_a_name_that_all_facts_share_tells_none_apart(club):
    assert found(club, "He joined the Free Union.") == []


def test_words_of_a_date_are_in_no_name():
    problem = made(
        (
            "May Day works for Beta in 1990.",
            "Al Roe works for Beta in 1991.",
            "Cy Day works for Beta in 1992.",
        )
    )
    assert found(problem, "in May 1990") == []


def test_a_person_stands_for_the_event_where_another_one_is_asked_about():
    facts = (
        "Ada Moss attended Elm College from 1990 to 1994.",
        "Ada Moss works for Beta in 1999.",
        "Bo Lind attended Oak School in 1991.",
        "Bo Lind works for Beta in 1970.",
    )
    question = "While Ada Moss attended Elm College, which school was Bo Lind attending at the same time?"
    problem = made(facts, question, ("Oak School",), (2,), "S2_R1_O2")
    assert setting(problem).event == (0,)
    assert found(problem, "before Moss left") == [("Moss", (0,), "short")]
