"""Simulated natural traces with known truth, to check the verifier and to time it.

Each trace is drawn at random: facts quoted or reworded, with dates rewritten or altered; claims that hold and
claims that do not; a turn, a hedge, a conclusion. No model writes them; they are always called *simulated*.
The phrases here are not those of `tracelib.scoring.natural.phrases`, which were written from R1's traces.
"""

import random
from dataclasses import dataclass, field

from tracelib.datasets.cotempqa.reader import MONTHS, Date, Fact, parse_fact
from tracelib.datasets.cotempqa.solver import compare, solve
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural.annotation import STYLES, Annotation
from tracelib.scoring.natural.intervals import NO, NONE, POSITIVE, RELATIONS, RIGHT, WRONG, YES, holds

OPENINGS = (
    "Okay, the task is to find out what went on at the same time as the event in the question.",
    "So I have to work out which of these fits the question.",
    "Let me think about this one.",
    "I need to compare each period in the context with the one that is asked about.",
)
VERBS = {
    "position": ("was", "served as", "had the post of", "held the office of"),
    "party": ("belonged to", "was a member of", "was with"),
    "chair": ("chaired", "was chair of"),
    "head": ("headed", "was head of"),
    "owner": ("was owned by", "belonged to"),
    "school": ("attended", "studied at", "went to"),
    "employer": ("worked for", "was employed by", "had a job at"),
    "team": ("played for", "was on the team of", "was with"),
}
CLAIMS = {
    "before": (
        "That was over before the period in question.",
        "This is before that, so it can be ruled out.",
        "Too early.",
        "It predates the event.",
        "That is well before the event began.",
    ),
    "after": (
        "That came after the period in question.",
        "Too late for us.",
        "It only started after the event had ended.",
        "This is later than the event.",
    ),
    "apart": (
        "There is no overlap.",
        "This does not coincide with it.",
        "It lies outside the period.",
        "The two never overlap.",
    ),
    "equal": (
        "That is exactly the same period.",
        "The dates are identical.",
        "Both have the same start and end dates.",
        "It matches the period of the event exactly.",
    ),
    "within": (
        "This falls entirely within the period of the event.",
        "It lies inside that period.",
        "That is completely within it.",
    ),
    "contains": (
        "This covers the whole of that period.",
        "It spans the entire period of the event.",
        "That encompasses the event completely.",
    ),
    "part": (
        "It partly overlaps with the event.",
        "The two overlap partially.",
        "This overlaps with a part of it only partially.",
    ),
    "shared": (
        "So there is an overlap.",
        "This was going on at the same time.",
        "The two overlap.",
        "It is concurrent with the event.",
    ),
}
SHARED_TIMES = (
    "They overlap from {0} to {1}.",
    "Between {0} and {1} the two overlap.",
    "The overlap runs from {0} until {1}.",
)
TURNS = (
    "Wait, let me check that again.",
    "Hold on.",
    "Actually, let me reconsider.",
    "Let me double-check this.",
)
HEDGES = (
    "I am not sure that this is all there is.",
    "Perhaps there is more to it.",
    "It is unclear what else happened.",
)
ENDS = (
    "So the answer is {}.",
    "Therefore, the answer should be {}.",
    "In conclusion, it was {}.",
    "Final answer: {}.",
)
OFF = (-4, -3, -2, 2, 3, 4)  # years by which a date is altered


@dataclass(frozen=True)
class Rates:
    """How often a trace does what, each from 0 to 1.

    Attributes:
        altered: of the stated facts, those with another date.
        false: of the claims, those that do not hold.
        skipped: of the facts that are neither the event nor an answer, those left out.
        wrong: of the traces, those with another conclusion than the solver's.
    """

    altered: float = 0.1
    false: float = 0.15
    skipped: float = 0.2
    wrong: float = 0.25


