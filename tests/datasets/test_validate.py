from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import quoted
from tracelib.datasets.babi.solver import solve as solve_babi
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution
from tracelib.datasets.validate import BY_SOLVER, CHECKS, MARKED, summary, validate

LABEL = "category contradicted by the facts"
ANSWER = "answer contradicted by the facts"


def found(splits, solve=None):
    """(split, item, check) of every finding."""
    return list(validate(splits, solve)[["split", "item", "check"]].itertuples(index=False, name=None))


def checks(problem, solve=None):
    return [check for _, _, check in found({"test": [problem]}, solve)]


@pytest.fixture
def story():
    return Problem(
        id="s1",
        dataset="babi",
        question="What is Mary carrying?",
        facts=("Mary took the Milk there.", "Mary got the football there.", "John went home."),
        gold=("milk,football",),
        supporting=(0, 1),
        category="lists-sets",
    )


@pytest.fixture
def query():
    return Problem(
        id="q1",
        dataset="marco",
        question="how tall is the tower",
        facts=("The tower was built in 1901.", "It is 80 m high."),
        gold=("Eighty metres.",),
        supporting=(1,),
        category="numeric",
    )


def test_nothing_is_found_in_sound_problems(problem, story, query):
    findings = validate({"train": [problem, story], "test": [query]})
    assert findings.empty
    assert list(findings.columns) == ["split", "item", "check", "detail"]


def test_an_answer_outside_the_context(problem):
    findings = validate({"test": [replace(problem, gold=("gamma", "Zeta"))]})
    assert findings.to_dict("records") == [
        {
            "split": "test",
            "item": "p1",
            "check": "answer not in the context",
            "detail": "in no fact: ['Zeta']",
        }
    ]


@pytest.mark.parametrize("gold", ["yes", "No", "none", "Nothing", "two", "n,w", "milk"])
def test_answers_of_babi_that_are_derived_or_stated(story, gold):
    assert checks(replace(story, gold=(gold,))) == []


@pytest.mark.parametrize("gold", ["apple", "milk,apple"])
def test_an_entry_of_a_list_outside_the_context(story, gold):
    (finding,) = validate({"test": [replace(story, gold=(gold,))]}).to_dict("records")
    assert finding["check"] == "answer not in the context"
    assert finding["detail"] == "in no fact: ['apple']"


def test_irregular_plurals_and_motives_of_babi(story):
    deduced = replace(story, facts=("Cats are afraid of wolves.", "Tom is a cat."), gold=("wolf",))
    assert checks(deduced) == []
    assert checks(replace(deduced, gold=("mouse",))) == ["answer not in the context"]
    assert checks(replace(story, gold=("kitchen",), category="agents-motivations")) == []


@pytest.mark.parametrize("category", ["yes-no-questions", "counting", "simple-negation", "size-reasoning"])
def test_derived_answers_are_not_looked_up_in_any_language(story, category):
    assert checks(replace(story, gold=("हाँ",), category=category)) == []
    assert checks(replace(story, gold=("हाँ",))) == ["answer not in the context"]


def test_support_and_answer_belong_together(problem, query):
    unanswerable = replace(query, gold=("No Answer Present.",))
    assert checks(replace(problem, supporting=())) == ["no supporting fact"]
    assert checks(replace(query, supporting=())) == ["no supporting fact"]
    assert checks(unanswerable) == ["supporting fact without an answer"]
    assert checks(replace(unanswerable, supporting=())) == []


def test_repeats_inside_a_problem(problem):
    twice = replace(problem, facts=(*problem.facts, problem.facts[0]), gold=("Gamma", "gamma", "Delta"))
    findings = validate({"test": [twice]})
    assert findings.check.tolist() == ["fact stands twice in the context", "answer listed twice"]
    assert findings.detail.tolist() == [
        "repeated: ['Ada works for Beta from 1948 to 1952.']",
        "repeated: ['gamma']",
    ]


def test_repeats_inside_a_split_go_by_content_not_id(problem):
    copy = replace(problem, id="p2")
    findings = validate({"train": [problem, copy, replace(problem, id="p3", question="Who else?")]})
    assert findings.to_dict("records") == [
        {
            "split": "train",
            "item": "p2",
            "check": "same problem twice in a split",
            "detail": "problems 1 and 2 of the split, as item 'p1'",
        }
    ]


