"""SFT targets: how the trace of a training example is made. The final answer is always correct.

Each condition is one function of (problem, random generator, pool), where the pool holds the
problems that another problem's trace may be taken from; only `swapped` looks at it.

The paper's own three are vanilla, correct and incorrect, in the wording and shape of the
release's SFT sets, its quirks included: on CoTempQA and MARCO an incorrect trace cites its one
distractor as a bare sentence where the correct one cites a list, on bAbI its facts are in lower
case. The incorrect trace also changes two things at once. The rest are ours: the four corners of
right and wrong category and facts, all in one format, controls without content, doses, styles.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial

from tracelib import styles
from tracelib.datasets import babi, cotempqa, marco
from tracelib.files import InputError
from tracelib.problems import Problem
from tracelib.traces import answer_text, listed, render, written

Pool = Sequence[Problem]


def vanilla(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The answer alone (paper, SFT without a trace)."""
    return answer_text(problem)


def correct(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category and the gold facts (paper, correct traces)."""
    return render(problem, problem.category, listed(problem.supporting_facts))


def incorrect(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category and distractor facts (paper, incorrect traces).

    Source: the release's ``*_create_sft_data_perturbed.py``. CoTempQA and MARCO: one distractor as a
    bare sentence. bAbI: as many distractors as there are gold facts, in lower case. Without a
    distractor the release prints an empty list; so do we.
    """
    category = other_category(problem, rng)
    if problem.dataset == "babi":
        return render(problem, category, listed(tuple(fact.lower() for fact in distractors(problem, rng))))
    return render(problem, category, next(iter(distractors(problem, rng)), "[]"))


def wrong_category(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category, the gold facts: the paper's confound taken apart."""
    return render(problem, other_category(problem, rng), listed(problem.supporting_facts))


def wrong_facts(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category, as many distractors as there are gold facts."""
    return render(problem, problem.category, listed(distractors(problem, rng)))


def both_wrong(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category and distractors: `incorrect` in the format of `correct`."""
    return render(problem, other_category(problem, rng), listed(distractors(problem, rng)))


def swapped(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The correct trace of another problem of the dataset."""
    others = [other for other in pool if other.id != problem.id and other.dataset == problem.dataset]
    if not others:
        raise InputError("swapped traces need a second problem to take the trace from")
    donor = rng.choice(others)
    return render(problem, donor.category, listed(donor.supporting_facts))


def filler(share: float, problem: Problem, rng: random.Random, pool: Pool) -> str:
    """As many words as the correct trace has, or a share of them, all dots: length without content."""
    words = len(correct(problem, rng, pool).partition("</think>")[0].split())
    return written(" ".join(["..."] * max(1, round(share * words))), problem)


def shuffled(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category and the gold facts with their words in random order: tokens without statements."""
    return render(
        problem, problem.category, listed(tuple(_shuffled(fact, rng) for fact in problem.supporting_facts))
    )


def _shuffled(fact: str, rng: random.Random) -> str:
    words = fact.split()
    return " ".join(rng.sample(words, len(words)))


def dose(share: float, problem: Problem, rng: random.Random, pool: Pool) -> str:
    """Incorrect for a share of the training problems, correct for the others.

    Doses are nested: with one seed, what is corrupted at a low dose is so at every higher one.
    """
    corrupted = rng.random() < share
    return (incorrect if corrupted else correct)(problem, rng, pool)


def other_category(problem: Problem, rng: random.Random) -> str:
    """A label of the dataset that is not the problem's."""
    return rng.choice([label for label in labels(problem) if label != problem.category])


def labels(problem: Problem) -> tuple[str, ...]:
    """The labels that a problem's dataset chooses from; bAbI: the release's 11, or else all 20 tasks."""
    if problem.dataset == "cotempqa":
        found = cotempqa.CATEGORIES
    elif problem.dataset == "marco":
        found = marco.CATEGORIES
    else:
        found = babi.RELEASED if problem.category in babi.RELEASED else babi.CATEGORIES
    if problem.category not in found:
        raise InputError(f"no other categories are known for '{problem.category}' ({problem.dataset})")
    return found


def distractors(problem: Problem, rng: random.Random) -> tuple[str, ...]:
    """As many facts of the context as there are gold ones (at least one), none of them gold."""
    gold = set(problem.supporting_facts)
    others = [fact for fact in dict.fromkeys(problem.facts) if fact not in gold]
    return tuple(rng.sample(others, min(max(1, len(gold)), len(others))))


PROMPTED = "prompted"  # not trained at all: the base as it is
UNTRACED = (PROMPTED, "vanilla")  # how models come about that write no trace

CONDITIONS: dict[str, Callable[[Problem, random.Random, Pool], str]] = {
    "vanilla": vanilla,
    "correct": correct,
    "incorrect": incorrect,
    "wrong-category": wrong_category,
    "wrong-facts": wrong_facts,
    "both-wrong": both_wrong,
    "swapped": swapped,
    "filler": partial(filler, 1.0),
    "filler-25": partial(filler, 0.25),
    "filler-50": partial(filler, 0.5),
    "shuffled": shuffled,
    "dose-10": partial(dose, 0.1),
    "dose-25": partial(dose, 0.25),
    "dose-50": partial(dose, 0.5),
    "dose-75": partial(dose, 0.75),
    "simulated-r1": styles.think_aloud,
    "simulated-summary": styles.summary,
    "simulated-explanation": styles.explanation,
}


def target(problem: Problem, condition: str, seed: int, pool: Pool = ()) -> str:
    """The completion to train on; the same text for the same problem, condition, seed and pool."""
    if condition not in CONDITIONS:
        raise InputError(f"unknown condition '{condition}', expected one of {', '.join(CONDITIONS)}")
    family = "dose" if condition.startswith("dose") else condition  # nested doses share their draws
    return CONDITIONS[condition](problem, random.Random(f"{family}/{seed}/{problem.id}"), pool)


def describe(condition: str) -> str:
    """The first sentence of what a condition is."""
    function = CONDITIONS[condition]
    text = (function.func if isinstance(function, partial) else function).__doc__
    return text.strip().split("\n")[0]
