"""What the base must never read: problems of the twins, and how they are put."""

from tracelib.datasets.twins import generate
from tracelib.traces import format as trace_format


def found_in(read: str, dataset: str) -> list[str]:
    """Questions, facts and first lines of prompts of a twin's problems that stand in a text."""
    problems = generate(dataset, 50, 3, 5)
    kept = [text for p in problems for text in (p.question, *p.facts, trace_format.prompt(p).split("\n")[0])]
    return [text for text in kept if text in read]
