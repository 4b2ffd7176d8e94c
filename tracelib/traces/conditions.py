"""SFT targets: how to make the trace of a training example. The final answer is always correct.

Each condition is a function of (problem, random generator, pool). The pool holds the problems from which
another problem's trace may be taken; only `swapped` uses it.

The paper's conditions are vanilla, correct and incorrect. They have the wording and format of the release's
SFT sets, quirks included: on CoTempQA and MARCO an incorrect trace cites its one distractor as a bare
sentence, where a correct trace cites a list; on bAbI its facts are in lower case. An incorrect trace also
changes two things at once, category and facts. The other conditions are ours: the answer alone in its tags,
the four combinations of right and wrong category and facts in one format, steps drawn at random, the trace
after the answer, controls without content, doses, styles.

The conditions of `tracelib.traces.taught` have a teacher's own texts instead, which reach `target` as an
argument.

There are also models that are not trained at all (`UNTRAINED`). Their condition says what the prompt asks
for.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from tracelib.core.errors import InputError
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.registry import dataset
from tracelib.traces import format as trace_format
from tracelib.traces import styles, taught
from tracelib.traces.format import answer_text, listed, render, tagged, thought, written

Pool = Sequence[Problem]
Condition = Callable[[Problem, random.Random, Pool], str]


def vanilla(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The answer alone (paper, SFT without a trace)."""
    return answer_text(problem)


