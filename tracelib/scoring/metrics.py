"""The metrics that decide whether an answer is right. `JUDGES` has them by name.

- `official` is the evaluation of the paper's release. On CoTempQA it is ``cotempqa_config.py``, derived from
  the benchmark's own ``config.py``. The history of the release has several versions. The one at commit
  25f464b1, in ``scripts/old_scripts``, gives the published accuracies.
- `corrected` (CoTempQA) is `official` with its errors repaired.
- `strict` (CoTempQA, users' own datasets) needs all gold answers, as a set.
- `exact` (bAbI, MARCO, users' own datasets) needs any one gold answer.
- `rouge` (MARCO) needs a ROUGE-L of at least one half. It shows how much the strictness of `exact` matters.

All but `official` judge the answer that `tracelib.traces.answers` finds, and compare texts as
`tracelib.core.texts` does.
"""

import re
import string
from collections.abc import Callable, Collection, Iterable
from functools import cache, lru_cache
from importlib.util import find_spec

from tracelib.core.pylist import BULLET, after, entries
from tracelib.core.texts import consists_of, folded, normal, normal_set
from tracelib.datasets.babi.reader import PATHS
from tracelib.datasets.cotempqa.reader import ANSWER_IS_SUBJECT, LONGEST_FACT, parse_fact
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset as known
from tracelib.scoring.set_f1 import Overlap, overlap
from tracelib.traces.format import Trace

REPAIRS = {  # what `corrected` does differently from `official`
    "side": "candidates come from the side of the facts that the question asks for",
    "objects": "the name of an object may contain ' in ' or ' from '",
    "echo": "no gold answer and no entry of the answer's list is set aside as an echo of the question",
    "text": "only the answer is searched, not the trace; its quoting is undone, no word is removed from it, "
    "and its case and punctuation do not matter",
}
ROUGE_RIGHT = 0.5  # the least ROUGE-L of an answer that `rouge` takes as right
LONGEST_WORD = 200  # characters; the tokenizer's time grows with the square of a word's length
RUN_ON = re.compile(r"\S{201,}")
PUNCTUATION = str.maketrans("", "", string.punctuation)
COUNTS = "counting"  # bAbI's task whose answers are number words
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {str(number): word for number, word in enumerate(WORDS)}
POLAR = re.compile(r"\W*(yes|no)\b[*_`'\"]*[,.;:!] +\w[^\n]*\Z", re.IGNORECASE)
DIRECTIONS = {"north": "n", "south": "s", "east": "e", "west": "w"}  # gold answers have letters

# The benchmark's templates: (keyword, the verb that it selects), tried in this order.
OFFICIAL_VERBS = (
    (" the position of ", "holds the position of"),
    (" a member of ", "is a member of the"),
    (" the chair of ", "is the chair of"),
    (" the head of ", "is the head of"),
    (" owned by ", "is owned by"),
    ("attend", "attended"),
    ("work", "works for"),
    ("play", "plays for"),
)
OFFICIAL_TAILS = (r" from (?:.+?) to (?:.+?)\.", r" in (?:.+?)\.", r" from (?:.+?)", r"\.")
OFFICIAL_TEMPLATES = {
    verb: tuple(re.compile(rf"(.+?) {verb} (.+?){tail}") for tail in OFFICIAL_TAILS)
    for _, verb in OFFICIAL_VERBS
}
PRESENT_TENSE = ((" was ", " is "), (" held ", " holds "), (" worked ", " works "), (" played ", " plays "))


def names(dataset: str) -> tuple[str, ...]:
    """The metrics of a dataset, the primary one first."""
    return known(dataset).metrics


def primary(dataset: str) -> str:
    """The metric that decides on `answer_correct`."""
    return names(dataset)[0]


def applied(metric: str, dataset: str) -> str:
    """The metric itself if the dataset has it, else the dataset's primary metric."""
    return metric if metric in names(dataset) else primary(dataset)


def answer_correct(metric: str, problem: Problem, trace: Trace) -> bool:
    """Whether a generated text answers the problem, by the named metric."""
    return JUDGES[metric](problem, trace)


def verdicts(problem: Problem, trace: Trace) -> tuple[dict[str, bool], Overlap | None]:
    """Whether a text answers the problem, by metric, and its partial credit (CoTempQA only, else None).

    Metrics that are `missing` in this installation are left out. CoTempQA's official metric needs the
    question type (`Problem.kind`). Without it, the official verdict is left out and there is no credit.
    """
    has_credit = problem.dataset == "cotempqa"
    elsewhere = {*missing(), *(["official"] if has_credit else [])}
    others = (name for name in names(problem.dataset) if name not in elsewhere)
    found = {name: answer_correct(name, problem, trace) for name in others}
    if not (has_credit and problem.kind):
        return found, None
    found_and_gold = credit(problem, trace)
    return found | {"official": found_and_gold.exact}, found_and_gold


