"""What a run would ask for and cost, before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracelib.teacher import asking
from tracelib.teacher.plan import Plan
from tracelib.teacher.settings import EXPLANATION, INSTRUCTIONS, SUMMARY, TRACE, Teacher, Tokens
from tracelib.teacher.store import Store

CHARACTERS = 4  # of English text per token, about
# Mean characters of R1's texts in the copied sample (113 traces with their answers, 93 summaries, 74
# explanations). What a model thinks before it writes the last two is not in it.
LENGTHS = {TRACE: 2139, SUMMARY: 331, EXPLANATION: 1086}


@dataclass(frozen=True)
class Row:
    """One kind of text.

    Attributes:
        finished: how many requests are not sent again.
        to_ask: how many are still to be sent, if every answer is right.
        expected: the tokens of these, at the lengths that replies of this kind had so far in the store,
            or else R1's had.
        most: their tokens if every completion is as long as allowed.
    """

    kind: str
    model: str
    finished: int
    to_ask: int
    expected: Tokens
    most: Tokens


def estimate(teacher: Teacher, plan: Plan, store: Store | None = None) -> list[Row]:
    """A row for each kind of text that the teacher is asked for; the store shows how long texts are."""
    rows = []
    for kind in teacher.kinds:
        prompts = [asking.prompt(problem) for problem in plan.to_ask(kind)]
        average = store.average(kind) if store else None
        expected = average * len(prompts) if average else _assumed(kind, prompts)
        most = _most(kind, prompts, teacher.max_tokens)
        row = Row(kind, teacher.model_of(kind), plan.finished[kind], len(prompts), expected, most)
        rows.append(row)
    return rows


def _assumed(kind: str, prompts: Sequence[str]) -> Tokens:
    """The tokens of requests on these prompts, if replies are as long as R1's."""
    before = 0
    if kind != TRACE:
        before += (len(INSTRUCTIONS[kind]) + LENGTHS[TRACE]) * len(prompts)
    if kind != SUMMARY:
        before += sum(map(len, prompts))
    return Tokens(before // CHARACTERS, LENGTHS[kind] * len(prompts) // CHARACTERS)


def _most(kind: str, prompts: Sequence[str], longest: int) -> Tokens:
    """The most tokens of requests on these prompts; a trace has the same tokens in a prompt."""
    before = 3 * asking.AROUND * len(prompts)  # no request has more messages
    if kind != TRACE:
        before += (len(INSTRUCTIONS[kind]) + longest) * len(prompts)
    if kind != SUMMARY:
        before += sum(len(said.encode()) for said in prompts)
    return Tokens(before, longest * len(prompts))
