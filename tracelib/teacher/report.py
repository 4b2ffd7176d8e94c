"""What a store holds: how many texts were kept, why the others were not, and what they took."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tracelib.datasets.problem import Problem
from tracelib.teacher import outcome, reading, verdict
from tracelib.teacher.reading import Reading
from tracelib.teacher.settings import KINDS, TRACE
from tracelib.teacher.store import Spent, Store

IN_FLIGHT = "sent, and then the run was ended"
DESCRIBED = {  # the causes of the store and of `verdict`, in the order in which a report lists them
    verdict.KEPT: "kept",
    verdict.WRONG: "the answer is wrong",
    verdict.NO_ANSWER: "there is no answer",
    verdict.NO_TRACE: "an answer without a trace",
    verdict.NO_TEXT: "nothing outside the reasoning",
    verdict.REFUSAL: "the model refuses",
    verdict.CUT: "cut at the longest completion",
    verdict.MARKS: "marks of thoughts or answers within the text",
    verdict.HTML: "HTML in the text",
    verdict.ECHO: "repeats the prompt",
    verdict.LANGUAGE: "in another language",
    verdict.LONG: f"more than {verdict.LONGEST:,} words",
    outcome.EMPTY: "a reply without text",
    outcome.NO_CHOICES: "a reply without choices",
    outcome.WRONG_SCHEMA: "a reply of another schema",
    outcome.NOT_JSON: "a reply that is not JSON",
    outcome.TOO_LARGE: f"a reply of more than {outcome.LARGEST // 2**20} MiB",
    outcome.REFUSED: "the server refuses the request",
    outcome.DENIED: "the server denies access",
    outcome.RATE_LIMIT: "rate limit (status 429)",
    outcome.SERVER_ERROR: "error of the server (status 5xx)",
    outcome.TIME_OUT: "no reply in time",
    outcome.CUT: "the connection was cut",
    outcome.NO_CONNECTION: "no connection",
    "": IN_FLIGHT,
}


class Judged(NamedTuple):
    """A reply that can be read: the key of its request, its problem, its text, and its cause in `verdict`."""

    key: str
    content: str
    problem: Problem
    reading: Reading
    cause: str


@dataclass(frozen=True)
class Report:
    """What a store holds.

    Attributes:
        requests: by kind: how many requests have each cause, a key of `DESCRIBED`, in its order.
        attempts: by kind: how many attempts of requests had each cause in `outcome`.
        spent: by kind: the tokens.
        reason: what the server said of the last error, if requests are unanswered because of one.
    """

    requests: dict[str, dict[str, int]]
    attempts: dict[str, Counter[str]]
    spent: dict[str, Spent]
    reason: str = ""

    @property
    def sent_again(self) -> int:
        """How many attempts came after the first of their request."""
        attempts = sum(count.total() for count in self.attempts.values())
        return attempts - sum(sum(count.values()) for count in self.requests.values())


def report(store: Store) -> Report:
    """Count what a store holds."""
    problems, recipes, unanswered = store.problems(), store.recipes(), store.unanswered()
    requests = {}
    for kind in (kind for kind in KINDS if kind in recipes):
        counted = Counter(each.cause for each in judged(store, kind, problems))
        counted += unanswered.get(kind, Counter())
        requests[kind] = {cause: counted[cause] for cause in DESCRIBED if counted[cause]}
    is_failed = any(counted[cause] for counted in unanswered.values() for cause in outcome.SAID_WHY)
    return Report(requests, store.causes(), store.spent(), store.last_reason() if is_failed else "")


def judged(store: Store, kind: str, problems: dict[str, tuple[str, Problem]]) -> Iterator[Judged]:
    """The replies of a kind that can be read, each with its cause."""
    metric = store.recipes()[TRACE]["metric"]
    for reply in store.replies(kind):
        _, problem = problems[reply.content]
        if kind == TRACE:
            found = reading.read_trace(reply.text)
            cause = verdict.of_trace(problem, found, metric)
        else:
            found = reading.read(reply.text)
            cause = verdict.of_text(problem, found)
        yield Judged(reply.key, reply.content, problem, found, cause)
