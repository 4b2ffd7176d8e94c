import hashlib
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.core.pylist import entries
from tracelib.datasets import twins
from tracelib.datasets.problem import Problem
from tracelib.scoring.verify import verify
from tracelib.traces import conditions
from tracelib.traces import format as trace_format
from tracelib.traces.conditions import CONDITIONS, target
from tracelib.traces.described import describe
from tracelib.traces.format import answer_text, parse

POOLS = {dataset: twins.generate(dataset, 60, 3, 6) for dataset in twins.DATASETS}
ALL = [problem for pool in POOLS.values() for problem in pool]
STEPS = {  # condition: category right, facts right; None where the condition does not settle it
    "correct": (True, True),
    "incorrect": (False, False),
    "wrong-category": (False, True),
    "wrong-facts": (True, False),
    "both-wrong": (False, False),
    "simulated-r1": (True, True),
    "simulated-summary": (True, True),
    "simulated-explanation": (True, True),
    "answer-first": (True, True),
}
MADE = {  # sha256 of the targets of the twins' problems, seeds 1 and 2; committed runs were trained on them
    "vanilla": "3eccc53a62134555",
    "correct": "a7d078884e57d9b2",
    "incorrect": "9c032e38b5c0f9b5",
    "wrong-category": "7bf8a982ea60dfa0",
    "wrong-facts": "a7eaae53faf6d05b",
    "both-wrong": "e3ffbc57573a460b",
    "swapped": "410381d4a875f2ee",
    "filler": "fcf8be3b00cf3676",
    "filler-25": "9da6ff8be2b0ad94",
    "filler-50": "8bc5089e55f5e979",
    "shuffled": "b7d9341c38e893e0",
    "dose-10": "e217be8a8a9b2552",
    "dose-25": "9cb0cea446316af2",
    "dose-50": "f719b7609e1c3876",
    "dose-75": "2187f8867f6e8d38",
    "simulated-r1": "ce8c56ff1675f4bd",
    "simulated-summary": "f473e7af8241e4a9",
    "simulated-explanation": "7a5ca6ed064b445c",
}
FILLERS = ("filler", "filler-25", "filler-50")


def made(problem, condition, seed=1):
    return target(problem, condition, seed, POOLS[problem.dataset])


def test_targets_in_the_release_wording(problem):
    assert target(problem, "vanilla", 0) == "['Gamma', 'Delta']"
    assert target(problem, "correct", 0) == (
        "<think>The temporal relation between the event in question and the event in context is: mix.\n"
        "I need to use the following facts to answer the question: "
        "['Ada works for Gamma from 1940 to 1960.', 'Ada works for Delta from 1950 to 1955.']"
        "</think> <answer>['Gamma', 'Delta']</answer>"
    )


@pytest.mark.parametrize("condition", MADE)
def test_targets_are_those_of_the_committed_runs(condition):
    digest = hashlib.sha256()
    for pool in POOLS.values():
        for seed in (1, 2):
            for problem in pool:
                digest.update(target(problem, condition, seed, pool).encode() + b"\0")
    assert digest.hexdigest()[:16] == MADE[condition]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_keeps_the_answer_and_repeats(condition):
    for problem in ALL:
        text = made(problem, condition, 5)
        assert text == made(problem, condition, 5)
        assert parse(text).answer == answer_text(problem)
    assert describe(condition).endswith(".")


@pytest.mark.parametrize("condition", STEPS)
def test_steps_are_as_right_as_the_condition_says(condition):
    for problem in ALL:
        found = verify(problem, parse(made(problem, condition)))
        if len(problem.supporting) == len(problem.facts):
            continue  # no distractor: the facts cannot be wrong by citing one
        if condition in ("wrong-facts", "both-wrong", "incorrect"):
            assert found.both == 0
        assert (found.category, found.retrieval) == STEPS[condition], (condition, problem)


def test_the_factorial_has_one_format_and_cites_as_many_facts():
    for problem in ALL:
        cited = {
            c: parse(made(problem, c)).quotes
            for c in ("correct", "wrong-category", "wrong-facts", "both-wrong")
        }
        assert cited["correct"] == cited["wrong-category"] == problem.supporting_facts
        others = len(set(problem.facts) - set(problem.supporting_facts))
        gold = len(set(problem.supporting_facts))
        assert len(cited["wrong-facts"]) == len(cited["both-wrong"]) == min(max(1, gold), others)


def test_a_tagged_answer_is_how_traced_targets_end():
    for problem in ALL:
        assert made(problem, "correct").endswith(f"</think> {made(problem, 'vanilla-tagged')}")
        assert parse(made(problem, "vanilla-tagged")).status == "no trace"


def test_a_trace_after_the_answer_is_the_correct_one():
    for problem in ALL:
        after, before = parse(made(problem, "answer-first")), parse(made(problem, "correct"))
        assert after == before
        assert made(problem, "answer-first").startswith(f"{made(problem, 'vanilla-tagged')} <think>")


