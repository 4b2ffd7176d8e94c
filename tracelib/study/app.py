"""The web application of a study: server-rendered pages that need no JavaScript."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from tracelib.study import pages
from tracelib.study.admin import Admin
from tracelib.study.config import Study
from tracelib.study.guard import Guard, Signer
from tracelib.study.participation import Participation
from tracelib.study.store import Store
from tracelib.study.web import message

log = logging.getLogger(__name__)


def create(store: Store, admin_token: str, join: str = "", code_svg: bytes = b"", preview: str = "") -> Guard:
    """The application of a study.

    Args:
        admin_token: opens the answers.
        join: the address that the teacher's page shows, with its QR code; empty for none.
        code_svg: the QR code of that address.
        preview: the page with every page of the study; empty for none.
    """
    study, signer = store.study, Signer(store.secret)
    app = FastAPI(title=study.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=pages.STATIC))
    app.include_router(Participation(store, signer).router())
    app.include_router(Admin(store, signer, admin_token, join).router())
    if join:
        app.get("/join.svg")(lambda: Response(code_svg, media_type="image/svg+xml"))
    if preview:
        app.get("/preview")(lambda: HTMLResponse(preview))
    _add_errors(app, study)

    async def refuse(scope: dict, receive, send, status: int) -> None:
        await message(study, status)(scope, receive, send)

    return Guard(app, signer, refuse)


def _add_errors(app: FastAPI, study: Study) -> None:
    """Answer every error with a page."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return message(study, error.status_code)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        return message(study, 400)

    @app.exception_handler(SQLAlchemyError)
    def unavailable(request: Request, error: SQLAlchemyError) -> Response:
        log.error("the database failed: %s", getattr(error, "orig", error))
        return message(study, 503)

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        return message(study, 500)
