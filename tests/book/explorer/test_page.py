"""The pages of the explorer and the calculator in a real browser, opened from a disk."""

import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from tests.book.explorer.made import STRANGE, pages, source
from tests.browser import ARGUMENTS
from tracelib.book.explorer.explained import explain
from tracelib.datasets import twins as generated
from tracelib.stats.association import two_by_two

READY = "html[data-explorer=ready]"
MODELS = ("made-model", "other-model")
RUNS = ("correct", "both-wrong", "vanilla")


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages over six runs on 24 problems, of which the last has strange texts."""
    problems = generated.generate("cotempqa", 24, 5, 5)
    runs = [source(problems, condition, model) for model in MODELS for condition in RUNS]
    runs.append(source(problems[-1:] * len(STRANGE), "strange", texts=list(STRANGE.values())))
    return pages(tmp_path_factory.mktemp("pages"), runs, most=20_000)


class Page:
    """An open page; every complaint of the browser and every request to a server is kept."""

    def __init__(self, browser, **options):
        self.complaints = []
        self.page = browser.new_page(**options)
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda r: r.url.startswith("http") and self.complaints.append(r.url))

    def open(self, folder, address: str = "", name: str = "explorer"):
        self.page.goto("about:blank")
        self.page.goto((folder / f"{name}.html").as_uri() + address)
        self.page.wait_for_selector(READY if name == "explorer" else "#calculator-all:visible")
        return self.page


@pytest.fixture
def opened(browser):
    page = Page(browser)
    yield page
    page.page.close()
    assert page.complaints == []


def count(page) -> str:
    return page.locator("#explorer-count").inner_text()


def test_all_outcomes_are_there_in_pages_of_ten(opened, folder):
    page = opened.open(folder)
    assert count(page) == "150 of 150 outcomes"
    assert page.locator("#explorer-list a").count() == 10
    assert page.locator("#explorer-page").inner_text() == "page 1 of 15"
    page.click("#explorer-after")
    page.wait_for_url("**#page=2")
    assert page.locator("#explorer-list").get_attribute("start") == "11"


def test_filters_narrow_the_list_and_the_four_counts(opened, folder):
    page = opened.open(folder)
    page.select_option("#explorer-model", "made-model")
    page.select_option("#explorer-condition", "both-wrong")
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('24 ')")
    cells = [
        page.locator(f"#explorer-{name}").inner_text() for name in ("both-right", "answer-only", "both-wrong")
    ]
    assert cells == ["0", "24", "0"]
    page.click("#explorer-both-right")
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('0 ')")
    assert page.locator("#explorer-both-right").get_attribute("aria-pressed") == "true"
    page.click("#explorer-clear")
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('150 ')")
    page.select_option("#explorer-verdict", "unread")
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('54 ')")


def test_search_finds_the_words_of_a_question_in_any_order(opened, folder):
    problem = generated.generate("cotempqa", 24, 5, 5)[3]
    page = opened.open(folder)
    page.fill("#explorer-q", " ".join(reversed(problem.question.upper().split())))
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('6 ')")
    assert page.locator("#explorer-list .question").first.inner_text() == problem.question
    page.fill("#explorer-q", "no question has these words")
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('0 ')")
    page.fill("#explorer-q", problem.content)
    page.wait_for_function("document.getElementById('explorer-count').textContent.startsWith('6 ')")


def test_a_link_opens_the_same_outcome_again(opened, folder):
    problem = generated.generate("cotempqa", 24, 5, 5)[2]
    page = opened.open(folder, "#condition=both-wrong&model=other-model&page=1")
    page.locator("#explorer-list a").nth(2).click()
    page.wait_for_selector("#explorer-problem:visible")
    again = opened.open(folder, page.evaluate("location.hash"))
    shown = again.locator("#explorer-problem")
    assert shown.locator("h2").inner_text() == problem.question
    assert again.evaluate("document.activeElement.id") == "explorer-problem"
    assert shown.locator(".facts li").count() == len(problem.facts)
    gold = [
        number
        for number, line in enumerate(shown.locator(".facts li").all())
        if "gold" in line.locator(".tag").all_inner_texts()
    ]
    assert gold == list(problem.supporting)
    first, *beside = shown.locator(".outcome:visible").all()
    assert first.locator("h3").inner_text() == "both-wrong: other-model, seed 1"
    assert {card.locator("h3").inner_text() for card in beside} == {
        "correct: other-model, seed 1", "vanilla: other-model, seed 1",
    }  # fmt: skip
    assert first.locator(".verdict").all_inner_texts() == [
        "Step 1, category: wrong",
        "Step 2, facts: wrong",
        "Answer, corrected: right",
    ]
    assert first.locator("mark.fact.wrong").count() >= 1
    assert "Gold, but not cited" in first.inner_text()
    shown.locator("summary", has_text="more outcomes").click()
    again.wait_for_function("document.querySelectorAll('.outcome').length === 6")


def test_the_outcomes_of_the_list_can_be_read_one_after_the_other(opened, folder):
    page = opened.open(folder, "#condition=correct&model=made-model")
    page.locator("#explorer-list a").last.click()
    page.wait_for_selector("#explorer-problem:visible")
    page.get_by_role("button", name="Next of the list").click()
    page.wait_for_url("**&page=2*")
    assert page.locator("#explorer-list a[aria-current]").count() == 1
    eleventh = generated.generate("cotempqa", 24, 5, 5)[10]
    page.wait_for_function(
        f"document.querySelector('#explorer-title').textContent.includes({eleventh.question!r})"
    )
    page.go_back()
    page.wait_for_url("**#condition=correct&model=made-model&item=*")


def test_all_of_it_works_with_the_keyboard_alone(opened, folder):
    page = opened.open(folder)
    page.focus("#explorer-q")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#explorer-list') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#explorer-problem:visible")
    assert page.evaluate("document.activeElement.id") == "explorer-problem"
    named = page.evaluate(
        "[...document.querySelectorAll('.explorer :is(input, select, button, a)')]"
        ".filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).length"
    )
    assert named == 0


@pytest.mark.parametrize("name", STRANGE)
def test_a_model_s_text_stays_text(opened, folder, name):
    page = opened.open(folder, "#condition=strange")
    page.locator("#explorer-list a").first.click()
    page.wait_for_selector("#explorer-problem:visible")
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.wait_for_function("document.querySelectorAll('.written').length >= 9")
    plain = "[...document.querySelectorAll('.written')].map(e => { const own = e.cloneNode(true);"
    plain += " own.querySelectorAll('.unseen').forEach(s => s.remove()); return own.textContent; })"
    assert STRANGE[name] in page.evaluate(plain)
    assert page.title() == "Book"
    assert page.locator(".explorer img, .explorer script, .explorer h1").count() == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "#model=No-Such-Model",
            "asks for the model “No-Such-Model”, which this build does not have; it is left open",
        ),
        ("#verdict=%3Cb%3E", "asks for the verdict “<b>”"),
        (
            "#item=cotempqa-twin/ffffffffffff",
            "names the problem “cotempqa-twin/ffffffffffff”, which this build does",
        ),
        ("#item=%E0%A4%A", "which this build does not have"),
        ("#page=-3&zzz=x", "has a part “zzz”, which means nothing here"),
    ],
)
def test_a_link_that_was_edited_by_hand_is_answered_in_words(opened, folder, address, words):
    page = opened.open(folder, address)
    assert words in page.locator("#explorer-message").inner_text()
    assert page.locator("#explorer-list a").count() == 10


def test_a_run_that_does_not_answer_the_problem_is_named(opened, folder):
    problem = generated.generate("cotempqa", 24, 5, 5)[0]
    page = opened.open(folder, f"#item=cotempqa-twin/{problem.content}&run=replicated/none")
    assert (
        "names the run “replicated/none”, which has no outcome on this"
        in page.locator("#explorer-message").inner_text()
    )
    assert page.locator("#explorer-title").inner_text() == problem.question


def test_a_missing_or_damaged_file_is_named(browser, folder, tmp_path_factory):
    problem = generated.generate("cotempqa", 24, 5, 5)[0]
    broken = pages(tmp_path_factory.mktemp("broken"), [source([problem], "correct")])
    data = broken / "explorer" / "data"
    address = f"#item=cotempqa-twin/{problem.content}"
    whole = (data / "texts-000.js").read_text("utf-8")
    page = Page(browser)
    for content, words in (
        (None, "explorer/data/texts-000.js, beside this page, is missing"),
        (whole[: len(whole) // 2], "texts-000.js, beside this page, is damaged"),
        (whole.replace('"build":"', '"build":"x'), "texts-000.js, beside this page, is from another build"),
    ):
        (data / "texts-000.js").unlink(missing_ok=True)
        if content:
            (data / "texts-000.js").write_text(content, encoding="utf-8")
        shown = page.open(broken, address)
        assert words in shown.locator("#explorer-message").inner_text()
        assert shown.locator("#explorer-list a").count() == 1
    (data / "index.js").unlink()
    page.page.goto((broken / "explorer.html").as_uri())
    page.page.wait_for_function("document.getElementById('explorer-needs').textContent.includes('index.js')")
    assert "is missing" in page.page.locator("#explorer-needs").inner_text()
    page.page.close()


def test_without_javascript_the_pages_say_what_they_need(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("explorer", "calculator"):
        page.goto((folder / f"{name}.html").as_uri())
        assert page.locator(f"#{name}-needs").is_visible()
        assert "needs JavaScript" in page.locator(f"#{name}-needs").inner_text()
        assert not page.locator(f"#{name}-all").is_visible()
    context.close()


def test_a_phone_shows_everything_without_scrolling_sideways(browser, folder):
    page = Page(browser, viewport={"width": 390, "height": 844})
    shown = page.open(folder, "#condition=strange")
    shown.locator("#explorer-list a").first.click()
    shown.wait_for_selector("#explorer-problem:visible")
    shown.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    shown = page.open(folder, "#258,201,254,237", "calculator")
    assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.page.close()


def test_thirty_thousand_outcomes(browser, tmp_path):
    """Prints how long the page takes to open and to filter; the bounds are wide, for slow machines."""
    one = source(generated.generate("cotempqa", 1500, 9, 5), "correct")
    known = {output.problem: explain(output) for output in one.outputs}
    runs = []
    for model in (f"model-{number}" for number in range(20)):
        said = [replace(output, model=model) for output in one.outputs]
        rows = one.outcomes.assign(model=model)
        runs.append(replace(one, outcomes=rows, outputs=said, explain=lambda output: known[output.problem]))
    folder = pages(tmp_path, runs)
    size = sum(path.stat().st_size for path in (folder / "explorer" / "data").iterdir())
    page = Page(browser)
    begun = time.perf_counter()
    shown = page.open(folder)
    opening = time.perf_counter() - begun
    assert count(shown) == "30,000 of 30,000 outcomes"
    inside = shown.evaluate(
        """() => new Promise(done => {
            const begun = performance.now();
            addEventListener("hashchange", () => done(performance.now() - begun), { once: true });
            location.hash = "#q=the&verdict=both-right&model=model-7";
        })"""
    )
    begun = time.perf_counter()
    shown.locator("#explorer-list a").last.click()
    shown.wait_for_selector("#explorer-problem:visible")
    item = time.perf_counter() - begun
    index = (folder / "explorer" / "data" / "index.js").stat().st_size
    print(
        f"\n30,000 outcomes: opened in {opening:.2f} s, searched and filtered in {inside:.0f} ms, "
        f"a problem in {item:.2f} s; index {index / 1e6:.2f} MB, all files {size / 1e6:.1f} MB"
    )
    assert opening < 20
    assert inside < 2000
    assert page.complaints == []
    page.page.close()


# --- The calculator ---------------------------------------------------------------------------

TABLES = [
    (258, 201, 254, 237), (311, 5, 201, 433), (27, 0, 11, 82), (1, 2, 3, 4), (0, 5, 5, 0), (5, 0, 0, 5),
    (0, 0, 3, 4), (3, 4, 0, 0), (3, 0, 4, 0), (0, 3, 0, 4), (0, 0, 0, 0), (50, 50, 50, 50),
    (100000, 1, 1, 100000), (7000, 2500, 6900, 2600), *product((0, 1, 7), repeat=4),
]  # fmt: skip


def test_the_calculator_gives_the_numbers_of_the_library(opened, folder):
    page = opened.open(folder, name="calculator")
    found = page.evaluate("tables => tables.map(table => calculator.twoByTwo(...table))", TABLES)
    for table, row in zip(TABLES, found, strict=True):
        expected = two_by_two(*table)
        for name in ("joint", "given_right", "given_wrong", "trace_given_answer", "difference", "odds_ratio"):
            assert_same(row[name], expected[name], ("estimate", "low", "high"), 1e-9, (table, name))
        assert_same(row["chi_square"], expected["chi_square"], ("statistic", "p", "p_exact"), 1e-12, table)


def assert_same(given: dict | None, wanted: dict, names: tuple[str, ...], tolerance: float, where) -> None:
    """Numbers agree to six digits and more; where the library has none, the page has none."""
    expected = [np.nan if wanted[name] is None else wanted[name] for name in names]
    found = [given[name] if given else np.nan for name in names]
    assert found == pytest.approx(expected, rel=1e-6, abs=tolerance, nan_ok=True), where


def test_typed_counts_sliders_and_links_change_everything_at_once(opened, folder):
    page = opened.open(folder, "#258,201,254,237", "calculator")
    assert page.locator("#calculator-a").input_value() == "258"
    assert "27.2 [24.4, 30.1]" in page.locator("#calculator-figures").inner_text()
    assert page.locator("#calculator-joint-words").inner_text() == (
        "In 27.2% of all 950 outputs, trace and answer are both right. Of the 459 right traces, 56.2% have a "
        "right answer; of the 491 wrong ones, 51.7%."
    )
    page.fill("#calculator-b", "0")
    assert "Of the 258 right traces, 100.0%" in page.locator("#calculator-joint-words").inner_text()
    assert page.url.endswith("#258,0,254,237")
    assert "one half is added to each" in page.locator("#calculator-figures").inner_text()
    page.focus("#calculator-a-slider")
    page.keyboard.press("ArrowRight")
    assert page.locator("#calculator-a").input_value() == "259"
    page.fill("#calculator-c", "many")
    assert (
        "“wrong trace, right answer”: expected a whole number"
        in page.locator("#calculator-message").inner_text()
    )
    page.fill("#calculator-c", "3")
    assert not page.locator("#calculator-message").is_visible()


def test_counts_without_a_right_trace_have_no_odds_ratio_and_say_so(opened, folder):
    page = opened.open(folder, "#0,0,3,4", "calculator")
    assert page.locator("#calculator-figures").inner_text().count("there is none: no right trace") == 3
    assert (
        "No trace is right; of the 7 wrong ones, 42.9%."
        in page.locator("#calculator-joint-words").inner_text()
    )


@pytest.mark.parametrize("address", ["#1,2,3", "#1,2,3,-4", "#a,b,c,d", "#1,2,3,99999999"])
def test_a_wrong_link_to_the_calculator_is_answered_in_words(opened, folder, address):
    page = opened.open(folder, address, "calculator")
    assert "should end with four whole numbers" in page.locator("#calculator-message").inner_text()


def test_the_explorer_s_counts_go_to_the_calculator(opened, folder):
    page = opened.open(folder, "#condition=both-wrong")
    page.click("#explorer-calculate")
    page.wait_for_selector("#calculator-all:visible")
    assert [page.locator(f"#calculator-{name}").input_value() for name in "abcd"] == ["0", "0", "48", "0"]


def test_a_run_can_be_chosen_to_begin_with(opened, folder):
    page = opened.open(folder, name="calculator")
    page.wait_for_function("document.getElementById('calculator-preset').options.length > 1")
    page.select_option("#calculator-preset", index=1)
    page.wait_for_url("**#24,0,0,0")