def corrected(problem: Problem, trace: Trace) -> bool:
    """The answer names all gold answers and no other candidate, by the official metric without its errors.

    `REPAIRS` lists the errors.
    """
    return repaired(problem, trace, frozenset(REPAIRS)).exact


def official(problem: Problem, trace: Trace) -> bool:
    """The evaluation of the paper's release accepts the answer; on CoTempQA it needs triple_element."""
    if problem.dataset == "babi":
        return _bare_of_marks(_official_text(trace.text)) in set(map(_bare_of_marks, problem.gold))
    return credit(problem, trace).exact


def credit(problem: Problem, trace: Trace) -> Overlap:
    """CoTempQA's official accuracy, F1, precision and recall for one item, computed as in the release.

    Candidates are one side of every context fact, and the gold answers. The release takes the *subjects* of
    the facts, except for the question type whose answers are subjects. The candidates are looked for in the
    answer text, the longest first. Each one found is a predicted answer, except the first one that also
    occurs in the question. The answer is right if the predicted answers are the gold answers.

    The release orders candidates of equal length by Python's string hash, which differs from run to run. We
    order them from the end of the alphabet. One of the 10,450 released CoTempQA outputs depends on the order.
    """
    return repaired(problem, trace, frozenset())


def repaired(problem: Problem, trace: Trace, repairs: frozenset[str]) -> Overlap:
    """The official metric with some of its errors repaired, to show the effect of each repair.

    Args:
        repairs: a subset of `REPAIRS`. The empty set gives the official metric, all of it the corrected one.
    """
    candidates, question, golds, gold = _asked(problem, repairs)
    if "text" in repairs:
        listed = map(folded, trace.entries) if "echo" in repairs else ()
        found = normal_set(_found(_answer_alone(trace), candidates, question, golds.union(listed)))
    else:
        listed = (entry.lower() for entry in trace.entries) if "echo" in repairs else ()
        named = _found(_official_text(trace.text), candidates, question, golds.union(listed))
        found = set(map(_bare_of_marks, named))
    return overlap(len(found), len(gold), len(found & gold))


def _answer_alone(trace: Trace) -> str:
    """The parsed answer without quoting and folded (`tracelib.core.texts`), one entry per line."""
    answer = trace.answer or ""
    as_it_is = (answer,) if BULLET.match(answer) else ()  # "1. FC Köln"
    return "\n".join(map(folded, (*trace.entries, after(answer), *as_it_is)))


@lru_cache(maxsize=8192)  # because runs answer the same problems
def _asked(
    problem: Problem, repairs: frozenset[str]
) -> tuple[tuple[str, ...], str, frozenset[str], frozenset[str]]:
    """The parts of a problem that an answer is compared with, all in one spelling.

    Returns:
        The candidates with the gold answers, the longest first; the question; the gold answers that cannot be
        an echo of the question; all gold answers, in the spelling that they are compared in.
    """
    form, compared = (folded, normal) if "text" in repairs else (str.lower, _bare_of_marks)
    candidates = {form(name) for name in _candidates(problem, repairs) | _golds(problem)}
    golds = frozenset(map(form, _golds(problem))) if "echo" in repairs else frozenset()
    return (
        tuple(sorted(candidates, key=lambda name: (len(name), name), reverse=True)),
        form(problem.question),
        golds,
        frozenset(map(compared, problem.gold)),
    )


def _candidates(problem: Problem, repairs: frozenset[str]) -> set[str]:
    subjects = asks_for_subject(problem) == ("side" in repairs)
    if "objects" in repairs:
        facts = [fact for fact in map(parse_fact, problem.facts) if fact is not None]
        return {(fact.subject if subjects else fact.object).lower() for fact in facts}
    pairs = [pair for pair in map(_official_sides, problem.facts) if pair is not None]
    return {pair[0 if subjects else 1].lower() for pair in pairs}


def asks_for_subject(problem: Problem) -> bool:
    """Whether the question asks for subjects of facts ("who else"): by its type, else by its gold answers."""
    if problem.kind:
        return ANSWER_IS_SUBJECT in problem.kind
    subjects = {fact.subject for fact in map(parse_fact, problem.facts) if fact is not None}
    return set(problem.gold) <= subjects


def strict(problem: Problem, trace: Trace) -> bool:
    """The answer lists exactly the gold answers, as a set.

    It may say nothing else.
    """
    return trace.answer is not None and _lists(trace.answer, problem.gold)


