"""Which replies are kept, and why the others are not.

A trace is kept if its answer is right, as in the paper, and if a model can be trained on it. Each of the
others has one cause, the first that applies.
"""

import re
from collections.abc import Callable
from itertools import islice
from math import ceil

from tracelib.datasets.problem import Problem
from tracelib.scoring import metrics
from tracelib.teacher import asking
from tracelib.teacher.reading import Reading
from tracelib.traces import answers
from tracelib.traces import format as trace_format

KEPT = "kept"
WRONG, NO_ANSWER, NO_TRACE, REFUSAL, CUT = "wrong answer", "no answer", "no trace", "refusal", "cut"
MARKS, HTML, ECHO, LANGUAGE, LONG, NO_TEXT = (
    "marks in the text", "HTML", "prompt echoed", "another language", "too long", "no text",
)  # fmt: skip
CAUSES = (KEPT, WRONG, NO_ANSWER, NO_TRACE, NO_TEXT, REFUSAL, CUT, MARKS, HTML, ECHO, LANGUAGE, LONG)

LONGEST = 30_000  # words
ECHOED = 200  # characters of a prompt; a text that begins no other way repeats it
REFUSES = re.compile(
    r"\s*(?:I['\u2019]?m sorry|I am sorry|Sorry\b|I apologi[sz]e|I (?:can ?not|can['\u2019]t|won['\u2019]t"
    r"|will not|must decline|am unable|am not able)|I['\u2019]?m (?:unable|not able)|As an AI\b)",
    re.IGNORECASE,
)
TAGS = (
    "html|head|body|div|span|p|br|hr|b|i|u|em|strong|a|ul|ol|li|table|tr|td|th|h[1-6]|pre|code|img|script|style"
    "|iframe|svg|form|input|button|font|center|sup|sub|blockquote|details|summary"
)
TAG = re.compile(rf"</?(?:{TAGS})(?:\s[^<>]{{0,500}})?/?>|<!--|<!DOCTYPE", re.IGNORECASE)
ENGLISH = re.compile(
    r"\b(?:the|of|and|to|is|that|for|it|this|from|at|with|as|on|which|by|are|be|not|have|but|so|their|while)\b",
    re.IGNORECASE,
)
FEWEST = 20  # words; fewer do not show a language
ENGLISH_SHARE = 0.05  # of the words of an English text, at least
OTHER_SCRIPT = 0.2  # of the letters of a text in a Latin script, at most
NOT_LATIN = re.compile(r"[^\W\d_\u0000-\u024f]")  # letters after Latin Extended-B
LETTER = re.compile(r"[^\W\d_]")


def of_trace(problem: Problem, reading: Reading, metric: str = "") -> str:
    """`KEPT`, or the cause why a trace with its answer is not kept.

    Args:
        metric: the metric by which the answer is right; the dataset's primary one if it is empty or not one
            of the dataset's.
    """
    if reading.refused:
        return REFUSAL
    if reading.cut:
        return CUT
    answer = trace_format.parse(reading.said)
    is_right = metrics.answer_correct(metrics.applied(metric, problem.dataset), problem, answer)
    if not is_right and REFUSES.match(reading.said):
        return REFUSAL
    if not reading.trace:
        return NO_TRACE if reading.said else NO_TEXT
    if fault := _fault(reading.trace, reading.whole, problem, _has_thought_mark):
        return fault
    if answer.answer is None:
        return NO_ANSWER
    return KEPT if is_right else WRONG


def of_text(problem: Problem, reading: Reading) -> str:
    """`KEPT`, or the cause why a summary or an explanation is not kept."""
    if reading.refused or REFUSES.match(reading.said):
        return REFUSAL
    if reading.cut:
        return CUT
    if not reading.said:
        return NO_TEXT
    return _fault(reading.said, reading.said, problem, _has_mark) or KEPT


def _fault(text: str, whole: str, problem: Problem, has_mark: Callable[[str], bool]) -> str:
    if len(text.split()) > LONGEST:
        return LONG
    if _echoes(whole, asking.prompt(problem)):
        return ECHO
    if has_mark(text):
        return MARKS
    if TAG.search(text):
        return HTML
    if _is_foreign(text) and not _is_foreign(" ".join((problem.question, *problem.facts))):
        return LANGUAGE
    return ""


def _has_thought_mark(text: str) -> bool:
    """Whether a trace would end early where it stands within ``<think>``; it may talk of answer tags."""
    return answers.THOUGHT_MARK.search(text) is not None


def _has_mark(text: str) -> bool:
    return _has_thought_mark(text) or answers.TAG.search(text) is not None


def _echoes(text: str, prompt: str) -> bool:
    return " ".join(prompt.split())[:ECHOED] in " ".join(text.split())


def _is_foreign(text: str) -> bool:
    """Whether a text is not English: in another script, or with too few of the commonest English words."""
    if not text.isascii() and len(NOT_LATIN.findall(text)) > OTHER_SCRIPT * len(LETTER.findall(text)):
        return True
    words = len(text.split())
    needed = ceil(ENGLISH_SHARE * words)
    return words >= FEWEST and sum(1 for _ in islice(ENGLISH.finditer(text), needed)) < needed
