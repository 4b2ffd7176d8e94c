"""The questions of a page, and the answers that a sent form gives to them.

A form is untrusted: only the stated answers are taken, and nothing else that it holds is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tracelib.study.config import Study
from tracelib.study.plan import COMMENT, Page, RatingPage, TrustPage

CHECK, EXPECTED, ACCEPT, CONFIDENCE = "check", "expected", "accept", "confidence"
LONGEST_COMMENT = 2000  # characters
MISSING = "Please choose an answer."


@dataclass(frozen=True)
class Question:
    """A question with choices.

    Attributes:
        name: the name of its form field.
        text: the question or statement.
        choices: (value, label) of each choice, in the order shown.
        scale: whether the choices are the points of a scale.
    """

    name: str
    text: str
    choices: tuple[tuple[str, str], ...]
    scale: bool = True


class Read(NamedTuple):
    """What a form says: the values to keep, and an error by question. Both are by the question's name."""

    values: dict[str, str | int]
    errors: dict[str, str]


def questions(study: Study, page: Page) -> list[Question]:
    """The questions of a page, in the order shown."""
    if isinstance(page, RatingPage):
        return list(_of_ratings(study, page))
    if isinstance(page, TrustPage):
        return list(_of_trust(study))
    return []


def _of_ratings(study: Study, page: RatingPage) -> Iterator[Question]:
    if study.comprehension and page.options:
        choices = [(str(number), option) for number, option in enumerate(page.options, 1)]
        unsure = ("0", study.comprehension.unsure)
        yield Question(EXPECTED, study.comprehension.text, (*choices, unsure), scale=False)
    asked = [_rated(study, name, item.text, item.scale) for name, item in study.items.items()]
    if page.check:
        check, place = page.check
        asked.insert(place, _rated(study, CHECK, check.text, check.scale))
    yield from asked


def _of_trust(study: Study) -> Iterator[Question]:
    part = study.trust
    yield Question(ACCEPT, part.text, (("1", part.accept), ("0", part.reject)), scale=False)
    yield _rated(study, CONFIDENCE, part.confidence.text, part.confidence.scale)


def _rated(study: Study, name: str, text: str, scale: str) -> Question:
    return Question(
        name, text, tuple((str(point), anchor) for point, anchor in enumerate(study.scales[scale], 1))
    )


def read(study: Study, page: Page, form: Mapping[str, str]) -> Read:
    """The answers of a sent form. A question without one of its answers has an error."""
    values: dict[str, str | int] = {}
    errors: dict[str, str] = {}
    for question in questions(study, page):
        given = form.get(question.name)
        if given in dict(question.choices):
            values[question.name] = int(given)
        else:
            errors[question.name] = MISSING
    if page.kind == COMMENT:
        text = form.get(COMMENT, "").replace("\r\n", "\n").replace("\0", "").strip()
        values[COMMENT] = text[:LONGEST_COMMENT]
        if len(text) > LONGEST_COMMENT:
            errors[COMMENT] = f"Please write at most {LONGEST_COMMENT:,} characters; this has {len(text):,}."
            values[COMMENT] = text[: 2 * LONGEST_COMMENT]
    return Read(values, errors)
