"""The pages of one participant, fixed by the study, its materials and the participant's slot."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracelib.study import config
from tracelib.study.config import Check, Ratings, Study, Trust
from tracelib.study.materials import Judged, Materials, Rated, Side
from tracelib.study.orders import assigned

INSTRUCTIONS, COMMENT = "instructions", "comment"
OTHERS = 100  # participants among whom every level is seen: a block has fewer


@dataclass(frozen=True)
class Page:
    """A page that is read and sent off.

    Attributes:
        name: the page's address, unique in the plan.
        kind: ``instructions``, ``ratings``, ``trust`` or ``comment``.
        number: its position in its part, from 1; 0 for the pages that everybody sees.
    """

    name: str
    kind: str
    number: int = 0

    @property
    def level(self) -> tuple:
        """What the design compares on this page."""
        return (self.kind,)


@dataclass(frozen=True)
class RatingPage(Page):
    """A trace to be rated.

    Attributes:
        shown: the problem.
        trace_kind: the name of the kind of trace.
        options: possible answers of the comprehension question, in the order shown; may be empty.
        check: the attention check on this page, and its place among the items; None if there is none.
    """

    shown: Rated | None = None
    trace_kind: str = ""
    options: tuple[str, ...] = ()
    check: tuple[Check, int] | None = None

    @property
    def level(self) -> tuple:
        """The kind of trace."""
        return (self.kind, self.trace_kind)

    @property
    def text(self) -> str:
        """The trace that is shown."""
        return self.shown.texts[self.trace_kind]


@dataclass(frozen=True)
class TrustPage(Page):
    """An answer to be accepted or rejected.

    Attributes:
        shown: the problem.
        arm: what stands beside the answer (`tracelib.study.config.ARMS`).
        is_right: whether the answer is right.
        own_first: whether the explanation for the shown answer comes before the one for the other answer.
    """

    shown: Judged | None = None
    arm: str = ""
    is_right: bool = True
    own_first: bool = True

    @property
    def level(self) -> tuple:
        """The arm, and whether the answer is right."""
        return (self.kind, self.arm, self.is_right)

    @property
    def side(self) -> Side:
        """The answer that is shown, and what speaks for it."""
        return self.shown.right if self.is_right else self.shown.wrong

    @property
    def explained(self) -> list[tuple[str, str]]:
        """(answer, explanation) for both answers, in the order shown."""
        sides = [self.side, self.shown.wrong if self.is_right else self.shown.right]
        return [(side.answer, side.explanation) for side in (sides if self.own_first else sides[::-1])]

    @property
    def text(self) -> str:
        """All that stands beside the answer, for its length."""
        if self.arm == "both":
            return "\n".join(explanation for _, explanation in self.explained)
        return {"none": "", "trace": self.side.trace, "explanation": self.side.explanation}[self.arm]


def pages(study: Study, materials: Materials, slot: int) -> list[Page]:
    """All pages between consent and debrief, in order."""
    found: list[Page] = [Page(INSTRUCTIONS, INSTRUCTIONS)]
    if study.ratings:
        found += _rating_pages(study, study.ratings, materials, slot)
    if study.trust:
        found += _trust_pages(study, study.trust, materials, slot)
    if study.comment:
        found.append(Page(COMMENT, COMMENT))
    return found


def samples(study: Study, materials: Materials) -> list[Page]:
    """The pages of the first participant, and one page of every level that only others see."""
    shown = pages(study, materials, 0)
    levels = {page.level for page in shown}
    for slot in range(1, OTHERS):
        for page in pages(study, materials, slot):
            if page.level not in levels:
                levels.add(page.level)
                shown.append(replace(page, name=f"{page.name}-of-{slot + 1}"))
    return shown


def _seen(study: Study, name: str, part: Ratings | Trust, slot: int) -> list[tuple[int, str, str | None]]:
    """(problem, kind or arm, whether the answer is right) of each page of a part."""
    levels = config.between(part), config.within(part)
    drawn = assigned(slot, *levels, part.pages, part.problems, f"{study.seed}/{name}")
    return [(problem, group or own, truth) for problem, (group, (own, truth)) in drawn]


def _rating_pages(study: Study, part: Ratings, materials: Materials, slot: int) -> Iterator[Page]:
    rng = random.Random(f"{study.seed}/pages/{slot}")
    checked = dict(zip(rng.sample(range(part.pages), len(study.checks)), study.checks, strict=True))
    for at, (problem, kind, _) in enumerate(_seen(study, "ratings", part, slot)):
        shown = materials.rated[problem]
        options = list(shown.options)
        rng.shuffle(options)
        check = (checked[at], rng.randint(0, len(study.items))) if at in checked else None
        yield RatingPage(f"rating-{at + 1}", "ratings", at + 1, shown, kind, tuple(options), check)


def _trust_pages(study: Study, part: Trust, materials: Materials, slot: int) -> Iterator[Page]:
    rng = random.Random(f"{study.seed}/sides/{slot}")
    for at, (problem, arm, truth) in enumerate(_seen(study, "trust", part, slot)):
        own_first = rng.random() < 0.5
        is_right = truth == config.TRUTHS[0]
        yield TrustPage(
            f"trust-{at + 1}", "trust", at + 1, materials.judged[problem], arm, is_right, own_first
        )