def test_a_trace_after_the_answer_may_be_cut():
    """The answer is there, and the part of the trace that is there can be judged."""
    problem = POOLS["cotempqa"][0]
    whole = made(problem, "answer-first")
    cut = parse(whole[: whole.index("I need")])
    assert (cut.answer, cut.found) == (answer_text(problem), "tag")
    assert (cut.category, cut.facts_text) == (problem.category, None)


def test_random_steps_have_the_format_of_correct_ones_and_say_nothing_by_exclusion():
    """Over many seeds each label and each fact of a problem is as likely as any other."""
    problem = next(p for p in POOLS["cotempqa"] if len(set(p.facts)) == 6 and len(p.supporting) == 2)
    assert target(problem, "random-fact", 1) == target(problem, "random-fact", 1)
    drawn = [parse(target(problem, "random-fact", seed)) for seed in range(1200)]
    assert {len(trace.quotes) for trace in drawn} == {2}
    for found, kinds, each in (
        (Counter(trace.category for trace in drawn), conditions.labels(problem), 300),
        (Counter(fact for trace in drawn for fact in trace.quotes), problem.facts, 400),
    ):
        assert set(found) == set(kinds)
        assert all(abs(count - each) < 5 * each**0.5 for count in found.values()), found
    ends = {made(problem, name).partition("</think>")[2] for name in ("random-fact", "correct")}
    assert len(ends) == 1


def test_random_steps_are_as_many_as_the_correct_ones_and_of_the_context():
    for problem in ALL:
        cited = parse(made(problem, "random-fact")).quotes
        assert len(set(cited)) == len(cited) == max(1, len(set(problem.supporting_facts)))
        assert set(cited) <= set(problem.facts)


def test_the_prompt_is_the_same_but_for_who_is_asked_to_think_first(problem):
    for dataset, pool in POOLS.items():
        one = pool[0]
        asked = {name: conditions.prompt(one, name) for name in (*conditions.UNTRAINED, *CONDITIONS)}
        thinking = asked.pop("prompted-thinking")
        assert set(asked.values()) == {trace_format.prompt(one)}
        same, _, request = thinking.partition("Explain your reasoning")
        assert trace_format.prompt(one) == f"{same}Only return the answer.\n"
        assert "Only return the answer" not in thinking
        assert "in <answer></answer> tags" in request
        assert request.endswith(".\n")
        assert ("a list: ['...']" in request) == (dataset == "cotempqa")
        assert parse(thinking + made(one, "correct")).answer == answer_text(one)  # with a repeated prompt
    assert conditions.prompt(problem, "prompted-thinking").endswith(
        " at the same time? Explain your reasoning step by step, and then give the answer in "
        "<answer></answer> tags, as a list: ['...'] or ['...', '...'].\n"
    )


def test_who_writes_no_trace_before_the_answer_is_listed():
    """Among trained models, these are the ones whose targets begin with no trace."""
    assert set(conditions.UNTRAINED).isdisjoint(CONDITIONS)
    before = {
        name for name in CONDITIONS if not any(made(problem, name).startswith("<think>") for problem in ALL)
    }
    others = {*conditions.UNTRAINED, *conditions.TAUGHT}
    assert before == set(conditions.UNFORCED) - others
    without = {name for name in before if "<think>" not in made(ALL[0], name)}
    assert without == set(conditions.UNTRACED) - others


def test_swapped_is_another_problems_correct_trace(problem):
    for dataset, pool in POOLS.items():
        known = {made(other, "correct").partition("</think>")[0] for other in pool}
        for one in pool:
            assert made(one, "swapped").partition("</think>")[0] in known
        assert sum(verify(one, parse(made(one, "swapped"))).retrieval for one in pool) < len(pool) / 2, (
            dataset
        )
    with pytest.raises(InputError, match="need a second problem"):
        target(problem, "swapped", 1, [problem])


def test_filler_has_the_length_and_no_content():
    for problem in ALL:
        trace = made(problem, "filler").partition("</think>")[0]
        assert re.fullmatch(r"<think>\.\.\.( \.\.\.)*", trace)
        assert len(trace.split()) == len(made(problem, "correct").partition("</think>")[0].split())
        assert parse(made(problem, "filler")).status == "no trace"


def test_filler_can_be_a_share_of_that_length():
    for problem in ALL:
        words = {name: len(made(problem, name).partition("</think>")[0].split()) for name in FILLERS}
        assert words["filler-25"] == max(1, round(words["filler"] / 4))
        assert words["filler-50"] == max(1, round(words["filler"] / 2))


def test_shuffled_keeps_the_words_of_the_gold_facts():
    for problem in ALL:
        quotes = parse(made(problem, "shuffled")).quotes
        assert [sorted(q.split()) for q in quotes] == [sorted(f.split()) for f in problem.supporting_facts]


