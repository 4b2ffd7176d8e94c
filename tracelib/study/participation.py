"""The pages of a participant: consent, the pages of the plan in their order, withdrawal, debrief.

A participant is a signed cookie with a random code. Nothing is kept between requests but in the database, so
a restarted server goes on where the last one stopped.
"""

import logging
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from tracelib.study import forms, guard, pages, plan
from tracelib.study.guard import COOKIE, Signer
from tracelib.study.store import Participant, Store
from tracelib.study.web import Form, keep, to

EXTERNAL = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # the id that a platform gives
EXTERNAL_NAMES = ("PROLIFIC_PID", "participant", "external")  # its name in the study's address or form
PLANS = 2048  # plans that are kept, as making one takes milliseconds
AGREE = "Please agree first, or close this page."

log = logging.getLogger(__name__)


class Participation:
    """The routes of participants."""

    def __init__(self, store: Store, signer: Signer):
        self.store, self.study, self.signer = store, store.study, signer
        self.planned = lru_cache(PLANS)(lambda slot: plan.pages(store.study, store.materials, slot))

    def router(self) -> APIRouter:
        """The routes, to be included in the application."""
        router = APIRouter()
        router.get("/")(self.start)
        router.post("/consent")(self.consent)
        router.get("/next")(self.go_on)
        router.get("/page/{name}")(self.show)
        router.post("/page/{name}")(self.take)
        router.get("/withdraw")(self.ask_withdrawal)
        router.post("/withdraw")(self.withdraw)
        router.get("/done")(self.done)
        return router

    # --- Routes ---

    def start(self, request: Request) -> Response:
        """The first page; who has begun already goes on."""
        external = _external(request.query_params)
        person = self._participant(request)
        if person and external in (None, person.external):
            return to("/next")
        code = None if person else self._code(request)  # another person at the same browser has a new code
        return self._first_page(request, code or secrets.token_hex(16), external)

    def consent(self, request: Request, form: Form) -> Response:
        """Take the consent, and give a new participant a slot."""
        code, external = self._code(request) or "", _external(form)
        self._shown(code, form)
        if form.get("agree") != "yes":
            return self._first_page(request, code, external, AGREE)
        person = self.store.begin(code, external)
        return keep(to("/next"), request, self.signer, COOKIE, person.code)

    def go_on(self, request: Request) -> Response:
        """Send a participant to the page that comes next."""
        person = self._participant(request)
        if person is None:
            return to("/")
        at = None if person.withdrawn else self._current(person)
        return to("/done" if at is None else f"/page/{self.planned(person.slot)[at].name}")

    def show(self, request: Request, name: str) -> Response:
        """The page that comes next. Earlier pages (the back button) and later ones lead to it."""
        person = self._participant(request)
        if person is None:
            return to("/")
        at = self._place(person, name)
        if person.withdrawn or self._current(person) != at:
            return to("/next")
        return self._page(person, at)

    def take(self, request: Request, name: str, form: Form) -> Response:
        """Store a sent page, or show it again with what is missing. What was stored before stays."""
        person = self._participant(request)
        if person is None:
            raise HTTPException(403)
        at = self._place(person, name)
        values, errors = forms.read(self.study, self.planned(person.slot)[at], form)
        given = {"values": values, "errors": errors}
        try:
            when = self.signer.shown(person.code, form.get("token", ""))
            if self._current(person) != at:  # sent twice, or from an old tab
                return to("/next")
            if errors:
                return self._page(person, at, 422, **given)
            return self._stored(person, at, values, when)
        except guard.Forged:
            raise HTTPException(403) from None
        except guard.Expired:
            return self._page(person, at, 410, **given, notice=pages.EXPIRED)
        except SQLAlchemyError as error:
            log.error("an answer was not stored: %s", getattr(error, "orig", error))
            return self._page(person, at, 503, **given, notice=pages.NOT_STORED)

    def ask_withdrawal(self, request: Request) -> Response:
        """Ask whether all answers should be deleted."""
        person = self._participant(request)
        if person is None or person.withdrawn or person.finished:
            return to("/next")
        return HTMLResponse(pages.withdraw(self.study, self.signer.form(person.code)))

    def withdraw(self, request: Request, form: Form) -> Response:
        """Delete all answers of who has not finished."""
        person = self._participant(request)
        if person is None:
            raise HTTPException(403)
        self._shown(person.code, form)
        self.store.withdraw(person.code)
        return to("/next")

    def done(self, request: Request) -> Response:
        """The debrief."""
        person = self._participant(request)
        if person is None or not (person.withdrawn or person.finished):
            return to("/next")
        return HTMLResponse(pages.done(self.study, person.withdrawn))

    # --- Who, and where in the plan ---

    def _code(self, request: Request) -> str | None:
        return self.signer.read_cookie(COOKIE, request.cookies.get(COOKIE))

    def _participant(self, request: Request) -> Participant | None:
        code = self._code(request)
        return self.store.find(code) if code else None

    def _current(self, person: Participant) -> int | None:
        """The place of the page that a participant has to answer next; None at the end."""
        done = self.store.answered(person.code)
        places = enumerate(self.planned(person.slot))
        return next((at for at, page in places if page.name not in done), None)

    def _place(self, person: Participant, name: str) -> int:
        """The place of a page in a participant's plan; status 404 if it has no such page."""
        names = [page.name for page in self.planned(person.slot)]
        if name not in names:
            raise HTTPException(404)
        return names.index(name)

    def _shown(self, code: str, form: Mapping[str, str]) -> float:
        """When a sent form was shown; status 403 if its token is forged, 410 if it is too old."""
        try:
            return self.signer.shown(code, form.get("token", ""))
        except guard.Forged:
            raise HTTPException(403) from None
        except guard.Expired:
            raise HTTPException(410) from None

    # --- Answers ---

    def _first_page(self, request: Request, code: str, external: str | None, error: str = "") -> Response:
        made = pages.consent(self.study, self.signer.form(code), external, error)
        return keep(HTMLResponse(made, 422 if error else 200), request, self.signer, COOKIE, code)

    def _page(self, person: Participant, at: int, status: int = 200, **refused: object) -> Response:
        planned, token = self.planned(person.slot), self.signer.form(person.code)
        return HTMLResponse(
            pages.page(self.study, planned[at], at + 1, len(planned), token, **refused), status
        )

    def _stored(self, person: Participant, at: int, values: dict, when: float) -> Response:
        name, *following = [page.name for page in self.planned(person.slot)[at:]]
        stored = self.store.submit(person.code, name, values, when, last=not following)
        return to(f"/page/{following[0]}" if stored and following else "/next")


def _external(given: Mapping[str, str]) -> str | None:
    """The id that a platform gave with an address or a form; status 400 if it cannot be one."""
    found = next((given[name] for name in EXTERNAL_NAMES if given.get(name)), None)
    if found is not None and not EXTERNAL.fullmatch(found):
        raise HTTPException(400)
    return found
