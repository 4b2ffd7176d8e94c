"""Traces as text: write the two steps in the release's wording, and read them from any text.

A target reads (CoTempQA; the release's SFT sets, column ``messages``)::

    <think>The temporal relation between the event in question and the event in context is: equal.
    I need to use the following facts to answer the question: ['...']</think> <answer>['...']</answer>

Any string can be parsed into a `Trace`, in time linear in its length. No code in it is ever evaluated,
because model output is untrusted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracelib.core.errors import InputError, quoted
from tracelib.core.pylist import entries, listed
from tracelib.core.texts import folded
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.traces import answers

# The end of a label. A word that goes on into a date or a phrase is no label.
LABEL_END = r"(?=[ \t]*+(?:[.,;:?](?:\s|\Z)|[<\n(]|\Z))"
WORD = re.compile(rf"([A-Za-z][A-Za-z-]{{0,60}}){LABEL_END}")  # a label of the paper's datasets
PHRASE = re.compile(rf"([^\n<]{{1,100}}?)[\"'*_`)\]\u2019\u201d]*+{LABEL_END}")
LABEL_MARKS = " \t\n\"'*_`([:=\uff1a\u2013\u2014-\u2018\u201c"  # may stand before a label
NEXT_PART = re.compile(r"\n[ \t]*\n|\n[ \t]*[*_#]{0,3}[A-Z][\w ]{0,40}[*_]{0,3}:")
WORDED = re.compile(r"[A-Za-z][A-Za-z-]{0,60}")
ENDED = re.compile(rf"[\"'*_`)\]\u2019\u201d]*+{LABEL_END}")
LONGEST_LABEL = 100
ANSWER_ALONE = "Only return the answer."


@dataclass(frozen=True)
class Wording:
    """The words with which a text introduces its two steps.

    Attributes:
        category: matches the words before the label.
        facts: matches the words before the facts.
        label: matches any label.
        described: a description of the words of each step, for messages.
    """

    category: re.Pattern
    facts: re.Pattern
    label: re.Pattern
    described: tuple[str, str]


# Models reword the sentences slightly ("the event in the question", "the following fact").
CATEGORY = re.compile(
    r"(?:temporal relation|time interval|time period|category of the question)(?: [^\n:]{1,120})? is:"
)
FACTS = re.compile(r"the following (?:facts?|text|information) to answer the question:")
RELEASED = Wording(
    CATEGORY,
    FACTS,
    WORD,
    (
        "'category of the question ... is: LABEL' (or temporal relation, time interval, time period)",
        "'the following text to answer the question: FACTS' (or fact, facts, information)",
    ),
)


def wording(category_after: Sequence[str] = (), facts_after: Sequence[str] = ()) -> Wording:
    """The wording of steps in other words: the phrases before the label, and the phrases before the facts.

    Case and the number of spaces do not count. A ``*`` in a phrase stands for up to 120 characters of its
    line. A step without phrases keeps the release's words. `InputError` for a phrase without letters or
    digits.
    """
    if not (category_after or facts_after):
        return RELEASED
    return Wording(
        _any_of(category_after) if category_after else CATEGORY,
        _any_of(facts_after) if facts_after else FACTS,
        PHRASE if category_after else WORD,
        (_described("label", category_after), _described("facts", facts_after)),
    )


def _described(what: str, phrases: Sequence[str]) -> str:
    return (
        f"the {what} after {' or '.join(map(repr, phrases))}" if phrases else f"the {what} as in the release"
    )


def _any_of(phrases: Sequence[str]) -> re.Pattern:
    if blank := [phrase for phrase in phrases if not any(map(str.isalnum, phrase))]:
        raise InputError(f"phrase {quoted(blank[0])}, expected words such as 'Type of question:'")
    spaced = (r"\s+".join(map(re.escape, phrase.split())).replace(":", "[:\uff1a]") for phrase in phrases)
    return re.compile("|".join(phrase.replace(r"\*", r"[^\n]{0,120}?") for phrase in spaced), re.IGNORECASE)


@dataclass(frozen=True)
class Trace:
    """The parts of a trace that could be read from a text.

    Attributes:
        text: all of the text; traces are equal where what was read is equal.
        category: the label named in step 1, None if that sentence is missing.
        facts_text: everything that step 2 cites, as written; None if that sentence is missing.
        answer: the text of the answer, None if there is none.
        found: how the answer was found, one of `tracelib.traces.answers.KINDS`.
    """

    text: str = field(compare=False)
    category: str | None
    facts_text: str | None
    answer: str | None
    found: str

    @property
    def tagged(self) -> bool:
        """Whether the answer was in tags."""
        return self.found == "tag"

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The entries of the answer; an answer that is not a list is one entry."""
        return entries(self.answer or "")

    @property
    def quotes(self) -> tuple[str, ...]:
        """The facts cited by step 2, one string each."""
        return () if self.facts_text is None else entries(self.facts_text)

    @property
    def status(self) -> str:
        """``complete`` (both steps and a tagged answer), ``partial`` (one step at least), or ``no trace``."""
        if self.category is None and self.facts_text is None:
            return "no trace"
        return "complete" if self.has_both_steps and self.tagged else "partial"

    @property
    def has_both_steps(self) -> bool:
        """Whether both step sentences were found, so that they can be judged."""
        return self.category is not None and self.facts_text is not None


