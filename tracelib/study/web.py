"""What the routes of a study's server share: reading forms, setting cookies, pages for errors."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tracelib.study import guard, pages
from tracelib.study.config import Study
from tracelib.study.guard import Signer

DAYS = 30  # for which a browser keeps a cookie
MOST_FIELDS = 100


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a sent form. Status 413 if it is too large, 400 if it has too many fields."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > guard.LARGEST_BODY:
            raise HTTPException(413)
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise HTTPException(400) from None


Form = Annotated[dict[str, str], Depends(read_form)]


def to(path: str) -> RedirectResponse:
    """Send the browser to another page, with GET."""
    return RedirectResponse(path, 303)


def keep(response: Response, request: Request, signer: Signer, name: str, value: str) -> Response:
    """The response with a signed cookie that scripts cannot read."""
    response.set_cookie(
        name,
        signer.cookie(name, value),
        max_age=DAYS * 24 * 3600,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
    return response


def message(study: Study, status: int) -> HTMLResponse:
    """The page that says what went wrong."""
    return HTMLResponse(pages.message(study, status), status)
