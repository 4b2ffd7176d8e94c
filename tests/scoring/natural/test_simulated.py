import random

import pytest

from tracelib.scoring.natural import simulated
from tracelib.scoring.natural.annotation import of_verdict
from tracelib.scoring.natural.simulated import Rates
from tracelib.scoring.natural.verify import verify
from tracelib.traces import styles


@pytest.fixture(scope="module")
def problems():
    from tracelib.datasets.cotempqa import twin

    return twin.generate(60, 23, twin.Knobs(facts=10))


def compared(problems, rates, units):
    """Precision and recall of the verifier on simulated traces, and the number of true units."""
    true = found = both = 0
    for problem in problems:
        text, truth = simulated.write(problem, 5, rates)
        one, other = units(truth), units(of_verdict(verify(text, problem)))
        true, found, both = true + len(one), found + len(other), both + len(one & other)
    return both / max(found, 1), both / max(true, 1), true


@pytest.mark.parametrize(
    ("units", "least"),
    [
        (lambda one: set(one.citations), 0.98),
        (lambda one: {key for key, altered in one.citations.items() if altered}, 0.9),
        (lambda one: {(*key, *said) for key, said in one.claims.items()}, 0.95),
        (lambda one: {key for key, said in one.claims.items() if said[1] == "no"}, 0.9),
        (lambda one: set(one.answers), 0.98),
        (lambda one: one.styles["backtracking"], 0.95),
        (lambda one: one.styles["hedging"], 0.95),
    ],
)
def test_the_verifier_recovers_what_simulated_traces_say(problems, units, least):
    precision, recall, count = compared(problems, Rates(altered=0.3, false=0.3), units)
    assert count > 20
    assert precision >= least
    assert recall >= least


def test_a_faithful_trace_is_confirmed_and_a_wrong_conclusion_does_not_follow(problems):
    for problem in problems:
        text, truth = simulated.write(problem, 1, Rates(0, 0, 0, 0))
        verdict = verify(text, problem)
        assert verdict.refuted == ()
        assert truth.answers == set(problem.supporting)
        assert verdict.follows == "yes"
    judged = set()
    for problem in problems:
        text, truth = simulated.write(problem, 1, Rates(0, 0, 0, wrong=1))
        judged.add((truth.answers == set(problem.supporting), verify(text, problem).follows))
    assert {follows for right, follows in judged if not right} == {"no"}


def test_offsets_point_at_the_sentences_and_a_seed_gives_the_same_text(problems):
    text, truth = simulated.write(problems[0], 3)
    assert simulated.write(problems[0], 3) == (text, truth)
    assert simulated.write(problems[0], 4)[0] != text
    starts = {start for start, _ in (*truth.citations, *truth.claims)}
    assert all(text[start - 1 : start] in (" ", "\n") for start in starts)


def test_the_other_simulated_styles_quote_their_facts(problems):
    """A search quotes every fact; a summary and an explanation quote those of the answer."""
    for problem in problems[:20]:
        rng = random.Random(1)
        searched = verify(styles.think_aloud(problem, rng, ()), problem)
        assert searched.cited == set(range(len(problem.facts)))
        assert not [one for one in searched.citations if one.form != "verbatim"]
        for style in (styles.summary, styles.explanation):
            assert verify(style(problem, rng, ()), problem).cited == set(problem.supporting)
