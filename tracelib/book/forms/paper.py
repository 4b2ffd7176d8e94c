"""The whole book for paper: all pages of the built book as one page of HTML, and that page as a PDF.

Chromium draws the PDF twice. The first gives the pages on which chapters begin, which the contents of the
second state. Links between pages of the book become links within the PDF.
"""

import tempfile
from collections.abc import Iterator, Mapping
from copy import copy
from itertools import zip_longest
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

from tracelib import __version__
from tracelib.book.forms import built, printing, templating
from tracelib.core.errors import InputError

MOST = 60_000  # characters of one output on paper; longer ones are lists to search in
UPRIGHT = 140  # characters of a table's columns that fit on a sheet
CELL = 24  # characters after which the text of a cell breaks
NOT_ON_PAPER = "[Left out on paper: this part is interactive, or long. It is in the HTML edition.]"
# What only works on a screen, marks beside headings, and the code of cells.
LEFT_OUT = ("script", "style", "link", "noscript", "a.headerlink", ".sd-summary-state-marker")
LEFT_OUT += ("details.above-input", ".cell_input", "details.hide > summary")
ON_SCREEN = ("iframe", ".explorer")
REFERRING = ("aria-labelledby", "aria-describedby", "for", "headers")


def write(html: Path, out: Path) -> int:
    """Write the PDF of a built book.

    Returns:
        The number of its pages.
    """
    content = collected(html)
    with tempfile.TemporaryDirectory() as folder:
        page, pdf = Path(folder, "book.html"), Path(folder, "book.pdf")
        page.write_text(whole(content, {}), encoding="utf-8")
        printing.write(page, pdf)
        page.write_text(whole(content, places(pdf)), encoding="utf-8")
        printing.write(page, out)
    return len(PdfReader(out).pages)


def places(pdf: Path) -> dict[str, int]:
    """The page, from 1, on which each named place of a PDF lies."""
    reader = PdfReader(pdf)
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}
    named = reader.named_destinations.items()
    return {name.removeprefix("/"): numbers[found.page.idnum] for name, found in named}


def whole(content: Mapping[str, object], numbers: Mapping[str, int]) -> str:
    """The book as one page: a title page, the contents, and the text of every page, each on a new sheet.

    Args:
        content: from `collected`.
        numbers: the PDF's page of each place, for the contents; places without one have none.
    """
    return templating.render("paper.html", numbers=numbers, **content)


def collected(html: Path) -> dict[str, object]:
    """What the one page shows, from the pages of a built book; `InputError` if one of them is missing."""
    html, parts = Path(html).resolve(), built.contents()
    pages = {name: html / f"{name}.html" for _, names in parts for name in names}
    if missing := [name for name, page in pages.items() if not page.is_file()]:
        raise InputError(f"the built book has no page {missing[0]}", html)
    texts = {name: _text(name, page, pages) for name, page in pages.items()}
    titles = {name: text.h1.get_text() for name, text in texts.items()}
    first = next(iter(pages.values()))
    return {
        "settings": built.settings(),
        "version": __version__,
        "styles": list(_styles(first)),
        "parts": [(caption, [(_place(name), titles[name]) for name in names]) for caption, names in parts],
        "texts": {_place(name): str(text) for name, text in texts.items()},
    }


def _styles(page: Path) -> Iterator[str]:
    """The addresses of the style sheets of a page."""
    for link in BeautifulSoup(page.read_text("utf-8"), "html.parser").select("head link[rel=stylesheet]"):
        yield _file(page, link["href"]).as_uri()


def _file(page: Path, address: str) -> Path:
    return Path(normpath(page.parent / unquote(urlsplit(address).path)))


def _place(name: str, anchor: str = "") -> str:
    """The name, within the whole book, of a page or of a place on it."""
    return "--".join(filter(None, (name.replace("/", "-"), anchor)))


def _text(name: str, page: Path, pages: Mapping[str, Path]) -> Tag:
    """The text of one page, for paper: folded parts open, and its links and names those of the whole book."""
    text = BeautifulSoup(page.read_text("utf-8"), "html.parser").select_one("article.bd-article")
    _leave_out_long(text)
    for tag in text.select(", ".join(LEFT_OUT)):
        tag.decompose()
    for folded in text.select("details"):
        folded["open"] = ""
        if "hide" in folded.get("class", ()):  # a cell's output, whose line said what a press does
            folded.unwrap()
    for table in filter(_is_wide, text("table")):
        table["class"] = [*table.get("class", []), "wide"]
    for tag in text.find_all(id=True):
        tag["id"] = _place(name, tag["id"])
    for attribute in REFERRING:
        for tag in text.find_all(**{attribute: True}):
            tag[attribute] = " ".join(_place(name, word) for word in str(tag[attribute]).split())
    for image in text.select("img[src]"):
        image["src"] = _file(page, image["src"]).as_uri()
    for link in text.select("a[href]"):
        _point(link, name, page, pages)
    return text


def _leave_out_long(text: Tag) -> None:
    """Put a sentence in the place of what only works on a screen, and of outputs that are too long."""
    note = BeautifulSoup(f"<p class='not-on-paper'>{NOT_ON_PAPER}</p>", "html.parser").p
    for output in text.find_all(class_="cell_output"):
        if output.find("script") or len(output.get_text()) > MOST:
            output.replace_with(copy(note))
    for tag in text.select(", ".join(ON_SCREEN)):
        tag.replace_with(copy(note))


def _is_wide(table: Tag) -> bool:
    """Whether a table needs a sheet of its own, on its side: by the characters of its columns."""
    columns = zip_longest(*([_width(cell) for cell in row(["td", "th"])] for row in table("tr")), fillvalue=0)
    return sum(max(column) + 2 for column in columns) > UPRIGHT


def _width(cell: Tag) -> int:
    """The characters that a cell needs on a line: headings break between words, long texts anywhere."""
    text = cell.get_text(strip=True)
    longest = max(map(len, text.split()), default=0) if cell.name == "th" else len(text)
    return min(longest, CELL)


def _point(link: Tag, name: str, page: Path, pages: Mapping[str, Path]) -> None:
    """Point a link at its place in the whole book. A link to a file that is not in it becomes plain text."""
    parts = urlsplit(link["href"])
    if parts.scheme:
        return
    target = _file(page, link["href"]) if parts.path else page
    found = next((other for other, file in pages.items() if file == target), None)
    if found:
        link["href"] = f"#{_place(found, unquote(parts.fragment))}"
    else:
        link.unwrap()
