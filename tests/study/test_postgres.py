"""PostgreSQL behind a whole study: the journey, and a database that goes away."""

import pytest

from tests.study.conftest import ADMIN, Browser
from tracelib.study import app, materials, pages, store, tidy


@pytest.fixture
def kept(postgres, small):
    made = store.create(postgres.database(), small, lambda: materials.draw(small))
    yield made
    made.close()


def test_the_journey_and_its_data_are_those_of_sqlite(kept):
    browser = Browser(app.create(kept, ADMIN))
    browser.consent("/?PROLIFIC_PID=abc")
    assert browser.finish() == 6
    tables = tidy.tables(kept, ids=True)
    assert len(tables["answers"]) == 4 * 11 + 1
    assert list(tables["participants"]["state"]) == ["finished"]
    assert list(tables["ids"]["external"]) == ["abc"]


def test_a_database_that_goes_away_loses_nothing_that_was_acknowledged(postgres, kept):
    browser = Browser(app.create(kept, ADMIN))
    browser.consent()
    browser.answer()
    browser.answer()
    before, token, fields = browser.path, browser.token(), browser.fields()
    postgres.stop()
    try:
        away = browser.client.post(before, data={"token": token, **fields})
        assert away.status_code == 503
        assert "could not be stored" in away.text
    finally:
        postgres.start()
    browser.open("/next")
    assert browser.path == before
    browser.answer()
    assert browser.path == "/page/rating-3"
    assert len(kept.answers()) == 3


def test_a_database_that_goes_away_in_the_middle_of_a_submit_keeps_the_form(postgres, kept, monkeypatch):
    browser = Browser(app.create(kept, ADMIN))
    browser.consent()
    browser.answer()
    submit = store.Store.submit

    def cut(*args, **kwargs):
        postgres.stop()
        return submit(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "submit", cut)
        try:
            browser.answer(lambda name: "2")
        finally:
            postgres.start()
    assert browser.page.status_code == 503
    assert pages.NOT_STORED in browser.page.text
    assert 'value="2" required checked' in browser.page.text
    browser.answer(lambda name: "2")
    assert browser.path == "/page/rating-2"


def test_the_address_may_name_the_driver_or_not(postgres, small):
    url = postgres.database()
    made = store.create(
        url.replace("postgresql:", "postgresql+psycopg:"), small, lambda: materials.draw(small)
    )
    made.close()
    again = store.existing(url)
    assert again.study == small
    again.close()
