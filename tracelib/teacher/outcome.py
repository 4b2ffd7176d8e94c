"""What came of one attempt to ask: a readable reply, or a cause why there is none."""

import json
from dataclasses import dataclass

from tracelib.core.jsonl import decoded
from tracelib.core.reading import LONGEST_LINE
from tracelib.teacher.settings import Tokens

LARGEST = LONGEST_LINE  # bytes of a reply; a longer one could not be read back from JSON lines
REPLIED = "replied"
RATE_LIMIT, SERVER_ERROR, TIME_OUT = "rate limit", "server error", "time-out"
CUT, NO_CONNECTION = "connection cut", "no connection"
RETRIED = (RATE_LIMIT, SERVER_ERROR, TIME_OUT, CUT, NO_CONNECTION)
TOO_LARGE, NOT_JSON, WRONG_SCHEMA, NO_CHOICES, EMPTY = UNREADABLE = (
    "too large", "not JSON", "wrong schema", "no choices", "empty reply",
)  # fmt: skip
REFUSED = "refused request"  # this request; others may be accepted
DENIED = "denied"  # all requests: the key, the model or the account is not accepted
PERHAPS_PAID = (TIME_OUT, CUT, *UNREADABLE)  # the server may have charged for a text that we cannot use
SAID_WHY = (RATE_LIMIT, SERVER_ERROR, REFUSED, DENIED)  # the text of such an outcome is the server's reason
CAUSES = (REPLIED, *RETRIED, *UNREADABLE, REFUSED, DENIED)

DENIALS = (401, 402, 403, 404)
OUT_OF_MONEY = "insufficient_quota"  # OpenAI's code, with the status of a rate limit
REASONING = ("reasoning_content", "reasoning")  # the fields in which servers put what a model thinks


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        cause: one of `CAUSES`.
        status: the HTTP status; None if no answer came.
        text: the reply as it came, or what a server says of an error.
        tokens: what the server counted; None if it did not say.
        wait: the seconds after which the server wants to be asked again.
    """

    cause: str
    status: int | None = None
    text: str = ""
    tokens: Tokens | None = None
    wait: float | None = None


def of_reply(raw: bytes) -> Outcome:
    """The outcome of a reply with status 200, of which at most one byte more than `LARGEST` was read."""
    if len(raw) > LARGEST:
        return Outcome(TOO_LARGE, 200)
    text = raw.decode("utf-8", errors="replace")
    reply, reason, _ = decoded(json.loads, text)
    if reason:
        return Outcome(NOT_JSON, 200, text)
    return Outcome(_cause(reply), 200, text, _tokens(reply))


def of_error(status: int, text: str, wait: float | None) -> Outcome:
    """The outcome of a reply with an error's status."""
    if status in DENIALS or OUT_OF_MONEY in text:
        cause = DENIED
    elif status == 429:
        cause = RATE_LIMIT
    elif status in (408, 409) or status >= 500:
        cause = SERVER_ERROR
    else:
        cause = REFUSED
    return Outcome(cause, status, text, wait=wait)


def message(reply: dict) -> dict:
    """The message of the first choice."""
    return reply["choices"][0]["message"]


def reasoning(said: dict) -> str:
    """What a message gives as reasoning in a field of its own; empty if it has none."""
    return next((said[name] for name in REASONING if isinstance(said.get(name), str) and said[name]), "")


def _cause(reply: object) -> str:
    match reply:
        case {"choices": []}:
            return NO_CHOICES
        case {"choices": [{"message": {**said}}, *_]}:
            if not isinstance(said.get("content"), str | None):
                return WRONG_SCHEMA
            has_text = said.get("content") or reasoning(said) or isinstance(said.get("refusal"), str)
            return REPLIED if has_text else EMPTY
    return WRONG_SCHEMA


def _tokens(reply: object) -> Tokens | None:
    match reply:
        case {"usage": {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}}:
            return Tokens(prompt, completion) if 0 <= prompt < 2**53 and 0 <= completion < 2**53 else None
    return None
