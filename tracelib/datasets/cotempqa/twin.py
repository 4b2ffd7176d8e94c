"""The CoTempQA twin: invented people and dates in the dataset's five question kinds and four relations.

The solver checks every problem. Under both readings of the dates it must find exactly the gold answers, the
gold facts and the category; otherwise the problem is drawn again.
"""

import random
from dataclasses import dataclass

from tracelib.core.errors import InputError
from tracelib.datasets.cotempqa.reader import CATEGORIES, MONTHS, Date
from tracelib.datasets.cotempqa.solver import READINGS, solve
from tracelib.datasets.dataset import DATES
from tracelib.datasets.decompose import facts_with_an_answer
from tracelib.datasets.draw import distinct
from tracelib.datasets.problem import Problem, content_id

KINDS = ("S1_R1_O2", "S1_R2_O2", "S2_R1_O1", "S2_R1_O2", "S2_R2_O2")
MOST_ANSWERS = 3
FACTS = (4, 40)  # fewest and most; four are the event, two answers and a distractor
WORDING = {  # relation: fact, the event a question starts from, what is asked, who is asked
    "position": (
        "holds the position of",
        "held the position of",
        "what position did {} have",
        "who else held the position of {}",
    ),
    "employer": ("works for", "worked for", "what employer did {} have", "who else worked for {}"),
    "party": (
        "is a member of the",
        "was a member of",
        "what party was {} in",
        "who else was a member of {}",
    ),
    "school": ("attended", "attended", "at what school was {}", "who else attended {}"),
    "team": ("plays for", "played for", "on what team was {}", "who else played for {}"),
}
PERIODS = ("in that period", "in those years", "at some point in that time")
SYLLABLES = ("ba", "del", "ki", "lo", "mur", "na", "pe", "ran", "si", "to", "vu", "zé", "ño", "hal")
NAMES = tuple(f"{one}{two}".capitalize() for one in SYLLABLES for two in SYLLABLES)
INITIALS = ("", "", "", "", "J. ", "M. ", "O'", "Ka-")  # names with dots, quotes and hyphens
OBJECTS = {
    "position": ("keeper of {}", "{} envoy", "warden in {}", "deputy of {}"),
    "employer": ("{} Works", "{} & Daughters", "{} Institute", "House of {}"),
    "party": ("{} League", "{} Party", "Friends of {}", "{} Union"),
    "school": ("{} College", "School of {}", "{} Academy", "St. {} School"),
    "team": ("{} Rovers", "{} Town", "Real {}", "{} F.C."),
}
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Knobs:
    """The settings of the twin: how hard the problems are.

    Attributes:
        facts: the number of sentences in the context, 4 to 40 (the dataset: 10 to 20). With 4, a problem has
            two answers at most.
        entities: the number of other people in distractors, 1 to 20.
        near: the share of distractors, 0 to 1, that match the question but at another time.
        first_year, last_year: the years that contain all dates, at least 60 years apart.
        granularities: the granularities of dates (year, month, day); one is drawn per problem.
    """

    facts: int = 8
    entities: int = 3
    near: float = 0.4
    first_year: int = 1900
    last_year: int = 2020
    granularities: tuple[str, ...] = DATES

    def __post_init__(self):
        if not FACTS[0] <= self.facts <= FACTS[1]:
            raise InputError(f"facts={self.facts}, expected {FACTS[0]} to {FACTS[1]}")
        if not 1 <= self.entities <= 20:
            raise InputError(f"entities={self.entities}, expected 1 to 20")
        if not 0 <= self.near <= 1:
            raise InputError(f"near={self.near}, expected a share from 0 to 1")
        if not 1 <= self.first_year <= self.last_year - 60 or self.last_year > 9999:
            raise InputError(
                f"years {self.first_year} to {self.last_year}, expected 60 or more between 1 and 9999"
            )
        if not self.granularities or set(self.granularities) - set(DATES):
            raise InputError(f"granularities={self.granularities}, expected some of {', '.join(DATES)}")


def generate(count: int, seed: int, knobs: Knobs | None = None) -> list[Problem]:
    """`count` distinct problems that the solver solves.

    The same arguments give the same problems; a smaller `count` gives the first of them.
    """
    knobs = knobs or Knobs()
    rng = random.Random(_seed(seed, knobs))
    return distinct(lambda: _draw(rng, knobs), _as_solved, count)


def _seed(seed: int, knobs: Knobs) -> str:
    # Written out, because any other character would change every problem.
    return (
        f"cotempqa-twin/{seed}/Knobs(facts={knobs.facts!r}, entities={knobs.entities!r}, "
        f"near={knobs.near!r}, first_year={knobs.first_year!r}, last_year={knobs.last_year!r}, "
        f"granularities={knobs.granularities!r})"
    )


def _as_solved(problem: Problem) -> bool:
    for reading in READINGS:
        found = solve(problem, reading)
        if found.failure or found.answers != problem.gold or found.categories != (problem.category,):
            return False
        if found.supporting != problem.supporting or len(found.anchor) != 1:
            return False
    return True


