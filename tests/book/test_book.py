"""The smoke book: every notebook is executed, and every page is opened in a real browser."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
import turbohtml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader
from turbohtml import conformance

from tests.browser import ARGUMENTS, DESKTOP, PHONE, SEEN_WHOLE, TABLET, faults, opened, served
from tests.conftest import ROOT
from tests.test_repository import absences
from tracelib.book import build, publishing
from tracelib.book.forms import paper
from tracelib.cli.main import main
from tracelib.paper import claims

pytestmark = pytest.mark.slow
PAGES = [f"notebooks/{name}.html" for name in build.chapters()]
PAGES += [f"book/{path.stem}.html" for path in sorted((ROOT / "book").glob("*.md"))]


@pytest.fixture(scope="session")
def smoke() -> Path:
    """The folder of results of the smoke profile, built as a user would build it."""
    command = [sys.executable, "-m", "tracelib", "build", "smoke"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"the book: {ROOT / 'work' / 'smoke' / 'html' / 'index.html'}" in result.stdout
    for stage in ("data", "runs", "chapters", "explorer", "book", "this build took"):
        assert stage in result.stdout
    return ROOT / "work" / "smoke"


def test_every_notebook_is_executed_without_errors_or_warnings(smoke):
    executed = [*(smoke / "notebooks").glob("*.ipynb"), *(smoke / "experiments").glob("*.ipynb")]
    sources = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in executed} >= sources - {"experiment"}
    for path in executed:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                assert output.output_type != "error", path
                assert output.get("name") != "stderr", (path, output.get("text"))


def test_notebooks_in_git_have_no_outputs():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs"), path
            assert not cell.get("execution_count"), path


# Allowed: the level of an interval, names of models, and the paper's own figure in a quotation.
NOT_RESULTS = (
    r"(95%\s+(Wilson|Bonett-Price|t intervals?|intervals?|coverage)|a 95%|at\s+5%"
    r"|Qwen3-1\.7B|Llama-3\.[12]-\dB"
    r"|only for 28% test-set|only 28% of the time|is 28%\?|the 28%\?|is the 28% of the abstract\?)"
)


def test_prose_has_no_typed_results():
    """The notebooks' text has no typed percentage or decimal outside code: glue inserts them."""
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                text = re.sub(r"```.*?```|`[^`]*`", "", cell.source, flags=re.DOTALL)
                text = re.sub(NOT_RESULTS, "", text)
                assert re.findall(r"\d[\d.]*%|\d+\.\d+", text) == [], (path, text)


LIGHTHOUSE = "lighthouse@13.5.0"
FIRST_LOAD = 800_000  # bytes of the first page with all that it loads, compressed


