"""What a teacher is: its server, its models, and how each kind of text is asked for."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from tracelib.core.errors import InputError, quoted

TRACE, SUMMARY, EXPLANATION = KINDS = ("trace", "summary", "explanation")  # in the order of asking
OPENAI = "api.openai.com"
# The summary has the paper's length, and like the paper's it is made from the trace alone.
INSTRUCTIONS = {
    TRACE: "Think step by step, and then give only the answer in <answer></answer> tags",
    SUMMARY: "Summarise this reasoning in less than 100 words. Keep the facts that it uses and what it "
    "concludes. Write only the summary, in plain text.\n\n",
    EXPLANATION: "Explain to somebody who has the same context why this is the answer, in one paragraph of "
    "plain text.",
}


@dataclass(frozen=True)
class Tokens:
    """Tokens of a prompt and of its completion, which includes the reasoning."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.prompt + other.prompt, self.completion + other.completion)

    def __mul__(self, times: float) -> "Tokens":
        return Tokens(round(self.prompt * times), round(self.completion * times))

    @property
    def total(self) -> int:
        """All tokens."""
        return self.prompt + self.completion


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens of prompts, and for a million tokens of completions."""

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(price) and price >= 0 for price in (self.prompt, self.completion)):
            raise InputError(f"price {self.prompt} {self.completion}, expected dollars per million tokens")

    def of(self, tokens: Tokens) -> float:
        """What tokens cost in dollars."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion) / 1e6


@dataclass(frozen=True)
class Teacher:
    """A server with its models.

    Attributes:
        url: the base URL of an OpenAI-compatible server, such as ``http://127.0.0.1:8000/v1``.
        model: the model that is asked for traces and explanations.
        kinds: the kinds of text that are asked for. The trace is always one of them.
        max_tokens: the longest completion in tokens, reasoning included.
        temperature: of traces and explanations; None leaves it to the server.
        summary_model: another model for the summaries, which is asked at temperature 0, as the paper's was.
        metric: the metric that decides which answers are right; empty for each dataset's primary one.
        price: of the model's tokens; None if they cost nothing.
        summary_price: of the summary model's tokens; None for the same price.
    """

    url: str
    model: str
    kinds: tuple[str, ...] = KINDS
    max_tokens: int = 8192
    temperature: float | None = None
    summary_model: str = ""
    metric: str = ""
    price: Price | None = None
    summary_price: Price | None = None

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise InputError("the model has no name")
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or TRACE not in self.kinds or len(set(self.kinds)) < len(self.kinds):
            found = quoted(",".join(self.kinds))
            raise InputError(f"kinds {found}, expected trace, and after it summary or explanation or both")
        if self.summary_price and not (self.summary_model and self.price):
            raise InputError("a price of summaries needs a summary model, and a price of the teacher")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise InputError(f"temperature {self.temperature}, expected a number from 0 to 2")

    def model_of(self, kind: str) -> str:
        """The model that is asked for a kind of text."""
        return self.summary_model if kind == SUMMARY and self.summary_model else self.model

    def dollars(self, kind: str, tokens: Tokens) -> float:
        """What tokens of a kind cost; 0 without a price."""
        price = self.summary_price if kind == SUMMARY and self.summary_price else self.price
        return price.of(tokens) if price else 0.0

    def recipe(self, kind: str) -> dict:
        """All that decides on a reply of this kind besides problem and trace; the same model may move."""
        is_other = kind == SUMMARY and self.summary_model
        recipe = {
            "model": self.model_of(kind),
            "max_tokens": self.max_tokens,
            "temperature": 0.0 if is_other else self.temperature,
            "instruction": INSTRUCTIONS[kind],
        }
        return recipe | ({"metric": self.metric} if kind == TRACE else {})

    def request(self, kind: str, messages: Sequence[dict[str, str]]) -> dict:
        """The body of a request."""
        recipe = self.recipe(kind)
        # OpenAI's reasoning models refuse the name that all other servers know.
        longest = "max_completion_tokens" if host(self.url) == OPENAI else "max_tokens"
        body = {"model": recipe["model"], "messages": list(messages), longest: self.max_tokens}
        return body if recipe["temperature"] is None else body | {"temperature": recipe["temperature"]}


def recipe_text(recipe: dict) -> str:
    """A recipe as one line of JSON, the same text for equal recipes."""
    return json.dumps(recipe, ensure_ascii=False, sort_keys=True)


def checked_url(url: str) -> str:
    """The base URL of a server, without a slash at its end.

    `InputError` if it is no http or https address, or if it holds a password or a query, where keys could be.
    """
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or " " in url:
        raise InputError("the server's address is no base URL, expected one such as http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError("the server's address holds more than a base URL; keys come from the environment")
    return url.rstrip("/")


def host(url: str) -> str:
    """The host of a URL."""
    return urlsplit(url).hostname or ""


def is_here(url: str) -> bool:
    """Whether a server runs on this machine, so that its tokens cost nothing."""
    name = host(url)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
