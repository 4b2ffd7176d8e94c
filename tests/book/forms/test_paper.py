"""The whole book as one page, and as a PDF: on a small built book."""

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tracelib.book.forms import built, paper, printing
from tracelib.core.errors import InputError

HEAD = '<html><head><link rel="stylesheet" href="../_static/x.css?v=1"></head><body><nav>MENU</nav>'
FIRST = """<article class="bd-article"><section id="one"><h1>One &amp; all
<a class="headerlink" href="#one">#</a></h1>
<p>See <a href="two.html">two</a>, <a href="two.html#part">its part</a>, <a href="#one">above</a>,
<a href="../_sources/one.ipynb">a file</a> and <a href="https://example.org/x">a site</a>.</p>
<div class="cell"><details class="admonition hide above-input"><summary>Show</summary>
<pre>CODE</pre></details>
<div class="cell_output"><figure><img alt="a" src="../_images/a.png"></figure></div></div>
<div class="cell"><div class="cell_output"><p>{long}</p></div></div>
</section></article>"""
SECOND = """<article class="bd-article"><section id="two"><h1>Two</h1><section id="part"><h2>Part</h2>
<details class="sd-dropdown"><summary>Why?</summary><p>BECAUSE</p></details><script>evil()</script>
<div class="explorer"><p>needs JavaScript</p></div></section></section></article>"""


@pytest.fixture
def html(tmp_path, monkeypatch):
    """A book of two pages."""
    monkeypatch.setattr(built, "contents", lambda: [("", ["pages/one"]), ("Later", ["pages/two"])])
    monkeypatch.setattr(built, "settings", lambda: {"title": "Title: sub", "author": "A", "copyright": ""})
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.html").write_text(HEAD + FIRST.format(long="word " * paper.MOST))
    (tmp_path / "pages" / "two.html").write_text(HEAD + SECOND)
    return tmp_path


def test_all_pages_are_one_and_links_stay_within_it(html):
    page = BeautifulSoup(paper.whole(paper.collected(html), {"pages-one": 3, "pages-two": 4}), "html.parser")
    entries = page.select(".toc-page li")
    assert [entry.get_text(" ", strip=True) for entry in entries] == ["One & all 3", "Two 4"]
    assert page.select_one(".toc-page .part").get_text() == "Later"
    links = [link["href"] for link in page.select("main a")]
    assert links == ["#pages-two", "#pages-two--part", "#pages-one--one", "https://example.org/x"]
    places = {tag["id"] for tag in page.find_all(id=True)}
    assert {link[1:] for link in links if link[0] == "#"} <= places
    assert page.img["src"] == (html / "_images" / "a.png").as_uri()
    assert page.link["href"] == (html / "_static" / "x.css").as_uri()


def test_what_is_folded_is_open_and_what_needs_a_screen_is_left_out(html):
    page = BeautifulSoup(paper.whole(paper.collected(html), {}), "html.parser")
    text = page.main.get_text()
    assert "BECAUSE" in text
    assert all(folded.has_attr("open") for folded in page.select("details"))
    for absent in ("CODE", "MENU", "evil", "needs JavaScript", "word word", "#"):
        assert absent not in text
    assert text.count(paper.NOT_ON_PAPER) == 2


def test_a_page_that_is_missing_is_named(html):
    (html / "pages" / "two.html").unlink()
    with pytest.raises(InputError, match="the built book has no page pages/two"):
        paper.whole(paper.collected(html), {})


def test_the_pdf_states_the_pages_of_the_chapters_and_has_its_outline(html, chromium, tmp_path):
    out = tmp_path / "book.pdf"
    assert paper.write(html, out) == 4  # title, contents, and the two pages
    read = PdfReader(out)
    assert read.metadata.title == "Title: sub"
    words = [" ".join(page.extract_text().split()) for page in read.pages]
    assert "One & all 3" in words[1]
    assert "Two 4" in words[1]
    assert words[3].startswith("4 Two")  # after the number of the page
    assert paper.places(out)["pages-two--part"] == 4
    assert "Two" in {entry.title for entry in read.outline if not isinstance(entry, list)} | {
        entry.title for part in read.outline if isinstance(part, list) for entry in part
    }


def test_without_chromium_there_is_one_clear_line(monkeypatch, tmp_path):
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="a PDF needs Chromium, and there is no program chromium"):
        printing.write(tmp_path / "page.html", tmp_path / "page.pdf")
    assert list(tmp_path.iterdir()) == []
