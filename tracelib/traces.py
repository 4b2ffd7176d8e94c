"""Traces as text: render the two steps in the release's wording, and parse any text back.

A rendered target reads (CoTempQA; the release's SFT sets, column ``messages``)::

    <think>The temporal relation between the event in question and the event in context is: equal.
    I need to use the following facts to answer the question: ['...']</think> <answer>['...']</answer>

Parsing is total: every string gives a `Trace`, in time linear in its length, and nothing of it
is ever evaluated. Model output is untrusted.
"""

import re
from dataclasses import dataclass

CATEGORY_SENTENCE = {
    "cotempqa": "The temporal relation between the event in question and the event in context is: ",
    "babi": "The category of the question represents what is being asked in that question. "
    "The category of the question asked is: ",
}
FACTS_SENTENCE = {
    "cotempqa": "I need to use the following facts to answer the question: ",
    "babi": "I need to use the following text to answer the question: ",
}
# Models reword the sentences slightly ("the event in the question", "the following fact").
CATEGORY = re.compile(
    r"(?:temporal relation|time interval|time period|category of the question)"
    r"(?: [^\n:]{1,120})? is:[ \t]*([A-Za-z][A-Za-z-]{0,60})"
)
FACTS = re.compile(r"the following (?:facts?|text|information) to answer the question:")
STEP_LINE = re.compile(r"^[ \t]*(?:The temporal relation|The category|I need to use the following).*$", re.M)
ANSWER_LABEL = re.compile(r"\banswer:\s*", re.IGNORECASE)
QUOTE = re.compile("['\"]")
QUOTED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*+{quote}", re.DOTALL) for quote in "'\""}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r"}
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


def listed(values: tuple[str, ...]) -> str:
    """Strings as the release prints them: a Python list."""
    return repr(list(values))


def render(dataset: str, category: str, facts: str, answer: str) -> str:
    """The SFT target: both steps and the answer, in the release's wording (facts already text)."""
    steps = f"{CATEGORY_SENTENCE[dataset]}{category}.\n{FACTS_SENTENCE[dataset]}{facts}"
    return f"<think>{steps}</think> <answer>{answer}</answer>"


def prompt(question: str, facts: tuple[str, ...]) -> str:
    """The user turn that CoTempQA models were fine-tuned and tested on (release, SFT sets)."""
    asked = f"Question: {question} Only return the answer.\n"
    return f"Answer the question based on the context:\n{listed(facts)}\n{asked}"


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


def entries(text: str) -> tuple[str, ...]:
    """The strings of a printed Python list; text that is not a list is one string.

    A list that was cut or badly quoted gives the strings that are whole. One pass: after a quote
    that is never closed nothing more is looked for.
    """
    text = text.strip()
    if not text.startswith("["):
        return (text,) if text else ()
    found = []
    end = 1
    while opening := QUOTE.search(text, end):
        between = text[end : opening.start()]
        inside = QUOTED[opening.group()].match(text, opening.end())
        if "]" in between or inside is None:
            break
        end = inside.end()
        found.append(ESCAPE.sub(_unescape, text[opening.end() : end - 1]))
    return tuple(found)


def _unescape(match: re.Match) -> str:
    code = match.group(1)
    if len(code) > 1 and int(code[1:], 16) <= 0x10FFFF:
        return chr(int(code[1:], 16))
    return CONTROL.get(code, code)
