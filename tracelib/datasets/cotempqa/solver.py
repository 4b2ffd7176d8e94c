"""Solve a CoTempQA problem from its text: find the facts that are co-temporal with the question's event.

The question names one event ("While S was working for O, ...") and asks for a second one
("... which school did S attend at the same time?"). The solver finds the facts that state the first event
and the facts that could state the second, and compares their times.

Dates come in three granularities (year; month, year; month day, year), so there are two readings.
``written``, the default, compares dates as they are written: a missing part counts as the earliest. The
dataset was built this way (its ``construct_cotempqa.py``). ``calendar`` takes a date as any day of its span:
two events are co-temporal only if they are so for every choice of days. The same date written twice is the
same day.
"""

from tracelib.datasets.cotempqa.reader import Date, Fact, parse_fact
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution

READINGS = ("written", "calendar")
UNDECIDED = "the dates are too coarse to tell"
Wanted = tuple[str | None, str, str | None]  # subject, relation, object; None is the part asked for

OPENERS = ("While ", "At the time when ")  # the dataset's; the twin's
CLAUSES = {  # how a question states the event it starts from
    "position": ("was holding the position of", "held the position of"),
    "employer": ("was working for", "worked for"),
    "party": ("was a member of",),
    "school": ("attended",),
    "team": ("was playing for", "played for"),
    "owner": ("was owned by",),
    "chair": ("was the chair of",),
    "head": ("was the head of",),
}
WHAT = (  # (before the subject, after it, relation): wordings of the dataset and its templates; the twin's
    ("which position did ", " hold", "position"),
    ("which position did ", "", "position"),
    ("which employer did ", " work for", "employer"),
    ("which political party did ", " belong to", "party"),
    ("which school did ", " attend", "school"),
    ("which school was ", " attending", "school"),
    ("which team did ", " play for", "team"),
    ("who was the owner of ", "", "owner"),
    ("what position did ", " have", "position"),
    ("what employer did ", " have", "employer"),
    ("what party was ", " in", "party"),
    ("at what school was ", "", "school"),
    ("on what team was ", "", "team"),
)
WHO = (  # before the object: the dataset's wordings, then the twin's
    "who also held the position of ",
    "who also worked for ",
    "who was also a member of ",
    "who also attended ",
    "who was also playing for ",
    "who was also owned by ",
    "who else held the position of ",
    "who else worked for ",
    "who else was a member of ",
    "who else attended ",
    "who else played for ",
)
WHEN = (  # how a question ends: wordings of the dataset and its templates; the twin's
    " within the same time interval?",
    " within the same time span?",
    " within the same time?",
    " during the same time span?",
    " during the same time period?",
    " during the identical time period?",
    " at the same time?",
    " simultaneously?",
    " concurrently?",
    " in that period?",
    " in those years?",
    " at some point in that time?",
)


def solve(problem: Problem, reading: str = "written") -> Solution:
    """The answers, their supporting facts and the relation, under one reading of the dates (`READINGS`)."""
    facts, anchor, wanted = _read(problem)
    if not anchor:
        return Solution(failure="no fact states the event of the question")
    if wanted is None:
        return Solution(anchor=anchor, failure="the question fits no pattern")
    relate, named = _RELATE[reading], _of_the_kind(facts, anchor, wanted)
    found: dict[int, list[str]] = {}  # candidate -> its relation to each fact of the anchor
    for index in named:
        relations = [relate(facts[place], facts[index]) for place in anchor]
        if set(relations) != {"apart"}:
            found[index] = relations
    undecided = [index for index, relations in found.items() if set(relations) <= {"apart", "unknown"}]
    supporting = tuple(index for index in found if index not in undecided)
    answers = tuple(dict.fromkeys(named[index] for index in supporting))
    failure = UNDECIDED if undecided else "" if answers else "no fact is co-temporal"
    return Solution(answers, supporting, _labels(list(found.values())), anchor, failure)


def _labels(found: list[list[str]]) -> tuple[str, ...]:
    """The labels that fit, from each candidate's relations to the facts that state the question's event.

    Usually one label fits. Several can fit if several facts state the event, because the question may mean
    each of them or all together. Another can fit if the dates leave a relation open.
    """
    together = {relation for relations in found for relation in relations}
    of_each = [set(relations) for relations in zip(*found, strict=True)]
    labels: dict[str, None] = {}
    for relations in (together, *of_each):
        known = relations - {"apart", "unknown"}
        if len(known) == 1:
            labels |= dict.fromkeys(known)
        if len(known) > 1 or (known and "unknown" in relations):
            labels["mix"] = None
    return tuple(labels)


def asked_for(problem: Problem) -> Wanted | None:
    """The event that the question asks for; None if the question is unclear."""
    return _read(problem)[2]