def test_repeats_over_splits_are_reported_where_they_are_met_again(problem):
    copy = replace(problem, id="p2")
    other = replace(problem, id="p3", facts=problem.facts[:3])
    assert found({"train": [problem], "test": [copy, other]}) == [
        ("test", "p2", "same problem in two splits"),
        ("test", "p3", "same question in two splits"),
    ]
    assert found({"train": [problem], "val": [other], "test": [copy]}) == [
        ("val", "p3", "same question in two splits"),
        ("test", "p2", "same problem in two splits"),
    ]
    assert found({"train": [problem, other]}) == []
    details = validate({"train": [other, problem], "test": [copy, replace(other, gold=("Beta",))]}).detail
    assert details.tolist() == [
        "also problem 2 of train, here problem 1",
        "also problem 1 of train, here problem 2: " + quoted(other.question),
    ]


def test_what_a_solver_says_otherwise(problem):
    def solver(**solution):
        return lambda problem: Solution(**solution)

    right = {"answers": ("delta", "GAMMA"), "categories": ("mix",)}
    assert checks(problem, solver(**right)) == []
    assert checks(problem, solver(**right | {"categories": ()})) == []
    assert checks(problem, solver(**right | {"categories": ("equal", "mix")})) == []
    assert checks(problem, solver(**right | {"categories": ("equal",)})) == [LABEL]
    assert checks(replace(problem, category="employment"), solver(**right)) == []
    assert checks(problem, solver(**right | {"answers": ("Gamma",)})) == [ANSWER]
    assert checks(problem, solver(failure="no pattern")) == ["answer not derived"]
    assert checks(replace(problem, dataset="mine"), solver(failure="no solver")) == []
    findings = validate({"test": [problem]}, solver(answers=("Gamma",), categories=("equal", "during")))
    assert findings.detail.tolist() == [
        "labelled 'mix', the facts give 'equal' or 'during'",
        "gold is ['Gamma', 'Delta'], the facts give ['Gamma']",
    ]


@pytest.mark.parametrize("gold", ["milk,football", "football,milk", "Football, milk", " milk ,football"])
def test_a_list_in_another_order_is_no_finding(story, gold):
    listed = replace(
        story, facts=tuple(fact.replace("home", "to the attic") for fact in story.facts), gold=(gold,)
    )
    listed = replace(listed, facts=tuple(fact.replace("Milk", "milk") for fact in listed.facts))
    assert checks(listed, solve_babi) == []
    assert checks(replace(listed, gold=("milk,apple",)), solve_babi)[-1] == ANSWER
    assert checks(replace(listed, gold=("milk",)), solve_babi) == [ANSWER]
    assert checks(replace(listed, gold=("milkfootball",)), solve_babi)[-1] == ANSWER


def test_a_way_in_another_order_is_another_way(story):
    rooms = ("The hall is north of the yard.", "The attic is east of the hall.")
    asked = "How do you go from the yard to the attic?"
    way = replace(story, question=asked, facts=rooms, gold=("n, e",), category="path-finding")
    assert checks(way, solve_babi) == []
    assert checks(replace(way, gold=("e,n",)), solve_babi) == [ANSWER]


def test_a_label_that_the_text_leaves_open_is_not_contradicted(story):
    asked = replace(story, question="Is Ada in the hall?", facts=("Ada is in the hall.",), supporting=(0,))
    asked = replace(asked, gold=("yes",))
    denied = replace(asked, facts=("Ada is no longer in the hall.",), gold=("no",))
    for label in ("yes-no-questions", "simple-negation", "indefinite-knowledge"):
        assert checks(replace(asked, category=label), solve_babi) == []
    assert checks(replace(asked, category="size-reasoning"), solve_babi) == [LABEL]
    assert checks(replace(denied, category="simple-negation"), solve_babi) == []
    assert checks(replace(denied, category="yes-no-questions"), solve_babi) == [LABEL]


