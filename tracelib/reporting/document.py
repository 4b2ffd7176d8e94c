"""A document of sections, tables, figures and texts, as one HTML page or as Markdown.

What others wrote (names, questions, outputs) is text in it: escaped, bounded, with characters that
cannot be seen spelled out. Tables and figures are numbered in their order.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import count
from typing import NamedTuple

import pandas as pd

from tracelib.reporting import markdown
from tracelib.reporting.markdown import marked
from tracelib.reporting.writing import shown, spelled_out

LAYOUT = "\n\t"  # stays in texts
SHORT = 45  # characters up to which a cell is not given room for sentences
LONG_WORD = 24


class Table(NamedTuple):
    """Rows under a caption."""

    caption: str
    rows: pd.DataFrame


class Figure(NamedTuple):
    """A drawing as an ``<svg>`` element, its caption, and what is seen in it in words."""

    caption: str
    svg: str
    seen: str


class Folded(NamedTuple):
    """Texts under a line that opens them: (label, text) each; they are somebody's, and bounded already."""

    summary: str
    texts: Sequence[tuple[str, str]]


class Section(NamedTuple):
    """A heading, paragraphs, figures, tables (those without rows are left out), folded texts."""

    title: str
    prose: Sequence[str]
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    folded: Sequence[Folded] = ()


# --- HTML -------------------------------------------------------------------------------------

STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
p, li { max-width: 42rem; }
.table { margin: 1.5rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
caption { caption-side: top; font-weight: 600; padding-bottom: 0.3rem; text-align: left; }
th, td { border-bottom: 1px solid #8886; padding: 0.2rem 0.7rem 0.2rem 0; text-align: left; }
th { vertical-align: bottom; }
td { vertical-align: top; }
td.long { max-width: 36rem; min-width: 12rem; overflow-wrap: anywhere; }
td.word { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
th.number { white-space: normal; }
figure { margin: 1.5rem 0; }
figure svg { background: white; height: auto; max-width: 100%; }
figcaption { font-size: 0.85rem; font-weight: 600; max-width: 42rem; }
details { border-bottom: 1px solid #8886; padding: 0.2rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
dt { font-weight: 600; margin-top: 0.5rem; }
dd { margin: 0; max-width: 60rem; overflow-wrap: anywhere; white-space: pre-wrap; }
@media print {
  @page { margin: 15mm; }
  :root { color-scheme: light; }
  body { font-size: 9pt; margin: 0; max-width: none; padding: 0; }
  nav { display: none; }
  .table { overflow: visible; }
  table { font-size: 7.5pt; }
  thead { display: table-header-group; }
  tr, figure, dl { break-inside: avoid; }
  h2, caption, summary { break-after: avoid; }
  details::details-content { content-visibility: visible; height: auto; }
}
"""
# Nothing may be loaded or run, whatever a text contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(title: str, parts: Sequence[Section]) -> str:
    """The document as one HTML page that loads nothing and follows the reader's dark mode."""
    contents = "".join(
        f'<li><a href="#part-{number}">{escape(part.title)}</a></li>\n'
        for number, part in enumerate(parts, 1)
    )
    numbers = _Numbers(count(1), count(1))
    body = "".join(_html_section(number, part, numbers) for number, part in enumerate(parts, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<nav>\n<ol>\n{contents}</ol>\n</nav>\n{body}</body>\n</html>\n"
    )


class _Numbers(NamedTuple):
    """The next numbers of tables and figures."""

    tables: Iterator[int]
    figures: Iterator[int]


def _html_section(number: int, part: Section, numbers: _Numbers) -> str:
    prose = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in part.prose)
    figures = "".join(_html_figure(figure, next(numbers.figures)) for figure in part.figures)
    tables = "".join(_html_table(table, next(numbers.tables)) for table in part.tables if len(table.rows))
    folded = "".join(map(_html_folded, part.folded))
    title = f"<h2>{escape(part.title)}</h2>\n"
    return f'<section id="part-{number}">\n{title}{prose}{figures}{tables}{folded}</section>\n'


def _html_figure(figure: Figure, number: int) -> str:
    svg = figure.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.seen)}" ', 1)
    caption = escape(f"Figure {number}. {figure.caption}")
    return f"<figure>\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>\n"


def _html_table(table: Table, number: int) -> str:
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in table.rows.dtypes]
    names = zip(table.rows, numeric, strict=True)
    head = "".join(f'<th scope="col"{_kind(number)}>{escape(name)}</th>' for name, number in names)
    rows = "".join(
        f"<tr>{''.join(map(_html_cell, row, numeric))}</tr>\n"
        for row in table.rows.itertuples(index=False, name=None)
    )
    caption = escape(f"Table {number}. {table.caption}")
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{caption}">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _html_cell(cell: object, number: bool) -> str:
    text = shown(cell)
    return f"<td{_kind(number, text)}>{escape(text)}</td>"


def _kind(number: bool, text: str = "") -> str:
    """The class of a cell, if any; only what has long words may be broken within one."""
    if number:
        return ' class="number"'
    if len(text) > SHORT:
        return ' class="long"'
    return ' class="word"' if max(map(len, text.split()), default=0) > LONG_WORD else ""


def _html_folded(folded: Folded) -> str:
    texts = "".join(
        f"<dt>{escape(spelled_out(label))}</dt>\n<dd>{escape(spelled_out(text, LAYOUT))}</dd>\n"
        for label, text in folded.texts
    )
    summary = escape(spelled_out(folded.summary))
    return f"<details>\n<summary>{summary}</summary>\n<dl>\n{texts}</dl>\n</details>\n"


# --- Markdown ---------------------------------------------------------------------------------


def as_markdown(title: str, parts: Sequence[Section]) -> str:
    """The document as Markdown with pipe tables; of a figure its caption and what is seen in it."""
    blocks, numbers = [f"# {marked(title)}"], _Numbers(count(1), count(1))
    for part in parts:
        blocks += [f"## {marked(part.title)}", *map(marked, part.prose)]
        for figure in part.figures:
            caption = f"**{marked(f'Figure {next(numbers.figures)}. {figure.caption}')}**"
            blocks.append(f"{caption} Drawn in the HTML form of this report. {marked(figure.seen)}")
        for table in part.tables:
            if len(table.rows):
                caption = f"Table {next(numbers.tables)}. {table.caption}"
                blocks += [f"**{marked(caption)}**", markdown.table(table.rows)]
        blocks += map(_markdown_folded, part.folded)
    return "\n\n".join(blocks) + "\n"


def _markdown_folded(folded: Folded) -> str:
    """A list item, with the texts in it on one line each."""
    lines = [f"- {marked(spelled_out(folded.summary))}"]
    lines += [
        f"  - {marked(spelled_out(label))}: {marked(spelled_out(text.replace(chr(10), ' ⏎ ')))}"
        for label, text in folded.texts
    ]
    return "\n".join(lines)