def asked_side(problem: Problem) -> str | None:
    """The side of a fact that the question asks for: ``subject``, ``object``, or None if it is unclear."""
    wanted = asked_for(problem)
    return None if wanted is None else "subject" if wanted[0] is None else "object"


def whenever(problem: Problem) -> tuple[str, ...]:
    """The distinct answers of all facts of the kind asked for, at any time; none for an unclear question."""
    facts, anchor, wanted = _read(problem)
    return tuple(dict.fromkeys(_of_the_kind(facts, anchor, wanted).values())) if wanted else ()


def subject(problem: Problem) -> str | None:
    """The subject of the event that the question starts from; None if no fact states the event."""
    facts, anchor, _ = _read(problem)
    return facts[anchor[0]].subject if anchor else None


def _read(problem: Problem) -> tuple[list[Fact | None], tuple[int, ...], Wanted | None]:
    """The parsed facts, the indices of those that state the question's event, and the event asked for."""
    facts = [parse_fact(sentence) for sentence in problem.facts]
    anchor, asked = _event_asked_about(problem.question, facts)
    return facts, anchor, _second_event(asked, facts[anchor[0]]) if anchor else None


def _event_asked_about(question: str, facts: list[Fact | None]) -> tuple[tuple[int, ...], str]:
    """The indices of the facts that state the event a question starts from, and the rest of the question."""
    found: dict[int, list[int]] = {}
    for index, fact in enumerate(facts):
        if fact is None or fact.start is None or fact.end is None:
            continue
        for opener in OPENERS:
            for clause in CLAUSES[fact.relation]:
                opening = f"{opener}{fact.subject} {clause} {fact.object},"
                if question.startswith(opening):
                    found.setdefault(len(opening), []).append(index)
    if not found:
        return (), ""
    longest = max(found)  # an object can be the beginning of another
    return tuple(found[longest]), question[longest:].removeprefix(" ")  # some templates have no space there


def _second_event(asked: str, anchor: Fact) -> Wanted | None:
    """The event asked for, from the rest of the question; None if it fits no pattern."""
    for when in WHEN:
        if asked.endswith(when):
            asked = asked.removesuffix(when)
            break
    else:
        return None
    for before in WHO:
        if asked.startswith(before):
            return None, anchor.relation, asked.removeprefix(before)
    for before, after, relation in WHAT:
        if asked.startswith(before) and asked.endswith(after):
            return asked[len(before) : len(asked) - len(after)], relation, None
    return None


def _of_the_kind(facts: list[Fact | None], anchor: tuple[int, ...], wanted: Wanted) -> dict[int, str]:
    """The facts that could state the second event: their indices to the answers they give."""
    side = "subject" if wanted[0] is None else "object"
    others = ((index, fact) for index, fact in enumerate(facts) if fact is not None and index not in anchor)
    return {index: getattr(fact, side) for index, fact in others if _fits(fact, wanted)}


def _fits(fact: Fact, wanted: Wanted) -> bool:
    subject, relation, object_ = wanted
    dated = fact.start is not None and fact.end is not None
    right = subject in (None, fact.subject) and object_ in (None, fact.object)
    return dated and right and fact.relation == relation


def relation_as_written(one: Fact, other: Fact) -> str:
    """``equal``, ``during``, ``overlap`` or ``apart``, comparing dates as written.

    A point in time is during an interval if it lies strictly inside.
    """
    (a, b), (c, d) = (one.start, one.end), (other.start, other.end)
    if (a, b) == (c, d):
        return "equal"
    if a == b or c == d:
        inside = c < a < d if a == b else a < c < b
        return "during" if inside else "apart"
    if (a <= c and d <= b) or (c <= a and b <= d):
        return "during"
    return "overlap" if a < c < b or c < a < d else "apart"


def relation_by_calendar(one: Fact, other: Fact) -> str:
    """The relation that holds for every choice of days; ``unknown`` if it depends on the choice."""
    begins, ends = compare(one.start, other.start), compare(one.end, other.end)
    if begins == 0 and ends == 0:
        return "equal"
    before, after = compare(one.end, other.start), compare(one.start, other.end)
    if before == -1 or after == 1:
        return "apart"
    if None in (begins, ends) or before != 1 or after != -1:
        return "unknown"
    return "during" if begins * ends <= 0 else "overlap"


def compare(one: Date, other: Date) -> int | None:
    """-1, 0 or 1 if the first date is before, equal to or after the second; None if that is open."""
    for left, right in zip(one, other, strict=True):
        if left != right:
            if not left or not right:
                return None  # the coarser date spans the other
            return -1 if left < right else 1
    return 0


_RELATE = {"written": relation_as_written, "calendar": relation_by_calendar}
