"""CoTempQA (Su et al., ACL 2024): co-temporal questions, as published and as a simple twin.

Published format: one JSON object per line with ``index``, ``triple_element``, ``question``,
``facts`` and ``answer``; one file per temporal relation (``equal.json``, ``overlap.json``, ...).
"""

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.decompose import facts_with_an_answer
from tracelib.files import InputError, field, read_json_lines
from tracelib.problems import Problem, checked, content_id

CATEGORIES = ("equal", "overlap", "during", "mix")
ANSWER_IS_SUBJECT = "S2_R1_O1"  # the one question kind that asks "who else", all others ask "what"

VERBS = (
    "holds the position of",
    "held the position of",
    "is a member of the",
    "was a member of the",
    "is the chair of",
    "was the chair of",
    "is the head of",
    "was the head of",
    "is owned by",
    "was owned by",
    "attended",
    "works for",
    "worked for",
    "plays for",
    "played for",
)
LONGEST_FACT = 1000  # characters; the dataset's longest has 250. Longer text fits no template.
DATE = r"(?:[A-Z][a-z]+ \d{1,2}, |[A-Z][a-z]+, )?\d{1,4}"
FACT = re.compile(
    rf"(?P<subject>.+?) (?:{'|'.join(VERBS)}) (?P<object>.+?)"
    rf"(?: in {DATE}| from {DATE}(?: to {DATE})?)?\.?"
)


@dataclass(frozen=True)
class Fact:
    """Who is related to what, read from one sentence of the context."""

    subject: str
    object: str


@lru_cache(maxsize=65536)
def parse_fact(sentence: str) -> Fact | None:
    """Subject and object of a fact sentence, without its dates; None if it fits no template."""
    match = FACT.fullmatch(sentence) if len(sentence) <= LONGEST_FACT else None
    return Fact(match["subject"], match["object"]) if match else None


def from_record(record: dict, category: str, path: str | Path, line: int) -> Problem:
    """A problem from one published record; `InputError` when a field is missing or wrong."""
    facts = tuple(field(record, "facts", list, path, line))
    gold = tuple(field(record, "answer", list, path, line))
    question = field(record, "question", str, path, line)
    problem = Problem(
        id=content_id(question, facts, gold),
        dataset="cotempqa",
        question=question,
        facts=facts,
        gold=gold,
        supporting=facts_with_an_answer(facts, gold),
        category=category,
        kind=field(record, "triple_element", str, path, line),
    )
    return checked(problem, path, line)


def read(path: Path) -> list[Problem]:
    """All problems of one published file; its name says the relation (``equal.json``)."""
    path = Path(path)
    if path.stem not in CATEGORIES:
        expected = ", ".join(f"{c}.json" for c in CATEGORIES)
        raise InputError(f"the file name is the temporal relation, expected {expected}", path)
    return [from_record(record, path.stem, path, line) for line, record in read_json_lines(path)]


# --- The twin: same schema, categories and decomposition, procedural content -----------------

SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "pe", "ra", "si", "to", "vu", "za")
VERB_FORMS = {  # fact wording, question wording
    "works for": "worked for",
    "attended": "attended",
    "plays for": "played for",
}
FIRST_YEAR, LAST_YEAR = 1900, 1999
MARGIN = 3  # years that a distractor keeps away from the event asked about


def _name(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(syllables)).capitalize()


def _related(relation: str, start: int, end: int, rng: random.Random) -> tuple[int, int]:
    """An interval that stands in `relation` to (start, end); ends are inclusive years."""
    if relation == "equal":
        return start, end
    if relation == "during":
        return start + 1, end - 1
    shift = rng.choice((-2, 2))
    return start + shift, end + shift


def _apart(start: int, end: int, rng: random.Random) -> tuple[int, int]:
    """An interval that shares no year with (start, end)."""
    length = rng.randint(1, 5)
    before = list(range(FIRST_YEAR, start - MARGIN - length))
    after = list(range(end + MARGIN, LAST_YEAR - length))
    first = rng.choice(before + after)
    return first, first + length


def _problem(rng: random.Random, facts: int) -> Problem:
    category = rng.choice(CATEGORIES)
    subject = _name(rng, 3)
    verb, asked = rng.choice(sorted(VERB_FORMS.items()))
    names = {_name(rng, 2) for _ in range(12 * facts)}
    # An object inside the subject's name would make every fact contain that answer.
    objects = rng.sample(sorted(name for name in names if name not in subject), facts)
    start = rng.randint(FIRST_YEAR + 10, LAST_YEAR - 20)
    end = start + rng.randint(4, 9)
    relations = rng.sample(CATEGORIES[:3], 2) if category == "mix" else [category]
    spans = [(start, end)] + [_related(relation, start, end, rng) for relation in relations]
    spans += [_apart(start, end, rng) for _ in range(facts - len(spans))]
    sentences = [
        f"{subject} {verb} {name} from {first} to {last}."
        for name, (first, last) in zip(objects, spans, strict=True)
    ]
    gold = tuple(objects[1 : 1 + len(relations)])
    question = f"While {subject} {asked} {objects[0]}, what else can be said of {subject} at that time?"
    rng.shuffle(sentences)
    context = tuple(sentences)
    return Problem(
        id=content_id(question, context, gold),
        dataset="cotempqa",
        question=question,
        facts=context,
        gold=gold,
        supporting=facts_with_an_answer(context, gold),
        category=category,
        kind="S1_R1_O2",
    )


def generate(count: int, seed: int, facts: int = 5) -> list[Problem]:
    """`count` distinct twin problems of `facts` facts each; the same ones for the same arguments.

    The twin of this edition is simple: one question kind, intervals in whole years, invented
    names. Exactly the gold answers share a year with the event asked about.
    """
    if facts < 4:
        raise InputError(f"facts={facts}: a twin problem needs at least 4 facts (mix has two answers)")
    rng = random.Random(f"cotempqa-twin/{seed}/{facts}")
    problems: dict[str, Problem] = {}
    while len(problems) < count:
        problem = _problem(rng, facts)
        problems[problem.id] = problem
    return list(problems.values())
