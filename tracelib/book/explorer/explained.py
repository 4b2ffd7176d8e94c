"""What the explorer says of one output: its text in marked pieces, and each step with the reason."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracelib.core.terminal import bounded
from tracelib.core.texts import folded, normal
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.scoring.metrics import primary, verdicts
from tracelib.scoring.outcomes import solved
from tracelib.scoring.outputs import Output
from tracelib.scoring.verify import Validity, Verdict, cited_facts, validity, verify
from tracelib.traces.format import RELEASED, Trace, parse

FOUND = {  # a kind of `tracelib.traces.answers.KINDS` in words
    "tag": "in answer tags",
    "box": "in a box",
    "json": "in a JSON value",
    "label": "after a label, such as \u201cAnswer:\u201d",
    "bare": "without any mark: it is all the text outside the thoughts",
    "none": "not found",
}
LABEL_WITHIN = 200  # characters after the words that introduce a label, in which it is looked for
LONGEST_ANSWER = 300  # characters of an answer that stand beside the text, which has all of it
RIGHT, WRONG, ABSENT, UNJUDGED = "right", "wrong", "absent", "not judged"


@dataclass(frozen=True)
class Step:
    """One step of a trace, or its answer.

    Attributes:
        name: what the step is, such as "Category".
        verdict: `RIGHT`, `WRONG`, `ABSENT` (it could not be read) or `UNJUDGED`.
        said: what the text says in this step; empty if nothing could be read.
        why: the reason for the verdict, in sentences.
    """

    name: str
    verdict: str
    said: str
    why: str


@dataclass(frozen=True)
class Explained:
    """One output, explained.

    Attributes:
        pieces: the whole text in order, each piece with its mark; an empty mark for plain text. A mark is a
            kind (category, fact, answer) and a verdict (right, wrong).
        steps: the steps and the answer, in the order of the trace.
        cited: the places, from 0, of the facts that the trace cites.
    """

    pieces: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    cited: tuple[int, ...]


def explain(output: Output) -> Explained:
    """The output with its two steps and its answer, judged as `tracelib.scoring.outcomes.score` does."""
    problem = output.problem
    trace = parse(output.prediction, problem.category)
    cited = _cited(problem, trace)
    verdict = verify(problem, trace) if problem.has_steps else None
    by_solver = validity(problem, solved(problem), trace)
    right, _ = verdicts(problem, trace)
    steps = (
        _category(problem, trace, verdict, by_solver),
        _facts(problem, trace, verdict, by_solver, cited),
        _answer(problem, trace, right),
    )
    return Explained(_pieces(problem, trace, cited, steps), steps, cited)


def _cited(problem: Problem, trace: Trace) -> tuple[int, ...]:
    found = cited_facts(problem.facts, trace.facts_text or "")
    return tuple(place for place, fact in enumerate(problem.facts) if folded(fact) in found)


def _category(problem: Problem, trace: Trace, verdict: Verdict | None, by_solver: Validity) -> Step:
    name, said = "Step 1, category", trace.category or ""
    if verdict is None:
        return Step(name, UNJUDGED, said, "The problem's category is not known.")
    if not said:
        return Step(name, ABSENT, "", "The text does not name a category in words that could be read.")
    if verdict.category:
        why = "It is the problem's category."
    else:
        why = f"The problem's category is \u201c{problem.category}\u201d."
    if by_solver.category is not None and by_solver.category != verdict.category:
        fits = "fits the facts too" if by_solver.category else "does not fit the facts"
        why += f" By the solver, the named category {fits}."
    return Step(name, RIGHT if verdict.category else WRONG, said, why)


def _facts(
    problem: Problem,
    trace: Trace,
    verdict: Verdict | None,
    by_solver: Validity,
    cited: Sequence[int],
) -> Step:
    name, said = "Step 2, facts", _numbered(cited)
    if verdict is None:
        return Step(name, UNJUDGED, said, "The problem's supporting facts are not known.")
    if trace.facts_text is None:
        return Step(name, ABSENT, "", "The text does not cite facts in words that could be read.")
    why = "These are exactly the gold facts." if verdict.retrieval else _differences(problem, cited)
    if by_solver.retrieval is not None and by_solver.retrieval != verdict.retrieval:
        follows = "follows from them all the same" if by_solver.retrieval else "does not follow from them"
        why += f" By the solver, the answer {follows}."
    return Step(name, RIGHT if verdict.retrieval else WRONG, said, why)


def _differences(problem: Problem, cited: Sequence[int]) -> str:
    """How the cited facts differ from the gold ones. Facts with the same words count as one."""
    words = [folded(fact) for fact in problem.facts]
    gold = {words[place] for place in problem.supporting}
    quoted = {words[place] for place in cited}
    extra = [place for place in cited if words[place] not in gold]
    missing = [place for place in problem.supporting if words[place] not in quoted]
    parts = [] if cited else ["It quotes no fact of the context word for word."]
    parts += [f"Not gold: {_numbered(extra)}."] if extra else []
    parts += [f"Gold, but not cited: {_numbered(missing)}."] if missing else []
    return " ".join(parts)


def _numbered(places: Sequence[int]) -> str:
    """Facts by their numbers on the page, which count from 1."""
    numbers = ", ".join(str(place + 1) for place in places)
    return f"fact{'s' if len(places) > 1 else ''} {numbers}" if places else ""


def _answer(problem: Problem, trace: Trace, right: dict[str, bool]) -> Step:
    first = primary(problem.dataset)
    judged = "; ".join(f"{metric}: {RIGHT if right[metric] else WRONG}" for metric in right)
    found = f"The answer was found {FOUND[trace.found]}." if trace.answer else "No answer was found."
    why = f"{found} {_against_gold(problem, trace)} By metric \u2013 {judged}."
    said = bounded(trace.answer or "", LONGEST_ANSWER)
    return Step(f"Answer, {first}", RIGHT if right[first] else WRONG, said, why)


def _against_gold(problem: Problem, trace: Trace) -> str:
    """What the answer has of the gold answers, if all of them are needed; else the gold answers."""
    golds = ", ".join(problem.gold)
    if not dataset(problem.dataset).needs_all:
        several = " (one of these is enough)" if len(problem.gold) > 1 else ""
        return f"Gold{several}: {golds}."
    listed = {normal(entry) for entry in trace.entries}
    missing = [gold for gold in problem.gold if normal(gold) not in listed]
    if not missing and len(listed) == len(set(map(normal, problem.gold))):
        return f"It lists exactly the gold answers: {golds}."
    lacks = f"; not in its list: {', '.join(missing)}" if missing else "; its list has more than these"
    return f"Gold: {golds}{lacks}."


# --- The text in pieces -----------------------------------------------------------------------


def _pieces(
    problem: Problem, trace: Trace, cited: Sequence[int], steps: Sequence[Step]
) -> tuple[tuple[str, str], ...]:
    """The text cut at what was read in it. What does not stand there word for word is not marked."""
    category, _, answer = steps
    spans = list(_fact_spans(problem, trace, cited))
    for span in (_label_span(trace, category.verdict), _answer_span(trace, answer.verdict)):
        if span and all(span[1] <= start or end <= span[0] for start, end, _ in spans):
            spans.append(span)
    pieces, place = [], 0
    for start, end, mark in sorted(spans):
        pieces += [(trace.text[place:start], ""), (trace.text[start:end], mark)]
        place = end
    return tuple(piece for piece in (*pieces, (trace.text[place:], "")) if piece[0])


Span = tuple[int, int, str]


def _fact_spans(problem: Problem, trace: Trace, cited: Sequence[int]) -> Iterator[Span]:
    """Where the text quotes the cited facts; a fact inside a longer one is not marked again."""
    quoted = trace.facts_text or ""
    first = max(trace.text.find(quoted), 0)
    last = first + len(quoted)
    gold = {fact.lower() for fact in problem.supporting_facts}
    longest_first = sorted({problem.facts[place] for place in cited}, key=len, reverse=True)
    if not longest_first:
        return
    any_fact = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
    for found in any_fact.finditer(trace.text, first, last):
        yield found.start(), found.end(), f"fact {RIGHT if found[0].lower() in gold else WRONG}"


def _label_span(trace: Trace, verdict: str) -> Span | None:
    if not trace.category or not (words := RELEASED.category.search(trace.text)):
        return None
    label = re.compile(re.escape(trace.category), re.IGNORECASE)
    found = label.search(trace.text, words.end(), words.end() + LABEL_WITHIN)
    return (found.start(), found.end(), f"category {verdict}") if found else None


def _answer_span(trace: Trace, verdict: str) -> Span | None:
    if not trace.answer or (start := trace.text.rfind(trace.answer)) < 0:
        return None
    return start, start + len(trace.answer), f"answer {verdict}"
