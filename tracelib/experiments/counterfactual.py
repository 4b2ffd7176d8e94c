"""Gold facts rewritten so that they give another answer: an invented name, or another name of the story.

Only the name that is the answer changes. So a problem cannot be rewritten if no gold fact holds its answer:
*yes* and *no*, numbers, paths.
"""

import random
from collections.abc import Mapping
from dataclasses import replace

from tracelib.core.texts import folded
from tracelib.datasets.cited import answers, are_gold
from tracelib.datasets.dataset import Rewriting
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.registry import dataset
from tracelib.traces.format import prompt

INVENTED = (  # no prompt of the datasets holds one (tests/experiments/test_counterfactual.py)
    "blorvin", "bravok", "brentok", "clavun", "cravik", "dorvet", "drimlo", "elgrin", "fernup", "flomrak",
    "frundel", "glimpet", "grolmet", "gundrik", "hixrun", "hubrin", "irvond", "jaskel", "jolvek", "klendor",
    "korvund", "lomvat", "lurnak", "mendrok", "mivrok", "narfel", "nolgar", "obrund", "orvesk", "pelvok",
    "plindar", "prandil", "quilnar", "rudgeln", "skelbin", "snarvik", "solvek", "stovrin", "thulmar",
    "trovane", "ulgran", "vaskil", "vextun", "vimdor", "wendrol", "wuxlen", "yorbat", "zindrap", "zolfur",
    "zorbel",
)  # fmt: skip


def renamed(problem: Problem, seed: int) -> Facts | None:
    """The gold facts with an invented name in place of each answer.

    Only the trace holds this name, so a model that answers it took it from the trace. None if the rewritten
    facts do not give exactly the invented names.
    """
    rewriting = dataset(problem.dataset).rewriting
    if rewriting is None:
        return None
    said, gold = folded(prompt(problem)), rewriting.answers(problem)
    free = [word for word in INVENTED if word not in said]
    if len(gold) > len(free):
        return None
    new = random.Random(f"renamed/{seed}/{problem.id}").sample(free, len(gold))
    return _with(problem, rewriting, dict(zip(gold, map(rewriting.written, new), strict=True)))


def other_answer(problem: Problem, seed: int) -> Facts | None:
    """The gold facts with another name of the story in place of one answer.

    This is for bAbI, where wrong facts mostly give no answer; on CoTempQA they give another answer by
    definition. The name is of the same kind as the answer, drawn at random from the names that work: the
    rewritten facts give exactly the new answer. None if no name works.
    """
    rewriting = dataset(problem.dataset).rewriting
    if rewriting is None:
        return None
    found = [
        facts
        for gold in rewriting.answers(problem)
        for name in rewriting.alike(problem, gold)
        if (facts := _with(problem, rewriting, {gold: name}))
    ]
    return random.Random(f"other answer/{seed}/{problem.id}").choice(found) if found else None


def _with(problem: Problem, rewriting: Rewriting, names: Mapping[str, str]) -> Facts | None:
    """The gold facts with new names for gold answers; None if they do not give exactly the new answers."""
    facts = tuple(rewriting.restated(problem, fact, names) for fact in problem.supporting_facts)
    new = [names.get(gold, gold) for gold in rewriting.answers(problem)]
    given = answers(problem, facts)
    return facts if given and are_gold(replace(problem, gold=rewriting.as_gold(new)), given) else None
