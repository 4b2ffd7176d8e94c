import pytest

from tracelib.datasets.cotempqa.reader import Fact, parse_date
from tracelib.scoring.natural.dates import periods
from tracelib.scoring.natural.intervals import holds, is_shared_time


def fact(start, end=None):
    return Fact("A", "position", "b", parse_date(start), parse_date(end or start))


EVENT = fact("1990", "1994")


@pytest.mark.parametrize(
    ("one", "truths"),
    [  # of: before after apart equal within contains part shared
        (fact("1980", "1985"), "yes no yes no no no no no"),
        (fact("1996"), "no yes yes no no no no no"),
        (fact("1990", "1994"), "no no no yes no no no yes"),
        (fact("1991", "1993"), "no no no no yes no no yes"),
        (fact("1990", "1993"), "no no no no yes no no yes"),
        (fact("1980", "1999"), "no no no no no yes no yes"),
        (fact("1992", "1999"), "no no no no no no yes yes"),
        (fact("1992"), "no no no no yes no no yes"),
        (fact("1980", "1990"), "unclear no unclear no no no unclear unclear"),
        (fact("June, 1990", "1993"), "no no no no unclear no unclear yes"),
    ],
)
def test_relations_to_an_event_from_1990_to_1994(one, truths):
    names = ("before", "after", "apart", "equal", "within", "contains", "part", "shared")
    assert [holds(name, one, EVENT) for name in names] == truths.split()


def test_a_fact_without_a_time_leaves_everything_open():
    assert holds("before", Fact("A", "position", "b", None, None), EVENT) == "unclear"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("from 1992 to 1994", True),
        ("from June 1992 to 1994", True),
        ("1991 to 1994", False),
        ("1992 to 1996", False),
    ],
)
def test_a_stated_shared_time_is_right_as_far_as_it_is_written_out(text, right):
    (period,) = periods(text.lower())
    assert is_shared_time(period, fact("June 3, 1992", "1996"), EVENT) is right
