"""What a store lacks of what a teacher is asked for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tracelib.datasets.problem import Problem
from tracelib.teacher import asking, reading, verdict
from tracelib.teacher.settings import TRACE, Teacher
from tracelib.teacher.store import Store


class Todo(NamedTuple):
    """A problem, its split, and the kinds of text that it lacks, in the order of asking."""

    split: str
    problem: Problem
    missing: tuple[str, ...]


@dataclass
class Plan:
    """What is to be asked for, and by kind how many requests are finished."""

    todo: list[Todo] = field(default_factory=list)
    finished: Counter[str] = field(default_factory=Counter)

    def to_ask(self, kind: str) -> list[Problem]:
        """The problems for which a kind of text is asked, if every answer is right."""
        return [each.problem for each in self.todo if kind in each.missing]


def plan(
    teacher: Teacher, work: Iterable[tuple[str, Problem]], store: Store | None = None, again: bool = False
) -> Plan:
    """Find what is missing. Problems that have the same prompt are asked once.

    Args:
        work: problems with their splits.
        store: what is there; None if there is nothing.
        again: whether to ask again where a reply came that cannot be read.
    """
    finished = store.finished(again) if store else set()
    found, seen = Plan(), set()
    for split, problem in work:
        trace_key = asking.key(teacher, TRACE, asking.prompt(problem))
        if trace_key in seen:
            continue
        seen.add(trace_key)
        keys = {
            kind: trace_key if kind == TRACE else asking.key(teacher, kind, trace_key)
            for kind in teacher.kinds
        }
        found.finished.update(kind for kind, key in keys.items() if key in finished)
        missing = tuple(kind for kind, key in keys.items() if key not in finished)
        if missing and (trace_key not in finished or kept(teacher, store, trace_key, problem)):
            found.todo.append(Todo(split, problem, missing))
    return found


def kept(teacher: Teacher, store: Store, trace_key: str, problem: Problem) -> reading.Reading | None:
    """The trace and the answer that came in reply to a request, if they are kept."""
    text = store.reply(trace_key)
    found = reading.read_trace(text) if text else None
    return found if found and verdict.of_trace(problem, found, teacher.metric) == verdict.KEPT else None
