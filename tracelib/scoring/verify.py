"""Check the steps of a generated trace against its own problem's gold steps, and against the facts.

A step can be right in two ways. By the gold: the label is the problem's, and the quoted context facts are
exactly the gold ones. By the solver (`validity`): the label fits the text, and the answer follows from the
quoted facts, whatever the gold says.
"""

from dataclasses import dataclass
from functools import lru_cache

from tracelib.core.pylist import entries
from tracelib.core.texts import folded
from tracelib.datasets.agreement import label_fits
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution
from tracelib.scoring.set_f1 import Overlap, overlap
from tracelib.traces.format import Trace

REMEMBERED = 5000  # characters of the longest text whose citations are cached


@dataclass(frozen=True)
class Verdict:
    """The correctness of each step of one trace. A missing step is wrong.

    Attributes:
        category: whether the named category is the problem's.
        retrieval: whether the quoted context facts are exactly the gold supporting facts.
        cited: the number of distinct context facts that are quoted.
        gold: the number of distinct gold supporting facts.
        both: the number of distinct gold supporting facts that are quoted.
    """

    category: bool
    retrieval: bool
    cited: int
    gold: int
    both: int

    @property
    def credit(self) -> Overlap:
        """Partial credit for step 2: precision, recall and F1 of the quoted facts."""
        return overlap(self.cited, self.gold, self.both)

    @property
    def trace(self) -> bool:
        """Whether every step is right."""
        return self.category and self.retrieval


@dataclass(frozen=True)
class Validity:
    """Whether each step is right by the solver; None where the solver has no verdict.

    Attributes:
        category: whether the named category is one that fits the text.
        retrieval: whether the quoted facts are a set from which the solver's answer follows
            (`Solution.accepted`). The facts that state the question's event may be quoted too.
    """

    category: bool | None
    retrieval: bool | None


def verify(problem: Problem, trace: Trace) -> Verdict:
    """The verdict on a parsed trace, against its own problem's gold steps.

    Example (worked in the book, chapter on checking): the facts are A, B and C, and B is gold. A trace that
    names the right category and quotes B has both steps right. A trace that quotes B and C has the retrieval
    wrong, with cited 2, gold 1, both 1.
    """
    cited = cited_facts(problem.facts, trace.facts_text or "")
    gold = _folded_at(problem.facts, problem.supporting)
    return Verdict(
        category=trace.category is not None and folded(trace.category) == folded(problem.category),
        retrieval=trace.facts_text is not None and cited == gold,
        cited=len(cited),
        gold=len(gold),
        both=len(cited & gold),
    )


def validity(problem: Problem, solution: Solution, trace: Trace) -> Validity:
    """The verdict on a parsed trace by what follows from the facts, not by the problem's gold steps."""
    category = None if label_fits(problem, solution) is None else trace.category in solution.categories
    if solution.failure:
        return Validity(category, None)
    if trace.facts_text is None:
        return Validity(category, False)
    cited = cited_facts(problem.facts, trace.facts_text)
    anchor, *sets = (_folded_at(problem.facts, facts) for facts in (solution.anchor, *solution.accepted))
    return Validity(category, any(needed <= cited <= needed | anchor for needed in sets))


@lru_cache(maxsize=8192)  # runs answer the same problems
def _folded_at(facts: tuple[str, ...], places: tuple[int, ...]) -> frozenset[str]:
    return frozenset(folded(facts[place]) for place in places)


@lru_cache(maxsize=8192)
def _longest_first(facts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(map(folded, facts)), key=lambda fact: (-len(fact), fact)))


def cited_facts(facts: tuple[str, ...], text: str) -> frozenset[str]:
    """The context facts that `text` quotes word for word, in folded form.

    Differences that `tracelib.core.texts.folded` removes do not count. A missing full stop does, as in the
    release. Longer facts are looked up first and removed, so that a fact inside another is not counted.
    """
    return _cited(facts, text) if len(text) <= REMEMBERED else _cited.__wrapped__(facts, text)


@lru_cache(maxsize=4096)
def _cited(facts: tuple[str, ...], text: str) -> frozenset[str]:
    text = folded("\n".join((*entries(text), text)) if "\\" in text else text)
    found = set()
    for fact in _longest_first(facts):
        if fact in text and _stands(fact, text):
            found.add(fact)
            text = text.replace(fact, "\n")
    return frozenset(found)


def _stands(fact: str, text: str) -> bool:
    """Whether a fact occurs in a text by itself: "Ada is in room 1" does not in "Ada is in room 12"."""
    start = text.find(fact)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(fact) : start + len(fact) + 1]
        if not (fact[-1].isalnum() and after.isalnum()) and not (fact[0].isalnum() and before.isalnum()):
            return True
        start = text.find(fact, start + 1)
    return False