def answer_text(problem: Problem) -> str:
    """The answer as a target writes it: a printed list if all gold answers are needed, else the first one."""
    return listed(problem.gold) if dataset(problem.dataset).needs_all else problem.gold[0]


def steps(problem: Problem, category: str, facts: str) -> str:
    """Both step sentences in the dataset's wording; `facts` is already text."""
    known = dataset(problem.dataset)
    return f"{known.category_sentence}{category}.\n{known.facts_sentence}{facts}"


def thought(trace: str) -> str:
    """A trace in its tags."""
    return f"<think>{trace}</think>"


def tagged(problem: Problem) -> str:
    """The problem's answer in its tags."""
    return f"<answer>{answer_text(problem)}</answer>"


def written(trace: str, problem: Problem) -> str:
    """A trace and the problem's answer, each in its tags."""
    return f"{thought(trace)} {tagged(problem)}"


def render(problem: Problem, category: str, facts: str) -> str:
    """The SFT target: the two steps, then the correct answer (release, SFT sets)."""
    return written(steps(problem, category, facts), problem)


def prompt(problem: Problem, request: str = ANSWER_ALONE) -> str:
    """The user turn that the release's models were fine-tuned and tested on (its SFT sets).

    Args:
        request: the sentence or sentences at the end that say what to write.
    """
    known = dataset(problem.dataset)
    question = f"Question: {problem.question}{known.question_end}{request}\n"
    return f"Answer the question based on the context:\n{known.facts_text(problem.facts)}\n{question}"


def parse(text: str, label: str = "", words: Wording = RELEASED) -> Trace:
    """Read category, cited facts and answer from any text.

    Args:
        label: the problem's own label, which is recognised whatever characters it has.
        words: the words that introduce the steps.
    """
    split = answers.parts(text)
    category = _first(words.category, split)
    label_read = category and _label(category.string, category.end(), label, words.label)
    facts = _first(words.facts, split)
    has_steps = bool(category or facts)
    answer = answers.find_in(split, bare=bool(split.thoughts) or not has_steps)
    return Trace(text, label_read, facts and _cited(facts, words), *answer)


def _before_the_answer(text: str) -> str:
    tag = answers.TAG.search(text)
    return text[: tag.start()] if tag else text


def _first(pattern: re.Pattern, split: answers.Parts) -> re.Match | None:
    """The words that introduce a step: in the thoughts first, then outside them, where some models reason."""
    pieces = [(piece, split.cut) for piece in split.thoughts] + [(piece, True) for piece in split.outside]
    for piece, answer_may_follow in pieces:
        found = pattern.search(piece)
        if found and answer_may_follow:
            found = pattern.search(_before_the_answer(piece))
        if found:
            return found
    return None


def _cited(found: re.Match, words: Wording) -> str:
    """The text after the words that introduce the facts.

    If these are not the release's words, the text ends at a blank line or at the label of another part.
    """
    text = found.string[found.end() :]
    if words.facts is not FACTS and (end := NEXT_PART.search(text)):
        text = text[: end.start()]
    return text.strip()


def _label(text: str, start: int, own: str, pattern: re.Pattern) -> str | None:
    """The label that begins at `start`: the problem's own, or whatever the pattern matches."""
    line = answers.MARKUP.sub("", text[start : start + 2 * LONGEST_LABEL]).lstrip(LABEL_MARKS)
    bare = own.strip(LABEL_MARKS + ")]")
    begins = line[: len(bare)]
    is_own = bare and (begins.lower() == bare.lower() or folded(begins) == folded(bare))
    if is_own and ENDED.match(line, len(bare)):
        return own.lower()
    found = (WORD if pattern is WORD and WORDED.fullmatch(own or "a") else PHRASE).match(line)
    return found[1].strip("-").strip().lower() or None if found else None
