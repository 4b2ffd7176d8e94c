"""Every text of a document is escaped, in every part of the page."""

from html.parser import HTMLParser

import pandas as pd
import pytest
from jinja2 import UndefinedError

from tracelib.reporting import document, templating
from tracelib.reporting.document import Figure, Folded, Section, Table

SCRIPT = "<script>alert('x')</script>"
SVG = '<svg width="1"><text>drawn</text></svg>'


class Texts(HTMLParser):
    """The tags of a page, and its texts and attributes as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.texts += [value for _, value in attrs]

    def handle_data(self, data):
        self.texts.append(data)


def sections(text):
    """A document with this text in each of its parts."""
    return [
        Section(
            f"{text} title",
            [f"{text} paragraph"],
            [
                Table("empty", pd.DataFrame({"a": []})),
                Table(f"{text} of the table", pd.DataFrame({f"{text} column": [f"{text} cell"]})),
            ],
            [Figure(f"{text} of the figure", SVG, f"{text} seen")],
            [Folded(f"{text} summary", [(f"{text} label", f"{text}\n\ttext")])],
        )
    ]


PLACES = (
    *("page", "title", "paragraph", "column", "cell", "seen", "summary", "label"),
    *("of the table", "of the figure"),
)


def test_a_script_is_text_wherever_it_stands():
    page = Texts(document.as_html(f"{SCRIPT} page", sections(SCRIPT)))
    assert "script" not in page.tags
    for place in PLACES:
        assert [text for text in page.texts if text.endswith(f"{SCRIPT} {place}")], place
    assert f"{SCRIPT}\n\ttext" in page.texts
    written = document.as_markdown(f"{SCRIPT} page", sections(SCRIPT))
    assert "<script" not in written
    assert written.count("&lt;script") == len(PLACES) + 1  # and the text under its label


def test_captions_have_numbers_and_tables_without_rows_are_left_out():
    page = document.as_html("t", [*sections("a"), *sections("b")])
    assert page.count("<table>") == 2
    for caption in ("Table 1. a of", "Table 2. b of", "Figure 1. a of", "Figure 2. b of"):
        assert caption in page
    assert "empty" not in page


def test_a_drawing_is_kept_and_has_a_description():
    assert '<svg role="img" aria-label="x seen" width="1"><text>drawn</text></svg>\n' in document.as_html(
        "t", sections("x")
    )


def test_only_cells_with_long_words_are_broken_within_one():
    rows = pd.DataFrame({"n": [1], "sentence": ["a " * 30], "word": ["w" * 25], "short": ["s"]})
    _, (row,) = document._cells(rows)
    assert [cell.kind for cell in row] == ["number", "long", "word", ""]


def test_a_missing_value_of_a_template_is_an_error():
    with pytest.raises(UndefinedError):
        templating.render("document.html", title="t")
