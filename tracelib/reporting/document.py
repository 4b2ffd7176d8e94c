"""A document of sections with tables, figures and texts, as one HTML page or as Markdown.

The templates ``document.html`` and ``document.md`` hold the layout. Tables and figures are numbered in order.

Names, questions and outputs are untrusted text: they are escaped and bounded, and invisible characters are
spelled out.
"""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import pandas as pd

from tracelib.reporting import markdown, templating
from tracelib.reporting.writing import shown

SHORT = 45  # characters; a cell with more is laid out for sentences
LONG_WORD = 24  # characters; a longer word may be broken
MOST_ROWS = 1000  # of one table


class Table(NamedTuple):
    """Rows under a caption."""

    caption: str
    rows: pd.DataFrame


def first_rows(caption: str, rows: pd.DataFrame, most: int = MOST_ROWS) -> Table:
    """A table of bounded length that says how many rows there are."""
    if len(rows) <= most:
        return Table(caption, rows)
    return Table(f"{caption}; the first {most:,} of {len(rows):,} rows", rows.head(most))


class Figure(NamedTuple):
    """A caption, a drawing as an ``<svg>`` element, and a description of it in words."""

    caption: str
    svg: str
    seen: str


class Folded(NamedTuple):
    """Texts that are hidden until the reader opens the summary: (label, text) each, already bounded."""

    summary: str
    texts: Sequence[tuple[str, str]]


class Section(NamedTuple):
    """A heading, paragraphs, figures, tables and folded texts. Tables without rows are left out."""

    title: str
    prose: Sequence[str]
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    folded: Sequence[Folded] = ()


def as_html(title: str, parts: Sequence[Section]) -> str:
    """The document as one HTML page that loads nothing and follows the reader's dark mode."""
    return templating.render("document.html", title=title, parts=_numbered(parts), cells=_cells)


def as_markdown(title: str, parts: Sequence[Section]) -> str:
    """The document as Markdown with pipe tables. A figure is replaced by its caption and description."""
    return templating.render("document.md", title=title, parts=_numbered(parts), table=markdown.table)


def _numbered(parts: Sequence[Section]) -> list[Section]:
    """The sections without empty tables, and with a number before each caption."""
    tables, figures = count(1), count(1)
    return [
        part._replace(
            tables=[
                table._replace(caption=f"Table {next(tables)}. {table.caption}")
                for table in part.tables
                if len(table.rows)
            ],
            figures=[
                figure._replace(caption=f"Figure {next(figures)}. {figure.caption}")
                for figure in part.figures
            ],
        )
        for part in parts
    ]


class Cell(NamedTuple):
    """A cell's text, and its class in the style sheet, if any."""

    text: str
    kind: str


def _cells(rows: pd.DataFrame) -> tuple[list[Cell], list[list[Cell]]]:
    """The cells of the header, and those of each row."""
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in rows.dtypes]
    names = zip(rows, numeric, strict=True)
    head = [Cell(name, "number" if is_number else "") for name, is_number in names]
    return head, [list(map(_cell, row, numeric)) for row in rows.itertuples(index=False, name=None)]


def _cell(value: object, is_number: bool) -> Cell:
    """The cell of a value. Only a cell with long words may be broken within a word."""
    text = shown(value)
    if is_number:
        return Cell(text, "number")
    if len(text) > SHORT:
        return Cell(text, "long")
    return Cell(text, "word" if max(map(len, text.split()), default=0) > LONG_WORD else "")
