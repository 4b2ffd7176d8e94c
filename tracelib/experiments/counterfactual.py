"""Gold facts rewritten so that they give another answer: an invented name, or another name of the story.

All else stays as it is. What is rewritten is the name that is the answer, so that there is nothing to rewrite
where the answer stands in no gold fact: *yes* and *no*, numbers, ways.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import replace

from tracelib.core.texts import folded
from tracelib.datasets.babi.solver_relations import singular
from tracelib.datasets.babi.solver_stories import DROPS, GIVES, TAKES
from tracelib.datasets.cited import answers, are_gold
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.cotempqa.solver import asked_side
from tracelib.datasets.problem import Problem
from tracelib.traces.conditions import Facts
from tracelib.traces.format import prompt

INVENTED = (  # in no prompt of the datasets (tests/experiments/test_counterfactual.py)
    "blorvin", "bravok", "brentok", "clavun", "cravik", "dorvet", "drimlo", "elgrin", "fernup", "flomrak",
    "frundel", "glimpet", "grolmet", "gundrik", "hixrun", "hubrin", "irvond", "jaskel", "jolvek", "klendor",
    "korvund", "lomvat", "lurnak", "mendrok", "mivrok", "narfel", "nolgar", "obrund", "orvesk", "pelvok",
    "plindar", "prandil", "quilnar", "rudgeln", "skelbin", "snarvik", "solvek", "stovrin", "thulmar",
    "trovane", "ulgran", "vaskil", "vextun", "vimdor", "wendrol", "wuxlen", "yorbat", "zindrap", "zolfur",
    "zorbel",
)  # fmt: skip
WORD = re.compile(r"[\w'-]+")
FEARED = re.compile(r"\bare (?:afraid|scared) of ([\w'-]+)\.\Z")
KINDS = (  # of bAbI's names: where in a sentence those of one kind stand
    re.compile(r"\bto the ([\w'-]+)"),  # where people go
    re.compile(rf"\b(?:{'|'.join((*TAKES, *DROPS, *GIVES))}) the ([\w'-]+)"),  # what they carry
    re.compile(r"(?:\AThe|\b(?:north|south|east|west) of the) ([\w'-]+)"),  # what lies where
    re.compile(r"\A[\w'-]+ is ([\w'-]+)\.\Z"),  # colours
    FEARED,
)


def renamed(problem: Problem, seed: int) -> Facts | None:
    """The gold facts with an invented name in the place of the answer, one for each of several answers.

    Nothing but the trace says this name, so an answer that has it comes from the trace. None where facts so
    rewritten do not give the invented names and nothing else.
    """
    said, gold = folded(prompt(problem)), _entries(problem)
    free = [word for word in INVENTED if word not in said]
    if problem.dataset not in ("cotempqa", "babi") or len(gold) > len(free):
        return None
    new = random.Random(f"renamed/{seed}/{problem.id}").sample(free, len(gold))
    if problem.dataset == "cotempqa":
        new = [word.capitalize() for word in new]
    return _with(problem, dict(zip(gold, new, strict=True)))


def other_answer(problem: Problem, seed: int) -> Facts | None:
    """The gold facts with another name of the story in the place of the answer, or of one of several.

    bAbI only, where wrong facts mostly give no answer; on CoTempQA they give another one by definition. The
    name is of the same kind, drawn from those that the facts so rewritten give; None where there is none.
    """
    if problem.dataset != "babi":
        return None
    words = WORD.findall(" ".join([problem.question, *problem.supporting_facts]).lower())
    taken = {*words, *map(singular, words)}  # or wolves would be afraid of wolves
    found = [
        facts
        for gold in _entries(problem)
        for name in _alike(problem, gold)
        if name not in taken and (facts := _with(problem, {gold: name}))
    ]
    return random.Random(f"other answer/{seed}/{problem.id}").choice(found) if found else None


def _entries(problem: Problem) -> list[str]:
    """The different gold answers; bAbI writes several as one text."""
    gold = problem.gold[0].split(",") if problem.dataset == "babi" else problem.gold
    return list(dict.fromkeys(gold))


def _with(problem: Problem, names: Mapping[str, str]) -> Facts | None:
    """The gold facts with other names for gold answers; None if they do not give just these."""
    rewritten = _said_otherwise if problem.dataset == "babi" else _stated_otherwise
    facts = tuple(rewritten(problem, fact, names) for fact in problem.supporting_facts)
    new = tuple(names.get(gold, gold) for gold in _entries(problem))
    meant = replace(problem, gold=(",".join(new),) if problem.dataset == "babi" else new)
    given = answers(problem, facts)
    return facts if given and are_gold(meant, given) else None


def _stated_otherwise(problem: Problem, fact: str, names: Mapping[str, str]) -> str:
    """A fact of CoTempQA with another name on the side that the question asks for."""
    side, stated = asked_side(problem), cotempqa.parse_fact(fact)
    old = side and stated and getattr(stated, side)
    return cotempqa.restated(fact, side, names[old]) if old in names else fact


def _said_otherwise(problem: Problem, fact: str, names: Mapping[str, str]) -> str:
    """A sentence of bAbI with other names; what is feared stands in the plural there."""

    def said(word: re.Match) -> str:
        one = singular(word[0])
        return names.get(word[0]) or (_plural(problem, names[one]) if one in names else word[0])

    return WORD.sub(said, fact)


def _plural(problem: Problem, name: str) -> str:
    """As the story has it, or with an s."""
    feared = (word for fact in problem.facts for word in FEARED.findall(fact))
    return next((word for word in feared if singular(word) == name), f"{name}s")


def _alike(problem: Problem, name: str) -> list[str]:
    """The other names of the story of the same kind as this one, as an answer would have them."""
    for kind in KINDS:
        found = [word for fact in problem.facts for word in kind.findall(fact)]
        if kind is FEARED:
            found = list(map(singular, found))
        if name in found:
            return [other for other in dict.fromkeys(found) if other != name]
    return []
