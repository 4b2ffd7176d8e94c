"""Check a generated text step by step against its own problem's gold steps."""

from dataclasses import dataclass

from tracelib.problems import Problem
from tracelib.traces import Trace, entries


@dataclass(frozen=True)
class Verdict:
    """Per-step correctness of one trace. A step that cannot be found is wrong.

    Attributes:
        category: the named category is the problem's.
        retrieval: the context facts quoted are exactly the gold supporting facts.
        cited: how many different context facts are quoted.
        gold: how many different gold supporting facts there are.
        both: how many are in both.
    """

    category: bool
    retrieval: bool
    cited: int
    gold: int
    both: int

    @property
    def trace(self) -> bool:
        """Every step is right."""
        return self.category and self.retrieval


def verify(problem: Problem, trace: Trace) -> Verdict:
    """The verdict on a parsed trace, always against this problem's own gold steps.

    Example (worked in the book, chapter on the problem): facts A, B, C with B gold. A trace that
    names the right category and quotes B has both steps right; one that quotes B and C has
    retrieval wrong with cited 2, gold 1, both 1.
    """
    cited = cited_facts(problem.facts, trace.facts_text or "")
    gold = {fact.casefold() for fact in problem.supporting_facts}
    return Verdict(
        category=trace.category == problem.category.lower(),
        retrieval=trace.facts_text is not None and cited == gold,
        cited=len(cited),
        gold=len(gold),
        both=len(cited & gold),
    )


def cited_facts(facts: tuple[str, ...], text: str) -> set[str]:
    """The context facts that `text` quotes verbatim up to case, case-folded.

    Longer facts are looked up first and taken out, so that a fact inside another is not counted.
    """
    text = "\n".join((*entries(text), text)).casefold() if "\\" in text else text.casefold()
    found = set()
    for fact in sorted({fact.casefold() for fact in facts}, key=lambda f: (-len(f), f)):
        if fact in text:
            found.add(fact)
            text = text.replace(fact, "\n")
    return found
