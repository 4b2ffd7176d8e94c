import pytest

from tracelib.scoring.natural.dates import agrees, periods
from tracelib.scoring.natural.letters import plain


def read(text):
    return [(period.first, period.last, period.shape) for period in periods(plain(text))]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("from September 26, 2013, to April 30, 2018", (2013, 9, 26), (2018, 4, 30)),
        ("August 15-18, 1941", (1941, 8, 15), (1941, 8, 18)),
        ("from August 15 to August 18, 1941", (1941, 8, 15), (1941, 8, 18)),
        ("April to October 1976", (1976, 4, 0), (1976, 10, 0)),
        ("1986-87", (1986, 0, 0), (1987, 0, 0)),
        ("(2004–2006)", (2004, 0, 0), (2006, 0, 0)),
        ("between 1982 and May 1992", (1982, 0, 0), (1992, 5, 0)),
        ("from mid-1965 until Jan. 3rd, 1968", (1965, 0, 0), (1968, 1, 3)),
        ("26 September 2013 through 1 Oct 2014", (2013, 9, 26), (2014, 10, 1)),
        ("1986-08-12 to 1990-01-01", (1986, 8, 12), (1990, 1, 1)),
    ],
)
def test_ranges(text, first, last):
    assert read(text) == [(first, last, "range")]


@pytest.mark.parametrize(
    ("text", "date", "shape"),
    [
        ("in March, 1972", (1972, 3, 0), "point"),
        ("on May 19, 2023.", (2023, 5, 19), "point"),
        ("since 2009", (2009, 0, 0), "start"),
        ("It started in June 2009", (2009, 6, 0), "start"),
        ("until March 2002", (2002, 3, 0), "end"),
        ("her term ended in 1994", (1994, 0, 0), "end"),
        ("way before 1996", (1996, 0, 0), "compared"),
    ],
)
def test_single_dates_and_their_shape(text, date, shape):
    assert read(text) == [(date, date, shape)]


@pytest.mark.parametrize(
    "text",
    ["the 1960s", "a 2000-year span", "12 years", "May 19", "45 BC", "13,1990,000", "", "March 40, 1990"],
)
def test_what_is_no_date(text):
    assert [found for found in read(text) if found[0][1:] != (0, 0)] == []
    assert not text.startswith(("the", "12", "May", "45")) or read(text) == []


def test_dates_agree_on_the_parts_that_both_write():
    assert agrees((1990, 0, 0), (1990, 6, 3))
    assert agrees((1990, 6, 0), (1990, 6, 3))
    assert not agrees((1990, 6, 0), (1990, 7, 0))
    assert not agrees((1991, 0, 0), (1990, 0, 0))
