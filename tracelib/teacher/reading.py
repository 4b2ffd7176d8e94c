"""What a reply says: the reasoning, and what stands outside it.

Servers give the reasoning in a field of its own (``reasoning_content``, ``reasoning``) or in the text, within
``<think>`` or another mark that `tracelib.traces.answers` knows. A plain text reasons before it gives its
answer: then the reasoning is all that stands before the mark of the answer.
"""

import json
from dataclasses import dataclass, replace

from tracelib.teacher import outcome
from tracelib.traces import answers


@dataclass(frozen=True)
class Reading:
    """The parts of a reply.

    Attributes:
        trace: the reasoning; empty if there is none.
        said: what the reply says outside its reasoning.
        whole: all of it, as it came.
        cut: whether the reply ends because it reached the longest completion.
        refused: whether the server marks it as a refusal.
    """

    trace: str
    said: str
    whole: str
    cut: bool = False
    refused: bool = False


def read(text: str) -> Reading:
    """Read a reply, which is JSON with a message, as `tracelib.teacher.outcome.of_reply` accepts it."""
    reply = json.loads(text)
    message, finish = outcome.message(reply), reply["choices"][0].get("finish_reason")
    refusal = message.get("refusal")
    refused = isinstance(refusal, str) or finish == "content_filter"
    reasoning, content = _clean(outcome.reasoning(message)), _clean(message.get("content") or "")
    split = answers.parts(content)
    trace = reasoning.strip() or "\n".join(split.thoughts).strip()
    said = "\n".join(split.outside).strip()
    whole = "\n".join(
        part for part in (reasoning, content, _clean(refusal) if refused and refusal else "") if part
    )
    return Reading(trace, said, whole, finish == "length", refused)


def read_trace(text: str) -> Reading:
    """Read a reply to a request for a trace; a plain text reasons before it gives its answer."""
    found = read(text)
    if found.trace:
        return found
    trace, said = plain(found.said)
    return replace(found, trace=trace, said=said)


def plain(text: str) -> tuple[str, str]:
    """A text without marked reasoning: what stands before the answer, and the answer with its mark.

    A text whose answer has no mark has no reasoning that could be told apart.
    """
    answer = answers.find(text)
    at = text.rfind(answer.text) if answer.text and answer.found != "bare" else -1
    if at < 0:
        return "", text
    openings = [tag.start() for tag in answers.TAG.finditer(text, 0, at) if tag["open"]]
    if answer.found == "tag" and openings:
        start = openings[-1]
    else:
        ends = [end.end() for end in answers.SENTENCE_END.finditer(text, 0, at)]
        start = max(text.rfind("\n", 0, at) + 1, *ends[-1:], 0)
    return text[:start].strip(), text[start:].strip()


def _clean(text: str) -> str:
    """The text without lone halves of surrogate pairs, which JSON can write and no file can hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