class _Page(HTMLParser):
    def __init__(self, path: Path):
        super().__init__()
        self.links, self.ids, self.images, self.assets = [], set(), [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "img":
            self.images.append(found)
            self.assets.append(found["src"])
        if tag == "script" and found.get("src"):
            self.assets.append(found["src"])


def test_no_internal_link_or_file_is_broken(smoke):
    html = smoke / "html"
    pages = {path: _Page(path) for path in html.rglob("*.html") if "_static" not in path.parts}
    assert {str(path.relative_to(html)) for path in pages} >= set(PAGES)
    explorer = html / "book" / "explorer.html"
    explored = (html / "book" / "explorer" / "data" / "index.js").read_text("utf-8")
    for path, page in pages.items():
        for link in page.links + page.assets:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("https", "mailto"), (path, link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), (path, link)
            if target == explorer and parts.fragment.startswith("item="):
                assert unquote(parts.fragment).rpartition("/")[2] in explored, (path, link)
            elif parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, (path, link)


def test_a_page_downloads_its_notebook_without_outputs_and_has_no_buttons_without_a_repository(smoke):
    assert not os.environ.get(publishing.REPOSITORY)
    for name in build.chapters():
        page = (smoke / "html" / "notebooks" / f"{name}.html").read_text("utf-8")
        assert f'href="../_sources/notebooks/{name}.ipynb"' in page
        assert "mybinder.org" not in page
        offered = smoke / "html" / "_sources" / "notebooks" / f"{name}.ipynb"
        assert offered.read_bytes() == (ROOT / "notebooks" / f"{name}.ipynb").read_bytes()


def test_every_figure_is_drawn_and_has_a_text_for_those_who_cannot_see_it(smoke):
    for name in build.chapters():
        cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
        expected = sum(
            bool(re.search(r"figure\w*\.", cell.source)) and "mystnb" in cell.metadata for cell in cells
        )
        page = _Page(smoke / "html" / "notebooks" / f"{name}.html")
        drawn = [image for image in page.images if "_images" in image["src"]]
        assert len(drawn) == expected, name
        assert all(len(image.get("alt") or "") > 40 for image in drawn), name


def test_numbers_are_filled_in(smoke):
    for page in PAGES:
        text = (smoke / "html" / page).read_text("utf-8")
        for marker in (r"glue:", r"\{doc\}", r"\{cite", r"None (<span[^>]*>)?\[", r"(?<![\w-])[Nn]a[Nn]\b"):
            assert not re.search(marker, text), (page, marker)


def test_no_page_says_of_the_release_that_it_lacks_what_this_copy_lacks(smoke):
    for page in PAGES:
        text = unescape(re.sub(r"<[^>]+>", " ", (smoke / "html" / page).read_text("utf-8")))
        assert absences(text) == [], page


def test_every_page_opens_in_a_browser_without_complaint(smoke, chromium, tmp_path):
    with opened(chromium) as (page, complaints):
        page.on("request", lambda r: r.url.startswith("http") and complaints.append(f"{page.url} {r.url}"))
        for name in PAGES:
            page.goto((smoke / "html" / name).as_uri(), wait_until="load")
            assert page.locator("h1:visible").count() == 1, name
        page.set_viewport_size({"width": 390, "height": 844})
        for name in PAGES:
            page.goto((smoke / "html" / name).as_uri(), wait_until="load")
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wider <= 0, f"{name} scrolls sideways on a phone by {wider} px"
    assert complaints == []


def test_the_zip_opens_from_a_disk_in_an_empty_folder(smoke, chromium, tmp_path, capsys):
    assert main(["book", "zip", "smoke"]) == 0
    with zipfile.ZipFile(smoke / "reproducible-edition.zip") as archive:
        archive.extractall(tmp_path)
    (top,) = tmp_path.iterdir()
    with opened(chromium) as (page, complaints):
        here = top.as_uri()
        page.on("request", lambda r: r.url.startswith((here, "data:", "blob:")) or complaints.append(r.url))
        page.goto(f"{here}/index.html")
        page.wait_for_url("**/notebooks/index.html")
        for name in ("notebooks/joint", "book/teaching", "book/teaching/slides", "book/teaching/handout"):
            page.goto(f"{here}/{name}.html", wait_until="load")
            assert page.locator("h1:visible").count() >= 1, name
        page.goto(f"{here}/book/explorer.html")
        page.wait_for_selector("html[data-explorer=ready]")
        assert page.locator("#explorer-list a").count() > 0
    assert complaints == []


@pytest.mark.nightly
def test_the_whole_book_is_printed(smoke, chromium, capsys):
    assert main(["book", "pdf", "smoke"]) == 0
    read = PdfReader(smoke / "reproducible-edition.pdf")
    found = paper.places(smoke / "reproducible-edition.pdf")
    begins = [found[page.replace("/", "-").removesuffix(".html")] for page in PAGES]
    assert len(set(begins)) == len(PAGES)
    contents = " ".join(" ".join(page.extract_text().split()) for page in read.pages[1:3])
    assert all(str(number) in contents for number in begins)
    assert all(len(page.extract_text().split()) > 5 for page in read.pages)  # no sheet is empty


def test_every_page_is_valid_html(smoke):
    """Neither the HTML standard's parser nor its rules for authors (as in the Nu checker) find a fault."""
    found = []
    for path in (smoke / "html").rglob("*.html"):
        if "_static" in path.parts:  # templates that the theme leaves there
            continue
        page = turbohtml.parse(path.read_text("utf-8"))
        found += [(path.name, str(error)) for error in [*page.errors, *conformance.check(page).errors]]
    assert found == []


def axe_finds(html: Path, names: list[str], scheme: str, chromium: str) -> list[str]:
    found: list[str] = []
    with opened(chromium, viewport=DESKTOP, reduced_motion="reduce", color_scheme=scheme) as (page, _):
        for name in names:
            page.goto((html / name).as_uri())
            page.evaluate(SEEN_WHOLE)
            found += faults(page, [scheme])
    return found


def test_axe_finds_nothing_serious_on_any_page(smoke, chromium):
    assert axe_finds(smoke / "html", [*PAGES, "search.html", "genindex.html"], "light", chromium) == []


def test_axe_finds_nothing_serious_in_the_dark(smoke, chromium):
    """On a page of each kind; the nightly test takes them all."""
    names = [
        "notebooks/index",
        "notebooks/claims",
        "notebooks/conditions",
        "notebooks/joint",
        "book/explorer",
    ]
    assert axe_finds(smoke / "html", [f"{name}.html" for name in names], "dark", chromium) == []


@pytest.mark.nightly
def test_axe_finds_nothing_serious_on_any_page_in_the_dark(smoke, chromium):
    assert axe_finds(smoke / "html", [*PAGES, "search.html", "genindex.html"], "dark", chromium) == []


def test_the_first_page_comes_with_few_bytes(smoke, chromium):
    html = smoke / "html"
    with served(html) as address, opened(chromium, viewport=DESKTOP) as (page, complaints):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(unquote(urlsplit(request.url).path)[1:]))
        page.goto(address, wait_until="networkidle")
        assert page.url.endswith("/notebooks/index.html")
        files = {html / (path or "index.html") for path in asked if not path.startswith("image/")}
        assert complaints == []
    assert len(files) > 10
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < FIRST_LOAD


