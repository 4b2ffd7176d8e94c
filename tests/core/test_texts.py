"""Compare texts: cases by hand, and properties of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.texts import consists_of, folded, normal

ANY = st.text(max_size=40)
NAMES = st.from_regex(r"[a-z]{4,8}( [a-z]{4,8})?", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("député général", "de\u0301pute\u0301 ge\u0301ne\u0301ral"),  # composed, decomposed
        ("Queen's", "Queen\u2019s"),
        ("Queen's", "Queen\u02bcs"),
        ("Queen's", "Queen\u00b4s"),
        ('the "Reds"', "the \u201cReds\u201d"),
        ("vice-consul", "vice\u2013consul"),
        ("vice-consul", "vice\u2011consul"),
        ("vice-consul", "vice\u2212consul"),
        ("harbour", "har\u200bbour"),
        ("harbour", "har\u00adbour"),
        ("harbour master", "harbour\u00a0master"),
        ("harbour master", "  harbour \n\t master\ufeff"),
        ("AB123", "\uff21\uff22\uff11\uff12\uff13"),
        ("office", "o\ufb03ce"),  # a ligature
        ("İstanbul", "istanbul"),
        ("ISPARTA", "\u0131sparta"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_how_it_is_typed_makes_no_difference(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("resume", "résumé"), ("Port Quay", "Portquay"), ("a b", "a, b"), ("3", "\u00b33")]
)
def test_other_words_stay_other_words(one, other):
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The U.S.\n Senate! ", "us senate"),
        ("Longford Athletic F.C.", "longford athletic fc"),
        ("well-known", "well known"),
        ("milk,apple", "milk apple"),
        ("3,000 people", "3000 people"),
        ("3.5", "3point5"),
        ("J. Smith", "j smith"),
        ("Workers' Party", "workers party"),
        ("O\u2019Neil", "oneil"),
        ("an office", "office"),
        ("a", "a"),
        ("?!", "?!"),  # an answer does not become empty
        ("港長。", "港長"),
        ("", ""),
    ],
)
def test_normal_form(text, expected):
    assert normal(text) == expected


@pytest.mark.parametrize(
    ("text", "entries", "ordered", "expected"),
    [
        ("football, milk", ["milk", "football"], False, True),
        ("the milk and the football.", ["milk", "football"], False, True),
        ("milk milk football", ["milk", "football"], False, True),
        ("footballmilk", ["milk", "football"], False, False),
        ("football", ["milk", "football"], False, False),
        ("football, milk, apple", ["milk", "football"], False, False),
        ("not milk", ["milk"], False, False),
        ("milk or football", ["milk", "football"], False, False),
        ("Madrid and Real Madrid", ["Real Madrid", "Madrid"], False, True),
        ("Trinidad and Tobago", ["Trinidad and Tobago"], False, True),
        ("s, then w", ["s", "w"], True, True),
        ("w, s", ["s", "w"], True, False),
        ("s s", ["s", "s"], True, True),
        ("s", ["s", "s"], True, False),
    ],
)
def test_a_text_that_lists_entries_and_says_nothing_else(text, entries, ordered, expected):
    assert consists_of(text, entries, ordered) == expected


@given(ANY)
def test_folding_and_normal_form_are_stable_and_lose_no_letter(text):
    assert folded(folded(text)) == folded(text)
    assert normal(folded(text)) == normal(text)
    assert bool(normal(text)) == bool(folded(text))


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_a_list_in_prose_consists_of_its_entries(entries):
    assert consists_of(", ".join(reversed(entries)), entries)
    assert consists_of(" and ".join(entries), entries)
    assert not consists_of("no " + ", ".join(entries), [entry for entry in entries if entry != "no"])


def test_entities_are_read_and_none_of_them_is_too_long():
    assert folded("M&uuml;nchen") == folded("München")
    endless = "&#" + "9" * 5000 + ";"
    assert folded(endless) == endless
