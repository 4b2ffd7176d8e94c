import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.reports import CELLS, as_html, as_markdown, parts, prose, run, table, task
from tracelib.core.errors import InputError
from tracelib.datasets import release_files
from tracelib.reporting import audit_report as report
from tracelib.reporting import document, writing
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output

VOID = ("meta", "br", "hr", "img", "link", "input")
HOSTILE = (
    "<script>alert(1)</script>",
    "a|b||c",
    "two\nlines\r\n\u2028three",
    "abc\u202edcb\u200f\u2066",
    "\x1b[31mred\x00\x07",
    "</td></table><h1>x</h1>",
    "\"' onload=alert(1) x='\" &amp; &#60;b&#62;",
    "[text](javascript:alert(1)) ![i](http://a/b) [r][s] <http://c>",
    "`code` *a* __b__ ~~c~~ $d$ \\| \\\\",
    "x" * 5000,
    "",
)


class Page(HTMLParser):
    """The elements of a page in order, and the texts of its cells. Every element must be closed in turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.cells = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def markdown_rows(text):
    """The cells of every table row; a backslash keeps a pipe in its cell."""
    return [re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_sections_are_in_order_and_name_the_input(tmp_path):
    path = tmp_path / "o.jsonl"
    path.write_text("{}")
    found = report.sections(score(run(["A+"] * 3)), [path, tmp_path / "gone"])
    assert [part.title for part in found] == [
        "In short",
        "What was read",
        "Accuracy of answers and steps",
        "Trace and answer together",
        "Conditions compared on the same items",
        "Items",
        "Items that flip",
        "How to read it",
        "For a paper",
    ]
    assert "read 3 outputs of 1 run (a run: a dataset, model, condition and seed) on 3 distinct" in prose(
        found
    )
    known, gone = table(found, "Files")
    assert (known["file"], known["bytes"]) == (str(path), "2")
    assert known["SHA-256"].startswith("44136fa355b3678a")
    assert gone["file"] == str(tmp_path / "gone")
    assert pd.isna(gone["bytes"])


def test_tables_and_figures_are_numbered_in_their_order():
    text = as_html(parts(run(CELLS), run(CELLS[::-1], condition="vanilla")))
    captions = re.findall(r"<caption>Table (\d+)\. ", text)
    assert captions == [str(number) for number in range(1, len(captions) + 1)]
    assert re.findall(r"<figcaption>Figure (\d+)\. ", text) == ["1"]


@pytest.mark.parametrize(
    "runs",
    [
        [run(["A+"])],
        [run(["T+A+"])],
        [run(["T-A-"], seed=3), run(["T+A+"])],
        [run(["A+", "A-"], condition="a"), run(["A+"], condition="b", first=9)],
        [run(CELLS), run(["T+A-"], category="during", first=90)],
        [run(CELLS, seed=1), run(CELLS, seed=10), run(CELLS[::-1], condition="vanilla", seed=1)],
        [run(CELLS), [replace(o, problem=replace(o.problem, id=f"x{o.problem.id}")) for o in run(CELLS)]],
        [[Output(task(1, "where", "babi"), "<answer>Gamma</answer>")]],
        [[Output(task(1, "where", "marco"), "no")], run(["T+A+", "A-"])],
    ],
)
def test_no_cell_shows_nan(runs):
    found = parts(*runs)
    for text in (as_html(found), as_markdown(found)):
        assert not re.search(r"\b(?:nan|NaN|None|NA|inf|Infinity)\b", text)
    Page(as_html(found))


def test_long_lists_say_how_much_they_leave_out():
    n = document.MOST_ROWS + 9
    found = parts(run(["A+"] * n, condition="a"), run(["A-"] * n, condition="b"))
    assert len(table(found, "Items that flip; the first 1,000 of 1,009 rows")) == document.MOST_ROWS
    errors = [InputError(f"reason {number}", "f", number) for number in range(30)]
    found = report.sections(score(run(["A+"])), left_out=errors)
    assert "30 lines could not be read and were left out." in prose(found)
    rows = table(found, "Lines left out; the first 20 of 30 rows")
    assert rows[0] == {"where, and what was wrong": "f:0: reason 0"}
    one = report.sections(score(run(["A+"])), left_out=errors[:1])
    assert "1 line could not be read and was left out." in prose(one)


def test_too_many_runs_or_categories_for_a_report():
    many = [output for n in range(report.MOST_RUNS + 1) for output in run(["A+"], model=str(n))]
    with pytest.raises(InputError, match=r"201 runs .*, expected at most 200 in a report"):
        parts(many)
    pairs = [output for n in range(46) for output in run(["A+"], condition=str(n))]
    with pytest.raises(InputError, match="1,035 pairs of conditions, expected at most 1,000"):
        parts(pairs)
    categories = [Output(task(n, f"c{n}", "babi"), "x") for n in range(report.MOST_CATEGORIES + 1)]
    with pytest.raises(InputError, match="101 categories, expected at most 100"):
        parts(categories)


def test_the_same_outputs_give_the_same_report():
    given = run(CELLS, condition="a") + run(CELLS[::-1], condition="b")
    assert as_html(parts(given)) == as_html(parts(given))


# --- Renderers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile():
    runs = [
        run(["T+A+", "A-"], model=name, condition=condition)
        for name in HOSTILE
        for condition in (name, "second")
    ]
    for one in runs:
        one[0] = replace(one[0], problem=replace(one[0].problem, id=HOSTILE[0]))
    error = InputError(HOSTILE[0], "a|b\n.jsonl", 3)
    outcomes = score([output for one in runs for output in one])
    return report.sections(outcomes, ["<b>|\udcff\n.jsonl"], [error])


def test_hostile_names_are_text_in_html(hostile):
    text = as_html(hostile)
    without, drawings = re.subn(r"<svg .*?</svg>", "", text, flags=re.DOTALL)
    assert drawings == 1
    page = Page(without)
    known = {"html", "head", "meta", "title", "style", "body", "h1", "nav", "ol", "li", "a", "section"}
    known |= {"h2", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert set(page.tags) == known | {"figure", "figcaption"}
    names = {name for name, _ in page.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "href", "id", "class"} | {
        "role",
        "tabindex",
        "aria-label",
        "scope",
    }
    assert all(value.startswith("#part-") for name, value in page.attributes if name == "href")
    assert all(character.isprintable() or character == "\n" for character in text)
    for name in HOSTILE:
        assert writing.shown(name) in page.cells
    assert "two\\u000alines\\u000d\\u000a\\u2028three" in page.cells
    assert "abc\\u202edcb\\u200f\\u2066" in page.cells
    assert "<b>|\\udcff\\u000a.jsonl" in page.cells
    assert max(map(len, page.cells)) < 1000
    text.encode("utf-8")


def test_a_script_in_an_output_a_name_or_a_file_is_text(tmp_path):
    script = "<script>alert('x')</script>"
    given = [replace(o, prediction=f"{script} {o.prediction}") for o in run(["A+"], script, f"a {script}")]
    given += run(["A-"], script, f"b {script}")
    texts = dict(enumerate(given)).__getitem__
    found = report.sections(
        score(given), [tmp_path / script], texts=lambda rows: {row: texts(row) for row in rows}
    )
    html, markdown = as_html(found), as_markdown(found)
    assert {script, f"a {script}", f"b {script}", str(tmp_path / script)} <= set(Page(html).cells)
    assert "the whole output</dt>\n<dd>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; " in html
    assert "the whole output: &lt;script>alert('x')&lt;/script> " in markdown
    assert "<script" not in html + markdown


def test_hostile_names_are_text_in_markdown(hostile):
    text = as_markdown(hostile)
    assert all(character.isprintable() or character == "\n" for character in text)
    widths = [len(row) for row in markdown_rows(text)]
    tables_ = [t for part in hostile for t in part.tables if len(t.rows)]
    assert widths == [t.rows.shape[1] for t in tables_ for _ in range(len(t.rows) + 2)]
    assert not re.search(r"<[^ ]", text)
    assert "](" not in text
    assert "http://" not in text
    assert " a\\|b\\|\\|c " in text
    assert "\\`code\\` \\*a\\* \\_\\_b\\_\\_" in text


@given(name=st.text(), other=st.text())
def test_any_name_is_one_cell_of_its_text(name, other):
    rows = pd.DataFrame([{"model": name, "condition": other, "n": 1}])
    found = [document.Section("t", ["p"], [document.Table("c", rows)])]
    assert Page(as_html(found)).cells[3:] == [writing.shown(name), writing.shown(other), "1"]
    assert [len(row) for row in markdown_rows(as_markdown(found))] == [3] * 3


def test_hostile_names_are_text_in_the_figure(hostile):
    text = as_html(hostile)
    (drawn,) = re.findall(r"<svg .*?</svg>", text, flags=re.DOTALL)
    page = Page(drawn)
    assert set(page.tags) <= {"svg", "defs", "style", "g", "path", "use", "text", "clippath", "rect", "tspan"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(value.startswith("#") for name, value in page.attributes if name.endswith("href"))
    assert "$d$" in drawn  # not a formula
    assert dict(page.attributes)["role"] == "img"
    assert dict(page.attributes)["aria-label"].startswith("Points with intervals, in percent. run 1: answer")


# --- Files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out", "out.pdf", "out.html.txt", ".html", "out.markdown", "html"])
def test_other_suffixes_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"expected one that ends in \.html, \.htm or \.md"):
        report.checked(tmp_path / name)


@pytest.mark.parametrize(("name", "start"), [("o.HTML", "<!DOCTYPE"), ("o.htm", "<!DOCTYPE"), ("o.md", "# ")])
def test_the_suffix_chooses_the_format(tmp_path, name, start):
    report.write(tmp_path / "new" / name, parts(run(["A+"])))
    text = (tmp_path / "new" / name).read_text(encoding="utf-8")
    assert text.startswith(start)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_inputs_and_folders_are_not_overwritten(tmp_path):
    given, link, folder = tmp_path / "in.md", tmp_path / "link.md", tmp_path / "folder.md"
    given.write_text("mine")
    link.symlink_to(given)
    folder.mkdir()
    for path in (given, link, tmp_path / "." / "folder.md" / ".." / "in.md"):
        with pytest.raises(InputError, match="is one of the files to read"):
            report.checked(path, [tmp_path / "none", given])
    with pytest.raises(InputError, match="is a folder"):
        report.checked(folder)
    assert report.checked(given) == given


def test_a_report_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "out.md"
    path.write_text("old")

    def fail(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        report.write(path, parts(run(["A+"])))
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["out.md"]


# --- The release ------------------------------------------------------------------------------

# Percent of 950, by model and condition. Since answers are found by `tracelib.traces.answers`, 24 outputs
# of 10,450 have another verdict than before (docs/answer-changes.csv): an answer after the thought, in a box
# or behind the last of several labels is read (20 right), ’ is ', <span> is no part of a name (2 right,
# "incorrect");
# an answer inside the thought is none (1 wrong, Llama "correct"), "None" after "The answer is" is one (1).
CORRECTED = {
    ("Llama-3.1-8B-Instruct", "vanilla"): "77.6",
    ("Llama-3.1-8B-Instruct", "correct"): "74.9",
    ("Llama-3.1-8B-Instruct", "incorrect"): "76.5",
    ("Llama-3.2-1B-Instruct", "prompted"): "12.0",
    ("Llama-3.2-1B-Instruct", "vanilla"): "41.8",
    ("Llama-3.2-1B-Instruct", "correct"): "39.7",
    ("Llama-3.2-1B-Instruct", "incorrect"): "38.3",
    ("Qwen3-1.7B", "prompted"): "8.5",
    ("Qwen3-1.7B", "vanilla"): "52.7",
    ("Qwen3-1.7B", "correct"): "46.6",
    ("Qwen3-1.7B", "incorrect"): "43.4",
}


def test_the_release_has_its_corrected_accuracies(release_root, tmp_path):
    names = release_files.available(release_files.names(release_files.OUTPUTS))
    files = [release_files.locate(name) for name in names if name.startswith("main/")]
    found = report.sections(score(outputs.read(*files)), files)
    rows = table(found, "Metric corrected: percent")
    accuracy = {
        (row["model"], row["condition"]): row["answer"].split()[0] for row in rows if row["category"] == "all"
    }
    assert accuracy == CORRECTED
    assert {row["repeated"] for row in table(found, "Runs") if row["condition"] == "prompted"} == {252}
    assert len(table(found, "Files")) == len(files)
    rates = {(row["model"], row["condition"]): row for row in table(found, "Metric official: cells")}
    assert rates["Qwen3-1.7B", "correct"]["P(T and A)"].startswith(f"{100 * 311 / 950:.1f} ")
    for name in ("r.html", "r.md"):
        report.write(tmp_path / name, found)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert all(f"{figure} [" in text for figure in CORRECTED.values())


# --- In a browser -----------------------------------------------------------------------------


def test_the_page_fits_a_screen_of_960_pixels_and_prints(chromium, tmp_path):
    from playwright.sync_api import sync_playwright

    runs = [
        run(CELLS, model=model, condition=condition, seed=seed)
        for model in ("Qwen3-1.7B", "Llama-3.2-1B-Instruct")
        for condition in ("vanilla", "correct", "simulated-explanation")
        for seed in (1, 2)
    ]
    given_ = [output for one in runs for output in one]
    given_[3] = replace(given_[3], prediction="<answer>['Beta']</answer>")
    found = report.sections(
        score(given_),
        ["a/long/path/to/outputs-of-the-run.jsonl"],
        texts=lambda rows: {r: given_[r] for r in rows},
    )
    report.write(tmp_path / "r.html", found)
    complaints = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 960, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith("http") and complaints.append(request.url))
        page.goto((tmp_path / "r.html").as_uri())
        wider = page.eval_on_selector_all(
            ".table",
            "found => found.filter(t => t.scrollWidth > t.clientWidth)"
            ".map(t => [t.getAttribute('aria-label'), t.scrollWidth - t.clientWidth])",
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 960
        assert page.locator("figure svg text").count() > 12
        assert page.locator("details").count() == 1
        assert not page.locator("dd").first.is_visible()
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        browser.close()
    assert wider == []
    assert complaints == []