def vanilla_tagged(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The answer alone, in the same tags as after a trace."""
    return tagged(problem)


def correct(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category and the gold facts (paper, correct traces)."""
    return render(problem, problem.category, listed(problem.supporting_facts))


def incorrect(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category and distractor facts (paper, incorrect traces).

    Source: the release's ``*_create_sft_data_perturbed.py``. CoTempQA and MARCO cite one distractor as a bare
    sentence. bAbI cites as many distractors as there are gold facts, or all if there are fewer, in lower
    case. If there is no distractor, the release prints an empty list, and so do we.
    """
    category = other_category(problem, rng)
    facts = AS_INCORRECT.wrong(problem, distractors(problem, rng))
    return render(problem, category, AS_INCORRECT.text(problem, facts))


def wrong_category(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category, but the gold facts. The paper's incorrect traces change both."""
    return render(problem, other_category(problem, rng), listed(problem.supporting_facts))


def wrong_facts(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category, but as many distractors as there are gold facts, or all if there are fewer."""
    return render(problem, problem.category, listed(distractors(problem, rng)))


def both_wrong(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong category and distractors, in the format of correct traces."""
    return render(problem, other_category(problem, rng), listed(distractors(problem, rng)))


def random_fact(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A random category and as many random facts as there are gold ones, right or wrong.

    The format is that of `correct`. A citation then does not tell whether a fact is gold. (If the cited facts
    are never gold, a model can learn what the answer is not.)
    """
    category = rng.choice(labels(problem))
    return render(problem, category, listed(_some(problem, problem.facts, rng)))


def answer_first(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The correct trace after the answer, where it cannot help to find the answer."""
    steps = trace_format.steps(problem, problem.category, listed(problem.supporting_facts))
    return f"{tagged(problem)} {thought(steps)}"


def swapped(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The correct trace of another problem of the dataset."""
    others = [other for other in pool if other.id != problem.id and other.dataset == problem.dataset]
    if not others:
        raise InputError("swapped traces need a second problem to take the trace from")
    donor = rng.choice(others)
    return render(problem, donor.category, listed(donor.supporting_facts))


def filler(share: float, problem: Problem, rng: random.Random, pool: Pool) -> str:
    """Dots in place of words, as many as the correct trace has or a share of them: length without content."""
    words = len(correct(problem, rng, pool).partition("</think>")[0].split())
    return written(" ".join(["..."] * max(1, round(share * words))), problem)


def shuffled(problem: Problem, rng: random.Random, pool: Pool) -> str:
    """The gold category, and the words of each gold fact in random order: tokens without statements."""
    return render(
        problem, problem.category, listed(tuple(_shuffled(fact, rng) for fact in problem.supporting_facts))
    )


def _shuffled(fact: str, rng: random.Random) -> str:
    words = fact.split()
    return " ".join(rng.sample(words, len(words)))


def dose(share: float, wrong: Condition, problem: Problem, rng: random.Random, pool: Pool) -> str:
    """A wrong trace for a share of the training problems, a correct trace for the others.

    Doses are nested: with one seed, a trace that is wrong at a low dose is so at every higher dose.
    """
    corrupted = rng.random() < share
    return (wrong if corrupted else correct)(problem, rng, pool)


def other_category(problem: Problem, rng: random.Random) -> str:
    """A random label of the dataset that is not the problem's."""
    return rng.choice([label for label in labels(problem) if label != problem.category])


def labels(problem: Problem) -> tuple[str, ...]:
    """The labels from which a category is drawn; `InputError` if the problem's own is not among them."""
    found = dataset(problem.dataset).labels(problem)
    if problem.category not in found:
        raise InputError(f"no other categories are known for '{problem.category}' ({problem.dataset})")
    return found


def distractors(problem: Problem, rng: random.Random) -> Facts:
    """Random facts of the context that are not gold.

    They are as many as there are gold ones, but at least one, or all if there are fewer.
    """
    gold = set(problem.supporting_facts)
    return _some(problem, [fact for fact in problem.facts if fact not in gold], rng)


def _some(problem: Problem, facts: Sequence[str], rng: random.Random) -> Facts:
    """A random sample of distinct facts: as many as there are gold ones (at least one), or all if too few."""
    different = list(dict.fromkeys(facts))
    gold = len(set(problem.supporting_facts))
    return tuple(rng.sample(different, min(max(1, gold), len(different))))


class Style(NamedTuple):
    """How the traces of a condition cite facts.

    Attributes:
        text: writes a problem's facts as text.
        wrong: chooses which of a problem's wrong facts a trace cites.
    """

    text: Callable[[Problem, Facts], str]
    wrong: Callable[[Problem, Facts], Facts]


AS_CORRECT = Style(text=lambda problem, facts: listed(facts), wrong=lambda problem, facts: facts)
AS_INCORRECT = Style(  # the paper's, which differs between datasets
    text=lambda problem, facts: dataset(problem.dataset).wrong_text(facts),
    wrong=lambda problem, facts: dataset(problem.dataset).wrong_facts(facts),
)
STYLES = {"incorrect": AS_INCORRECT}


def style(condition: str) -> Style:
    """How models of a condition have learned to cite facts.

    The paper's incorrect traces have a style of their own; all others have the style of correct traces. The
    simulated styles end in the two steps of correct traces. Doses mix both styles. The models of `filler` and
    `shuffled` have never seen a readable fact in a trace, so to them every style is new.
    """
    return STYLES.get(condition, AS_CORRECT)


PROMPTED = "prompted"  # the untrained base model, asked for the answer alone
THINKING = "prompted-thinking"  # the untrained base model, asked to think first
UNTRAINED = (PROMPTED, THINKING)
DOSED = ("dose", "both-wrong")  # the doses of one family share their draws, so that they are nested
TAUGHT = taught.CONDITIONS  # need a teacher's texts
# The models of these write no steps in our wording that could be judged.
UNTRACED = (*UNTRAINED, "vanilla", "vanilla-tagged", *TAUGHT)
# The models of these write no trace in our wording before the answer, so none could be forced.
UNFORCED = (*UNTRACED, "answer-first")
# When asked to *think first*, SmolLM2-135M-Instruct answered six bAbI training problems in one sentence each.
THINK_FIRST = "Explain your reasoning step by step, and then give the answer in <answer></answer> tags"

CONDITIONS: dict[str, Condition] = {
    "vanilla": vanilla,
    "correct": correct,
    "incorrect": incorrect,
    "vanilla-tagged": vanilla_tagged,
    "wrong-category": wrong_category,
    "wrong-facts": wrong_facts,
    "both-wrong": both_wrong,
    "random-fact": random_fact,
    "answer-first": answer_first,
    "swapped": swapped,
    "filler": partial(filler, 1.0),
    "filler-25": partial(filler, 0.25),
    "filler-50": partial(filler, 0.5),
    "shuffled": shuffled,
    "dose-10": partial(dose, 0.1, incorrect),
    "dose-25": partial(dose, 0.25, incorrect),
    "dose-50": partial(dose, 0.5, incorrect),
    "dose-75": partial(dose, 0.75, incorrect),
    "both-wrong-25": partial(dose, 0.25, both_wrong),
    "both-wrong-50": partial(dose, 0.5, both_wrong),
    "both-wrong-75": partial(dose, 0.75, both_wrong),
    "simulated-r1": styles.think_aloud,
    "simulated-summary": styles.summary,
    "simulated-explanation": styles.explanation,
}


def target(
    problem: Problem, condition: str, seed: int, pool: Pool = (), texts: Mapping[str, Texts] | None = None
) -> str:
    """The completion to train on. The same problem, condition, seed, pool and texts give the same completion.

    Args:
        texts: a teacher's texts by the ids of problems, for the conditions of `TAUGHT`. For them the
            completion is empty if the teacher has not written what the condition asks for.
    """
    if condition in TAUGHT:
        return TAUGHT[condition](problem, seed, pool, texts or {})
    if condition not in CONDITIONS:
        expected = ", ".join((*CONDITIONS, *TAUGHT))
        raise InputError(f"unknown condition '{condition}', expected one of {expected}")
    family = next((name for name in DOSED if condition.startswith(f"{name}-")), condition)
    return CONDITIONS[condition](problem, random.Random(f"{family}/{seed}/{problem.id}"), pool)


def prompt(problem: Problem, condition: str) -> str:
    """The user turn of a condition. It is the same for all, except for models that are asked to think first.

    Their prompt also says how to write several answers, in the dataset's way.
    """
    if condition != THINKING:
        return trace_format.prompt(problem)
    return trace_format.prompt(problem, f"{THINK_FIRST}{dataset(problem.dataset).several}.")
