"""Answers of cited facts: by hand, and on the release, where gold facts give the gold answer."""

from collections import Counter
from dataclasses import replace

import pytest

from tracelib.datasets import release_problems
from tracelib.datasets.cited import answers, are_gold
from tracelib.datasets.problem import Problem
from tracelib.experiments.interventions import begun

STORY = (
    "Mary moved to the garden.",
    "Mary got the milk.",
    "Mary went to the office.",
    "Daniel went to the kitchen.",
    "Mary moved to the garden.",
)


def asked(question: str, gold: str, supporting: tuple[int, ...], facts=STORY, category="counting") -> Problem:
    return Problem("made", "babi", question, facts, (gold,), supporting, category)


@pytest.mark.parametrize(
    ("question", "cited", "given"),
    [
        ("Where is Mary?", [STORY[2]], ("office",)),
        ("Where is Mary?", ["mary went to the office."], ("office",)),  # in the incorrect condition's wording
        ("Where is Mary?", [STORY[3]], ()),  # no fact is about Mary
        ("Where is Mary?", [], ()),
        ("Where is Mary?", [STORY[2], "Mary moved to the bathroom."], ("bathroom",)),  # not in the story
        ("Where is Mary?", ["Mary moved to the bathroom.", STORY[2]], ("office",)),
        ("Where is Mary?", [STORY[2], STORY[0]], ("garden",)),  # it stands last, too
        ("Where is the milk?", [STORY[2], STORY[1]], ("office",)),  # the story's order: first she takes it
        ("Where is the milk?", [STORY[1]], ()),
        ("Where is the milk?", [STORY[1], "Something is wrong."], ()),
        ("How many objects is Mary carrying?", [STORY[1]], ("one",)),
        ("How many objects is Mary carrying?", [STORY[3]], ("none",)),  # an answer from any facts
        ("What is Mary carrying?", [STORY[3]], ("nothing",)),
        ("Who is Mary?", [STORY[3]], ()),  # fits no pattern
    ],
)
def test_what_facts_of_babi_give(question, cited, given):
    assert answers(asked(question, "garden", (4,)), cited) == given


def test_lists_are_gold_in_any_order_and_ways_in_one():
    carried = asked("What is Mary carrying?", "apple,milk", (1,), category="lists-sets")
    assert are_gold(carried, ("milk,apple",))
    assert not are_gold(carried, ("milk",))
    way = asked("How do you go from the office to the garden?", "s,w", (0,), category="path-finding")
    assert are_gold(way, ("s,w",))
    assert not are_gold(way, ("w,s",))


def test_what_facts_of_cotempqa_give(problem):
    cited = ["Ada works for Epsilon from 1980 to 1990.", "not a fact", "Ada works for Eta from 1 to 2."]
    assert answers(problem, cited) == ("Epsilon", "Eta")
    assert answers(replace(problem, question="What else?"), cited) == ()
    assert answers(replace(problem, dataset="marco"), cited) == ()


def test_gold_facts_of_the_release_give_the_gold_answer_and_wrong_ones_rarely_any(release_root):
    """If wrong facts give an answer, it is mostly that a person who took something carries nothing."""
    test = release_problems.load_splits("babi")["test"]
    assert all(are_gold(p, answers(p, p.supporting_facts)) for p in test)
    found, of_tasks = Counter(), Counter()
    for p in test:
        given = answers(p, begun(p, "wrong facts", 1, test, "", "correct").facts)
        found[bool(given), are_gold(p, given)] += 1
        of_tasks[p.category] += bool(given) and not are_gold(p, given)
    assert (len(test), found[True, False], found[True, True]) == (376, 52, 3)
    assert of_tasks["counting"] + of_tasks["lists-sets"] > 0.7 * found[True, False]
