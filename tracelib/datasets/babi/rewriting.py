"""Rewrite bAbI sentences with another name in the place of the answer."""

import re
from collections.abc import Mapping

from tracelib.datasets.babi.solver_relations import singular
from tracelib.datasets.babi.solver_stories import DROPS, GIVES, TAKES
from tracelib.datasets.dataset import Rewriting
from tracelib.datasets.problem import Problem

WORD = re.compile(r"[\w'-]+")
FEARED = re.compile(r"\bare (?:afraid|scared) of ([\w'-]+)\.\Z")
KINDS = (  # one pattern per kind of name: where names of the kind stand in a sentence
    re.compile(r"\bto the ([\w'-]+)"),  # where people go
    re.compile(rf"\b(?:{'|'.join((*TAKES, *DROPS, *GIVES))}) the ([\w'-]+)"),  # what they carry
    re.compile(r"(?:\AThe|\b(?:north|south|east|west) of the) ([\w'-]+)"),  # what lies where
    re.compile(r"\A[\w'-]+ is ([\w'-]+)\.\Z"),  # colours
    FEARED,
)


def _answers(problem: Problem) -> list[str]:
    return list(dict.fromkeys(problem.gold[0].split(",")))


def _restated(problem: Problem, fact: str, names: Mapping[str, str]) -> str:
    """The sentence with other names; a feared animal is written in the plural."""

    def said(word: re.Match) -> str:
        one = singular(word[0])
        return names.get(word[0]) or (_plural(problem, names[one]) if one in names else word[0])

    return WORD.sub(said, fact)


def _plural(problem: Problem, name: str) -> str:
    """The plural of an animal as the story writes it, else with an s."""
    feared = (word for fact in problem.facts for word in FEARED.findall(fact))
    return next((word for word in feared if singular(word) == name), f"{name}s")


def _alike(problem: Problem, answer: str) -> list[str]:
    """The story's other names of the answer's kind, without those in the question or supporting facts."""
    words = WORD.findall(" ".join([problem.question, *problem.supporting_facts]).lower())
    taken = {*words, *map(singular, words)}  # else wolves could be afraid of wolves
    for kind in KINDS:
        found = [word for fact in problem.facts for word in kind.findall(fact)]
        if kind is FEARED:
            found = list(map(singular, found))
        if answer in found:
            return [name for name in dict.fromkeys(found) if name != answer and name not in taken]
    return []


REWRITING = Rewriting(_answers, lambda names: (",".join(names),), _restated, _alike)
