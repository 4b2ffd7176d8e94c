"""The scoreboard as HTML: a table for the front page (stacked on a phone), and a card per claim."""

import re
from collections.abc import Mapping, Sequence
from html import escape

from IPython.display import HTML

from tracelib.paper.claims import SOURCES, Claim
from tracelib.paper.estimates import InWords

COLUMNS = ("claim", "verdict", "best estimate")
MARKS = {  # a sign beside the word, for those who see no colour
    "supported": "✓",
    "qualified": "≈",
    "contradicted": "✗",
    "not testable from what is public": "–",
    "open": "?",
}


def board(claims: Sequence[Claim], values: Mapping[str, InWords]) -> HTML:
    """A row per claim: its words, its verdict, its first estimate (or why there is none), its chapter."""
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    rows = "".join(_row(claim, values) for claim in claims)
    return HTML(
        f'<div class="scoreboard"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(claim: Claim, values: Mapping[str, InWords]) -> str:
    if claim.estimates:
        lead = values[claim.estimates[0]]
        found = f"{_value(lead)}: {escape(lead.what)}; {escape(lead.n)}"
    else:
        found = escape(claim.because)
    said = f"{escape(claim.words)} {_source(claim)}"
    cells = zip(COLUMNS, (said, verdict(claim), f"{found} {_more(claim)}"), strict=True)
    return "<tr>" + "".join(f'<td data-label="{name}">{cell}</td>' for name, cell in cells) + "</tr>"


def _value(found: InWords) -> str:
    """The value in bold; an estimate, its interval and the word before it stay on one line."""
    whole = re.sub(r"(\S+ )?\S+ \[[^\]]+\]", r'<span class="whole">\g<0></span>', escape(found.value))
    return f"<strong>{whole}</strong>"


def _more(claim: Claim) -> str:
    return f'(<a href="{escape(claim.chapter)}.html">{escape(claim.chapter)}</a>)'


def verdict(claim: Claim) -> str:
    """The verdict in a coloured box; sign and colour repeat the word."""
    kind = claim.verdict.split()[0]
    return f'<span class="chip {kind}">{MARKS[claim.verdict]} {escape(claim.verdict)}</span>'


def _source(claim: Claim) -> str:
    where = f" ({claim.where})" if claim.where else ""
    return f'<span class="source">{escape(SOURCES[claim.source] + where)}</span>'


def cards(claims: Sequence[Claim], values: Mapping[str, InWords]) -> HTML:
    """A card per claim: words, verdict with reason, estimates with n and method, what is missing."""
    return HTML(f'<div class="claims">{"".join(_card(claim, values) for claim in claims)}</div>')


def _card(claim: Claim, values: Mapping[str, InWords]) -> str:
    estimates = "".join(
        f"<dt>{escape(found.what)}</dt><dd>{_value(found)}; {escape(found.n)}; {escape(found.method)}</dd>"
        for found in (values[name] for name in claim.estimates)
    )
    return (
        f'<section class="claim" id="claim-{escape(claim.id)}">'
        f'<p class="words">{escape(claim.words)} {_source(claim)}</p>'
        f"<p>{verdict(claim)} {escape(claim.because)}</p>"
        f"{f'<dl>{estimates}</dl>' if estimates else ''}"
        f"<p><em>What is missing.</em> {escape(claim.missing)} {_more(claim)}</p></section>"
    )
