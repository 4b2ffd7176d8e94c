import html
import io
import re
import time
import zipfile

import pytest
from sqlalchemy.exc import OperationalError

from tests.study.conftest import ADMIN, SMALL, Browser
from tracelib.study import app, config, guard, materials, pages, participation, store


def another(kept) -> Browser:
    return Browser(app.create(kept, ADMIN))


def test_the_whole_journey(browser, kept):
    browser.consent()
    assert browser.path == "/page/instructions"
    assert browser.finish() == 6
    assert browser.path == "/done"
    assert "https://app.prolific.com/submissions/complete?cc=ABC" in browser.page.text
    assert "ABC" in browser.page.text
    (person,) = kept.participants()
    assert person.finished
    assert len(kept.answers()) == 6


def test_every_answer_has_security_headers(browser):
    for path in ("/", "/static/study.css", "/nowhere", "/admin"):
        headers = browser.open(path).headers
        for name in guard.HEADERS:
            assert name in headers, (path, name)
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
    assert "strict-transport-security" not in browser.open("/").headers
    secure = browser.client.get("https://testserver/")
    assert "strict-transport-security" in secure.headers
    assert "Secure" in secure.headers["set-cookie"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser):
    cookie = browser.open("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_no_page_has_inline_script_or_style(browser):
    browser.consent()
    for _ in range(3):
        assert not re.search(r"<script(?! src)|style=|onclick|javascript:", browser.page.text)
        browser.answer()


def test_consent_must_be_given(browser, kept):
    browser.open()
    browser.send("/consent", external="")
    assert browser.page.status_code == 422
    assert participation.AGREE in browser.page.text
    assert kept.participants() == []


def test_missing_answers_are_named_and_given_ones_kept(browser, kept):
    browser.consent()
    browser.answer()
    given = browser.fields()
    del given["effort"]
    browser.send(browser.path, **given | {"coherent": "3"})
    assert browser.page.status_code == 422
    assert "Please choose an answer." in browser.page.text
    assert re.search(r'name="coherent" value="3" required checked', browser.page.text)
    assert "<title>Error: " in browser.page.text
    assert len(kept.answers()) == 1
    browser.answer()
    assert browser.path == "/page/rating-2"


def test_a_double_submit_and_a_back_button_change_nothing(browser, kept):
    browser.consent()
    browser.answer()
    old, token, fields = browser.path, browser.token(), browser.fields()
    browser.answer()
    again = browser.client.post(old, data={"token": token, **{name: "2" for name in fields}})
    assert again.url.path == "/page/rating-2"
    (stored,) = [answer for answer in kept.answers() if answer.page == "rating-1"]
    assert set(stored.values.values()) == {1}
    assert browser.open(old).url.path == "/page/rating-2"  # the back button


def test_pages_cannot_be_skipped(browser, kept):
    browser.consent()
    assert browser.open("/page/rating-3").url.path == "/page/instructions"
    sent = browser.client.post("/page/rating-3", data={"token": browser.token()})
    assert sent.url.path == "/page/instructions"
    assert kept.answers() == []
    assert browser.open("/done").url.path == "/page/instructions"
    assert browser.open("/page/rating-99").status_code == 404


def test_who_returns_goes_on_and_a_restarted_server_knows_everybody(browser, kept):
    browser.consent("/?PROLIFIC_PID=5f0c")
    browser.answer()
    browser.answer()
    assert browser.open("/").url.path == "/page/rating-2"
    restarted = another(kept)
    restarted.client.cookies = browser.client.cookies
    assert restarted.open("/").url.path == "/page/rating-2"
    elsewhere = another(kept)  # the same person in another browser
    assert elsewhere.consent("/?PROLIFIC_PID=5f0c").url.path == "/page/rating-2"
    assert len(kept.participants()) == 1


def test_two_consents_at_once_are_one_participant(browser, kept):
    browser.open()
    for _ in range(2):
        browser.client.post("/consent", data={"token": browser.token(), "agree": "yes"})
    assert len(kept.participants()) == 1


def test_another_person_at_the_same_browser_is_another_participant(browser, kept):
    browser.consent("/?PROLIFIC_PID=one")
    browser.consent("/?PROLIFIC_PID=two")
    assert [person.external for person in kept.participants()] == ["one", "two"]
    assert [person.slot for person in kept.participants()] == [0, 1]


@pytest.mark.parametrize("given", ["x" * 65, "<script>", "a b", "%00", "ü", "x" * 10_000])
def test_ids_that_cannot_be_ids_are_refused(browser, kept, given):
    page = browser.open(f"/?PROLIFIC_PID={given}")
    assert page.status_code in (400, 414)
    assert "<h1>This link is" in page.text
    assert kept.participants() == []


def test_forged_and_expired_tokens_are_refused(browser, kept, monkeypatch):
    browser.consent()
    forged = browser.client.post("/page/instructions", data={"token": "x.y"})
    other = another(kept)
    other.open()
    stolen = browser.client.post("/page/instructions", data={"token": other.token()})
    none = browser.client.post("/page/instructions")
    for page in (forged, stolen, none):
        assert page.status_code == 403
        assert "This form cannot be taken" in page.text
    token, now = browser.token(), time.time()
    monkeypatch.setattr(guard.time, "time", lambda: now + guard.FORM_AGE + 1)
    late = browser.client.post("/page/instructions", data={"token": token})
    assert late.status_code == 410
    assert html.escape(pages.EXPIRED) in late.text
    assert kept.answers() == []
    withdrawal = browser.client.post("/withdraw", data={"token": token})
    assert withdrawal.status_code == 410
    assert "This page was open for too long" in withdrawal.text
    browser.open("/next")
    assert browser.answer().url.path == "/page/rating-1"


def test_a_forged_cookie_is_nobody(browser, kept):
    browser.consent()
    browser.client.cookies.clear()
    browser.client.cookies.set("participant", "WyJwYXJ0aWNpcGFudCIsImEiXQ.forged")
    assert browser.open("/page/rating-1").url.path == "/"
    assert browser.client.post("/page/instructions", data={"token": "x"}).status_code == 403


def test_markup_in_free_text_and_traces_stays_text(load, tmp_path):
    evil = "<script>alert(1)</script>{{ 7 * 7 }}"
    study = load(SMALL)
    drawn = materials.draw(study)
    rated = [
        one.__class__(**{**vars(one), "texts": {kind: evil for kind in one.texts}}) for one in drawn.rated
    ]
    drawn = materials.Materials(tuple(rated), (), drawn.origin)
    kept = store.create(f"sqlite:///{tmp_path}/evil.sqlite", study, lambda: drawn)
    browser = another(kept)
    browser.consent()
    browser.answer()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in browser.page.text
    while browser.path != "/page/comment":
        browser.answer()
    browser.send("/page/comment", comment=evil * 100)  # too long: it is shown again
    assert browser.page.status_code == 422
    assert evil not in browser.page.text
    browser.send("/page/comment", comment=evil)
    assert kept.answers()[-1].values == {"comment": evil}


def test_large_bodies_and_too_many_fields_are_refused(browser, kept):
    browser.consent()
    large = browser.client.post("/page/instructions", data={"token": browser.token(), "x": "y" * 70_000})
    assert large.status_code == 413

    def chunks():
        yield b"token=a&x="
        yield b"y" * 70_000

    assert browser.client.post("/page/instructions", content=chunks()).status_code == 413
    many = "&".join(f"f{number}=1" for number in range(200))
    assert browser.client.post("/page/instructions", content=many).status_code == 400
    assert browser.client.put("/page/instructions").status_code == 405
    assert kept.answers() == []


def test_a_rate_that_nobody_reads_at_is_refused(kept, monkeypatch):
    monkeypatch.setattr(guard, "KNOWN", (5, 0.001))
    monkeypatch.setattr(guard, "UNKNOWN", (7, 0.001))
    browser = another(kept)
    codes = [browser.client.get("/next").status_code for _ in range(12)]
    assert codes[0] == 200
    assert codes[-1] == 429
    assert browser.page is None or "Too many" in browser.page.text


def test_withdrawal_deletes_the_answers_and_ends_the_study(browser, kept):
    browser.consent()
    browser.answer()
    browser.answer()
    browser.open("/withdraw")
    assert len(kept.answers()) == 2
    browser.send("/withdraw")
    assert "Your answers are deleted" in browser.page.text
    assert kept.answers() == []
    assert browser.open("/").url.path == "/done"
    (person,) = kept.participants()
    assert person.withdrawn
    old = browser.client.post("/page/rating-1", data={"token": "x"})
    assert old.status_code == 403
    assert kept.answers() == []


def test_who_has_finished_cannot_withdraw(browser, kept):
    browser.consent()
    browser.finish()
    assert browser.open("/withdraw").url.path == "/done"
    assert len(kept.answers()) == 6


def test_a_database_that_fails_loses_nothing_that_was_written(browser, kept, monkeypatch):
    browser.consent()
    browser.answer()

    def full(*args, **kwargs):
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "submit", full)
        browser.answer(lambda name: "2")
        assert browser.page.status_code == 503
        assert pages.NOT_STORED in browser.page.text
        assert re.search(r'name="effort" value="2" required checked', browser.page.text)
    assert len(kept.answers()) == 1
    browser.answer(lambda name: "2")
    assert browser.path == "/page/rating-2"
    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "find", full)
        assert "could not be stored" in browser.open("/next").text


