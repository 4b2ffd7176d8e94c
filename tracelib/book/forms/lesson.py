"""The slides and the handout of a class of 90 minutes, from the data and figures of the book.

Both are pages of HTML that load nothing, and print well. The page *Teach with this book* has the plan.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from tracelib.analysis import effects
from tracelib.analysis.trace_answer import CELLS
from tracelib.book import contents
from tracelib.book.facts import index
from tracelib.book.forms import templating
from tracelib.core import keys
from tracelib.core.atomic import write_text
from tracelib.core.frames import where
from tracelib.paper import evidence, real_grid
from tracelib.paper.evidence import Evidence
from tracelib.reporting import figures, figures_effects
from tracelib.reporting.figure_rates import as_svg
from tracelib.reporting.figures_timeline import timeline
from tracelib.scoring.class_set import RELATIONS, STEPS, Card, cards
from tracelib.scoring.outcomes import counts
from tracelib.stats import as_text

PAGES = ("slides", "handout")
SET = 0  # the class set that `tracelib class-set write` writes
BY_HAND = 90  # the set that the handout's problem is from: another one, so that both can be used in a class
ARMS = ("correct", "both-wrong", "random-fact")  # of the real model, on the slide of forced traces
FORCED = ("gold", "wrong facts", "empty")
ASTRAY = "other answer"
EXIT = {  # the last questions of the class -> the key
    "In three of ten outputs trace and answer are right. How many of the right traces had a right answer?": (
        "That cannot be told: the number of right traces is missing. It may be anything from three up to ten."
    ),
    "Models with right traces answer right more often. We write a right trace for a model, and it answers "
    "right more often. What does the second show that the first does not?": (
        "That the answer depends on the text before it. Easy problems can no longer explain it. Not that the "
        "model reasons: copying would do the same."
    ),
    "Correct minus incorrect traces: p = 0.4. What does that show?": (
        "Only that these data do not tell the two apart. Whether the loss is small is seen from the "
        "interval, or from a test against a margin."
    ),
}
CHECKED = "joint"  # the chapter whose questions the handout asks
QUESTION = re.compile(r"^```\{dropdown\} ([^\n]+\?)\n(.+?)\n```$", re.MULTILINE | re.DOTALL)


class Board(NamedTuple):
    """Counts of outputs by trace and answer: four fields.

    Attributes:
        both, trace_only, answer_only, neither: what is right.
    """

    both: int
    trace_only: int
    answer_only: int
    neither: int

    @property
    def joint(self) -> str:
        """Both right, of all: with its 95% Wilson interval."""
        return as_text.share_of(self.both, sum(self))

    @property
    def given_right(self) -> str:
        """The answer right, of the right traces."""
        return as_text.share_of(self.both, self.both + self.trace_only)

    @property
    def given_wrong(self) -> str:
        """The answer right, of the wrong traces."""
        return as_text.share_of(self.answer_only, self.answer_only + self.neither)


def of_cards(shown: Sequence[Card]) -> Board:
    """The board of a class set, by the verifier."""
    fields = [(card.trace_right, card.right["answer"]) for card in shown]
    return Board(*(fields.count((trace, answer)) for trace in (True, False) for answer in (True, False)))


def of_counts(row: Mapping) -> Board:
    """The board of a row of `tracelib.scoring.outcomes.counts`."""
    return Board(*(int(row[cell]) for cell in CELLS))


def questions(chapter: str) -> list[tuple[str, str]]:
    """The questions of a chapter's *Check yourself*, with their answers."""
    cells = (source for kind, source, _ in keys.notebook_source(contents.notebook(chapter)))
    (text,) = (source for source in cells if "## Check yourself" in source)
    return [(question, " ".join(answer.split())) for question, answer in QUESTION.findall(text)]


def pages(work: Path, names: Sequence[str] = PAGES) -> dict[str, str]:
    """The slides, the handout, or both, as HTML.

    Args:
        work: a build's folder; without its data, the outcomes that ship with the package are used.
    """
    released = evidence.read(Path(work) / "data")
    checks = index.two_checks(released)
    shared = {
        "cards": cards(SET),
        "relations": RELATIONS,
        "steps": STEPS,
        "ours": of_cards(cards(SET)),
        "exact": of_counts(checks["the exact check"]),
        "run": index.HEADLINE,
    }
    made = {"slides": lambda: _slides(shared, checks, released), "handout": lambda: _handout(shared)}
    return {name: made[name]() for name in names}


def _slides(shared: dict, checks: Mapping[str, pd.Series], released: Evidence) -> str:
    _, forced, _, _ = real_grid.read()
    rates = effects.forced(forced)
    right = where(rates, measure="answer_correct", condition=ARMS, intervention=FORCED)
    order = right["intervention"].map(FORCED.index), right["condition"].map(ARMS.index)
    right = right.assign(column=order[0], row=order[1]).sort_values(["row", "column"])
    astray = where(effects.led_astray(forced), intervention=ASTRAY, condition=ARMS)
    first, event = shared["cards"][0], next(card for card in shared["cards"] if "event" in card.lesson)
    return templating.render(
        "slides.html",
        first=first,
        event=event,
        line=_drawn(timeline(first.problem)),
        two_checks=_drawn(figures.two_checks(checks)),
        rates=_drawn(figures.joint_and_conditional(counts(released.outcomes, "corrected"))),
        heat=_drawn(figures_effects.heat(right, "condition", "intervention", "right answers, percent")),
        astray={row["condition"]: row for row in astray.to_dict("records")},
        percent=as_text.percent,
        exit=list(EXIT),
        key=list(EXIT.values()),
        **shared,
    )


def _handout(shared: dict) -> str:
    card = next(card for card in cards(BY_HAND) if not card.trace_right and not card.right["answer"])
    return templating.render(
        "handout.html",
        card=card,
        empty=_drawn(timeline(card.problem, solved=False)),
        line=_drawn(timeline(card.problem)),
        questions=questions(CHECKED),
        by_hand=BY_HAND,
        **shared,
    )


def _drawn(figure: Figure) -> Markup:
    return Markup(as_svg(figure))


def write(folder: Path, work: Path, names: Sequence[str] = PAGES) -> list[Path]:
    """Write these pages into a folder; returns their files."""
    made = {Path(folder) / f"{name}.html": text for name, text in pages(work, names).items()}
    for path, text in made.items():
        write_text(path, text)
    return list(made)
