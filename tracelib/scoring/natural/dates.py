"""Find dates and periods in plain text.

A period has one or two dates. Its shape says how they are meant: ``range`` (from 1990 to 1994), ``start``
(since 1990, started in 1990), ``end`` (until 1994, ended in 1994) or ``point`` (in 1990). A date with which
something is compared ("before 1990") has the shape ``compared``.
"""

import re
from typing import NamedTuple

from tracelib.datasets.cotempqa.reader import MONTHS, Date

NUMBER_OF = {month[:3].lower(): number for number, month in enumerate(MONTHS, start=1)}
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)(?:[a-z]{1,6})?\b\.?"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?<![\d.,/])[12]\d{3}(?![\d]|s\b|-year|th\b|,\d{3}| years?\b)"
VAGUE = r"(?:(?:early|mid|late)[- ](?:in )?)?"
DATE = (
    rf"{VAGUE}(?:{MONTH}(?: (?:the )?{DAY})?,? (?:of )?{YEAR}|{DAY} (?:of )?{MONTH},? {YEAR}"
    rf"|{YEAR}-\d\d?-\d\d?(?!\d)|{YEAR})"
)
JOIN = r",? ?(?:-|to|until|till|through|up to|and ended (?:in|on)|and until)(?: about| around)? ?"
PART = rf"{VAGUE}{MONTH}(?: {DAY})?"  # the left end of a range can leave out what both ends share
PERIOD = re.compile(
    r"(?<![a-z0-9])(?=[0-9abdefjlmnos])(?:"  # tried at the beginnings of words alone, for speed
    rf"(?P<days>{MONTH} {DAY} ?(?:-|to) ?{DAY},? {YEAR})"
    rf"|(?P<short>(?<![\d.,/])[12]\d{{3}}-\d\d(?![\d-]))"
    rf"|(?:(?P<left>{DATE})|(?P<part>\b{PART})){JOIN}(?P<right>{DATE})"
    rf"|between (?P<first>{DATE}|{PART}) and (?P<last>{DATE})"
    rf"|(?P<one>{DATE}))"
)
PIECES = re.compile(
    rf"(?P<month>{MONTH})|(?P<iso>\d{{3,4}}-\d\d?-\d\d?)|(?P<year>\d{{3,4}})|(?P<day>\d{{1,2}})"
)
LOOK_BACK = 40  # characters before a date that can tell its shape
VERB_GAP = (
    r"(?:\W+(?:in|on|at|about|around|as of|of|by|only|just|early|mid|late|the|date|is|was|year)\b)*\W*\Z"
)
STARTS = re.compile(
    rf"\b(?:from|since|start\w*|began|begin\w*|begun|join\w*|commenc\w*|became|appointed|onwards?){VERB_GAP}"
)
ENDS = re.compile(
    rf"\b(?:until|till|through|up to|end(?:ed|s|ing)?|left|leav\w+|finish\w*|ceas\w+|stopp\w+"
    rf"|last(?:ed|ing|s)|concluded|over){VERB_GAP}"
)
COMPARED = re.compile(
    r"\b(?:before|after|prior to|than|pre|post|outside|beyond|by)\W+(?:the )?(?:end of )?(?:year )?\Z"
)


class Period(NamedTuple):
    """A date or a period that a text names.

    Attributes:
        start, end: its place in the text.
        first, last: its dates; the same one for a single date.
        shape: ``range``, ``start``, ``end``, ``point`` or ``compared``.
    """

    start: int
    end: int
    first: Date
    last: Date
    shape: str


def periods(text: str) -> list[Period]:
    """The periods that a plain text names, in order. A date that does not exist is none."""
    found = (_read(match, text) for match in PERIOD.finditer(text))
    return [period for period in found if period is not None]


def agrees(one: Date, other: Date) -> bool:
    """Whether two dates can be the same: the parts that both write are equal."""
    return all(left == right or not left or not right for left, right in zip(one, other, strict=True))


def _read(match: re.Match, text: str) -> Period | None:
    ends = _ends(match)
    if ends is None:
        return None
    shape = (
        "range"
        if match.lastgroup != "one"
        else _shape(text[max(0, match.start() - LOOK_BACK) : match.start()])
    )
    return Period(match.start(), match.end(), *ends, shape)


def _shape(before: str) -> str:
    if COMPARED.search(before):
        return "compared"
    return "end" if ENDS.search(before) else "start" if STARTS.search(before) else "point"


def _ends(match: re.Match) -> tuple[Date, Date] | None:
    """The two dates of a matched period; None if one does not exist."""
    if match["days"]:
        month, first, last, year = re.findall(r"[a-z]{3,}|\d+", match["days"].replace("th", " "))[:4]
        ends = [(int(year), NUMBER_OF[month[:3]], int(day)) for day in (first, last)]
    elif match["short"]:
        year = int(match["short"][:4])
        ends = [(year, 0, 0), (year - year % 100 + int(match["short"][-2:]), 0, 0)]
    else:
        left = match["left"] or match["part"] or match["first"] or match["one"]
        last = _date(match["right"] or match["last"] or match["one"], (0, 0, 0))
        ends = [_date(left, last), last]
    return tuple(ends) if all(map(_exists, ends)) else None


def _date(text: str, beside: Date) -> Date:
    """A date as written; a year that is not written is that of the date beside it."""
    year, month, day = 0, 0, 0
    for piece in PIECES.finditer(text):
        if piece["iso"]:
            year, month, day = map(int, piece["iso"].split("-"))
        elif piece["month"]:
            month = NUMBER_OF[piece["month"][:3]]
        elif piece["year"]:
            year = int(piece["year"])
        else:
            day = int(piece["day"])
    return year or beside[0], month, day


def _exists(date: Date) -> bool:
    year, month, day = date
    return year > 0 and month <= 12 and day <= 31 and not (day and not month)