@dataclass
class _Truth:
    """A trace in the making, and what it says."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    citations: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)
    styles: dict = field(default_factory=lambda: {name: set() for name in STYLES})
    stated: dict[int, Fact] = field(default_factory=dict)

    def add(self, sentence: str, before: str = " ") -> int:
        """Add a sentence; the offset of its first character."""
        before = before if self.parts else ""
        self.parts.append(before + sentence)
        start = self.length + len(before)
        self.length = start + len(sentence)
        return start


def write(problem: Problem, seed: int, rates: Rates = Rates()) -> tuple[str, Annotation]:
    """A simulated trace of a CoTempQA problem that the solver solves, and the truth about it."""
    rng = random.Random(f"natural/{seed}/{problem.id}")
    solution, truth = solve(problem), _Truth()
    facts = [parse_fact(sentence) for sentence in problem.facts]
    event = solution.anchor[0]
    truth.add(rng.choice(OPENINGS))
    _state(truth, problem, facts, event, rng, 0.0, "\n\n")
    marker = rng.choice(("- ", "{}. ", ""))
    others = [n for n, fact in enumerate(facts) if fact and n not in solution.anchor]
    kept = [n for n in others if n in solution.supporting or rng.random() >= rates.skipped]
    for place, number in enumerate(kept, start=1):
        begins = "\n" if marker else "\n\n"
        _state(truth, problem, facts, number, rng, rates.altered, begins, marker.format(place))
        _claim(truth, facts, number, event, rng, rates.false)
        if rng.random() < 0.08:
            truth.styles["backtracking"].add(truth.add(rng.choice(TURNS)))
        if rng.random() < 0.08:
            truth.styles["hedging"].add(truth.add(rng.choice(HEDGES)))
    answers = list(solution.supporting)
    if rng.random() < rates.wrong:
        answers = rng.sample(kept, min(len(kept), rng.randint(1, 2)))
    truth.add(
        rng.choice(ENDS).format(" and ".join(_name(problem, facts, number) for number in answers)), "\n\n"
    )
    return "".join(truth.parts), _annotation(truth, problem, facts, event, frozenset(answers))


def _name(problem: Problem, facts: list[Fact | None], number: int) -> str:
    """What tells an event from the others of the context."""
    fact = facts[number]
    subjects = [one.subject for one in facts if one]
    objects = [one.object for one in facts if one]
    if objects.count(fact.object) == 1:
        return fact.object
    return fact.subject if subjects.count(fact.subject) == 1 else f"{fact.subject}, {fact.object}"


def _state(truth, problem, facts, number, rng, altered: float, before: str, marker: str = "") -> None:
    """Add a sentence that states a fact, in one of five forms."""
    fact = facts[number]
    is_altered = rng.random() < altered
    if is_altered:
        fact = _moved(fact, rng)
    form = rng.randrange(5)
    if form == 0 and not is_altered:
        sentence = problem.facts[number].rstrip()
    elif form in (1, 2):
        sentence = f"{_name(problem, facts, number)}: {_time(fact, rng, bare=True)}."
    else:
        sentence = f"{fact.subject} {rng.choice(VERBS[fact.relation])} {fact.object} {_time(fact, rng)}."
    truth.citations[truth.add(marker + sentence, before), number] = is_altered
    truth.stated[number] = fact


def _moved(fact: Fact, rng: random.Random) -> Fact:
    """The fact some years earlier or later."""
    by = rng.choice(OFF)
    (first, *rest), (last, *other) = fact.start, fact.end
    return Fact(fact.subject, fact.relation, fact.object, (first + by, *rest), (last + by, *other))


def _time(fact: Fact, rng: random.Random, bare: bool = False) -> str:
    """The time of a fact in one of several ways of writing it."""
    coarse = rng.choice((1, 2, 3, 3))
    first, last = _date(fact.start, coarse, rng), _date(fact.end, coarse, rng)
    if fact.start == fact.end:
        return first if bare else f"{'on' if fact.start[2] and coarse == 3 else 'in'} {first}"
    if bare and coarse == 1:
        return f"{first}\u2013{last}"
    return rng.choice(("from {} to {}", "from {} until {}", "between {} and {}")).format(first, last)


def _date(date: Date, parts: int, rng: random.Random) -> str:
    year, month, day = date
    if parts == 1 or not month:
        return str(year)
    name = rng.choice((MONTHS[month - 1], MONTHS[month - 1][:3]))
    if parts == 2 or not day:
        return f"{name} {year}"
    return rng.choice((f"{name} {day}, {year}", f"{day} {name} {year}"))


def _claim(truth: _Truth, facts, number: int, event: int, rng: random.Random, false: float) -> None:
    """Add a claim about the fact that was stated last, true or false, sometimes with the shared time."""
    one, other = facts[number], facts[event]
    wanted = NO if rng.random() < false else YES
    relation = rng.choice([name for name in RELATIONS if holds(name, one, other) == wanted] or ["shared"])
    interval, verdict = NONE, holds(relation, one, other)
    if relation == "shared" and verdict == YES and rng.random() < 0.5 and _has_length(one, other):
        first, last = max(one.start, other.start), min(one.end, other.end)
        interval = WRONG if rng.random() < false else RIGHT
        if interval == WRONG:
            first, last = (first[0] - 6, 0, 0), (last[0] + 6, 0, 0)
        sentence = rng.choice(SHARED_TIMES).format(_date(first, 3, rng), _date(last, 3, rng))
    else:
        sentence = rng.choice(CLAIMS[relation])
    truth.claims[truth.add(sentence), number] = (relation, verdict, interval)


def _has_length(one: Fact, other: Fact) -> bool:
    """Whether both ends of the shared time are clear, and differ."""
    ends = (compare(one.start, other.start), compare(one.end, other.end))
    return None not in ends and max(one.start, other.start) < min(one.end, other.end)


def _annotation(truth: _Truth, problem, facts, event: int, answers: frozenset[int]) -> Annotation:
    exact = {"equal": "equal", "within": "during", "contains": "during", "part": "overlap"}
    said = {number: relation for (_, number), (relation, *_) in truth.claims.items() if relation in POSITIVE}
    named = {exact[said[number]] for number in answers if said.get(number) in exact}
    relation = (
        "mix" if len(named) > 1 else named.pop() if named else "shared" if answers & set(said) else "none"
    )
    shares = {n: holds("shared", fact, truth.stated[event]) for n, fact in truth.stated.items() if n != event}
    asked = {n for n in shares if facts[n].relation == facts[min(solve(problem).supporting)].relation}
    asked = {n for n in asked if _is_asked(facts[n], facts[min(solve(problem).supporting)], problem)}
    verdicts = {shares[n] for n in answers}
    missed = {shares[n] for n in asked - answers}
    right = NO if NO in verdicts or YES in missed else "unclear" if "unclear" in verdicts | missed else YES
    styles = {name: frozenset(found) for name, found in truth.styles.items()}
    return Annotation(frozenset([event]), truth.citations, truth.claims, relation, answers, right, styles)


def _is_asked(fact: Fact, answer: Fact, problem: Problem) -> bool:
    """Whether a fact is of the kind that the question asks for, as an answer is."""
    if "S2_R1_O1" in problem.kind:
        return fact.object == answer.object
    return fact.subject == answer.subject
