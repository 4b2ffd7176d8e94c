"""Gold facts rewritten so that they give another answer: an invented name, or another name of the story.

All else stays as it is. What is rewritten is the name that is the answer, so that there is nothing to rewrite
where the answer stands in no gold fact: *yes* and *no*, numbers, ways.
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

INVENTED = (  # in no prompt of the datasets (tests/experiments/test_counterfactual.py)
    "blorvin", "bravok", "brentok", "clavun", "cravik", "dorvet", "drimlo", "elgrin", "fernup", "flomrak",
    "frundel", "glimpet", "grolmet", "gundrik", "hixrun", "hubrin", "irvond", "jaskel", "jolvek", "klendor",
    "korvund", "lomvat", "lurnak", "mendrok", "mivrok", "narfel", "nolgar", "obrund", "orvesk", "pelvok",
    "plindar", "prandil", "quilnar", "rudgeln", "skelbin", "snarvik", "solvek", "stovrin", "thulmar",
    "trovane", "ulgran", "vaskil", "vextun", "vimdor", "wendrol", "wuxlen", "yorbat", "zindrap", "zolfur",
    "zorbel",
)  # fmt: skip


def renamed(problem: Problem, seed: int) -> Facts | None:
    """The gold facts with an invented name in the place of the answer, one for each of several answers.

    Nothing but the trace says this name, so an answer that has it comes from the trace. None where facts so
    rewritten do not give the invented names and nothing else.
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
    """The gold facts with another name of the story in the place of the answer, or of one of several.

    On bAbI, where wrong facts mostly give no answer; on CoTempQA they give another one by definition. The
    name is of the same kind, drawn from those that the facts so rewritten give; None where there is none.
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
    """The gold facts with other names for gold answers; None if they do not give just these."""
    facts = tuple(rewriting.restated(problem, fact, names) for fact in problem.supporting_facts)
    new = [names.get(gold, gold) for gold in rewriting.answers(problem)]
    given = answers(problem, facts)
    return facts if given and are_gold(replace(problem, gold=rewriting.as_gold(new)), given) else None
