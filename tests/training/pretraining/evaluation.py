"""Texts that the base must never read: problems and prompts of the twins."""

from tracelib.datasets.twins import generate
from tracelib.traces import format as trace_format


def found_in(read: str, dataset: str) -> list[str]:
    """The questions, facts and first prompt lines of a twin's problems that occur in a text."""
    problems = generate(dataset, 50, 3, 5)
    kept = [text for p in problems for text in (p.question, *p.facts, trace_format.prompt(p).split("\n")[0])]
    return [text for text in kept if text in read]
