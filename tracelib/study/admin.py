"""The answers so far and their export, for whoever has the token."""

import hashlib

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from tracelib.study import export, guard, live, pages
from tracelib.study.guard import ADMIN_COOKIE, Signer
from tracelib.study.store import Store
from tracelib.study.web import Form, keep, to

WRONG_TOKEN = "This is not the token."


class Admin:
    """The routes behind the token, which comes as a header or once in a form.

    Args:
        join: the address at which a class joins, shown with its QR code; empty for none.
    """

    def __init__(self, store: Store, signer: Signer, token: str, join: str):
        self.store, self.signer, self.token, self.join = store, signer, token, join
        self.admitted = hashlib.sha256(token.encode()).hexdigest()  # in the cookie of who had the token

    def router(self) -> APIRouter:
        """The routes, to be included in the application."""
        router = APIRouter(prefix="/admin")
        router.get("")(self.show)
        router.post("")(self.enter)
        router.get("/live")(self.part)
        router.get("/export.zip")(self.download)
        return router

    def show(self, request: Request) -> Response:
        """The distributions; without the token, a form that asks for it."""
        if not self._is_admitted(request):
            return self._login()
        return self._rendered("admin.html", join=self.join)

    def enter(self, request: Request, form: Form) -> Response:
        """Take the token, and remember it in a cookie."""
        if not guard.is_same(form.get("token", ""), self.token):
            return self._login(WRONG_TOKEN)
        return keep(to("/admin"), request, self.signer, ADMIN_COOKIE, self.admitted)

    def part(self, request: Request) -> Response:
        """The distributions alone, for the script that refreshes them."""
        self._require(request)
        return self._rendered("live.html")

    def download(self, request: Request) -> Response:
        """All tables as a ZIP archive."""
        self._require(request)
        headers = {"Content-Disposition": 'attachment; filename="study.zip"'}
        return Response(export.zipped(self.store), media_type="application/zip", headers=headers)

    def _is_admitted(self, request: Request) -> bool:
        cookie = self.signer.read_cookie(ADMIN_COOKIE, request.cookies.get(ADMIN_COOKIE)) or ""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        by_header = scheme.lower() == "bearer" and guard.is_same(given, self.token)
        return by_header or guard.is_same(cookie, self.admitted)

    def _require(self, request: Request) -> None:
        if not self._is_admitted(request):
            raise HTTPException(403)

    def _login(self, error: str = "") -> Response:
        made = pages.render("login.html", study=self.store.study, error=error)
        return HTMLResponse(made, 403 if error else 200)

    def _rendered(self, name: str, **values: object) -> Response:
        found = {"state": live.state(self.store), "panels": live.panels(self.store)}
        return HTMLResponse(pages.render(name, study=self.store.study, **found, **values))