def _draw(rng: random.Random, knobs: Knobs) -> Problem:
    kind, category = rng.choice(KINDS), rng.choice(CATEGORIES)
    relation, asked = _relations(rng, kind)
    time = _Time(rng, knobs)
    start, end = time.anchor()
    one = _name(rng)
    two = one if kind.startswith("S1") else _name(rng)
    held = _object(rng, relation)

    def second() -> tuple[str, str, str]:
        """An event of the kind that the question asks for."""
        if kind == "S2_R1_O1":
            return _name(rng), asked, held
        return two, asked, _object(rng, asked)

    answers = [(*second(), time.related(label, start, end)) for label in _labels(rng, category, knobs.facts)]
    people = [one, two] + [_name(rng) for _ in range(knobs.entities)]
    others = [other for other in WORDING if other not in (relation, asked)]
    distractors = []
    while len(distractors) < knobs.facts - 1 - len(answers):
        if rng.random() < knobs.near:
            distractors.append((*second(), time.apart(start, end)))
        else:
            other = rng.choice(others)
            distractors.append((rng.choice(people), other, _object(rng, other), time.any()))
    events = [(one, relation, held, time.between(start, end)), *answers, *distractors]
    rng.shuffle(events)
    facts = tuple(f"{subject} {WORDING[verb][0]} {name} {when}." for subject, verb, name, when in events)
    side = 0 if kind == "S2_R1_O1" else 2
    gold = tuple(event[side] for event in events if event in answers)
    what = WORDING[asked][3].format(held) if kind == "S2_R1_O1" else WORDING[asked][2].format(two)
    event = f"At the time when {one} {WORDING[relation][1]} {held}"
    question = f"{event}, {what} {rng.choice(PERIODS)}?"
    return Problem(
        id=content_id(question, facts, gold),
        dataset="cotempqa",
        question=question,
        facts=facts,
        gold=gold,
        supporting=facts_with_an_answer(facts, gold),
        category=category,
        kind=kind,
    )


def _relations(rng: random.Random, kind: str) -> tuple[str, str]:
    """The relation of the event that the question names, and the relation that it asks for."""
    if "R2" in kind:
        one, two = rng.sample(list(WORDING), 2)
        return one, two
    relation = rng.choice(list(WORDING))
    return relation, relation


def _labels(rng: random.Random, category: str, facts: int) -> list[str]:
    if category == "mix":
        first, second = rng.sample(CATEGORIES[:3], 2)
        more = rng.randint(0, min(MOST_ANSWERS, facts - 2) - 2)
        return [first, second, *rng.choices(CATEGORIES[:3], k=more)]
    return [category] * rng.choice((1, 1, 2))


def _name(rng: random.Random) -> str:
    return f"{rng.choice(INITIALS)}{rng.choice(NAMES)} {rng.choice(NAMES)}"


def _object(rng: random.Random, relation: str) -> str:
    return rng.choice(OBJECTS[relation]).format(rng.choice(NAMES) + rng.choice(SYLLABLES))


class _Time:
    """The dates of one problem, all at one granularity, as whole numbers of years, months or days."""

    def __init__(self, rng: random.Random, knobs: Knobs):
        self.rng = rng
        self.unit = rng.choice(knobs.granularities)
        self.per_year = {"year": 1, "month": 12, "day": 365}[self.unit]
        self.first = knobs.first_year * self.per_year
        self.last = (knobs.last_year + 1) * self.per_year - 1

    def anchor(self) -> tuple[int, int]:
        """An interval of 4 to 12 years, at least 15 years from the first and the last year."""
        margin, length = 15 * self.per_year, self.rng.randint(4 * self.per_year, 12 * self.per_year)
        start = self.rng.randint(self.first + margin, self.last - margin - length)
        return start, start + length

    def related(self, label: str, start: int, end: int) -> str:
        """A time in the relation `label` to the interval from `start` to `end`, as a fact writes it."""
        if label == "equal":
            return self.between(start, end)
        if label == "overlap":
            inside = self.rng.randint(start + 1, end - 1)
            beyond = self.rng.randint(1, 8 * self.per_year)
            return (
                self.between(inside, end + beyond)
                if self.rng.random() < 0.5
                else self.between(start - beyond, inside)
            )
        shape = self.rng.randrange(3)
        if shape == 0:
            return f"in {self.text(self.rng.randint(start + 1, end - 1))}"
        if shape == 1:
            return self.between(
                start - self.rng.randint(1, 9 * self.per_year), end + self.rng.randint(1, 9 * self.per_year)
            )
        first = self.rng.randint(start + 1, end - 2)
        return self.between(first, self.rng.randint(first + 1, end - 1))

    def apart(self, start: int, end: int) -> str:
        """A time outside the interval from `start` to `end`, as a fact writes it."""
        length = self.rng.choice((0, self.rng.randint(1, 5 * self.per_year)))
        if self.rng.random() < 0.5:
            first = self.rng.randint(self.first, start - length - 1)
        else:
            first = self.rng.randint(end + 1, self.last - length)
        return self.between(first, first + length)

    def any(self) -> str:
        """Any time, as a fact writes it."""
        length = self.rng.choice((0, self.rng.randint(1, 10 * self.per_year)))
        first = self.rng.randint(self.first, self.last - length)
        return self.between(first, first + length)

    def between(self, start: int, end: int) -> str:
        """An interval as a fact writes it; a point in time if both ends are the same."""
        if start == end:
            return f"in {self.text(start)}"
        return f"from {self.text(start)} to {self.text(end)}"

    def text(self, unit: int) -> str:
        """A date as a fact writes it."""
        year, month, day = self.date(unit)
        if self.unit == "year":
            return f"{year}"
        return (
            f"{MONTHS[month - 1]}, {year}" if self.unit == "month" else f"{MONTHS[month - 1]} {day}, {year}"
        )

    def date(self, unit: int) -> Date:
        """The year, month and day of a unit; every year has 365 days here."""
        year, rest = divmod(unit, self.per_year)
        if self.unit != "day":
            return year, rest + 1, 0
        for month, days in enumerate(DAYS, start=1):
            if rest < days:
                return year, month, rest + 1
            rest -= days
        raise AssertionError("a year has 365 days")
