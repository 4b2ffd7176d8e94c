"""Traces as text: render the two steps in the release's wording, and parse any text back.

A rendered target reads (CoTempQA; the release's SFT sets, column ``messages``)::

    <think>The temporal relation between the event in question and the event in context is: equal.
    I need to use the following facts to answer the question: ['...']</think> <answer>['...']</answer>

Parsing is total: every string gives a `Trace`, in time linear in its length, and nothing of it
is ever evaluated. Model output is untrusted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracelib.core.files import InputError, quoted
from tracelib.core.pylist import entries, listed
from tracelib.core.texts import folded
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.traces import answers

# A label alone, not the beginning of a date or of a phrase.
LABEL_END = r"(?=[ \t]*+(?:[.,;:?](?:\s|\Z)|[<\n(]|\Z))"
WORD = re.compile(rf"([A-Za-z][A-Za-z-]{{0,60}}){LABEL_END}")  # of the paper's datasets
PHRASE = re.compile(rf"([^\n<]{{1,100}}?)[\"'*_`)\]\u2019\u201d]*+{LABEL_END}")
LABEL_MARKS = " \t\n\"'*_`([:=\uff1a\u2013\u2014-\u2018\u201c"  # may stand before a label
NEXT_PART = re.compile(r"\n[ \t]*\n|\n[ \t]*[*_#]{0,3}[A-Z][\w ]{0,40}[*_]{0,3}:")
WORDED = re.compile(r"[A-Za-z][A-Za-z-]{0,60}")
ENDED = re.compile(rf"[\"'*_`)\]\u2019\u201d]*+{LABEL_END}")
LONGEST_LABEL = 100
ANSWER_ALONE = "Only return the answer."


@dataclass(frozen=True)
class Wording:
    """The words with which a text leads to its two steps.

    Attributes:
        category: matches up to where the label begins.
        facts: matches up to where the facts begin.
        label: matches the label, whichever it is.
        described: the words of either step, for people.
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
    """Steps in other words: the phrases after which the label, and the facts, stand.

    Upper and lower case are the same, and so are spaces of any number. A ``*`` in a phrase stands for up
    to 120 characters of its line. Without phrases for a step the release's words lead to it. `InputError`
    for a phrase of no letters or digits.
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
    """What could be read from a text.

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
        """Whether the answer stood in tags."""
        return self.found == "tag"

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The answer as a list: its entries, or the whole text as the only one."""
        return entries(self.answer or "")

    @property
    def quotes(self) -> tuple[str, ...]:
        """The facts cited by step 2, one string each."""
        return () if self.facts_text is None else entries(self.facts_text)

    @property
    def status(self) -> str:
        """``complete`` (both steps and a tagged answer), ``partial`` (some), ``no trace``."""
        if self.category is None and self.facts_text is None:
            return "no trace"
        return "complete" if self.has_both_steps and self.tagged else "partial"

    @property
    def has_both_steps(self) -> bool:
        """Whether both step sentences could be found, and so be judged."""
        return self.category is not None and self.facts_text is not None


def answer_text(problem: Problem) -> str:
    """The answer as a target writes it: a printed list where all gold answers are needed, else the first."""
    return listed(problem.gold) if dataset(problem.dataset).needs_all else problem.gold[0]


def steps(problem: Problem, category: str, facts: str) -> str:
    """Both step sentences in the dataset's wording (facts already text)."""
    known = dataset(problem.dataset)
    return f"{known.category_sentence}{category}.\n{known.facts_sentence}{facts}"


def thought(trace: str) -> str:
    """A trace in its tags."""
    return f"<think>{trace}</think>"


def tagged(problem: Problem) -> str:
    """The problem's answer in its tags."""
    return f"<answer>{answer_text(problem)}</answer>"


def written(trace: str, problem: Problem) -> str:
    """A trace and the problem's answer in their tags."""
    return f"{thought(trace)} {tagged(problem)}"


def render(problem: Problem, category: str, facts: str) -> str:
    """The SFT target: the two steps, then the correct answer (release, SFT sets)."""
    return written(steps(problem, category, facts), problem)


def prompt(problem: Problem, request: str = ANSWER_ALONE) -> str:
    """The user turn that the release's models were fine-tuned and tested on (its SFT sets).

    Args:
        request: what is asked for at the end, in one sentence or more.
    """
    known = dataset(problem.dataset)
    question = f"Question: {problem.question}{known.question_end}{request}\n"
    return f"Answer the question based on the context:\n{known.facts_text(problem.facts)}\n{question}"


def parse(text: str, label: str = "", words: Wording = RELEASED) -> Trace:
    """Read category, cited facts and answer from any text.

    Args:
        label: the problem's own label, which is recognised whatever characters it has.
        words: how the text leads to its steps.
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
    """Where a step is led to: in the thoughts first, then outside, as some models think in public."""
    pieces = [(piece, split.cut) for piece in split.thoughts] + [(piece, True) for piece in split.outside]
    for piece, answer_may_follow in pieces:
        found = pattern.search(piece)
        if found and answer_may_follow:
            found = pattern.search(_before_the_answer(piece))
        if found:
            return found
    return None


def _cited(found: re.Match, words: Wording) -> str:
    """All that follows; in other words than the release's up to a blank line or the label of another part."""
    text = found.string[found.end() :]
    if words.facts is not FACTS and (end := NEXT_PART.search(text)):
        text = text[: end.start()]
    return text.strip()


def _label(text: str, start: int, own: str, pattern: re.Pattern) -> str | None:
    """The label that begins here: the problem's own, or what the pattern takes for one."""
    line = answers.MARKUP.sub("", text[start : start + 2 * LONGEST_LABEL]).lstrip(LABEL_MARKS)
    bare = own.strip(LABEL_MARKS + ")]")
    begins = line[: len(bare)]
    is_own = bare and (begins.lower() == bare.lower() or folded(begins) == folded(bare))
    if is_own and ENDED.match(line, len(bare)):
        return own.lower()
    found = (WORD if pattern is WORD and WORDED.fullmatch(own or "a") else PHRASE).match(line)
    return found[1].strip("-").strip().lower() or None if found else None
