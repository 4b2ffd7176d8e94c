"""Stories solved by hand, one per task and rule, then the real data."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.pylist import listed
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.babi.reader import CATEGORIES
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.babi.solver_relations import singular
from tracelib.datasets.problem import Problem
from tracelib.scoring.verify import Validity, validity
from tracelib.traces.format import parse, render


def asked(question, *facts):
    return solve(Problem("x", "babi", question, facts, ("?",), (), "?"))


CARRIED = (
    "Ada went to the attic.",
    "Ada took the pen there.",
    "Bob moved to the yard.",
    "Ada journeyed to the hall.",
)
GIVEN = ("Ada picked up the pen there.", "Ada gave the pen to Bob.", "Bob passed the pen to Cy.")
POSITIONS = ("The red cone is below the blue cone.", "The red cone is to the left of the disc.")
ROOMS = ("The hall is north of the yard.", "The attic is east of the hall.")
SIZES = ("The box is bigger than the tin.", "The tin fits inside the jar.", "The jar fits inside the box.")
DEDUCED = ("Wolves are afraid of mice.", "Ada is a wolf.", "Mice are afraid of wolves.", "Bob is a mouse.")
INDUCED = ("Ada is a frog.", "Bob is a frog.", "Bob is gray.", "Cy is a frog.", "Cy is red.", "Di is a lion.")
MOTIVES = ("Ada is tired.", "Ada went back to the bedroom.", "Ada grabbed the cup there.")
EITHER = ("Ada is either in the hall or the yard.",)
TIMES = (
    "Ada went to the hall this evening.",
    "This morning Ada moved to the yard.",
    "Yesterday Ada went to the attic.",
)
NEGATED = ("Ada is not in the hall.", "Bob is in the hall.")
STORIES = [  # task, question, facts, answer, supporting
    ("single-supporting-fact", "Where is Ada?", CARRIED, "hall", (3,)),
    ("two-supporting-facts", "Where is the pen?", CARRIED, "hall", (1, 3)),
    ("two-supporting-facts", "Where is the pen?", CARRIED[:3], "attic", (0, 1)),
    (
        "two-supporting-facts",
        "Where is the pen?",
        (*CARRIED, "Ada dropped the pen.", "Ada went to the yard."),
        "hall",
        (3, 4),
    ),
    (
        "two-supporting-facts",
        "Where is the pen?",
        (*CARRIED, "Ada left the pen there.", "Bob went to the hall.", "Bob got the pen there."),
        "hall",
        (5, 6),
    ),
    (
        "two-supporting-facts",
        "Where is the pen?",
        ("Ada went to the hall.", "Ada dropped the pen.", "Ada went to the yard."),
        "hall",
        (0, 1),
    ),
    (
        "three-supporting-facts",
        "Where was the pen before the hall?",
        (*CARRIED, "Ada dropped the pen.", "Ada went to the yard."),
        "attic",
        (0, 3, 4),
    ),
    ("two-arg-relations", "What is north of the yard?", ROOMS, "hall", (0,)),
    ("two-arg-relations", "What is the hall north of?", ROOMS, "yard", (0,)),
    ("two-arg-relations", "What is the yard south of?", ROOMS, "hall", (0,)),
    ("two-arg-relations", "What is west of the attic?", ROOMS, "hall", (1,)),
    ("three-arg-relations", "What did Ada give to Bob?", GIVEN, "pen", (1,)),
    ("three-arg-relations", "Who gave the pen to Bob?", GIVEN, "Ada", (1,)),
    ("three-arg-relations", "Who gave the pen?", GIVEN, "Bob", (2,)),
    ("three-arg-relations", "Who did Ada give the pen to?", GIVEN, "Bob", (1,)),
    ("three-arg-relations", "Who received the pen?", GIVEN, "Cy", (2,)),
    ("yes-no-questions", "Is Ada in the hall?", CARRIED, "yes", (3,)),
    ("yes-no-questions", "Is Ada in the attic?", CARRIED, "no", (3,)),
    ("counting", "How many objects is Ada carrying?", CARRIED, "one", (1,)),
    ("counting", "How many objects is Bob carrying?", GIVEN, "none", (1, 2)),
    ("counting", "How many objects is Ada carrying?", (*GIVEN, "Ada took the cup."), "one", (0, 1, 3)),
    ("counting", "How many objects is Ada carrying?", (*CARRIED, "Ada got the cup there."), "two", (1, 4)),
    ("lists-sets", "What is Ada carrying?", (*CARRIED, "Ada got the cup."), "pen,cup", (1, 4)),
    ("lists-sets", "What is Ada carrying?", (*CARRIED, "Ada put down the pen."), "nothing", (1, 4)),
    (
        "simple-negation",
        "Is Ada in the attic?",
        ("Ada went to the attic.", "Ada is no longer in the attic."),
        "no",
        (1,),
    ),
    ("simple-negation", "Is Bob in the hall?", NEGATED, "yes", (1,)),
    ("indefinite-knowledge", "Is Ada in the hall?", EITHER, "maybe", (0,)),
    ("indefinite-knowledge", "Is Ada in the attic?", EITHER, "no", (0,)),
    (
        "basic-coreference",
        "Where is Ada?",
        ("Bob went to the yard.", "Ada went to the hall.", "Then she went to the attic."),
        "attic",
        (1, 2),
    ),
    (
        "conjunction",
        "Where is Bob?",
        ("Ada and Bob went to the attic.", "Ada and Cy moved to the hall."),
        "attic",
        (0,),
    ),
    (
        "compound-coreference",
        "Where is Ada?",
        ("Bob and Ada went to the hall.", "After that they moved to the attic."),
        "attic",
        (0, 1),
    ),
    ("time-reasoning", "Where was Ada before the hall?", TIMES, "yard", (0, 1)),
    ("basic-deduction", "What is ada afraid of?", DEDUCED, "mouse", (0, 1)),
    ("basic-deduction", "What is bob afraid of?", DEDUCED, "wolf", (2, 3)),
    ("basic-induction", "What color is Ada?", INDUCED, "red", (0, 3, 4)),
    ("basic-induction", "What color is Bob?", INDUCED, "gray", (2,)),
    ("positional-reasoning", "Is the blue cone above the disc?", POSITIONS, "yes", (0, 1)),
    ("positional-reasoning", "Is the blue cone to the left of the disc?", POSITIONS, "yes", (0, 1)),
    ("positional-reasoning", "Is the disc above the blue cone?", POSITIONS, "no", (0, 1)),
    ("positional-reasoning", "Is the red cone to the right of the blue cone?", POSITIONS, "no", (0,)),
    ("size-reasoning", "Is the box bigger than the tin?", SIZES, "yes", (1, 2)),
    ("size-reasoning", "Does the box fit in the tin?", SIZES, "no", (1, 2)),
    ("size-reasoning", "Does the tin fit in the jar?", SIZES, "yes", (1,)),
    ("path-finding", "How do you go from the yard to the attic?", ROOMS, "n,e", (0, 1)),
    ("path-finding", "How do you go from the attic to the yard?", ROOMS, "w,s", (0, 1)),
    ("agents-motivations", "Where will ada go?", MOTIVES[:1], "bedroom", (0,)),
    ("agents-motivations", "Why did ada go to the bedroom?", MOTIVES, "tired", (0,)),
    ("agents-motivations", "Why did ada get the cup?", MOTIVES, "tired", (0,)),
]  # fmt: skip


@pytest.mark.parametrize(("category", "question", "facts", "answer", "supporting"), STORIES)
def test_stories_worked_by_hand(category, question, facts, answer, supporting):
    found = asked(question, *facts)
    assert (found.answers, found.supporting, found.failure) == ((answer,), supporting, "")
    assert category in found.categories


def test_every_task_has_a_story():
    assert {story[0] for story in STORIES} == set(CATEGORIES)


WHETHER = ("yes-no-questions", "simple-negation", "indefinite-knowledge")


@pytest.mark.parametrize(
    ("question", "facts", "categories"),
    [
        ("Is Ada in the hall?", ("Ada went to the hall.",), WHETHER),
        ("Is Ada in the hall?", ("Ada is in the hall.",), WHETHER),
        ("Is Ada in the hall?", CARRIED, WHETHER),
        ("Is Bob in the hall?", NEGATED, ("simple-negation",)),
        ("Is Bob in the hall?", ("Bob is no longer in the hall.",), ("simple-negation",)),
        ("Is Ada in the hall?", EITHER, ("indefinite-knowledge",)),
        ("Is Ada in the hall?", (*EITHER, *NEGATED), ()),
        ("Is Ada in the hall?", ("Ada is perhaps in the hall.",), WHETHER),
        ("Where is Ada?", CARRIED, ("single-supporting-fact",)),
        ("Where is Ada?", ("Ada and Bob went to the hall.",), ("conjunction",)),
        ("Where is Ada?", ("Then Bob and Ada went to the hall.",), ("conjunction",)),
        ("Where is Ada?", ("Ada went to the hall.", "Then he went to the yard."), ("basic-coreference",)),
        (
            "Where is Ada?",
            ("Ada and Bob went to the hall.", "Then they went to the yard."),
            ("compound-coreference",),
        ),
        (
            "Where is Ada?",
            ("Both of them went to the hall.",),
            ("single-supporting-fact", "basic-coreference", "conjunction", "compound-coreference"),
        ),
        ("What is Ada carrying?", ("Ada sang.",), ("lists-sets",)),
        ("Why?", CARRIED, ()),
    ],
)
def test_the_tasks_that_fit(question, facts, categories):
    assert asked(question, *facts).categories == categories


LAPS = (*GIVEN, "Ada took the cup.", "Ada dropped the cup.", "Ada took the pot.")
OPPOSITES = ("The hall is north of the yard.", "The yard is south of the hall.")
TWO_WAYS = (
    "The hall is north of the yard.",
    "The attic is north of the hall.",
    "The yard is south of the hall.",
)
LONG = (
    "The a is bigger than the b.",
    "The b is bigger than the c.",
    "The c is bigger than the d.",
    "The a is bigger than the d.",
)


@pytest.mark.parametrize(
    ("question", "facts", "sets"),
    [
        ("What is Ada carrying?", LAPS, {(0, 1, 3, 4, 5), (5,)}),
        (
            "How many objects is Bob carrying?",
            (*GIVEN, "Bob took the cup.", "Bob left the cup."),
            {(1, 2, 3, 4), (3, 4)},
        ),
        ("What is Ada carrying?", CARRIED, {(1,)}),
        (
            "Where was the pen before the hall?",
            (*CARRIED, "Ada dropped the pen.", "Ada went to the yard."),
            {(0, 3, 4), (0, 1, 3), (0, 1, 3, 4)},
        ),
        ("Is the box bigger than the tin?", SIZES, {(1, 2), (0,)}),
        ("Is the box bigger than the jar?", SIZES, {(2,)}),
        ("Is the a bigger than the d?", LONG, {(3,)}),
        ("Is the a bigger than the d?", LONG[:3], {(0, 1, 2)}),
        (
            "Does the tin fit in the box?",
            (
                *SIZES[1:],
                "The jar is bigger than the tin.",
                "The cup is bigger than the tin.",
                "The cup fits inside the box.",
            ),
            {(0, 1), (1, 2), (3, 4)},
        ),
        ("What is north of the yard?", OPPOSITES, {(0,), (1,)}),
        ("How do you go from the yard to the attic?", TWO_WAYS, {(0, 1), (1, 2)}),
        (
            "Is the attic above the yard?",
            tuple(f.replace("north of", "above").replace("south of", "below") for f in TWO_WAYS),
            {(0, 1), (1, 2)},
        ),
        ("What is ada afraid of?", (*DEDUCED, "Wolves are scared of mice."), {(0, 1), (1, 4)}),
    ],
)
def test_every_set_of_facts_that_does(question, facts, sets):
    found = asked(question, *facts)
    assert len(found.accepted) == len(set(found.accepted))
    assert set(found.accepted) == sets


def test_from_each_set_alone_the_answer_follows():
    """Task 3 is an exception if it cites a drop, which does not say how a thing came; its fuller sets do."""
    for category, question, facts, _, _ in STORIES:
        found = asked(question, *facts)
        for indices in found.alternatives if category == "three-supporting-facts" else found.accepted:
            told = sorted({*indices, *found.anchor})
            assert asked(question, *(facts[index] for index in told)).answers == found.answers


def test_a_motives_deed_is_in_the_question():
    found = asked("Why did ada get the cup?", *MOTIVES, MOTIVES[2])
    assert (found.supporting, found.anchor) == ((0,), (2, 3))


def test_two_shortest_ways_are_no_answer():
    square = (
        "The a is north of the b.",
        "The c is east of the a.",
        "The c is north of the d.",
        "The d is east of the b.",
    )
    assert asked("How do you go from the b to the c?", *square).failure == "several answers follow"


def test_chains_without_number_are_cut():
    """Two statements for each of 40 steps: 2 ** 40 chains."""
    wordings = ("The s{0} is bigger than the s{1}.", "The s{1} fits inside the s{0}.")
    facts = [wording.format(n, n + 1) for n in range(40) for wording in wordings]
    found = asked("Is the s0 bigger than the s40?", *facts)
    assert (found.answers, found.supporting) == (("yes",), tuple(range(0, 80, 2)))
    assert len(found.accepted) == 100


def test_copies_of_a_sentence_leave_room_for_other_chains():
    copied = ("The a is bigger than the b.", "The b is bigger than the c.") * 20
    found = asked(
        "Is the a bigger than the c?", *copied, "The a is bigger than the d.", "The c fits inside the d."
    )
    assert set(found.accepted) == {tuple(range(40)), (40, 41)}


@pytest.mark.parametrize(
    ("question", "facts", "failure"),
    [
        ("Why?", CARRIED, "the question fits no pattern"),
        ("Where is Ada?" + "?" * 2000, CARRIED, "the question fits no pattern"),
        ("Where is Ada?", (), "the question fits no pattern"),
        ("Where is Ada?", ("Ada sang.", *CARRIED), "a sentence fits no pattern"),
        ("Where is Ada?", (*CARRIED, "Ada went to the " + "x" * 2000 + "."), "a sentence fits no pattern"),
        ("What is north of the yard?", CARRIED, "a sentence fits no pattern"),
        ("Is the box bigger than the tin?", ROOMS, "a sentence fits no pattern"),
        ("What color is Ada?", ROOMS, "a sentence fits no pattern"),
        ("Where is Cy?", CARRIED, "nothing is said of what is asked"),
        ("Where is the cup?", CARRIED, "nothing is said of what is asked"),
        ("Where was Bob before the yard?", CARRIED, "nothing is said of what is asked"),
        ("Is Ada in the yard?", ("Ada is not in the hall.",), "nothing is said of what is asked"),
        ("Who received the cup?", GIVEN, "nothing is said of what is asked"),
        ("Where will bob go?", MOTIVES, "nothing is said of what is asked"),
        ("Why did ada get the pen?", MOTIVES, "nothing is said of what is asked"),
        ("What is east of the yard?", ROOMS, "nothing is said of what is asked"),
        ("How do you go from the yard to the moon?", ROOMS, "nothing is said of what is asked"),
        ("Is the disc above the moon?", POSITIONS, "nothing is said of what is asked"),
        ("Is the box bigger than the moon?", SIZES, "nothing is said of what is asked"),
        ("What is cy afraid of?", DEDUCED, "nothing is said of what is asked"),
        ("What color is Di?", INDUCED, "nothing is said of what is asked"),
        ("What is north of the yard?", (*ROOMS, "The yard is south of the attic."), "several answers follow"),
        ("What is ada afraid of?", (*DEDUCED, "Wolves are afraid of cats."), "several answers follow"),
        (
            "Is the box bigger than the tin?",
            (*SIZES, "The tin is bigger than the box."),
            "the sizes contradict each other",
        ),
    ],
)
def test_what_does_not_follow_has_a_reason(question, facts, failure):
    found = asked(question, *facts)
    assert (found.answers, found.supporting, found.failure) == ((), (), failure)


@pytest.mark.parametrize(
    ("plural", "expected"),
    [("Wolves", "wolf"), ("mice", "mouse"), ("Sheep", "sheep"), ("Ponies", "pony"), ("Foxes", "fox")],
)  # fmt: skip
def test_singular(plural, expected):
    assert singular(plural) == expected


SENTENCES = sorted({fact for story in STORIES for fact in story[2]})
WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})
FACTS = st.one_of(
    st.sampled_from(SENTENCES),
    st.text(max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
)
QUESTIONS = st.one_of(st.sampled_from(sorted({story[1] for story in STORIES})), st.text(max_size=40))


@settings(deadline=None)
@given(QUESTIONS, st.lists(FACTS, max_size=12).map(tuple))
def test_any_text_has_a_solution(question, facts):
    found = asked(question, *facts)
    assert bool(found.answers) != bool(found.failure)
    assert list(found.supporting) == sorted(set(found.supporting))
    assert all(0 <= index < len(facts) for index in found.supporting)


@settings(deadline=None)
@given(QUESTIONS, st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12).map(tuple))
def test_gold_supporting_and_category_are_not_looked_at(question, facts):
    problem = Problem("x", "babi", question, facts, ("?",), (), "?")
    other = replace(problem, id="y", gold=("hall",), supporting=(0,), category="counting")
    assert solve(problem) == solve(other)


# --- The release ------------------------------------------------------------------------------

SIZE_TASK = {  # problems, answers right, gold facts that are the first set found, one of the sets
    "train": {"size-reasoning": (198, 198, 185, 198)},
    "test": {"size-reasoning": (19, 19, 17, 19)},
}
ALL_RIGHT = {
    "train": {
        "single-supporting-fact": 200,
        "two-supporting-facts": 200,
        "two-arg-relations": 1000,
        "counting": 200,
        "lists-sets": 200,
        "conjunction": 200,
        "time-reasoning": 200,
        "basic-deduction": 250,
        "basic-induction": 1000,
        "positional-reasoning": 125,
    },
    "test": {
        "single-supporting-fact": 20,
        "two-supporting-facts": 20,
        "two-arg-relations": 100,
        "counting": 20,
        "lists-sets": 20,
        "conjunction": 20,
        "time-reasoning": 20,
        "basic-deduction": 25,
        "basic-induction": 100,
        "positional-reasoning": 12,
    },
}


@pytest.mark.parametrize("split", ["train", "test"])
def test_agreement_with_the_release(release_root, split):
    problems = babi.read(release_root / f"babiqa/data/babiqa/{split}_dataset_for_prompting.csv")
    answers, supporting, among = Counter(), Counter(), Counter()
    for problem in problems:
        found = solve(problem)
        assert found.categories == (problem.category,)
        answers[problem.category] += found.answers == problem.gold
        supporting[problem.category] += found.supporting == problem.supporting
        among[problem.category] += problem.supporting in found.accepted
    asked_of = Counter(problem.category for problem in problems)
    counts = {name: (n, answers[name], supporting[name], among[name]) for name, n in asked_of.items()}
    assert counts == SIZE_TASK[split] | {name: (n, n, n, n) for name, n in ALL_RIGHT[split].items()}


# --- The published files ----------------------------------------------------------------------

SLIPS = {  # task 5: the gold is an earlier gift, not the last
    "test": {
        ("What did Bill give to Mary?", "football", "apple"),
        ("What did Fred give to Bill?", "milk", "apple"),
    },
    "train": {("What did Bill give to Jeff?", "apple", "football")},  # asked twice
}


@pytest.mark.parametrize("split", ["test", pytest.param("train", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("task", range(1, 21))
def test_agreement_with_the_published_files(published_babi, task, split):
    """1,000 of 1,000 questions per file: answers, facts, label, and the verdict on the gold trace."""
    problems = babi.read(published_babi / f"qa{task}_{CATEGORIES[task - 1]}_{split}.txt")
    counts, differ = Counter(), set()
    for problem in problems:
        found = solve(problem)
        answers, facts = same_answers(problem, found), same_facts(problem, found)
        gold = parse(render(problem, problem.category, listed(problem.supporting_facts)))
        assert validity(problem, found, gold) == Validity(True, facts)
        counts["label"] += label_fits(problem, found)
        counts["answers"] += answers
        counts["facts"] += facts
        counts["first set"] += found.supporting == problem.supporting
        if not answers:
            differ.add((problem.question, problem.gold[0], found.answers[0]))
    right = 998 if task == 5 else 1000
    first = {("test", 18): 944, ("train", 18): 941}.get((split, task), right)
    assert counts == {"label": 1000, "answers": right, "facts": right, "first set": first}
    assert differ == (SLIPS[split] if task == 5 else set())


def test_the_chain_that_task_18_marks_does_not_follow_from_its_text(published_babi):
    """For some questions that are asked again about the same facts, the files mark another chain."""
    again, another = 0, 0
    for split in ("test", "train"):
        marked = {}
        for problem in babi.read(published_babi / f"qa18_size-reasoning_{split}.txt"):
            marked.setdefault((problem.question, problem.facts), []).append(problem.supporting)
        again += sum(len(sets) > 1 for sets in marked.values())
        another += sum(len(set(sets)) > 1 for sets in marked.values())
    assert (again, another) == (522, 20)
