"""The MS MARCO twin: invented passages about invented things, with queries as people type them.

Each problem asks for one attribute of one thing (a river, a company, a town, a person, a material). The
selected passages state the attribute in different words. The other passages are about other things of the
same kind, many with the same attribute, or state other attributes of the same thing. In an unanswerable
problem no passage states the attribute. `answerable_from` derives the selected passages again from query and
passages alone. `generate` gives only problems where it agrees and no other passage contains the answer.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tracelib.core.errors import InputError
from tracelib.datasets.draw import distinct
from tracelib.datasets.problem import NO_ANSWER, Problem, content_id

SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "pe", "ra", "si", "to", "vu", "za", "fi", "go", "hu")
PASSAGES = (2, 100)  # fewest and most of a problem
MOST_SENTENCES = 6  # per passage: a thing has four other attributes, and there are fillers
VALUE = r"[^.]{1,80}"  # no value has a full stop
CONFUSED = "{it} is sometimes confused with {other}."
FILLERS = (
    "{it} is mentioned in several old letters.",
    "{it} has been the subject of a short film.",
    "{it} appears on a postage stamp.",
    "{it} was described in a newspaper last spring.",
)


@dataclass(frozen=True)
class Knobs:
    """The settings of the twin: how hard the problems are."""

    passages: int = 5  # per problem; the dataset has about 10
    unanswerable: float = 0.25  # share of queries that no passage answers
    second: float = 0.25  # share of the other queries that two passages answer
    sentences: int = 3  # the most in a passage; a passage has at least 2

    def __post_init__(self):
        if not PASSAGES[0] <= self.passages <= PASSAGES[1]:
            raise InputError(f"passages={self.passages}: expected {PASSAGES[0]} to {PASSAGES[1]}")
        if not 2 <= self.sentences <= MOST_SENTENCES:
            raise InputError(f"sentences={self.sentences}: expected 2 to {MOST_SENTENCES}")
        for name in ("unanswerable", "second"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name}={getattr(self, name)}: expected a share from 0 to 1")


Draw = Callable[[random.Random], str]


@dataclass(frozen=True)
class Attribute:
    """An attribute that things of one kind have, and that a query can ask for.

    Attributes:
        category: the query type.
        queries: ways to ask for the attribute, in lower case, with ``{x}`` for the thing.
        statements: ways to state the attribute: sentences that start with ``{x}`` and have ``{v}`` for the
            value. The first one is also the well-formed answer.
        value: draws a value.
    """

    category: str
    queries: tuple[str, ...]
    statements: tuple[str, ...]
    value: Draw


def _pick(rng: random.Random, options: tuple[str, ...]) -> str:
    return options[int(rng.random() * len(options))]  # much faster than rng.choice


def _number(rng: random.Random, low: int, high: int) -> int:
    return low + int(rng.random() * (high - low + 1))


def _name(rng: random.Random, syllables: int = 3) -> str:
    return "".join([_pick(rng, SYLLABLES) for _ in range(syllables)]).capitalize()


def _phrase(*parts: tuple[str, ...]) -> Draw:
    """Draw one of each part, joined by spaces."""
    return lambda rng: " ".join([_pick(rng, part) for part in parts])


# Names of one sort have the same length and ending, and numbers of one sort the same number of digits.
# So one contains another only if they are equal.


def _town(rng: random.Random) -> str:
    return f"{_name(rng)}ford"


def _hills(rng: random.Random) -> str:
    return f"the {_name(rng)} Hills"


def _person(rng: random.Random) -> str:
    return f"{_name(rng, 2)} {_name(rng)}r"


THINGS: dict[str, tuple[Draw, str]] = {  # how to name a thing, and what later sentences call it
    "river": (lambda rng: f"River {_name(rng)}", "The river"),
    "company": (lambda rng: f"{_name(rng)} Works", "The company"),
    "town": (_town, "The town"),
    "person": (_person, "This artist"),
    "material": (lambda rng: f"{_name(rng)}lite", "The material"),
}
COLOURS = ("amber", "black", "blue", "green", "grey", "red", "silver", "white", "yellow", "pale")
CAPITALS = tuple(colour.capitalize() for colour in COLOURS)

ATTRIBUTES: dict[str, tuple[Attribute, ...]] = {
    "river": (
        Attribute(
            "numeric",
            ("how long is {x}", "{x} length", "what is the length of {x}"),
            ("{x} is {v} long.", "{x} has a total length of {v}.", "{x} runs for {v} to the sea."),
            lambda rng: f"{_number(rng, 110, 989)} kilometres",
        ),
        Attribute(
            "location",
            ("where does {x} start", "source of {x}"),
            ("{x} starts in {v}.", "{x} rises high up in {v}.", "{x} has its source in {v}."),
            _hills,
        ),
        Attribute(
            "person",
            ("who first mapped {x}", "{x} was first mapped by who"),
            ("{x} was first mapped by {v}.", "{x} was put on a map by {v} for the first time."),
            _person,
        ),
        Attribute(
            "entity",
            ("what fish lives in {x}", "what can you catch in {x}"),
            ("{x} is home to {v}.", "{x} is fished for {v}.", "{x} has one common fish, {v}."),
            _phrase(("the",), COLOURS, ("banded", "dotted", "lesser", "striped"), ("carp", "perch", "trout")),
        ),
        Attribute(
            "description",
            ("what kind of river is {x}", "describe {x}"),
            ("{x} is best described as {v}.", "{x} is known to boatmen as {v}."),
            _phrase(
                ("a cold", "a fast", "a muddy", "a narrow", "a shallow", "a slow"),
                ("lowland", "marsh", "mountain", "valley"),
                ("river that dries up", "river that floods", "river that freezes", "stream that changes bed"),
                ("in most winters", "every few years", "in early spring"),
            ),
        ),
    ),
    "company": (
        Attribute(
            "numeric",
            ("average salary at {x}", "how much does {x} pay", "average pay {x}"),
            (
                "{x} pays an average salary of {v} a year.",
                "{x} offers its workers {v} a year on average.",
                "{x} reported yearly wages of {v} in the mean.",
            ),
            lambda rng: f"${_number(rng, 21, 98)},{_number(rng, 1, 9)}00",
        ),
        Attribute(
            "location",
            ("where is {x} based", "{x} headquarters"),
            ("{x} is based in {v}.", "{x} has its headquarters in {v}.", "{x} is run from an office in {v}."),
            _town,
        ),
        Attribute(
            "person",
            ("who founded {x}", "{x} founder"),
            ("{x} was founded by {v}.", "{x} was started in a barn by {v}.", "{x} owes its start to {v}."),
            _person,
        ),
        Attribute(
            "entity",
            ("what is the best selling product of {x}", "{x} main product"),
            (
                "{x} sells {v} most.",
                "{x} earns most of its money with {v}.",
                "{x} has one main product, {v}.",
            ),
            _phrase(
                ("the",), COLOURS, ("folding", "heavy", "pocket", "quiet"), ("kettle", "lamp", "loom", "saw")
            ),
        ),
        Attribute(
            "description",
            ("what does {x} do", "what business is {x} in"),
            ("{x} is in the business of {v}.", "{x} makes its living by {v}."),
            _phrase(
                ("cleaning", "hiring out", "making", "mending", "testing"),
                ("boats", "clocks", "ladders", "pumps", "ropes", "tents"),
                ("for farms", "for mines", "for schools", "for small ports"),
                ("at fixed prices", "by contract", "on short notice"),
            ),
        ),
    ),
    "town": (
        Attribute(
            "numeric",
            ("population of {x}", "how many people live in {x}"),
            (
                "{x} has a population of {v}.",
                "{x} is home to {v} in all.",
                "{x} counted {v} in the last census.",
            ),
            lambda rng: f"{_number(rng, 11, 98)},{_number(rng, 100, 989)} people",
        ),
        Attribute(
            "location",
            ("where is {x}", "where is {x} located"),
            ("{x} is located in {v}.", "{x} lies at the foot of {v}.", "{x} can be found among {v}."),
            _hills,
        ),
        Attribute(
            "person",
            ("who is the mayor of {x}", "{x} mayor"),
            ("{x} is led by mayor {v}.", "{x} elected {v} as its mayor.", "{x} has {v} for a mayor."),
            _person,
        ),
        Attribute(
            "entity",
            ("what festival is held in {x}", "{x} yearly festival"),
            (
                "{x} celebrates {v} every year.",
                "{x} holds {v} each summer.",
                "{x} has a festival called {v}.",
            ),
            _phrase(("the",), CAPITALS, ("Bread", "Kite", "Lamp", "Lily", "Rain", "Salt"), ("Fair", "Feast")),
        ),
        Attribute(
            "description",
            ("what is {x} known for", "why is {x} famous"),
            ("{x} is best known for {v}.", "{x} owes its fame to {v}."),
            _phrase(
                ("its covered", "its crooked", "its tiled", "its wooden"),
                ("bridges", "markets", "roofs", "stairs", "towers"),
                ("built by sailors", "from the age of steam", "on the old canal", "over the harbour"),
                ("that draw painters", "that still stand", "that visitors photograph"),
            ),
        ),
    ),
    "person": (
        Attribute(
            "numeric",
            ("how many pictures did {x} paint", "number of paintings by {x}"),
            ("{x} painted {v} in all.", "{x} left {v} to the state.", "{x} completed {v} before retiring."),
            lambda rng: f"{_number(rng, 110, 989)} pictures",
        ),
        Attribute(
            "location",
            ("where was {x} born", "birthplace of {x}"),
            ("{x} was born in {v}.", "{x} came into the world in {v}.", "{x} is a native of {v}."),
            _town,
        ),
        Attribute(
            "person",
            ("who taught {x}", "teacher of {x}"),
            ("{x} was taught by {v}.", "{x} learned the craft from {v}.", "{x} was a pupil of {v}."),
            _person,
        ),
        Attribute(
            "entity",
            ("what instrument did {x} play", "{x} instrument"),
            ("{x} played {v}.", "{x} gave concerts on {v}.", "{x} was rarely seen without {v}."),
            _phrase(
                ("the",), ("alto", "bass", "great", "tenor"), COLOURS, ("fiddle", "flute", "horn", "lute")
            ),
        ),
        Attribute(
            "description",
            ("what is {x} remembered for", "what made {x} famous"),
            ("{x} is remembered for {v}.", "{x} became famous for {v}."),
            _phrase(
                ("drawing", "painting", "sketching"),
                ("bakers", "fishing boats", "horses", "orchards", "storms", "weddings"),
                ("in chalk", "in thick oil", "on glass", "on old doors"),
                ("by lamplight", "from memory", "in one sitting", "on long walks"),
            ),
        ),
    ),
    "material": (
        Attribute(
            "numeric",
            ("melting point of {x}", "at what temperature does {x} melt"),
            ("{x} melts at {v}.", "{x} has a melting point of {v}.", "{x} turns liquid at about {v}."),
            lambda rng: f"{_number(rng, 210, 989)} degrees",
        ),
        Attribute(
            "location",
            ("where is {x} found", "where is {x} mined"),
            ("{x} is mined in {v}.", "{x} is dug out of {v}.", "{x} occurs only in {v}."),
            _hills,
        ),
        Attribute(
            "person",
            ("who discovered {x}", "{x} was discovered by"),
            ("{x} was discovered by {v}.", "{x} was first isolated by {v}.", "{x} was a find of {v}."),
            _person,
        ),
        Attribute(
            "entity",
            ("what is {x} made from", "{x} raw material"),
            ("{x} is made from {v}.", "{x} is smelted out of {v}.", "{x} is won from a rock called {v}."),
            _phrase(COLOURS, ("brittle", "dense", "glassy", "layered"), ("chalk", "quartz", "slate", "spar")),
        ),
        Attribute(
            "description",
            ("what is {x}", "define {x}", "{x} definition"),
            ("{x} is defined as {v}.", "{x} can be described as {v}."),
            _phrase(
                ("a dull", "a hard", "a light", "a shiny", "a soft"),
                ("alloy", "ceramic", "glass", "metal", "resin"),
                ("that resists acid", "that rings when struck", "that stays cool", "that stores heat"),
                ("and holds paint", "and is easy to saw", "and never rusts"),
            ),
        ),
    ),
}
KINDS = tuple(ATTRIBUTES)


# --- Writing ----------------------------------------------------------------------------------


def _passage(
    rng: random.Random,
    kind: str,
    name: str,
    values: dict[int, str],
    asked: int,
    wording: str | None,
    knobs: Knobs,
    confused_with: str | None = None,
) -> str:
    """A text about one thing. It states the attribute `asked` in the given wording; without one, not at all.

    `values` are the thing's values by attribute. Missing ones are drawn and added, so that passages agree.
    """
    said = [] if wording is None else [(asked, wording)]
    others = [index for index in range(len(ATTRIBUTES[kind])) if index != asked]
    rng.shuffle(others)
    said += [(index, _pick(rng, ATTRIBUTES[kind][index].statements)) for index in others]
    length = _number(rng, 2, knobs.sentences)
    last = [CONFUSED.replace("{other}", confused_with)] if confused_with else []
    if length > 2 and not last and rng.random() < 0.5:
        last = [_pick(rng, FILLERS)]
    said = said[: length - len(last)]
    rng.shuffle(said)
    called = THINGS[kind][1]
    sentences = []
    for index, statement in said:
        if index not in values:
            values[index] = ATTRIBUTES[kind][index].value(rng)
        sentences.append(statement.format(x=called if sentences else name, v=values[index]))
    more = [filler for filler in FILLERS if filler not in last]  # when attributes run out
    last += more[: length - len(sentences) - len(last)]
    return " ".join(sentences + [filler.format(it=called) for filler in last])


def _distractor(
    rng: random.Random, kind: str, name: str, values: dict[int, str], asked: int, knobs: Knobs
) -> str:
    """A passage that does not answer: about other attributes of the thing, or about another thing."""
    if rng.random() < 0.4:
        return _passage(rng, kind, name, values, asked, None, knobs)
    wording = _pick(rng, ATTRIBUTES[kind][asked].statements) if rng.random() < 0.7 else None
    confused_with = name if rng.random() < 0.3 else None
    return _passage(rng, kind, THINGS[kind][0](rng), {}, asked, wording, knobs, confused_with)


def _problem(rng: random.Random, knobs: Knobs) -> Problem:
    kind = _pick(rng, KINDS)
    name = THINGS[kind][0](rng)
    asked = int(rng.random() * len(ATTRIBUTES[kind]))
    attribute = ATTRIBUTES[kind][asked]
    values: dict[int, str] = {}
    selected = 0 if rng.random() < knobs.unanswerable else 2 if rng.random() < knobs.second else 1
    wordings = list(attribute.statements)
    rng.shuffle(wordings)
    texts = [_passage(rng, kind, name, values, asked, wording, knobs) for wording in wordings[:selected]]
    texts += [_distractor(rng, kind, name, values, asked, knobs) for _ in range(knobs.passages - selected)]
    order = list(range(knobs.passages))
    rng.shuffle(order)
    facts = tuple([texts[index] for index in order])
    question = _pick(rng, attribute.queries).replace("{x}", name.lower())
    gold = (NO_ANSWER,)
    if selected:
        gold = (values[asked], attribute.statements[0].format(x=name, v=values[asked]))
    return Problem(
        id=content_id(question, facts, gold),
        dataset="marco",
        question=question,
        facts=facts,
        gold=gold,
        supporting=tuple([place for place, index in enumerate(order) if index < selected]),
        category=attribute.category,
    )


def generate(count: int, seed: int, knobs: Knobs = Knobs()) -> list[Problem]:
    """`count` distinct problems of the twin.

    The same arguments give the same problems; a smaller `count` gives the first of them. The gold answers
    are the value asked for and a sentence that states it, or `NO_ANSWER`. A problem that is not `sound` is
    left out: two of its things share a name, or a value occurs elsewhere. That is rare.
    """
    rng = random.Random(_seed(seed, knobs))
    return distinct(lambda: _problem(rng, knobs), sound, count)


def _seed(seed: int, knobs: Knobs) -> str:
    # Written out, because any other character would change every problem.
    return (
        f"marco-twin/{seed}/Knobs(passages={knobs.passages!r}, unanswerable={knobs.unanswerable!r}, "
        f"second={knobs.second!r}, sentences={knobs.sentences!r})"
    )


# --- Checking: derive the selected passages from query and passages, without the gold ---------

SUBJECT = r"^\w{1,20}(?: \w{1,20})?"


def _stated(kind: str, attribute: Attribute) -> re.Pattern:
    """A pattern that matches in a passage that states the attribute of its thing."""
    forms = [re.escape(s.removeprefix("{x}")).replace(r"\{v\}", VALUE) for s in attribute.statements]
    return re.compile(f"(?:{SUBJECT}|{THINGS[kind][1]})(?:{'|'.join(forms)})")


# (text before the thing, text after it, pattern of passages that state the answer), the longest first:
# "what is the length of x" must not match as "what is x".
QUERIES = sorted(
    (
        (*query.split("{x}"), _stated(kind, attribute))
        for kind, attributes in ATTRIBUTES.items()
        for attribute in attributes
        for query in attribute.queries
    ),
    key=lambda query: -len(query[0]) - len(query[1]),
)


def answerable_from(problem: Problem) -> tuple[int, ...]:
    """Indices of the passages that state the attribute that the query asks for, ascending.

    Patterns find them in question and facts; supporting facts and gold are not used. The result is empty if
    no passage states it, or if the query is not one of the twin's.
    """
    for before, after, states in QUERIES:
        if problem.question.startswith(before) and problem.question.endswith(after):
            name = problem.question[len(before) : len(problem.question) - len(after)] + " "
            about = ((i, f) for i, f in enumerate(problem.facts) if f[: len(name)].lower() == name)
            return tuple([index for index, fact in about if states.search(fact)])
    return ()


def sound(problem: Problem) -> bool:
    """Whether exactly the supporting passages answer the query, and contain its short answer."""
    if answerable_from(problem) != problem.supporting:
        return False
    if not problem.supporting:
        return problem.gold == (NO_ANSWER,)
    answer = problem.gold[0].lower()
    return problem.supporting == tuple([i for i, f in enumerate(problem.facts) if answer in f.lower()])