@pytest.mark.parametrize("family", ["dose", "both-wrong"])
def test_doses_are_nested_and_near_their_share(family):
    pool = twins.generate("cotempqa", 400, 5, 6)
    corrupted = {}
    for share in (25, 50, 75):
        correct = {p.id for p in pool if target(p, f"{family}-{share}", 1) == target(p, "correct", 1)}
        corrupted[share] = {p.id for p in pool} - correct
        assert abs(len(corrupted[share]) / len(pool) - share / 100) < 0.1  # four standard errors
    assert corrupted[25] < corrupted[50] < corrupted[75]
    for p in pool:
        if p.id in corrupted[25]:
            assert target(p, f"{family}-25", 1) == target(p, f"{family}-75", 1)


def test_the_styles_differ_in_length_as_their_models_do():
    for problem in POOLS["cotempqa"]:
        words = {
            c: len(made(problem, c).split())
            for c in ("simulated-r1", "simulated-summary", "simulated-explanation")
        }
        assert words["simulated-r1"] > 1.5 * words["simulated-explanation"] > 1.5 * words["simulated-summary"]


def test_seeds_change_the_incorrect_trace_only():
    pool = POOLS["cotempqa"]
    assert [target(p, "correct", 1) for p in pool] == [target(p, "correct", 2) for p in pool]
    assert [target(p, "incorrect", 1) for p in pool] != [target(p, "incorrect", 2) for p in pool]


def test_without_a_distractor_nothing_is_cited(problem):
    alone = replace(problem, facts=problem.facts[1:3], supporting=(0, 1))
    for condition in ("incorrect", "wrong-facts", "both-wrong"):
        assert parse(target(alone, condition, 1)).quotes == ()


def test_an_unknown_condition_or_label_is_named(problem):
    with pytest.raises(
        InputError, match="unknown condition 'accurate', expected one of vanilla, correct, inc"
    ):
        target(problem, "accurate", 1)
    with pytest.raises(InputError, match="no other categories are known for 'after'"):
        target(replace(problem, category="after"), "incorrect", 1)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=25).filter(
    lambda text: text.strip() and "<" not in text and any(c.isalnum() for c in text)
)
MARKUP = "*_`$\\{}"  # removed around an answer (tracelib.traces.answers)
GOLD = NAMES.map(str.strip).filter(lambda text: not set(MARKUP) & set(text) and "answer" not in text.lower())
WORDS = "question:", "answer:", " is:"  # no dataset has facts with our own step wording


@st.composite
def problems(draw):
    dataset = draw(st.sampled_from(twins.DATASETS))
    facts = draw(st.lists(NAMES, min_size=3, max_size=6, unique_by=lambda fact: fact.casefold().strip()))
    facts = tuple(fact for fact in facts if not any(word in fact.lower() for word in WORDS))
    if len(facts) < 3:
        facts = ("Ōmura B. works.", "It's ['so'].", 'J. "R." Ñu.')
    gold = tuple(draw(st.lists(GOLD, min_size=1, max_size=3)))
    supporting = tuple(sorted(draw(st.sets(st.integers(0, len(facts) - 1), min_size=1))))
    label = draw(st.sampled_from(conditions.labels(next(iter(POOLS[dataset])))))
    return Problem("made", dataset, draw(NAMES), facts, gold, supporting, label)


def check_round_trip(problem, condition, seed):
    """Names and facts may hold anything: quotes, brackets, dots, any script."""
    text = target(problem, condition, seed, POOLS[problem.dataset])
    trace = parse(text)
    if condition == "vanilla":
        return
    assert trace.answer == answer_text(problem).strip()
    if problem.dataset == "cotempqa":
        assert entries(trace.answer) == problem.gold
    if STEPS.get(condition) == (True, True):
        assert trace.category == problem.category
        assert trace.quotes == problem.supporting_facts


@settings(max_examples=200)
@given(problems(), st.sampled_from(sorted(set(CONDITIONS) - {"incorrect"})), st.integers(0, 3))
def test_parse_inverts_render_on_every_condition_and_dataset(problem, condition, seed):
    check_round_trip(problem, condition, seed)


# --- At length --------------------------------------------------------------------------------


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(problems(), st.sampled_from(list(CONDITIONS)), st.integers(0, 10**6))
def test_parse_inverts_render_at_length(problem, condition, seed):
    """Every condition names a right or wrong category, and cites gold or other facts, as it should."""
    check_round_trip(problem, condition, seed)
    trace = parse(target(problem, condition, seed, POOLS[problem.dataset]))
    if condition in STEPS:
        assert (trace.category == problem.category) == STEPS[condition][0]
    if condition in ("wrong-category", "wrong-facts", "both-wrong"):
        own = set(problem.supporting_facts)
        assert set(trace.quotes) <= (own if STEPS[condition][1] else set(problem.facts) - own)
    if condition in ("incorrect", *FILLERS):
        assert parse(made(problem, condition)).has_both_steps == (condition == "incorrect")