@pytest.mark.nightly
def test_lighthouse_finds_the_main_pages_fast_and_accessible(smoke, chromium):
    """Lighthouse's phone on a slow network; the figures go to a dated report in work/nightly."""
    if shutil.which("npx") is None:
        pytest.skip("no npx on this machine (Debian's package: npm)")
    report = ROOT / "work" / "nightly" / f"{date.today()}-lighthouse"
    report.mkdir(parents=True, exist_ok=True)
    scores = {}
    with served(smoke / "html") as address:
        for name in ("notebooks/index", "notebooks/joint", "book/explorer"):
            made = report / f"{Path(name).name}.json"
            command = ["npx", "--yes", LIGHTHOUSE, f"{address}/{name}.html", "--quiet", "--output=json"]
            command += ["--only-categories=performance,accessibility", f"--output-path={made}"]
            command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
            subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium})
            found = json.loads(made.read_text("utf-8"))["categories"]
            scores[name] = {category: round(100 * found[category]["score"]) for category in found}
    (report / "scores.json").write_text(json.dumps(scores, indent=1), "utf-8")
    assert all(score >= 95 for of_page in scores.values() for score in of_page.values()), scores


@pytest.mark.nightly
def test_the_main_pages_are_pictured_at_three_widths(smoke, chromium):
    """The pictures are for people to look at; no page of them scrolls sideways."""
    pictures = ROOT / "work" / "nightly" / f"{date.today()}-pages"
    for size in (DESKTOP, TABLET, PHONE):
        with opened(chromium, viewport=size, reduced_motion="reduce") as (page, _):
            for name in ("notebooks/index", "notebooks/joint", "notebooks/items", "book/explorer"):
                page.goto((smoke / "html" / f"{name}.html").as_uri())
                page.screenshot(path=pictures / f"{Path(name).name}-{size['width']}.png", full_page=True)
                wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert wider <= 0, (name, size)


