"""Read the answers of CoTempQA facts, and rewrite facts with other answers."""

from collections.abc import Mapping, Sequence

from tracelib.datasets.cotempqa.reader import parse_fact, restated
from tracelib.datasets.cotempqa.solver import asked_side
from tracelib.datasets.dataset import Rewriting
from tracelib.datasets.problem import Problem


def given(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """The answers that the cited facts give: from each the side that the question asks for, at any date."""
    side = asked_side(problem)
    facts = [parse_fact(sentence) for sentence in cited] if side else []
    return tuple(dict.fromkeys(getattr(fact, side) for fact in facts if fact))


def _answers(problem: Problem) -> list[str]:
    return list(dict.fromkeys(problem.gold))


def _restated(problem: Problem, fact: str, names: Mapping[str, str]) -> str:
    side, stated = asked_side(problem), parse_fact(fact)
    old = side and stated and getattr(stated, side)
    return restated(fact, side, names[old]) if old in names else fact


REWRITING = Rewriting(_answers, tuple, _restated, written=str.capitalize)
