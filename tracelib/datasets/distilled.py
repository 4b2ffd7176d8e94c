"""What a teacher, a large model, wrote on problems. Training students on it is called distillation."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracelib.datasets.problem import Problem
from tracelib.datasets.splits import content_in_any_order


class Texts(NamedTuple):
    """A teacher's texts on one problem. A text that is not there is empty.

    Attributes:
        answer: what the teacher answered, in its own words.
        trace: the reasoning before the answer.
        summary: a summary of the trace.
        explanation: an explanation of the answer, written afterwards.
    """

    answer: str = ""
    trace: str = ""
    summary: str = ""
    explanation: str = ""


class Distilled:
    """The texts of one teacher, found by a problem's content. Its id and the order of its facts do not count.

    Attributes:
        source: a sentence on where the texts come from.
    """

    def __init__(self, texts: Iterable[tuple[Problem, Texts]], source: str):
        """If several texts are given for one problem, the later ones win; empty ones never do."""
        self.source = source
        self._found: dict[str, tuple[Problem, Texts]] = {}
        for problem, new in texts:
            content = content_in_any_order(problem)
            known, old = self._found.get(content, (problem, Texts()))
            kept = (later or earlier for later, earlier in zip(new, old, strict=True))
            self._found[content] = known, Texts(*kept)

    def __iter__(self) -> Iterator[tuple[Problem, Texts]]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, problem: Problem) -> bool:
        return content_in_any_order(problem) in self._found

    def of(self, problems: Iterable[Problem]) -> dict[str, Texts]:
        """The texts by the ids of these problems, for those that have any."""
        found = ((problem.id, self._found.get(content_in_any_order(problem))) for problem in problems)
        return {name: has[1] for name, has in found if has}
