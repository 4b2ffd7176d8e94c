import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets.marco.reader import CATEGORIES, NO_ANSWER
from tracelib.datasets.marco.twin import ATTRIBUTES, THINGS, Knobs, _problem, answerable_from, generate, sound
from tracelib.datasets.problem import Problem, checked

KNOBS = st.builds(
    Knobs,
    passages=st.integers(2, 12),
    unanswerable=st.floats(0, 1),
    second=st.floats(0, 1),
    sentences=st.integers(2, 6),
)
FACTS = (
    "River Alula starts in the Bade Hills. The river is 120 kilometres long.",
    "River Bodo is 300 kilometres long. The river is sometimes confused with River Alula.",
    "River Alula is fished for the red striped trout. The river appears on a postage stamp.",
    "River Alula runs for 120 kilometres to the sea. The river was first mapped by Bo Der.",
)


def by_hand(question, facts=FACTS, gold=("x",), supporting=()):
    return Problem("p", "marco", question, facts, gold, supporting, "numeric")


def thing(fact):
    """The thing that a passage is about: the capitalised words at its start."""
    return re.match(r"[A-Z]\w+(?: [A-Z]\w+)?", fact).group()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how long is river alula", (0, 3)),
        ("river alula length", (0, 3)),
        ("what is the length of river bodo", (1,)),
        ("where does river alula start", (0,)),
        ("where does river bodo start", ()),
        ("who first mapped river alula", (3,)),
        ("what fish lives in river alula", (2,)),
        ("how long is river alu", ()),  # the start of a name is another name
        ("is it raining", ()),
    ],
)
def test_what_is_answered_is_read_off_the_text(question, expected):
    assert answerable_from(by_hand(question)) == expected


def test_a_problem_is_unsound_if_another_passage_has_the_answer():
    problem = by_hand("how long is river alula", gold=("120 kilometres",), supporting=(0, 3))
    assert sound(problem)
    assert not sound(replace(problem, supporting=(0,)))
    assert not sound(replace(problem, gold=("300 kilometres",)))
    elsewhere = (*FACTS, "River Coda is 120 kilometres long.")
    assert not sound(replace(problem, facts=elsewhere))
    assert not sound(by_hand("where does river bodo start", gold=("the Bade Hills",)))
    assert sound(by_hand("where does river bodo start", gold=(NO_ANSWER,)))


@given(KNOBS, st.integers(0, 99))
def test_properties(knobs, seed):
    problems = generate(8, seed, knobs)
    assert len({problem.id for problem in problems}) == 8
    for problem in problems:
        assert checked(problem, "twin", 1) == problem
        assert len(problem.facts) == knobs.passages
        assert problem.question == problem.question.lower()
        assert answerable_from(problem) == problem.supporting
        assert answerable_from(replace(problem, gold=("x",), supporting=())) == problem.supporting
        for fact in problem.facts:
            assert 2 <= fact.count(". ") + 1 <= knobs.sentences
            assert len(set(fact.split(". "))) == fact.count(". ") + 1
        if problem.supporting:
            short, sentence = problem.gold
            assert short in sentence
            found = [i for i, fact in enumerate(problem.facts) if short.lower() in fact.lower()]
            assert found == list(problem.supporting)
        else:
            assert problem.gold == (NO_ANSWER,)


def test_two_selected_passages_use_different_words():
    called = "|".join(word for _, word in THINGS.values())
    for problem in generate(200, 5, Knobs(unanswerable=0, second=1)):
        first, second = problem.supporting_facts
        assert thing(first) == thing(second)
        stating = [
            re.sub(f"^(?:{thing(fact)}|{called})", "It", sentence.rstrip("."))
            for fact in (first, second)
            for sentence in fact.split(". ")
            if problem.gold[0] in sentence
        ]
        assert len(stating) == len(set(stating)) == 2


def test_shares_are_those_asked_for():
    problems = generate(1000, 2, Knobs(unanswerable=0.3, second=0.5))
    selected = [len(problem.supporting) for problem in problems]
    assert 0.25 < selected.count(0) / 1000 < 0.35
    assert 0.45 < selected.count(2) / (1000 - selected.count(0)) < 0.55
    assert {len(p.supporting) for p in generate(50, 2, Knobs(unanswerable=1))} == {0}
    assert {len(p.supporting) for p in generate(50, 2, Knobs(unanswerable=0, second=0))} == {1}
    assert {problem.category for problem in problems} == set(CATEGORIES)


def test_distractors_are_near():
    """Most problems have another passage about the same thing, and a wrong value of the right sort."""
    same = near = 0
    for problem in generate(300, 4, Knobs(unanswerable=0, second=0)):
        (right,) = problem.supporting_facts
        others = [fact for fact in problem.facts if fact != right]
        same += any(thing(fact) == thing(right) for fact in others)
        about_others = [problem.question.replace(thing(right).lower(), thing(f).lower()) for f in others]
        near += any(
            thing(fact) != thing(right) and answerable_from(by_hand(question, (fact,)))
            for question, fact in zip(about_others, others, strict=True)
        )
    assert same > 200
    assert near > 200


def test_drawn_problems_are_nearly_all_sound():
    rng = random.Random(1)
    assert sum(not sound(_problem(rng, Knobs())) for _ in range(2000)) < 40


def test_every_statement_is_told_from_every_other():
    """The statements of an attribute answer its query; the kind's other statements do not."""
    for kind, attributes in ATTRIBUTES.items():
        rng = random.Random(kind)
        name, called = THINGS[kind][0](rng), THINGS[kind][1]
        for asked in attributes:
            for told in attributes:
                for statement in told.statements:
                    own = statement.format(x=name, v=told.value(rng))
                    second = f"{name} is old. " + statement.format(x=called, v=told.value(rng))
                    for query in asked.queries:
                        problem = by_hand(query.replace("{x}", name.lower()), (own, second))
                        assert answerable_from(problem) == ((0, 1) if told is asked else ())


def test_it_repeats_and_longer_calls_go_on():
    first = generate(100, seed=1)
    assert first == generate(100, seed=1)
    assert first[:40] == generate(40, seed=1)
    assert first != generate(100, seed=2)
    assert first[0] != generate(1, seed=1, knobs=Knobs(passages=6))[0]
    assert generate(0, seed=1) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passages", 1),
        ("passages", 101),
        ("sentences", 1),
        ("sentences", 7),
        ("unanswerable", -0.1),
        ("unanswerable", 1.5),
        ("second", float("nan")),
    ],
)
def test_impossible_knobs(name, value):
    with pytest.raises(InputError, match=f"{name}=.*expected"):
        Knobs(**{name: value})
