"""The scoreboard of the paper's claims as HTML: a table for the front page, and a card per claim."""

import re
from collections.abc import Mapping, Sequence

from IPython.display import HTML
from markupsafe import Markup, escape

from tracelib.paper.claims import SOURCES, Claim
from tracelib.paper.estimates import InWords
from tracelib.reporting import templating

MARKS = {  # signs beside the words, for readers who cannot see colours
    "supported": "✓",
    "qualified": "≈",
    "contradicted": "✗",
    "not testable from what is public": "–",
    "open": "?",
}


def board(claims: Sequence[Claim], values: Mapping[str, InWords]) -> HTML:
    """A row per claim: its words, the verdict, its leading estimate (or why there is none), the chapter."""
    return _page("board.html", claims, values)


def cards(claims: Sequence[Claim], values: Mapping[str, InWords]) -> HTML:
    """A card per claim: its words, the verdict and why, the estimates with n and method, what is missing."""
    return _page("cards.html", claims, values)


def _page(name: str, claims: Sequence[Claim], values: Mapping[str, InWords]) -> HTML:
    return HTML(
        templating.render(name, claims=claims, values=values, sources=SOURCES, marks=MARKS, whole=_whole)
    )


def _whole(value: str) -> Markup:
    """The value in bold. An estimate, its interval and the word before it are kept on one line."""
    whole = re.sub(r"(\S+ )?\S+ \[[^\]]+\]", r'<span class="whole">\g<0></span>', str(escape(value)))
    return Markup(f"<strong>{whole}</strong>")
