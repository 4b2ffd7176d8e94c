"""What protects a study's server: signed tokens, security headers, limits on size and rate."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

COOKIE, ADMIN_COOKIE = "participant", "admin"
FORM_AGE = 12 * 3600  # seconds for which a form can be sent
LARGEST_BODY = 64 * 1024  # bytes of a form
LARGEST_ADDRESS = 4 * 1024  # bytes of a path and its query
REMEMBERED = 10_000  # visitors whose rate is counted
KNOWN, UNKNOWN = (60, 10), (600, 50)  # requests at once, and per second: of a participant; of an address
STATIC = "/static/"
STATIC_AGE = 300  # seconds for which a browser may keep the styles
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
Send = Callable[[dict], Awaitable[None]]


class Expired(Exception):
    """A form's token is genuine, but too old."""


class Forged(Exception):
    """A form's token is not one that this study gave to this participant."""


class Signer:
    """Signs what browsers keep and send back.

    Args:
        secret: the study's secret, kept in its database.
    """

    def __init__(self, secret: str):
        self._cookies = URLSafeSerializer(secret, salt="cookie")
        self._forms = URLSafeSerializer(secret, salt="form")

    def cookie(self, name: str, value: str) -> str:
        """The signed text of a cookie."""
        return self._cookies.dumps([name, value])

    def read_cookie(self, name: str, text: str | None) -> str | None:
        """The value of a signed cookie; None for a missing or a forged one."""
        try:
            signed, value = self._cookies.loads(text or "")
        except BadData:
            return None
        return value if signed == name else None

    def form(self, code: str) -> str:
        """A token for a form that is shown to a participant now."""
        return self._forms.dumps([code, round(time.time(), 3)])

    def shown(self, code: str, token: str) -> float:
        """When the form with this token was shown, in seconds since 1970.

        Raises:
            Expired: the token is too old.
            Forged: the token is not this participant's, or not signed by this study.
        """
        try:
            signed, when = self._forms.loads(token)
        except BadData:
            raise Forged from None
        if signed != code:
            raise Forged
        if time.time() - when > FORM_AGE:
            raise Expired
        return when


def is_same(given: str, secret: str) -> bool:
    """Whether a given token is the secret one, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(), secret.encode())


@dataclass
class Rate:
    """A bucket of requests per visitor: `burst` at once, and `per_second` in the long run."""

    burst: int
    per_second: float

    def __post_init__(self):
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # visitor -> (requests left, when)

    def allows(self, visitor: str) -> bool:
        """Count a request of this visitor, and say whether it is within the rate."""
        now = time.monotonic()
        left, before = self._left.pop(visitor, (float(self.burst), now))
        left = min(self.burst, left + (now - before) * self.per_second)
        self._left[visitor] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left >= 1


class Guard:
    """An ASGI layer: limits on size and rate before the application, security headers after it.

    A participant's cookie has its own rate. Requests without one share the rate of their address, which is
    large, because a class often has one address.

    Args:
        app: the application within.
        signer: checks the cookies.
        refuse: makes the page for a refused request: (scope, receive, send, status).
    """

    def __init__(self, app, signer: Signer, refuse):
        self.app, self.signer, self.refuse = app, signer, refuse
        self.known, self.unknown = Rate(*KNOWN), Rate(*UNKNOWN)

    async def __call__(self, scope: dict, receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _with_headers(send, scope)
        status = self._refused(scope)
        if status:
            await self.refuse(scope, receive, send, status)
        else:
            await self.app(scope, receive, send)

    def _refused(self, scope: dict) -> int:
        """The status with which a request is refused before it is read; 0 if it is not."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LARGEST_ADDRESS:
            return 414
        length = headers.get(b"content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or b"transfer-encoding" in headers:
            return 413
        code = self.signer.read_cookie(COOKIE, _cookies(headers.get(b"cookie", "")).get(COOKIE))
        address = (scope.get("client") or ("", 0))[0]
        allowed = self.known.allows(code) if code else self.unknown.allows(address)
        return 0 if allowed else 429


def _cookies(header: str) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return {name: value.strip('"') for name, _, value in pairs}


def _with_headers(send: Send, scope: dict) -> Send:
    added = dict(HEADERS)
    if scope["scheme"] == "https":
        added["Strict-Transport-Security"] = "max-age=31536000"
    if scope["path"].startswith(STATIC):
        added["Cache-Control"] = f"max-age={STATIC_AGE}"

    async def sending(message: dict) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower().encode(), value.encode()) for name, value in added.items()]
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return sending