def test_an_unexpected_error_is_a_page(browser, monkeypatch):
    monkeypatch.setattr(pages, "consent", lambda *args: 1 / 0)
    page = browser.open("/")
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "ZeroDivision" not in page.text


# --- For whoever has the token ----------------------------------------------------------------


def test_answers_are_shown_only_with_the_token(browser):
    assert "The token that" in browser.open("/admin").text
    for path in ("/admin/live", "/admin/export.zip"):
        assert browser.open(path).status_code == 403, path
        wrong = {"Authorization": "Bearer wrong"}
        assert browser.client.get(path, headers=wrong).status_code == 403
        right = {"Authorization": f"Bearer {ADMIN}"}
        assert browser.client.get(path, headers=right).status_code == 200
    assert "This is not the token" in browser.client.post("/admin", data={"token": "wrong"}).text
    assert browser.client.post("/admin", data={"token": ADMIN}).url.path == "/admin"
    assert browser.open("/admin/live").status_code == 200
    assert ADMIN not in str(browser.client.cookies)


def test_the_archive_has_every_table(browser):
    browser.consent()
    browser.finish()
    browser.client.post("/admin", data={"token": ADMIN})
    archive = zipfile.ZipFile(io.BytesIO(browser.open("/admin/export.zip").content))
    expected = {"answers", "participants", "materials", "questions", "comments", "codebook"}
    assert set(archive.namelist()) == {*(f"{name}.csv" for name in expected), "study.json"}
    assert (
        len(archive.read("answers.csv").splitlines()) == 1 + 4 * 11 + 1
    )  # items and comprehension; one check


def test_the_preview_and_the_code_to_join_are_there_only_if_asked_for(kept):
    plain, full = another(kept), Browser(app.create(kept, ADMIN, "http://join/", b"<svg/>", "every page"))
    for path in ("/preview", "/join.svg"):
        assert plain.open(path).status_code == 404
        assert full.open(path).status_code == 200


def test_the_title_of_each_shipped_study_is_on_its_first_page(tmp_path):
    for name in ("trust", "classroom"):
        study = config.load(name).study
        kept = store.create(
            f"sqlite:///{tmp_path}/{name}.sqlite", study, lambda study=study: materials.draw(study)
        )
        browser = another(kept)
        browser.consent()
        assert browser.finish() == (18 if name == "trust" else 13)