def test_a_table_that_is_too_wide_scrolls_by_the_keyboard_and_says_what_it_is(smoke, chromium):
    with opened(chromium, viewport=PHONE) as (page, _):
        page.goto((smoke / "html" / "notebooks" / "joint.html").as_uri())
        wide = page.locator(".results[tabindex='0']")
        assert wide.count() > 0
        for table in wide.all():
            assert table.evaluate("table => table.scrollWidth > table.clientWidth")
            assert table.get_attribute("role") == "group"
            assert table.get_attribute("aria-label").startswith("Table, scrolls sideways: ")
        wide.first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_the_scoreboard_comes_first_and_fits_desktop_and_phone(smoke, chromium):
    of_paper = [claim for claim in claims.load() if not claim.is_of_referee]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((smoke / "html" / "notebooks" / "index.html").as_uri())
            board = page.locator(".scoreboard")
            edge = board.bounding_box()["x"] + board.bounding_box()["width"] + 1
            assert board.locator("tbody tr").count() == len(of_paper)
            top = board.bounding_box()["y"]
            assert top < min(
                element["y"]
                for element in map(box, page.locator("h2:visible, table.dataframe:visible").all())
            )
            if width == 1280:  # the first screen has the answer and the figure
                assert max(end(page.locator("h1 + dl")), end(page.locator("figure").first)) < 900
            for row in board.locator("tbody tr").all():
                cells = row.locator("td").all()
                assert (
                    max(cell["x"] + cell["width"] for cell in map(box, cells)) <= edge
                )  # nothing is cut off
                below = box(cells[1])["y"] > box(cells[0])["y"]
                assert below == (width == 390)  # stacked on the phone, side by side on the desk
        browser.close()


def test_the_explorer_shows_released_outcomes_and_the_book_s_own_runs(smoke, chromium):
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.goto((smoke / "html" / "book" / "explorer.html").as_uri())
        page.wait_for_selector("html[data-explorer=ready]")
        assert page.locator("#explorer-origin option").all_inner_texts() == ["all", "released", "replicated"]
        page.goto(page.url + "#dataset=cotempqa&model=Qwen3-1.7B&condition=correct&metric=official")
        page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('950 ')")
        cells = ("both-right", "trace-only", "answer-only", "both-wrong")
        assert [page.locator(f"#explorer-{cell}").inner_text() for cell in cells] == [
            "311",
            "5",
            "201",
            "433",
        ]
        page.goto(page.url.split("#")[0] + "#origin=replicated")
        page.wait_for_function("document.getElementById('explorer-origin').value === 'replicated'")
        page.locator("#explorer-list a").first.click()
        page.wait_for_selector("#explorer-problem:visible")
        assert page.locator(".facts li").count() == 5
        assert "made by a program" in page.locator("#explorer-problem").inner_text()
        browser.close()


def box(element) -> dict:
    return element.bounding_box()


def end(element) -> float:
    found = element.bounding_box()
    return found["y"] + found["height"]


def test_the_front_page_shows_the_main_table(smoke, chromium):
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.goto((smoke / "html" / "index.html").as_uri())
        page.wait_for_url("**/notebooks/index.html")
        table = page.locator("table.dataframe").first
        assert table.locator("tbody tr").count() == 11
        assert "82.6 [80.1, 84.9]" in table.inner_text()  # Llama-3.1-8B, correct traces, official
        sentence = page.locator("p", has_text="come out the same to the printed decimal").inner_text()
        assert "accuracies for 52 sets" in sentence
        assert "Of these, 52 come out" in sentence
        browser.close()
