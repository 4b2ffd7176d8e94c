"""What the facts say about a claim: how two times stand to each other.

Dates are compared as the solver compares them by the calendar (`tracelib.datasets.cotempqa.solver.compare`):
a date without a month can be any day of its year. Times that only touch leave open whether they share time.
"""

from collections.abc import Callable

from tracelib.datasets.cotempqa.reader import Date, Fact
from tracelib.datasets.cotempqa.solver import compare
from tracelib.scoring.natural.dates import Period, agrees

YES, NO, UNCLEAR = "yes", "no", "unclear"
RIGHT, WRONG, NONE = "right", "wrong", "none"
EARLIER, LATER = ("before", "after")
NEGATIVE = (EARLIER, LATER, "apart")  # the relations that say that no time is shared
POSITIVE = ("equal", "within", "contains", "part", "shared")
RELATIONS = (*NEGATIVE, *POSITIVE)


def holds(relation: str, fact: Fact, other: Fact) -> str:
    """Whether a relation of `RELATIONS` holds between the times of two facts: yes, no or unclear."""
    if None in (fact.start, fact.end, other.start, other.end):
        return UNCLEAR
    verdict = TRUTH[relation](fact, other)
    return UNCLEAR if verdict is None else YES if verdict else NO


def _precedes(one: Date, other: Date) -> bool | None:
    """Whether a date is earlier than another; None if they are the same or if that is open."""
    return {-1: True, 1: False}.get(compare(one, other))


def _before(fact: Fact, other: Fact) -> bool | None:
    return False if _equal(fact, other) else _precedes(fact.end, other.start)


def _after(fact: Fact, other: Fact) -> bool | None:
    return _before(other, fact)


def _apart(fact: Fact, other: Fact) -> bool | None:
    sides = (_before(fact, other), _after(fact, other))
    return True if True in sides else None if None in sides else False


def _shared(fact: Fact, other: Fact) -> bool | None:
    apart = _apart(fact, other)
    return None if apart is None else not apart


def _equal(fact: Fact, other: Fact) -> bool | None:
    orders = (compare(fact.start, other.start), compare(fact.end, other.end))
    if 1 in orders or -1 in orders:
        return False
    return None if None in orders else True


def _within(fact: Fact, other: Fact) -> bool | None:
    return _all(
        _not(_equal(fact, other)),
        _not(_precedes_strictly(fact.start, other.start)),
        _not(_precedes_strictly(other.end, fact.end)),
    )


def _contains(fact: Fact, other: Fact) -> bool | None:
    return _within(other, fact)


def _part(fact: Fact, other: Fact) -> bool | None:
    first, second = (
        _all(
            _precedes_strictly(one.start, two.start),
            _precedes(two.start, one.end),
            _precedes_strictly(one.end, two.end),
        )
        for one, two in ((fact, other), (other, fact))
    )
    return True if True in (first, second) else None if None in (first, second) else False


def _precedes_strictly(one: Date, other: Date) -> bool | None:
    """Whether a date is earlier than another; the same date is not, and None is open."""
    order = compare(one, other)
    return None if order is None else order == -1


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(*values: bool | None) -> bool | None:
    return False if False in values else None if None in values else True


TRUTH: dict[str, Callable[[Fact, Fact], bool | None]] = {
    "before": _before,
    "after": _after,
    "apart": _apart,
    "equal": _equal,
    "within": _within,
    "contains": _contains,
    "part": _part,
    "shared": _shared,
}


def is_shared_time(period: Period, fact: Fact, other: Fact) -> bool:
    """Whether a stated period is the time that two facts share, as far as it is written out.

    Of a time that is only said to start or to end, that end counts. A single date must lie in that time.
    """
    if _apart(fact, other):
        return False
    first = _latest(fact.start, other.start)
    last = _latest(fact.end, other.end, sign=-1)
    if period.shape == "point":
        after = any(compare(period.first, date) in (0, 1, None) for date in first)
        return after and any(compare(period.last, date) in (0, -1, None) for date in last)
    starts = period.shape == "end" or any(agrees(period.first, date) for date in first)
    return starts and (period.shape == "start" or any(agrees(period.last, date) for date in last))


def _latest(one: Date, other: Date, sign: int = 1) -> tuple[Date, ...]:
    """The later of two dates (the earlier one with `sign` -1); both if that is open."""
    order = compare(one, other)
    return (one, other) if order is None else (one,) if order * sign >= 0 else (other,)
