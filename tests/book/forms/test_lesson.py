"""The slides and the handout of the class."""

import re
from collections import Counter
from html import unescape

import pytest
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from tests.conftest import ROOT
from tracelib.book.forms import lesson, printing
from tracelib.scoring.class_set import cards

TEACHING = (ROOT / "book" / "teaching.md").read_text("utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The two pages, from the outcomes that ship with the package."""
    folder = tmp_path_factory.mktemp("class")
    return {path.stem: path for path in lesson.write(folder, folder / "no build")}


def text(page) -> str:
    without = re.sub(r"<(style|script|svg).*?</\1>", " ", page.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def test_a_board_has_the_four_counts_and_both_rates():
    board = lesson.Board(30, 10, 20, 40)
    assert board.joint.startswith("30.0% [")
    assert board.joint.endswith("of 100")
    assert board.given_right.startswith("75.0% [")
    assert board.given_right.endswith("of 40")
    assert board.given_wrong.startswith("33.3% [")
    assert lesson.Board(0, 0, 1, 1).given_right == "– of 0"


def test_the_board_of_the_cards_counts_the_verifier_s_verdicts():
    shown = cards(lesson.SET)
    fields = Counter((card.trace_right, card.right["answer"]) for card in shown)
    assert tuple(lesson.of_cards(shown)) == tuple(
        fields[field] for field in ((True, True), (True, False), (False, True), (False, False))
    )


def test_the_last_questions_and_their_key_are_those_of_the_page_for_teachers():
    page = " ".join(TEACHING.split())
    for number, (question, answer) in enumerate(lesson.EXIT.items(), 1):
        assert f"{number}. {question}" in page
        assert f"{number}. {answer}" in page


def test_the_slides_have_the_minutes_of_the_plan(written):
    planned = re.findall(r"^\| (\d+–\d+) \|", TEACHING, re.MULTILINE)
    shown = re.findall(r'class="minutes">(\d+–\d+)<', written["slides"].read_text("utf-8"))
    assert list(dict.fromkeys(shown)) == planned


def test_the_pages_show_the_released_counts_and_the_chapter_s_questions(written):
    slides, handout = (text(written[name]) for name in lesson.PAGES)
    assert "950 problems of CoTempQA" in slides
    assert lesson.Board(311, 5, 201, 433).given_right in slides  # as the explorer's test has them
    assert "In 316 the trace is right, in 512 the answer, in 311 both" in handout
    questions = lesson.questions("joint")
    assert len(questions) >= 3
    assert all(question in handout and answer in handout for question, answer in questions)
    for page in written.values():
        content = page.read_text("utf-8")
        assert "simulated" in content
        assert not re.search(r"None|\bnan\b|\{\{", content)
        assert not re.search(r"(src|href)=\"(?!#|data:)", content)  # nothing is loaded


def test_every_slide_fits_a_projector_and_keys_lead_through_them(written, chromium):
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=printing.OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith("http") and complaints.append(request.url))
        page.goto(written["slides"].as_uri())
        slides = page.locator(".slide").all()
        heights = [slide.bounding_box()["height"] for slide in slides]
        assert max(heights) <= 721, heights
        for _ in slides:  # one key too many stays on the last
            page.keyboard.press("ArrowRight")
        page.wait_for_function("scrollY + innerHeight > document.documentElement.scrollHeight - 2")
        browser.close()
    assert complaints == []


def test_on_paper_each_slide_has_a_page_and_the_handout_three(written, chromium, tmp_path):
    for name, page in written.items():
        printing.write(page, tmp_path / f"{name}.pdf")
    slides, handout = (PdfReader(tmp_path / f"{name}.pdf").pages for name in lesson.PAGES)
    assert len(slides) == written["slides"].read_text("utf-8").count('class="slide')
    assert len(handout) == 3
    assert [round(float(side) * 25.4 / 72) for side in handout[0].mediabox[2:]] == [210, 297]
    assert "Answers" in handout[2].extract_text()
    assert cards(lesson.BY_HAND)[0].problem.question.split()[3] in handout[0].extract_text()
