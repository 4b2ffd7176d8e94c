"""Measures of form, by hand."""

from math import comb

import pytest

from tracelib.scoring.natural.measures import diversity, order, readability, words


def test_words_have_no_punctuation():
    assert words("Ada's 2-year term: 'judge' (1992)!") == ["ada's", "2-year", "term", "judge", "1992"]


def test_the_expected_share_of_different_words():
    """Two of "a a b": the pairs are aa, ab and ab, so 5/3 words differ on average, of two."""
    assert diversity("a a b", drawn=2) == pytest.approx(5 / 6)
    assert diversity("a b c d", drawn=3) == 1
    assert diversity("a b", drawn=3) is None


def test_diversity_does_not_fall_with_length():
    """All words are equally frequent, so only drawing without replacement makes a difference."""
    once = " ".join("abcdefghij" * 10)
    assert diversity(once + " " + once) == pytest.approx(diversity(once), abs=0.02)
    assert diversity(once) == pytest.approx(10 * (1 - comb(90, 30) / comb(100, 30)) / 30)


def test_readability_by_hand():
    """Six words of 21 letters, in two sentences."""
    assert readability("She was mayor. Then a judge.", 2) == pytest.approx(4.71 * 21 / 6 + 0.5 * 3 - 21.43)
    assert readability("...", 1) is None
    assert readability("Words without a sentence", 0) is None


def test_order_of_facts():
    assert order((0, 3, 5)) == 1
    assert order((5, 3, 0)) == -1
    assert order((0, 5, 3)) == pytest.approx(1 / 3)
    assert order((4,)) is None
    assert order(()) is None
