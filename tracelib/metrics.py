"""When is an answer right? The named metrics of each dataset, side by side.

CoTempQA has three. `official` follows the evaluation of the paper's release (its
``cotempqa_config.py``, derived from the benchmark's own ``config.py``; of the versions in its
history the one at commit 25f464b1, ``scripts/old_scripts``, gives the published accuracies).
`corrected` is the same idea with what is wrong in it repaired. `strict` compares the answer as a
set. bAbI has one, `exact`. MARCO has `exact`, a normalised match to any reference, and `rouge`,
ROUGE-L of at least one half to the best of them, as a check on how much strictness matters.
"""

import re
import string
from collections.abc import Iterable
from functools import lru_cache

from tracelib.datasets.cotempqa import ANSWER_IS_SUBJECT, LONGEST_FACT, parse_fact
from tracelib.overlap import Overlap, overlap
from tracelib.printed import entries
from tracelib.problems import Problem
from tracelib.traces import Trace, parse

METRICS = {"cotempqa": ("corrected", "official", "strict"), "babi": ("exact",), "marco": ("exact", "rouge")}
PRIMARY = {"cotempqa": "corrected", "babi": "exact", "marco": "exact"}
OWN = ("exact", "strict")  # of a dataset that is somebody's own
REPAIRS = {  # of the official metric: what `corrected` does differently
    "side": "candidates come from the side of the facts that the question asks for",
    "objects": "an object keeps a name that contains ' in ' or ' from '",
    "echo": "neither a gold answer nor an entry of the answer's list is set aside as an echo of the question",
    "text": "only the answer is searched, with its quoting undone and no word removed, never the trace",
}
ROUGE_RIGHT = 0.5  # ROUGE-L from which `rouge` takes a MARCO answer as right
PUNCTUATION = str.maketrans("", "", string.punctuation)

# The benchmark's templates: a keyword that selects the verb, tried in this order.
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
    """The metrics of a dataset, the primary one first; `OWN` for one that is somebody's own."""
    return METRICS.get(dataset, OWN)


def primary(dataset: str) -> str:
    """The metric that leads the tables of a dataset."""
    return names(dataset)[0]


def normalize(text: str) -> str:
    """Lower case, no ASCII punctuation, single spaces: how every metric compares answers."""
    return " ".join(text.lower().translate(PUNCTUATION).split())


def answer_correct(metric: str, problem: Problem, prediction: str, trace: Trace) -> bool:
    """Whether a generated text answers the problem, under the named metric."""
    if metric == "official":
        return official(problem, prediction).exact
    if metric == "corrected":
        return corrected(problem, trace)
    if metric == "strict":
        return strict(problem, trace)
    if metric == "rouge":
        return rouge(problem, trace)
    return exact(problem, prediction, trace)


def official(problem: Problem, prediction: str) -> Overlap:
    """CoTempQA's accuracy, F1, precision and recall of one item, as the release computed them.

    Candidates are one side of every context fact plus the gold answers; longest first, each
    candidate found in the answer text is a predicted answer, except the first one that also
    occurs in the question. Right if predicted and gold sets agree. The release collects the
    *subjects* of the facts for every question kind but the one whose answers are subjects.

    The original orders candidates of equal length by Python's string hash, which differs from
    run to run; we break ties from the end of the alphabet. One of the 10,450 released CoTempQA
    outputs depends on it.
    """
    return repaired(problem, prediction, parse(prediction), frozenset())


def corrected(problem: Problem, trace: Trace) -> bool:
    """The official metric with all of `REPAIRS`."""
    return repaired(problem, "", trace, frozenset(REPAIRS)).exact


def repaired(problem: Problem, prediction: str, trace: Trace, repairs: frozenset[str]) -> Overlap:
    """The official metric with some of what is wrong in it repaired, to see what each repair changes.

    Args:
        repairs: a subset of `REPAIRS`; none is the official metric, all of them the corrected one.
    """
    text = _answer_alone(trace) if "text" in repairs else _official_text(prediction)
    listed = {entry.lower() for entry in entries(trace.answer or "")}
    never_an_echo = _golds(problem) | listed if "echo" in repairs else set()
    found = _found(text, _candidates(problem, repairs), problem, never_an_echo)
    gold = _normal_set(_golds(problem))
    return overlap(len(found), len(gold), len(found & gold))


def _answer_alone(trace: Trace) -> str:
    """The parsed answer in lower case, its quoting undone and no word removed."""
    return "\n".join(entries(trace.answer or "")).lower()


def _candidates(problem: Problem, repairs: frozenset[str]) -> set[str]:
    subjects = asks_for_subject(problem) == ("side" in repairs)
    if "objects" in repairs:
        facts = [fact for fact in map(parse_fact, problem.facts) if fact is not None]
        return {(fact.subject if subjects else fact.object).lower() for fact in facts}
    pairs = [pair for pair in map(_official_sides, problem.facts) if pair is not None]
    return {pair[0 if subjects else 1].lower() for pair in pairs}


def asks_for_subject(problem: Problem) -> bool:
    """Whether the answers are subjects of facts ("who else"), from the kind or the gold answers."""
    if problem.kind:
        return ANSWER_IS_SUBJECT in problem.kind
    subjects = {fact.subject for fact in map(parse_fact, problem.facts) if fact is not None}
    return set(problem.gold) <= subjects


def strict(problem: Problem, trace: Trace) -> bool:
    """The listed answers are exactly the gold answers, as sets of normalised strings."""
    if trace.answer is None:
        return False
    return _normal_set(entries(trace.answer)) == _normal_set(problem.gold)


def exact(problem: Problem, prediction: str, trace: Trace) -> bool:
    """The answer text equals a gold answer after normalisation.

    bAbI: the text that the release's evaluation searches. MARCO: the answer as it was parsed.
    """
    text = (trace.answer or "") if problem.dataset == "marco" else _official_text(prediction)
    return normalize(text) in {normalize(gold) for gold in problem.gold}


def rouge(problem: Problem, trace: Trace) -> bool:
    """ROUGE-L of the answer to the best reference is at least `ROUGE_RIGHT`."""
    from tracelib.rouge_bleu import rouge_l  # imports a tokenizer that nothing else needs

    return trace.answer is not None and rouge_l(trace.answer, problem.gold) >= ROUGE_RIGHT


def _normal_set(texts: Iterable[str]) -> set[str]:
    return {normalize(text) for text in texts}


def _golds(problem: Problem) -> set[str]:
    return {gold.lower() for gold in problem.gold}


def _found(text: str, candidates: set[str], problem: Problem, never_an_echo: set[str]) -> set[str]:
    """The candidate answers that a text names, normalised; the whole text where it names none."""
    question = problem.question.lower()
    predicted: set[str] = set()
    set_aside = False
    for candidate in sorted(candidates | _golds(problem), key=lambda c: (len(c), c), reverse=True):
        if candidate not in text:
            continue
        text = text.replace(candidate, "")
        if candidate in question and candidate not in never_an_echo and not set_aside:
            set_aside = True
        else:
            predicted.add(candidate)
    return _normal_set(predicted or {text})


def _official_text(prediction: str) -> str:
    """The part of an output that the release's evaluation searches for answers, lower case."""
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
