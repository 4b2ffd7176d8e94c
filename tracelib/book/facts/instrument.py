"""The instrument of the human study: its wording, its design, and a page as participants see it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tracelib.study import config, materials, pages, plan, preregistration
from tracelib.study.config import Study
from tracelib.study.materials import Materials
from tracelib.study.orders import williams
from tracelib.study.plan import Page, RatingPage

PEOPLE = 100  # participants of the paper's study
SHOWN = 6  # participants whose orders are shown
KIND_SHOWN = "explanation"  # whose page is shown


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        kinds: a row per kind of trace: label, where its text comes from, and its words here.
        items: a row per item: wording, what it measures, whether it is reversed, and its anchors.
        arms: a row per arm of the study on trust.
        orders: the kinds that the first participants see, in order.
        page: a page as a participant sees it, as a whole document of HTML.
    """

    numbers: dict[str, object]
    kinds: pd.DataFrame
    items: pd.DataFrame
    arms: pd.DataFrame
    orders: pd.DataFrame
    page: str


def facts() -> Facts:
    """The facts, from the shipped study files and from problems of the twin, with simulated texts."""
    study, trust = config.load("paper").study, config.load("trust").study
    of_class = config.load("classroom").study
    standing_in = materials.simulated(study)
    drawn = materials.draw(standing_in)
    people = [plan.pages(study, drawn, slot) for slot in range(PEOPLE)]
    numbers = {
        **_sizes(study),
        **_balance(people),
        "trust-pages": trust.trust.pages,
        "class-items": of_class.ratings.pages,
        "class-minutes": of_class.minutes,
        "constructs": " and ".join(part.label.lower() for part in study.constructs.values()),
        "items": len(study.items),
        "reversed": sum(item.reversed for item in study.items.values()),
        "checks": len(study.checks),
        "exclusions": "; ".join(preregistration.exclusions(study)),
    }
    return Facts(
        numbers,
        _kinds(study, standing_in, drawn),
        _items(study),
        pd.DataFrame(trust.trust.arms.items(), columns=["arm", "beside the answer"]),
        _orders(study, people[:SHOWN]),
        _page(standing_in, people[0]),
    )


def _sizes(study: Study) -> dict[str, int]:
    part = study.ratings
    return {
        "kinds": len(part.kinds),
        "pages": part.pages,
        "problems": part.problems,
        "rows": len(williams(len(part.kinds))),
        "points": len(study.scales["agreement"]),
        "minutes": study.minutes,
        "people": PEOPLE,
    }


def _rated(pages_of: list[Page]) -> list[RatingPage]:
    return [page for page in pages_of if isinstance(page, RatingPage)]


def _balance(people: list[list[Page]]) -> dict[str, str]:
    """How equally the ratings are spread: over positions and kinds, and over problems and kinds."""
    seen = [page for pages_of in people for page in _rated(pages_of)]
    positions = Counter((page.number, page.trace_kind) for page in seen)
    problems = Counter((page.shown.id, page.trace_kind) for page in seen)
    return {
        "ratings": len(seen),
        "per-position": _range(positions.values()),
        "per-problem": _range(problems.values()),
    }


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _kinds(study: Study, standing_in: Study, drawn: Materials) -> pd.DataFrame:
    rows = []
    for name, kind in study.ratings.kinds.items():
        words = pd.Series([len(rated.texts[name].split()) for rated in drawn.rated])
        here = standing_in.ratings.kinds[name].text
        rows.append(
            {
                "kind": kind.label,
                "text": kind.text,
                "here": here,
                "words here, median (range)": f"{words.median():.0f} ({words.min()} to {words.max()})",
            }
        )
    return pd.DataFrame(rows)


def _items(study: Study) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "wording": item.text,
                "measures": study.constructs[item.measures].label.lower(),
                "reversed": "yes" if item.reversed else "",
                "answers, from 1": "; ".join(study.anchors[name]),
            }
            for name, item in study.items.items()
        ]
    )


def _orders(study: Study, people: list[list[Page]]) -> pd.DataFrame:
    rows = []
    for number, pages_of in enumerate(people, 1):
        seen = {str(page.number): page.trace_kind for page in _rated(pages_of)}
        rows.append({"participant": number, **seen})
    return pd.DataFrame(rows)


def _page(study: Study, seen: list[Page]) -> str:
    return pages.sheet(study, next(page for page in _rated(seen) if page.trace_kind == KIND_SHOWN))