def test_supporting_facts_that_are_not_those_of_the_dataset(story):
    told = ("Ada went to the hall.", "Bob went to the yard.", "Ada took the milk.")
    asked = replace(story, question="Where is Ada?", facts=told, gold=("hall",), supporting=(0,))
    asked = replace(asked, category="single-supporting-fact")
    assert checks(asked, solve_babi) == []
    (finding,) = validate({"test": [replace(asked, supporting=(1,))]}, solve_babi).to_dict("records")
    assert finding["check"] == "supporting facts are others"
    assert finding["detail"] == (
        "marked: ['Bob went to the yard.'], but it follows from ['Ada went to the hall.']"
    )
    assert checks(replace(asked, supporting=(0, 1)), solve_babi) == ["supporting facts are others"]
    assert checks(replace(asked, supporting=()), solve_babi) == ["no supporting fact"]
    assert checks(replace(asked, gold=("yard",)), solve_babi) == [ANSWER]


def test_a_question_of_which_nothing_is_said(story):
    told = ("Ada went to the hall.", "Bob went to the yard.")
    asked = replace(story, question="Where is Zoe?", facts=told, gold=("hall",), supporting=(0,))
    asked = replace(asked, category="single-supporting-fact")
    (finding,) = validate({"test": [asked]}, solve_babi).to_dict("records")
    assert finding["check"] == "answer not derived"
    assert finding["detail"] == "gold is ['hall'], but nothing is said of what is asked"


def test_details_are_bounded(problem):
    findings = validate({"test": [replace(problem, gold=("x" * 10_000,))]})
    assert len(findings.detail[0]) < 100


def test_the_summary_counts_problems(problem, story):
    splits = {"train": [problem, story, replace(problem, supporting=(1,))], "test": [problem], "none": []}
    table = summary(validate(splits), splits)
    assert list(table.columns) == ["check", "split", "problems", "n", "percent"]
    assert len(table) == 3 * (len(CHECKS) - len(BY_SOLVER))
    row = table.set_index(["check", "split"])
    repeated = row.loc[("same problem twice in a split", "train")]
    assert (repeated.problems, repeated.n, repeated.percent) == (1, 3, 33.33)
    assert row.loc[("same problem in two splits", "test")].percent == 100
    assert row.loc[("no supporting fact", "train")].problems == 0
    assert pd.isna(row.loc[("no supporting fact", "none")].percent)


def test_the_summary_names_the_solver_checks_only_if_they_ran(problem, story):
    splits = {"test": [problem]}
    ran = summary(validate(splits, lambda problem: Solution(failure="x")), splits).check
    assert ran.tolist() == [check for check in CHECKS if check != MARKED]
    both = splits | {"train": [story]}
    assert summary(validate(both, lambda problem: Solution(failure="x")), both).check.unique().tolist() == (
        list(CHECKS)
    )
    assert not set(summary(validate(splits), splits).check) & set(BY_SOLVER)


@given(st.lists(st.integers(0, 9), max_size=30), st.lists(st.integers(0, 9), max_size=30))
def test_each_copy_is_found_once(first, second):
    """Ten problems drawn with repeats: duplicates within a split and across the two splits."""
    pool = cotempqa_like(10)
    splits = {"train": [pool[i] for i in first], "test": [pool[i] for i in second]}
    counted = validate(splits).check.value_counts()
    copies = len(first) - len(set(first)) + len(second) - len(set(second))
    assert counted["same problem twice in a split"] == copies
    assert counted["same problem in two splits"] == sum(i in first for i in second)
    assert counted.sum() == copies + sum(i in first for i in second)


def cotempqa_like(count):
    return [
        Problem(
            id=str(number),
            dataset="cotempqa",
            question=f"While Ada worked for B{number}, which employer did Ada work for?",
            facts=(f"Ada works for B{number} in 1950.", "Ada works for C in 1950."),
            gold=("C",),
            supporting=(1,),
            category="equal",
        )
        for number in range(count)
    ]


def test_the_release_has_one_answer_listed_twice(release_root):
    splits = {c: cotempqa.read(release_root / f"main/data/cotempqa/{c}.json") for c in ("equal", "overlap")}
    assert [(s, c) for s, _, c in found(splits)] == [("overlap", "answer listed twice")]