def exact(problem: Problem, trace: Trace) -> bool:
    """The answer equals a gold answer, apart from case and punctuation.

    It may say nothing else, except an explanation after a leading *yes* or *no*. bAbI writes a list as one
    answer ("milk,football"). Such lists are compared as sets; those of the task path-finding are compared in
    order, with directions as letters or words. A count may be a digit.
    """
    if trace.answer is None:
        return False
    if _is_one_of(trace.answer, problem):
        return True
    polar = POLAR.match(trace.answer)  # "Yes, she is."
    return polar is not None and polar[1].lower() in map(normal, problem.gold)


def _is_one_of(answer: str, problem: Problem) -> bool:
    """Whether an answer equals a gold answer, by the rules of the problem's dataset."""
    if problem.dataset != "babi":
        return not {_as_one(answer), normal(answer)}.isdisjoint(normal_set(problem.gold))
    if problem.category == PATHS:
        words = " ".join(DIRECTIONS.get(word, word) for word in _as_one(answer).split())
        return any(consists_of(words, gold.split(","), ordered=True) for gold in problem.gold)
    if problem.category == COUNTS and _as_one(answer) in NUMBERS:
        return NUMBERS[_as_one(answer)] in normal_set(problem.gold)
    return any(_lists(answer, gold.split(",")) for gold in problem.gold)


def _as_one(answer: str) -> str:
    """The normal form of an answer; the entries of a list are joined."""
    if any(map(str.isalnum, after(answer))):
        return normal(answer)
    return normal(" , ".join(entries(answer)))


def _lists(answer: str, wanted: Iterable[str]) -> bool:
    """Whether an answer, in any spelling of a list, has exactly these entries, as a set.

    A printed list with no text after it is read entry by entry. Any other text may name the entries one after
    the other.
    """
    found = entries(answer)
    if any(map(str.isalnum, after(answer))):
        return consists_of(answer, wanted)
    if normal_set(found) == normal_set(wanted):
        return True
    # A number that begins a line may belong to the name: "1. FC Köln".
    return len(found) == 1 and any(consists_of(text, wanted) for text in (found[0], answer))


EXTRA = "marco"  # the extra of the installation that `rouge` needs


@cache
def missing() -> tuple[str, ...]:
    """The metrics that cannot be computed because the extra `EXTRA` is not installed."""
    needed = ("rapidfuzz", "spacy")
    return () if all(map(find_spec, needed)) else ("rouge",)


def rouge(problem: Problem, trace: Trace) -> bool:
    """The ROUGE-L to the best reference is at least one half.

    The bound is `ROUGE_RIGHT`. The metric needs the extra `EXTRA` (see `missing`).
    """
    from tracelib.scoring.rouge_bleu import rouge_l  # loads a tokenizer that nothing else needs

    if trace.answer is None:
        return False
    return rouge_l(RUN_ON.sub(lambda run: run[0][:LONGEST_WORD], trace.answer), problem.gold) >= ROUGE_RIGHT


@lru_cache(maxsize=8192)
def _bare_of_marks(text: str) -> str:
    """The text in lower case, without ASCII punctuation, with single spaces: as the release compares it."""
    return " ".join(text.lower().translate(PUNCTUATION).split())


def _golds(problem: Problem) -> set[str]:
    return {gold.lower() for gold in problem.gold}


def _found(text: str, candidates: Iterable[str], question: str, never_an_echo: Collection[str]) -> set[str]:
    """The candidates that a text names, tried in the given order; the whole text if it names none."""
    predicted: set[str] = set()
    set_aside = False
    for candidate in candidates:
        if candidate not in text:
            continue
        text = text.replace(candidate, "")
        if candidate in question and candidate not in never_an_echo and not set_aside:
            set_aside = True
        else:
            predicted.add(candidate)
    return predicted or {text}


def _official_text(prediction: str) -> str:
    """The part of an output that the release's evaluation searches for answers, in lower case."""
    text = prediction.lower()
    if "<answer>" in text:
        text = text.split("<answer>")[1].split("</answer>")[0]
    elif "answer the question based on" in text:
        text = text.split("answer the question based on")[0]
    elif " answer " in text:
        text = text.split(" answer ")[1]
    elif "answer:" in text:
        text = text.split("answer:")[1]
    return text.replace("assistant", "").replace("think", "")


@lru_cache(maxsize=65536)
def _official_sides(fact: str) -> tuple[str, str] | None:
    for keyword, verb in OFFICIAL_VERBS:
        if keyword not in fact or len(fact) > LONGEST_FACT:
            continue
        for past, present in PRESENT_TENSE:
            fact = fact.replace(past, present)
        for template in OFFICIAL_TEMPLATES[verb]:
            if match := template.match(fact):
                return match.group(1), match.group(2)
    return None


# In the order of the columns of outcomes. The first line of each docstring says when an answer is right.
JUDGES: dict[str, Callable[[Problem, Trace], bool]] = {
    "corrected": corrected,
    "exact": exact,
    "official": official,
    "strict": strict,
    "rouge": rouge,
}
