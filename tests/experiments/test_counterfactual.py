"""Rewritten facts, by hand; on the release, how many problems can be rewritten; invented names are new."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from tracelib.datasets import release_problems, twins
from tracelib.datasets.cited import answers, are_gold
from tracelib.datasets.problem import Problem
from tracelib.experiments.counterfactual import INVENTED, other_answer, renamed
from tracelib.traces.format import prompt

FEARS = ("Cats are afraid of wolves.", "Wolves are afraid of mice.", "Winona is a wolf.", "Emily is a cat.")
STORY = (
    "Mary got the milk.",
    "Mary went to the office.",
    "Daniel went to the kitchen.",
    "Daniel took the apple.",
)


def asked(question: str, gold: str, supporting: tuple[int, ...], facts=STORY, category="counting") -> Problem:
    return Problem("made", "babi", question, facts, (gold,), supporting, category)


def invented(facts) -> list[str]:
    return [word for fact in facts for word in re.findall(r"\w+", fact.lower()) if word in INVENTED]


def test_an_invented_place_stands_where_the_answer_stood():
    problem = asked("Where is the milk?", "office", (0, 1))
    took, went = renamed(problem, 1)
    assert took == STORY[0]
    assert re.fullmatch(rf"Mary went to the ({'|'.join(INVENTED)})\.", went)
    assert renamed(problem, 1) == (took, went)
    assert len({renamed(problem, seed) for seed in range(30)}) > 15


def test_what_is_feared_is_in_the_plural():
    problem = asked("What is winona afraid of?", "mouse", (1, 2), FEARS)
    feared, kind = renamed(problem, 1)
    assert (feared.rpartition(" ")[0], kind) == ("Wolves are afraid of", FEARS[2])
    assert answers(problem, (feared, kind))[0] in INVENTED
    assert other_answer(problem, 1) is None  # wolves would be afraid of wolves
    more = replace(problem, facts=(*FEARS, "Sheep are afraid of cats."))
    assert other_answer(more, 1) == ("Wolves are afraid of cats.", FEARS[2])


def test_several_answers_have_a_name_each():
    facts = ("Mary got the milk.", "Mary took the apple there.", "Daniel got the football.")
    problem = asked("What is Mary carrying?", "milk,apple", (0, 1), facts, "lists-sets")
    names = invented(renamed(problem, 1))
    assert len(set(names)) == 2
    assert answers(problem, renamed(problem, 1)) == (",".join(names),)
    assert {other_answer(problem, seed) for seed in range(20)} == {  # one of the two answers is replaced
        ("Mary got the football.", "Mary took the apple there."),
        ("Mary got the milk.", "Mary took the football there."),
    }


@pytest.mark.parametrize(
    "problem",
    [
        asked("How many objects is Mary carrying?", "one", (0,)),
        asked("Is Mary in the office?", "yes", (1,)),
        asked("What is Mary carrying?", "nothing", (1,)),
        asked("How do you go from the office to the garden?", "s,w", (1,)),
    ],
)
def test_there_is_nothing_to_rewrite_where_no_fact_has_the_answer(problem):
    assert renamed(problem, 1) is None
    assert other_answer(problem, 1) is None


def test_another_name_is_one_of_the_same_kind():
    assert other_answer(asked("Where is the milk?", "office", (0, 1)), 1) == (
        "Mary got the milk.",
        "Mary went to the kitchen.",
    )
    assert other_answer(asked("Where is Mary?", "office", (0,), STORY[1:2]), 1) is None  # no other place


def test_answers_of_cotempqa_have_proper_names(problem):
    facts = renamed(problem, 1)
    names = answers(problem, facts)
    assert [name.lower() for name in names] == invented(facts)
    assert all(name == name.capitalize() for name in names)
    assert facts == tuple(
        fact.replace(gold, name)
        for fact, gold, name in zip(problem.supporting_facts, problem.gold, names, strict=True)
    )
    assert other_answer(problem, 1) is None
    assert renamed(replace(problem, supporting=(0, 1, 2)), 1) is None  # another fact also gives the old name


def test_a_name_is_not_one_of_the_prompt(problem):
    taken = tuple(f"Ada works for {name.capitalize()} from 1 to 2." for name in INVENTED[:-2])
    crowded = replace(problem, facts=(*problem.facts, *taken))
    assert set(invented(renamed(crowded, 1))) == set(INVENTED[-2:])
    fuller = (*crowded.facts, f"Ada works for {INVENTED[-2]} from 1 to 2.")
    assert renamed(replace(problem, facts=fuller), 1) is None  # one name is left for two answers


@pytest.mark.parametrize("dataset", ["cotempqa", "babi", "marco"])
def test_facts_of_the_twins_give_what_they_were_made_to_give(dataset):
    found = Counter()
    for problem in twins.generate(dataset, 60, 3, 6):
        for name, made in (("renamed", renamed), ("other", other_answer)):
            if facts := made(problem, 1):
                found[name] += 1
                given = answers(problem, facts)
                assert given
                assert not are_gold(problem, given)
                assert len(facts) == len(problem.supporting)
                names = [entry.lower() for text in given for entry in text.split(",")]
                assert set(names) <= set(INVENTED) or name == "other"
    assert (found["renamed"] > 0, found["other"] > 0) == (dataset != "marco", dataset == "babi")


def test_invented_names_are_in_no_prompt_of_the_release(release_root):
    assert len(set(INVENTED)) == len(INVENTED) == 50
    splits = [release_problems.load_splits(dataset) for dataset in ("cotempqa", "babi")]
    said = "\n".join(prompt(p) for split in splits for part in split.values() for p in part).lower()
    assert [word for word in INVENTED if word in said] == []


def test_for_how_many_problems_of_the_release(release_root):
    """Not yes and no, not numbers, and no name that is the only one of its kind in the story."""
    babi, cotempqa = (release_problems.load_splits(dataset)["test"] for dataset in ("babi", "cotempqa"))
    assert (len(babi), sum(renamed(p, 1) is not None for p in babi)) == (376, 324)
    assert (len(cotempqa), sum(renamed(p, 1) is not None for p in cotempqa)) == (950, 927)
    assert sum(other_answer(p, 1) is not None for p in babi) == 290
