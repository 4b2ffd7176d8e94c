from dataclasses import replace

import pytest

from tracelib.datasets.cotempqa.dates import granularity


@pytest.mark.parametrize(
    ("event", "gold", "expected"),
    [
        ("from 1948 to 1952", "in 1950", "year"),
        ("from May, 1948 to June, 1952", "in May, 1950", "month"),
        ("from May 1, 1948 to June 3, 1952", "in May 2, 1950", "day"),
        ("from 1948 to June, 1952", "in 1950", "mixed"),
        ("from May 1, 1948 to June 3, 1952", "in 1950", "mixed"),
        ("from 1948 to 1952", "from 1950", ""),  # no end
        ("from 1948 to 1952", "in Maytember, 1950", ""),  # no such month
    ],
)
def test_granularity_is_that_of_the_dates_that_decide(problem, event, gold, expected):
    """Only the dates of the event and of the gold fact count, not those of other facts."""
    facts = (
        f"Ada works for Beta {event}.",
        f"Ada works for Gamma {gold}.",
        "Ada works for Delta in May 9, 1951.",
    )
    assert granularity(replace(problem, facts=facts, supporting=(1,))) == expected
