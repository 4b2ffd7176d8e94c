"""The requests to a teacher, each with its key: the same key is the same request.

The trace of a problem is asked for first. From its reply come the summary, which is made from the trace
alone, and the explanation, which the teacher is asked for afterwards. Both go on from one trace, so their
keys are hashes of the trace's key, and are known without its text.
"""

from dataclasses import dataclass
from functools import lru_cache

from tracelib.core.provenance import text_hash
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.teacher.settings import (
    EXPLANATION,
    INSTRUCTIONS,
    SUMMARY,
    TRACE,
    Teacher,
    Tokens,
    recipe_text,
)
from tracelib.traces import format as trace_format

AROUND = 256  # tokens that a chat template may add to a message; more than any that we know of


@dataclass(frozen=True)
class Request:
    """One request: its key, the kind of text that it asks for, and its body in OpenAI's format."""

    key: str
    kind: str
    body: dict

    @property
    def most(self) -> Tokens:
        """The most tokens that the request can take: no byte of a prompt is more than one token."""
        prompt = sum(len(message["content"].encode()) + AROUND for message in self.body["messages"])
        longest = self.body.get("max_tokens") or self.body["max_completion_tokens"]
        return Tokens(prompt, longest)


def trace(teacher: Teacher, problem: Problem) -> Request:
    """The request for a trace and an answer."""
    said = prompt(problem)
    return Request(key(teacher, TRACE, said), TRACE, teacher.request(TRACE, [_user(said)]))


def summary(teacher: Teacher, trace_key: str, text: str) -> Request:
    """The request for a summary of the trace `text`, which came in reply to the request `trace_key`."""
    messages = [_user(INSTRUCTIONS[SUMMARY] + text)]
    return Request(key(teacher, SUMMARY, trace_key), SUMMARY, teacher.request(SUMMARY, messages))


def explanation(teacher: Teacher, trace_key: str, problem: Problem, answer: str) -> Request:
    """The request that the teacher explain the answer that it gave in reply to the request `trace_key`."""
    messages = [
        _user(prompt(problem)),
        {"role": "assistant", "content": answer},
        _user(INSTRUCTIONS[EXPLANATION]),
    ]
    return Request(key(teacher, EXPLANATION, trace_key), EXPLANATION, teacher.request(EXPLANATION, messages))


def key(teacher: Teacher, kind: str, source: str) -> str:
    """The key of a request: a hash of its recipe and its source, which is a prompt or the key of a trace."""
    return text_hash(_recipe(teacher, kind), source)


def later_key(recipe: dict, trace_key: str) -> str:
    """The key of a summary or an explanation by the recipe that a store has of it."""
    return text_hash(recipe_text(recipe), trace_key)


def prompt(problem: Problem) -> str:
    """The prompt that asks for a trace and an answer in tags."""
    return trace_format.prompt(problem, f"{INSTRUCTIONS[TRACE]}{dataset(problem.dataset).several}.")


@lru_cache(maxsize=64)
def _recipe(teacher: Teacher, kind: str) -> str:
    return recipe_text(teacher.recipe(kind))


def _user(content: str) -> dict[str, str]:
    return {"role": "user", "content": content}
