"""The web application of a study: server-rendered pages that need no JavaScript.

A participant is a signed cookie with a random code. Nothing is kept between requests but in the database, so
a restarted server goes on where the last one stopped.
"""

import hashlib
import logging
import re
import secrets
from functools import lru_cache
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as AnyHTTPException

from tracelib.study import export, forms, guard, live, pages, plan
from tracelib.study.guard import ADMIN_COOKIE, COOKIE, Signer
from tracelib.study.store import Participant, Store

EXTERNAL = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # the id that a platform gives
EXTERNAL_NAMES = ("PROLIFIC_PID", "participant")  # its name in the study's address
DAYS = 30  # for which a browser keeps the cookie
MOST_FIELDS = 100
AGREE = "Please agree first, or close this page."
WRONG_TOKEN = "This is not the token."

log = logging.getLogger(__name__)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a sent form; status 413 if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > guard.LARGEST_BODY:
            raise HTTPException(413)
    try:
        return dict(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        )
    except ValueError:
        raise HTTPException(400) from None


Form = Annotated[dict[str, str], Depends(read_form)]


def create(
    store: Store, admin_token: str, join: str = "", code_svg: bytes = b"", preview: str = ""
) -> guard.Guard:
    """The application of a study.

    Args:
        admin_token: opens the answers.
        join: the address that the teacher's page shows, with its QR code; empty for none.
        code_svg: the QR code of that address.
        preview: the page with every page of the study; empty for none.
    """
    study, signer = store.study, Signer(store.secret)
    admitted = hashlib.sha256(admin_token.encode()).hexdigest()  # in the cookie of who had the token
    app = FastAPI(title=study.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=pages.STATIC))

    @lru_cache(maxsize=2048)
    def planned(slot: int) -> list[plan.Page]:
        return plan.pages(study, store.materials, slot)

    def current(person: Participant) -> tuple[int, plan.Page] | None:
        """The number and the page that a participant has to answer next; None at the end."""
        done = store.answered(person.code)
        return next(
            ((at, page) for at, page in enumerate(planned(person.slot)) if page.name not in done), None
        )

    def code_of(request: Request) -> str | None:
        return signer.read_cookie(COOKIE, request.cookies.get(COOKIE))

    def participant(request: Request) -> Participant | None:
        code = code_of(request)
        return store.find(code) if code else None

    def keep(response: Response, request: Request, name: str, value: str) -> Response:
        response.set_cookie(
            name,
            signer.cookie(name, value),
            max_age=DAYS * 24 * 3600,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
        )
        return response

    def message(status: int) -> HTMLResponse:
        return HTMLResponse(pages.message(study, status), status)

    def shown_at(code: str, form: dict[str, str]) -> float:
        try:
            return signer.shown(code, form.get("token", ""))
        except guard.Expired:
            raise HTTPException(410) from None
        except guard.Forged:
            raise HTTPException(403) from None

    def external_of(given) -> str | None:
        """The id that a platform gave with an address or a form; status 400 if it cannot be one."""
        found = next((given[name] for name in (*EXTERNAL_NAMES, "external") if given.get(name)), None)
        if found is not None and not EXTERNAL.fullmatch(found):
            raise HTTPException(400)
        return found

    def first_page(request: Request, code: str, external: str | None, error: str = "") -> Response:
        made = pages.consent(study, signer.form(code), external, error)
        return keep(HTMLResponse(made, 422 if error else 200), request, COOKIE, code)

    @app.get("/")
    def start(request: Request) -> Response:
        external = external_of(request.query_params)
        person = participant(request)
        if person and external in (None, person.external):
            return RedirectResponse("/next", 303)
        code = secrets.token_hex(16) if person else code_of(request) or secrets.token_hex(16)
        return first_page(request, code, external)

    @app.post("/consent")
    def consent(request: Request, form: Form) -> Response:
        code, external = code_of(request) or "", external_of(form)
        shown_at(code, form)
        if form.get("agree") != "yes":
            return first_page(request, code, external, AGREE)
        person = store.begin(code, external)
        return keep(RedirectResponse("/next", 303), request, COOKIE, person.code)

    @app.get("/next")
    def go_on(request: Request) -> Response:
        person = participant(request)
        if person is None:
            return RedirectResponse("/", 303)
        now = None if person.withdrawn else current(person)
        return RedirectResponse(f"/page/{now[1].name}" if now else "/done", 303)

    def shown(person: Participant, at: int, status: int = 200, **refused) -> HTMLResponse:
        planned_pages = planned(person.slot)
        numbers = at + 1, len(planned_pages)
        token = signer.form(person.code)
        return HTMLResponse(pages.page(study, planned_pages[at], *numbers, token, **refused), status)

    def place(person: Participant, name: str) -> int:
        """The place of a page in a participant's plan; status 404 if it has no such page."""
        for at, page in enumerate(planned(person.slot)):
            if page.name == name:
                return at
        raise HTTPException(404)

    @app.get("/page/{name}")
    def show(request: Request, name: str) -> Response:
        person = participant(request)
        if person is None:
            return RedirectResponse("/", 303)
        at = place(person, name)
        now = None if person.withdrawn else current(person)
        if now is None or now[0] != at:  # an earlier page, by the back button, or a later one
            return RedirectResponse("/next", 303)
        return shown(person, at)

    @app.post("/page/{name}")
    def take(request: Request, name: str, form: Form) -> Response:
        person = participant(request)
        if person is None:
            raise HTTPException(403)
        at, planned_pages = place(person, name), planned(person.slot)
        values, errors = forms.read(study, planned_pages[at], form)
        try:
            when = signer.shown(person.code, form.get("token", ""))
            now = current(person)
            if now is None or now[0] != at:  # sent twice, or from an old tab: what is stored stays
                return RedirectResponse("/next", 303)
            if errors:
                return shown(person, at, 422, values=values, errors=errors)
            following = [page.name for page in planned_pages[at + 1 :]]
            stored = store.submit(person.code, name, values, when, last=not following)
        except guard.Forged:
            raise HTTPException(403) from None
        except guard.Expired:
            return shown(person, at, 410, values=values, errors=errors, notice=pages.EXPIRED)
        except SQLAlchemyError as error:
            log.error("an answer was not stored: %s", getattr(error, "orig", error))
            return shown(person, at, 503, values=values, errors=errors, notice=pages.NOT_STORED)
        return RedirectResponse(f"/page/{following[0]}" if stored and following else "/next", 303)

    @app.get("/withdraw")
    def ask_withdrawal(request: Request) -> Response:
        person = participant(request)
        if person is None or person.withdrawn or person.finished:
            return RedirectResponse("/next", 303)
        return HTMLResponse(pages.withdraw(study, signer.form(person.code)))

    @app.post("/withdraw")
    def withdraw(request: Request, form: Form) -> Response:
        person = participant(request)
        if person is None:
            raise HTTPException(403)
        shown_at(person.code, form)
        store.withdraw(person.code)
        return RedirectResponse("/next", 303)

    @app.get("/done")
    def done(request: Request) -> Response:
        person = participant(request)
        if person is None or not (person.withdrawn or person.finished):
            return RedirectResponse("/next", 303)
        return HTMLResponse(pages.done(study, person.withdrawn))

    # --- Answers so far, for whoever has the token ---

    def is_admin(request: Request) -> bool:
        cookie = signer.read_cookie(ADMIN_COOKIE, request.cookies.get(ADMIN_COOKIE))
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        by_header = scheme.lower() == "bearer" and guard.is_same(given, admin_token)
        return by_header or (cookie is not None and guard.is_same(cookie, admitted))

    def live_values() -> dict:
        return {"state": live.state(store), "panels": live.panels(store)}

    @app.get("/admin")
    def admin(request: Request) -> Response:
        if not is_admin(request):
            return HTMLResponse(pages.render("login.html", study=study, error=""))
        return HTMLResponse(pages.render("admin.html", study=study, join=join, **live_values()))

    @app.post("/admin")
    def enter(request: Request, form: Form) -> Response:
        if not guard.is_same(form.get("token", ""), admin_token):
            return HTMLResponse(pages.render("login.html", study=study, error=WRONG_TOKEN), 403)
        return keep(RedirectResponse("/admin", 303), request, ADMIN_COOKIE, admitted)

    @app.get("/admin/live")
    def live_part(request: Request) -> Response:
        if not is_admin(request):
            raise HTTPException(403)
        return HTMLResponse(pages.render("live.html", **live_values()))

    @app.get("/admin/export.zip")
    def download(request: Request) -> Response:
        if not is_admin(request):
            raise HTTPException(403)
        headers = {"Content-Disposition": 'attachment; filename="study.zip"'}
        return Response(export.zipped(store), media_type="application/zip", headers=headers)

    if join:

        @app.get("/join.svg")
        def code() -> Response:
            return Response(code_svg, media_type="image/svg+xml")

    if preview:

        @app.get("/preview")
        def every_page() -> Response:
            return HTMLResponse(preview)

    # --- Errors: each is a page ---

    @app.exception_handler(AnyHTTPException)
    def refused(request: Request, error: AnyHTTPException) -> Response:
        return message(error.status_code)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        return message(400)

    @app.exception_handler(SQLAlchemyError)
    def unavailable(request: Request, error: SQLAlchemyError) -> Response:
        log.error("the database failed: %s", getattr(error, "orig", error))
        return message(503)

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        return message(500)

    async def refuse(scope, receive, send, status: int) -> None:
        await message(status)(scope, receive, send)

    return guard.Guard(app, signer, refuse)
