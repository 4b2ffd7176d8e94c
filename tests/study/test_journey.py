"""The journey in a real browser: phone and desktop, with and without JavaScript, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE, faults, opened
from tests.study.conftest import ADMIN, SMALL

pytestmark = pytest.mark.slow
TRUST = """\
trust:
  assignment: within
  arms: {none: alone, trace: with its trace, explanation: explained, both: explained twice}
  pages: 8
  problems: 8
  text: Do you accept it?
  accept: I accept it
  reject: I reject it
  confidence: {text: 'How sure are you?', scale: sureness}
"""
PAGES = 4 + 8 + 2


def answer(page: Page) -> None:
    """Choose the second answer of every question of the page."""
    for question in page.locator("fieldset").all():
        question.locator("label").nth(1).click()


def press(page: Page, name: str = "Continue") -> None:
    """Press a button, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def agree(page: Page, address: str) -> None:
    page.goto(f"{address}/?PROLIFIC_PID=abc")
    page.locator("input[name=agree]").check()
    press(page, "Begin")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_participant_goes_through_the_whole_study(run, chromium, size, script):
    server = run(SMALL + TRUST)
    with opened(chromium, viewport=size, java_script_enabled=script, has_touch=size is PHONE) as (page, said):
        agree(page, server.address)
        for number in range(1, PAGES + 1):
            assert page.get_by_text(f"Page {number} of {PAGES}").is_visible()
            assert page.locator("h1:visible").count() == 1
            wide = max(box.bounding_box()["width"] for box in page.locator("fieldset, .trace, button").all())
            assert wide <= size["width"]
            for choice in page.locator("fieldset label").all():
                assert choice.bounding_box()["height"] >= 44 or size is DESKTOP  # wide enough for a thumb
            answer(page)
            press(page)
        assert page.get_by_role("heading", name="You have finished").is_visible()
        link = page.get_by_role("link", name="Back to Prolific")
        assert link.get_attribute("href") == "https://app.prolific.com/submissions/complete?cc=ABC"
        assert said == []
    assert len(server.store.answers()) == PAGES
    (person,) = server.store.participants()
    assert (person.external, bool(person.finished)) == ("abc", True)


def test_the_keyboard_alone_is_enough(run, chromium):
    server = run()
    with opened(chromium, viewport=DESKTOP) as (page, said):

        def tab_to(selector: str) -> None:
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate("s => document.activeElement.matches(s)", selector):
                    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                    assert ring != "none"  # the focus can be seen
                    return
            raise AssertionError(f"{selector} is not reached by the keyboard at {page.url}")

        page.goto(server.address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        tab_to("input[name=agree]")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        for _ in range(5):
            page.wait_for_selector("progress")
            before = page.url
            for name in dict.fromkeys(
                r.get_attribute("name") for r in page.locator("input[type=radio]").all()
            ):
                tab_to(f"input[name={name}]")
                page.keyboard.press("Space")
                page.keyboard.press("ArrowDown")
                assert page.locator(f"input[name={name}]").nth(1).is_checked()
            tab_to("button")
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url, before=before: url != before)
        tab_to("textarea")
        page.keyboard.type("Clear.")
        tab_to("button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done")
        assert said == []


def test_missing_answers_are_named_without_script_and_by_the_browser(run, chromium):
    server = run()
    with opened(chromium, java_script_enabled=False) as (page, _):
        agree(page, server.address)
        press(page)
        before = page.url
        page.get_by_role("button", name="Continue").click()
        assert page.url == before  # the browser asks for the answers
        # Browsers without such checks send the form; the server names what is missing.
        form = page.content().replace(" required", "")
        assert form.count('type="radio"') > 40
        page.route(
            "**/page/*",
            lambda route: route.fulfill(body=form, content_type="text/html; charset=utf-8"),
            times=1,
        )
        page.goto(before)
        page.locator("fieldset").first.locator("label").nth(1).click()
        press(page)
        summary = page.get_by_role("alert")
        assert "Not sent yet" in summary.inner_text()
        assert page.title().startswith("Error: ")
        assert page.locator("fieldset").first.locator("input").nth(1).is_checked()
        summary.get_by_role("link").first.click()
        assert page.url.split("#")[1] == "rating-1-comprehensible" or "check" in page.url
        answer(page)
        press(page)
        assert page.url.endswith("rating-2")


def test_two_tabs_the_back_button_and_a_reload(run, chromium):
    server = run()
    with opened(chromium, viewport=DESKTOP) as (page, _):
        agree(page, server.address)
        press(page)
        other = page.context.new_page()
        other.goto(page.url)
        for tab in (page, other):  # both send the same page
            tab.bring_to_front()
            answer(tab)
            press(tab)
            assert tab.url.endswith("/page/rating-2")
        page.reload()
        page.go_back()
        assert page.get_by_text("Page 3 of 6").is_visible()
        page.goto(server.address)
        assert page.url.endswith("/page/rating-2")
    assert [stored.page for stored in server.store.answers()] == ["instructions", "rating-1"]


def test_axe_finds_nothing_serious_on_any_page_light_or_dark(run, chromium):
    server = run(SMALL + TRUST)
    found: list[str] = []
    with opened(chromium, viewport=DESKTOP, reduced_motion="reduce", bypass_csp=True) as (page, _):
        page.goto(server.address)
        found += faults(page)
        agree(page, server.address)
        for number in range(PAGES):
            if number < 8 or number == PAGES - 1:  # by then every kind of page was seen
                found += faults(page)
            answer(page)
            press(page)
        found += faults(page)
        page.goto(f"{server.address}/nowhere")
        found += faults(page)
        page.goto(f"{server.address}/admin")
        found += faults(page)
        page.get_by_label(re.compile("The token")).fill(ADMIN)
        press(page, "Show")
        assert page.get_by_role("table").count() > 5
        found += faults(page)
    assert found == []


def test_the_teachers_page_follows_the_class(run, chromium):
    server = run()
    with opened(chromium, viewport=DESKTOP) as (teacher, said):
        teacher.goto(f"{server.address}/admin")
        teacher.get_by_label(re.compile("The token")).fill(ADMIN)
        press(teacher, "Show")
        assert teacher.get_by_text("0 begun, 0 finished").is_visible()
        pupil = teacher.context.browser.new_context().new_page()
        agree(pupil, server.address)
        press(pupil)
        answer(pupil)
        press(pupil)
        teacher.get_by_text("1 begun, 0 finished").wait_for(timeout=15_000)  # without a reload
        assert teacher.locator("svg.bar rect").count() > 0
        assert said == []
