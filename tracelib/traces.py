"""Traces as text: render the two steps in the release's wording, and parse any text back.

A rendered target reads (CoTempQA; the release's SFT sets, column ``messages``)::

    <think>The temporal relation between the event in question and the event in context is: equal.
    I need to use the following facts to answer the question: ['...']</think> <answer>['...']</answer>

Parsing is total: every string gives a `Trace`, in time linear in its length, and nothing of it
is ever evaluated. Model output is untrusted.
"""

import re
from dataclasses import dataclass

from tracelib.printed import entries, listed
from tracelib.problems import Problem

CATEGORY_SENTENCE = {
    "cotempqa": "The temporal relation between the event in question and the event in context is: ",
    **dict.fromkeys(
        ("babi", "marco"),
        "The category of the question represents what is being asked in that question. "
        "The category of the question asked is: ",
    ),
}
FACTS_SENTENCE = {
    "cotempqa": "I need to use the following facts to answer the question: ",
    **dict.fromkeys(("babi", "marco"), "I need to use the following text to answer the question: "),
}
# Models reword the sentences slightly ("the event in the question", "the following fact").
CATEGORY = re.compile(
    r"(?:temporal relation|time interval|time period|category of the question)"
    r"(?: [^\n:]{1,120})? is:[ \t]*([A-Za-z][A-Za-z-]{0,60})"
    r"(?=[ \t]*+(?:[.,;:<\n]|\Z))"  # a word alone, not the beginning of a date or of a phrase
)
FACTS = re.compile(r"the following (?:facts?|text|information) to answer the question:")
STEP_LINE = re.compile(r"^[ \t]*(?:The temporal relation|The category|I need to use the following).*$", re.M)
ANSWER_LABEL = re.compile(r"\banswer:\s*", re.IGNORECASE)
HEADER = re.compile(r"assistant\b")  # left by the chat template when special tokens are dropped


@dataclass(frozen=True)
class Trace:
    """What could be read from a text.

    Attributes:
        category: the label named in step 1, None if that sentence is missing.
        facts_text: everything that step 2 cites, as written; None if that sentence is missing.
        answer: the text of the answer, None if there is none.
        tagged: whether the answer stood in ``<answer>`` tags.
    """

    category: str | None
    facts_text: str | None
    answer: str | None
    tagged: bool

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
    """The answer as a target writes it: CoTempQA's is a printed list, the others' the first gold text."""
    return listed(problem.gold) if problem.dataset == "cotempqa" else problem.gold[0]


def steps(problem: Problem, category: str, facts: str) -> str:
    """Both step sentences in the release's wording (facts already text); one's own dataset has bAbI's."""
    named, cited = (
        wording.get(problem.dataset, wording["babi"]) for wording in (CATEGORY_SENTENCE, FACTS_SENTENCE)
    )
    return f"{named}{category}.\n{cited}{facts}"


def written(trace: str, problem: Problem) -> str:
    """A trace and the problem's answer in their tags."""
    return f"<think>{trace}</think> <answer>{answer_text(problem)}</answer>"


def render(problem: Problem, category: str, facts: str) -> str:
    """The SFT target: the two steps, then the correct answer (release, SFT sets)."""
    return written(steps(problem, category, facts), problem)


def prompt(problem: Problem) -> str:
    """The user turn that the release's models were fine-tuned and tested on (its SFT sets).

    CoTempQA and MARCO print the facts as a list, bAbI puts each on a line of its own.
    """
    facts = "\n".join(problem.facts) if problem.dataset == "babi" else listed(problem.facts)
    end = "\n" if problem.dataset == "marco" else " "
    question = f"Question: {problem.question}{end}Only return the answer.\n"
    return f"Answer the question based on the context:\n{facts}\n{question}"


def parse(text: str) -> Trace:
    """Read category, cited facts and answer from any text."""
    head, closed, tail = text.partition("</think>")
    if not closed:
        head, opened, tail = text.partition("<answer>")
        tail = opened + tail
    category = CATEGORY.search(head)
    facts = FACTS.search(head)
    answer, tagged = _answer(head, tail, has_steps=bool(category or facts))
    return Trace(
        category=category.group(1).strip("-").lower() if category else None,
        facts_text=head[facts.end() :].strip() if facts else None,
        answer=answer,
        tagged=tagged,
    )


def _answer(head: str, tail: str, has_steps: bool) -> tuple[str | None, bool]:
    for part in (tail, head):
        _, opened, rest = part.partition("<answer>")
        if opened:
            return rest.partition("</answer>")[0].strip(), True
    head = head.lstrip()
    header = HEADER.match(head)
    bare = tail.strip() or ("" if has_steps else head[header.end() if header else 0 :])
    bare = bare.rpartition("</think>")[2].replace("<think>", "")
    bare = STEP_LINE.sub("", bare)  # some outputs repeat the steps where the answer belongs
    label = ANSWER_LABEL.search(bare)
    return bare[label.end() if label else 0 :].strip() or None, False
