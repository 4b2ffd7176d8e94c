"""One attempt to ask a server, through OpenAI's client.

The client could try again by itself. But then nobody would know how often and why, the budget would count one
request where several were paid for, and every worker would run into the same rate limit. So its retries are
off, and `tracelib.teacher.collection` tries again.
"""

import asyncio
import json
import os
import re
import time
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx2
import openai

from tracelib.core.errors import InputError
from tracelib.teacher import outcome
from tracelib.teacher.outcome import LARGEST, Outcome
from tracelib.teacher.settings import OPENAI, host

OPENAI_KEY = "OPENAI_API_KEY"
NO_KEY = "none"  # the client needs some text; servers without keys do not look at it
HIDDEN = "[key]"
PRINTABLE_WORD = re.compile(r"[!-~]+")
LONGEST_ERROR = 2000  # characters of what a server says of an error


class Key:
    """A secret from the environment, which only the server gets to see."""

    def __init__(self, value: str = ""):
        self._value = value
        forms = {value, json.dumps(value)[1:-1]}  # as it is, and within JSON
        self._forms = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE) if value else None

    def __repr__(self) -> str:
        return f"Key({HIDDEN if self._value else ''})"

    def reveal(self) -> str:
        """The secret itself."""
        return self._value or NO_KEY

    def hidden(self, text: str) -> str:
        """The text without the secret, which some servers repeat."""
        return self._forms.sub(HIDDEN, text) if self._forms else text


def key_from(variable: str | None, url: str) -> Key:
    """The key in an environment variable.

    Without a variable, OpenAI's own server gets OpenAI's usual one, and any other server gets no key.
    `InputError` if the variable is empty, or holds what no key can be. It does not repeat the variable,
    because somebody may have given the key itself.
    """
    name = variable or (OPENAI_KEY if host(url) == OPENAI else "")
    value = os.environ.get(name, "").strip() if name else ""
    if name and not PRINTABLE_WORD.fullmatch(value):
        raise InputError(
            "no key: expected the name of an environment variable that holds one printable word; "
            f"for OpenAI's server it is {OPENAI_KEY} unless --key names another"
        )
    return Key(value)


class Server:
    """An OpenAI-compatible server. Use it in an ``async with`` block, which closes its connections."""

    def __init__(self, url: str, key: Key, seconds: float, at_once: int):
        self._key, self._seconds = key, seconds
        limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._client = openai.AsyncOpenAI(
            base_url=url,
            api_key=key.reveal(),
            max_retries=0,
            timeout=seconds,
            http_client=openai.DefaultAsyncHttpxClient(limits=limits),
        )
        # The client would send these from the environment to any server.
        self._client.organization = self._client.project = None

    async def __aenter__(self) -> "Server":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def ask(self, body: dict) -> Outcome:
        """Send a request once; whatever happens is an outcome. The key is in none of its texts."""
        try:
            async with asyncio.timeout(self._seconds):  # of the whole, also of a reply that drips
                found = outcome.of_reply(await self._read(body))
        except TimeoutError:
            return Outcome(outcome.TIME_OUT)
        except openai.APIStatusError as error:
            wait = retry_after(error.response.headers, time.time())
            said = self._key.hidden(error.response.text)  # before a key could be cut in two
            found = outcome.of_error(error.status_code, said[:LONGEST_ERROR], wait)
        except openai.APITimeoutError:
            return Outcome(outcome.TIME_OUT)
        except openai.APIConnectionError as error:
            never = isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
            return Outcome(outcome.NO_CONNECTION if never else outcome.CUT)
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError):
            return Outcome(outcome.CUT)
        hidden = self._key.hidden(found.text)
        return Outcome(found.cause, found.status, hidden, found.tokens, found.wait)

    async def _read(self, body: dict) -> bytes:
        ask = self._client.chat.completions.with_streaming_response.create
        pieces, size = [], 0
        async with ask(**body) as response:
            async for piece in response.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST:
                    break
        return b"".join(pieces)[: LARGEST + 1]


def retry_after(headers: httpx2.Headers, now: float) -> float | None:
    """The seconds that a server asks to wait: given in seconds, in milliseconds or as a date; else None.

    Args:
        now: seconds since 1970.
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        try:
            seconds = float(text) / unit
        except ValueError:
            continue
        return max(0.0, seconds) if seconds == seconds else None  # not a number differs from itself
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
