"""SFT targets with a teacher's own texts: its trace, a summary or an explanation, and its answer.

The format is that of the release's sets of R1's texts, as the outputs of models trained on them show:
``<think>TEXT</think> <answer>ANSWER</answer>``, and the answer alone without tags. The answer is what the
teacher wrote, often a sentence, and not the gold list.

Each condition is a function of (problem, seed, pool, texts). It returns an empty text if the teacher has not
written what it asks for, or wrote marks in it that would end the thought or the answer early.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.traces import answers
from tracelib.traces.format import thought

Pool = Sequence[Problem]
Known = Mapping[str, Texts]  # by the problem's id
Condition = Callable[[Problem, int, Pool, Known], str]
NOTHING = Texts()


def teacher(problem: Problem, seed: int, pool: Pool, texts: Known) -> str:
    """The teacher's own trace (paper, R1 traces)."""
    return _written(_of(problem, texts).trace, problem, texts)


def summary(problem: Problem, seed: int, pool: Pool, texts: Known) -> str:
    """A summary of the teacher's trace (paper, summarised R1 traces)."""
    return _written(_of(problem, texts).summary, problem, texts)


def explanation(problem: Problem, seed: int, pool: Pool, texts: Known) -> str:
    """The teacher's explanation of its answer, written afterwards (paper, R1 explanations)."""
    return _written(_of(problem, texts).explanation, problem, texts)


def answer(problem: Problem, seed: int, pool: Pool, texts: Known) -> str:
    """The teacher's answer alone, as it wrote it (release, R1 set vanilla)."""
    said = _of(problem, texts).answer.strip()
    has_marks = answers.THOUGHT_MARK.search(said) or answers.TAG.search(said)
    return "" if has_marks else said


def swapped(problem: Problem, seed: int, pool: Pool, texts: Known) -> str:
    """The teacher's trace of another problem of the same category, each used once (release, R1 set swapped).

    The traces of a category go round: in a random order, each problem gets the trace of the next one. So the
    traces are the same as without swapping, and only what they belong to differs.
    """
    traced = (other for other in pool if other.category == problem.category and _of(other, texts).trace)
    ring = list(dict.fromkeys(other.id for other in traced))
    if problem.id not in ring or len(ring) < 2:
        return ""
    random.Random(f"teacher-swapped/{seed}/{problem.category}").shuffle(ring)
    donor = ring[(ring.index(problem.id) + 1) % len(ring)]
    return _written(texts[donor].trace, problem, texts)


CONDITIONS: dict[str, Condition] = {
    "teacher": teacher,
    "teacher-summary": summary,
    "teacher-explanation": explanation,
    "teacher-answer": answer,
    "teacher-swapped": swapped,
}


def _of(problem: Problem, texts: Known) -> Texts:
    return texts.get(problem.id, NOTHING)


def _written(text: str, problem: Problem, texts: Known) -> str:
    """A text as the thought before the teacher's answer; empty if either is missing or has marks."""
    said = answer(problem, 0, (), texts)
    text = text.strip()
    if not said or not text or answers.THOUGHT_MARK.search(text):
        return ""
    return f"{thought(text)} <answer>{said}</answer>"
