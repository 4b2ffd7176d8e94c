"""The bAbI twin: the eleven released tasks in the dataset's sentences, about other people and things.

The twin acts out a story and takes the gold from what happened, not from the text. The solver then reads the
text. It must find exactly the gold answer and the task, and the gold facts must be one of the sets that it
accepts; otherwise the problem is drawn again. If a question asks what somebody carries, the gold facts here
are the fewest that suffice, while bAbI's files mark everything that the person handled.
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from tracelib.core.errors import InputError
from tracelib.datasets.babi.reader import RELEASED, occurrences
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.babi.solver_stories import TIMES
from tracelib.datasets.draw import distinct
from tracelib.datasets.problem import Problem, content_id


def _pairs(first: str, second: str, between: str = " ") -> tuple[str, ...]:
    return tuple(f"{one}{between}{two}" for one in first.split() for two in second.split())


NAMES = _pairs("Ba Do Fe Ki Lu Mi Ro Te", "ban dra go lin mar nia sko vel", between="")
PLACES = (
    "attic",
    "cellar",
    "library",
    "pantry",
    "stable",
    "workshop",
    "balcony",
    "orchard",
    "chapel",
    "harbour",
    "market",
    "tower",
)
ROOMS = _pairs("old new upper lower", " ".join(PLACES))
OBJECTS = ("lantern", "kettle", "ladder", "violin", "basket", "compass", "hammer", "pillow")
CONTAINERS = _pairs("tin oak glass wicker leather steel clay", "crate jar trunk pouch bucket bin tub")
COLOURS = ("violet", "amber", "teal", "crimson", "ivory", "beige", "scarlet")
SHAPES = _pairs(" ".join(COLOURS), "cube cone star disc prism arch ring")
PLURALS = {
    "fox": "Foxes",
    "goat": "Goats",
    "pony": "Ponies",
    "goose": "Geese",
    "otter": "Otters",
    "calf": "Calves",
}
ANIMALS = tuple(PLURALS)
MOVES = ("walked", "hurried", "returned", "strolled")
TAKES = ("collected", "fetched", "lifted")
DROPS = ("set down", "released")
GIVES = ("lent", "offered")
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")
FACTS = (4, 40)  # fewest and most; n facts need up to n + 1 names
BEARINGS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
SIDES = {"above": (0, 1), "below": (0, -1), "to the right of": (1, 0), "to the left of": (-1, 0)}


@dataclass(frozen=True)
class Knobs:
    """The settings of the twin: what is asked, and how hard it is.

    Attributes:
        categories: the tasks to draw from, each equally often; some of the released ones.
        facts: the number of sentences in the context, 4 to 40 (the dataset: 2 to 46).
        people: the number of people in a story, 2 to 20 (the dataset: 4). Stories about times of day add
            people if these cannot make enough visits. Stories about rooms, shapes, sizes and animals depend
            on `facts` alone.
        objects: the number of things that can be carried, 1 to 8 (the dataset: 3).
    """

    categories: tuple[str, ...] = RELEASED
    facts: int = 8
    people: int = 4
    objects: int = 3

    def __post_init__(self):
        if not self.categories or set(self.categories) - set(RELEASED):
            raise InputError(f"categories={self.categories}, expected some of {', '.join(RELEASED)}")
        for name, least, most in (("facts", *FACTS), ("people", 2, 20), ("objects", 1, len(OBJECTS))):
            if not least <= getattr(self, name) <= most:
                raise InputError(f"{name}={getattr(self, name)}, expected {least} to {most}")


class Draft(NamedTuple):
    """A story with its question; `cited` are the sentences that support the answer."""

    facts: list[str]
    question: str
    gold: str
    cited: set[str]


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
        f"babi-twin/{seed}/Knobs(categories={knobs.categories!r}, facts={knobs.facts!r}, "
        f"people={knobs.people!r}, objects={knobs.objects!r})"
    )


def _draw(rng: random.Random, knobs: Knobs) -> Problem:
    category = rng.choice(knobs.categories)
    draft = None
    while draft is None:  # nobody did anything worth asking about
        draft = DRAW[category](rng, knobs)
    return _problem(draft, category)


def _problem(draft: Draft, category: str) -> Problem:
    facts, gold = tuple(draft.facts), (draft.gold,)
    return Problem(
        id=content_id(draft.question, facts, gold),
        dataset="babi",
        question=draft.question,
        facts=facts,
        gold=gold,
        supporting=occurrences(facts, draft.cited),
        category=category,
    )


def _as_solved(problem: Problem) -> bool:
    found = solve(problem)
    as_asked = (found.answers, found.categories) == (problem.gold, (problem.category,))
    return as_asked and problem.supporting in found.accepted


# --- People who move about --------------------------------------------------------------------


def _single(rng: random.Random, knobs: Knobs) -> Draft:
    return _moves(rng, knobs, together=1)


def _conjunction(rng: random.Random, knobs: Knobs) -> Draft:
    return _moves(rng, knobs, together=2)


def _moves(rng: random.Random, knobs: Knobs, together: int) -> Draft:
    people = rng.sample(NAMES, knobs.people)
    facts: list[str] = []
    last: dict[str, tuple[str, str]] = {}  # person -> place, sentence
    while len(facts) < knobs.facts:
        group = rng.sample(people, together)
        place = rng.choice(PLACES)
        if any(last.get(person, ("",))[0] == place for person in group):
            continue
        facts.append(f"{' and '.join(group)} {rng.choice(MOVES)} to the {place}.")
        last |= dict.fromkeys(group, (place, facts[-1]))
    who = rng.choice(list(last))
    return Draft(facts, f"Where is {who}?", last[who][0], {last[who][1]})


def _time(rng: random.Random, knobs: Knobs) -> Draft:
    people = rng.sample(NAMES, max(knobs.people, -(-knobs.facts // 3)))
    who = people[0]
    asked = sorted(rng.sample(range(len(TIMES)), 2))
    slots = [(person, time) for person in people for time in range(len(TIMES))]
    others = [slot for slot in slots if slot[0] != who or not asked[0] <= slot[1] <= asked[1]]
    slots = [(who, time) for time in asked] + rng.sample(others, knobs.facts - 2)
    places = {person: rng.sample(PLACES, len(TIMES)) for person in people}  # nobody is anywhere twice
    facts = [_at(rng, person, places[person][time], TIMES[time]) for person, time in slots]
    cited = set(facts[:2])
    rng.shuffle(facts)
    earlier, later = (places[who][time] for time in asked)
    return Draft(facts, f"Where was {who} before the {later}?", earlier, cited)


def _at(rng: random.Random, who: str, place: str, time: str) -> str:
    verb = rng.choice(MOVES)
    if rng.random() < 0.5:
        return f"{time.capitalize()} {who} {verb} to the {place}."
    return f"{who} {verb} to the {place} {time}."


# --- People who carry things about ------------------------------------------------------------


class Scene:
    """A story as it is acted out: people take, drop and give a thing only where it is."""

    def __init__(self, rng: random.Random, knobs: Knobs, gives: bool):
        self.rng, self.gives = rng, gives
        self.people = rng.sample(NAMES, knobs.people)
        self.things = rng.sample(OBJECTS, knobs.objects)
        self.facts: list[str] = []
        self.place: dict[str, tuple[str, str]] = {}  # person -> place, sentence that says so
        self.has: dict[str, dict[str, str]] = {who: {} for who in self.people}  # thing -> how it came
        self.lost: dict[str, tuple[str, str]] = {}  # person -> how the last thing came, how it went
        self.holder: dict[str, str] = {}
        self.lies: dict[str, tuple[str, str]] = {}  # dropped thing -> place, sentence
        self.handled: dict[str, str] = {}  # thing -> last sentence about it
        while len(self.facts) < knobs.facts:
            self.act(rng.choice(self.people))

    def say(self, sentence: str) -> str:
        self.facts.append(sentence)
        return sentence

    def act(self, who: str) -> None:
        deed = self.rng.random()
        here = self.place.get(who, ("",))[0]
        if here and self.has[who] and deed < 0.25:
            self.part(who, here)
        elif here and deed < 0.6:
            self.take(who, here)
        else:
            self.move(who, here)

    def move(self, who: str, here: str) -> None:
        place = self.rng.choice([place for place in PLACES if place != here])
        self.place[who] = place, self.say(f"{who} {self.rng.choice(MOVES)} to the {place}.")

    def take(self, who: str, here: str) -> None:
        free = [thing for thing in self.things if thing not in self.holder]
        free = [thing for thing in free if self.lies.get(thing, (here,))[0] == here]
        if not free:
            return self.move(who, here)
        thing = self.rng.choice(free)
        return self.get(who, thing, self.say(f"{who} {self.rng.choice(TAKES)} the {thing} there."))

    def get(self, who: str, thing: str, sentence: str) -> None:
        self.holder[thing] = who
        self.handled[thing] = self.has[who][thing] = sentence

    def part(self, who: str, here: str) -> None:
        thing = self.rng.choice(list(self.has[who]))
        near = [one for one in self.people if one != who and self.place.get(one, ("",))[0] == here]
        if self.gives and near:
            to = self.rng.choice(near)
            sentence = self.say(f"{who} {self.rng.choice(GIVES)} the {thing} to {to}.")
            self.get(to, thing, sentence)
        else:
            there = self.rng.choice(("", " there"))
            sentence = self.say(f"{who} {self.rng.choice(DROPS)} the {thing}{there}.")
            del self.holder[thing]
            self.lies[thing] = self.place[who]
            self.handled[thing] = sentence
        self.lost[who] = self.has[who].pop(thing), sentence


def _place_of_object(rng: random.Random, knobs: Knobs) -> Draft | None:
    scene = Scene(rng, knobs, gives=False)
    if not scene.handled:
        return None
    thing = rng.choice(list(scene.handled))
    held = thing in scene.holder
    place, sentence = scene.place[scene.holder[thing]] if held else scene.lies[thing]
    return Draft(scene.facts, f"Where is the {thing}?", place, {scene.handled[thing], sentence})


def _counting(rng: random.Random, knobs: Knobs) -> Draft | None:
    scene = Scene(rng, knobs, gives=True)
    who, held, cited = _carrier(scene)
    if not cited:
        return None
    return Draft(scene.facts, f"How many objects is {who} carrying?", NUMBERS[len(held)], cited)


def _carried(rng: random.Random, knobs: Knobs) -> Draft | None:
    scene = Scene(rng, knobs, gives=False)
    who, held, cited = _carrier(scene)
    if not cited:
        return None
    return Draft(scene.facts, f"What is {who} carrying?", ",".join(held) or "nothing", cited)


def _carrier(scene: Scene) -> tuple[str, dict[str, str], set[str]]:
    """A person, the things that they hold, and the sentences that say so."""
    who = scene.rng.choice([who for who in scene.people if scene.has[who] or who in scene.lost] or [""])
    held = scene.has.get(who, {})
    return who, held, set(held.values() or scene.lost.get(who, ()))


# --- Things in their places -------------------------------------------------------------------


def _laid_out(rng: random.Random, names: list[str], words: dict[str, tuple[int, int]]):
    """Statements (thing, word, other) that lay the names out on a grid, one per cell, and each name's cell.

    The second name lies beside the first, the third beside the second, every other beside a random one.
    """
    cells = {names[0]: (0, 0)}
    taken = {(0, 0)}
    said: list[tuple[str, str, str]] = []
    while len(cells) < len(names):
        name = names[len(cells)]
        beside = names[len(cells) - 1] if len(cells) < 3 else names[int(rng.random() * len(cells))]
        word = rng.choice(list(words))
        (right, up), (x, y) = words[word], cells[beside]
        cell = x + right, y + up
        if cell in taken:
            continue
        cells[name] = cell
        taken.add(cell)
        if rng.random() < 0.5:
            said.append((name, word, beside))
        else:
            opposite = next(other for other in words if words[other] == (-right, -up))
            said.append((beside, opposite, name))
    return said, cells


def _two_arg(rng: random.Random, knobs: Knobs) -> Draft:
    said, _ = _laid_out(rng, rng.sample(ROOMS, knobs.facts + 1), BEARINGS)
    facts = [f"The {room} is {bearing} of the {other}." for room, bearing, other in said]
    which = rng.randrange(len(said))
    room, bearing, other = said[which]
    cited = {facts[which]}
    rng.shuffle(facts)
    if rng.random() < 0.5:  # asked the other way round
        right, up = BEARINGS[bearing]
        bearing = next(opposite for opposite in BEARINGS if BEARINGS[opposite] == (-right, -up))
        room, other = other, room
    if rng.random() < 0.5:
        return Draft(facts, f"What is {bearing} of the {other}?", room, cited)
    return Draft(facts, f"What is the {room} {bearing} of?", other, cited)


def _positional(rng: random.Random, knobs: Knobs) -> Draft:
    shapes = rng.sample(SHAPES, knobs.facts + 1)
    said, cells = _laid_out(rng, shapes, SIDES)
    facts = [f"The {shape} is {side} the {other}." for shape, side, other in said]
    cited = set(facts[:2])
    rng.shuffle(facts)
    one, other = rng.sample((shapes[0], shapes[2]), 2)
    right, up = (a - b for a, b in zip(cells[one], cells[other], strict=True))
    gold = rng.choice(("yes", "no"))
    is_so = [side for side, (x, y) in SIDES.items() if (x * right + y * up > 0) == (gold == "yes")]
    return Draft(facts, f"Is the {one} {rng.choice(is_so)} the {other}?", gold, cited)


def _size(rng: random.Random, knobs: Knobs) -> Draft:
    names = rng.sample(CONTAINERS, knobs.facts + 1)
    pairs = [(names[0], names[1]), (names[1], names[2])]  # (larger, smaller)
    for new in range(3, len(names)):
        pair = [names[new], names[int(rng.random() * new)]]
        rng.shuffle(pair)
        pairs.append(tuple(pair))
    wordings = ("The {0} is bigger than the {1}.", "The {1} fits inside the {0}.")
    facts = [rng.choice(wordings).format(*pair) for pair in pairs]
    cited = set(facts[:2])
    rng.shuffle(facts)
    gold = rng.choice(("yes", "no"))
    large, small = (names[0], names[2]) if gold == "yes" else (names[2], names[0])
    asked = rng.choice((f"Is the {large} bigger than the {small}?", f"Does the {small} fit in the {large}?"))
    return Draft(facts, asked, gold, cited)


# --- Animals ----------------------------------------------------------------------------------


def _is_a(who: str, kind: str) -> str:
    return f"{who} is {'an' if kind[0] in 'aeiou' else 'a'} {kind}."


def _deduction(rng: random.Random, knobs: Knobs) -> Draft:
    kinds = rng.sample(ANIMALS, min(4, knobs.facts // 2))
    word = rng.choice(("afraid", "scared"))
    feared = {kind: rng.choice([other for other in ANIMALS if other != kind]) for kind in kinds}
    rules = {kind: f"{PLURALS[kind]} are {word} of {PLURALS[feared[kind]].lower()}." for kind in kinds}
    people = {name: rng.choice(kinds) for name in rng.sample(NAMES, knobs.facts - len(kinds))}
    facts = [*rules.values(), *(_is_a(*pair) for pair in people.items())]
    rng.shuffle(facts)
    who, kind = rng.choice(list(people.items()))
    cited = {rules[kind], _is_a(who, kind)}
    return Draft(facts, f"What is {who.lower()} {word} of?", feared[kind], cited)


def _induction(rng: random.Random, knobs: Knobs) -> Draft:
    """Only one other animal of the kind has a colour, so there is one answer with one derivation."""
    coloured = (knobs.facts - 1) // 2
    who, like, *others = rng.sample(NAMES, knobs.facts - coloured)
    kind = rng.choice(ANIMALS)
    different = [other for other in ANIMALS if other != kind]
    kinds = {who: kind, like: kind} | {name: rng.choice(different) for name in others}
    colours = {name: rng.choice(COLOURS) for name in [like, *others][:coloured]}
    facts = [_is_a(*pair) for pair in kinds.items()]
    facts += [f"{name} is {colour}." for name, colour in colours.items()]
    rng.shuffle(facts)
    cited = {_is_a(who, kind), _is_a(like, kind), f"{like} is {colours[like]}."}
    return Draft(facts, f"What color is {who}?", colours[like], cited)


DRAW = {
    "single-supporting-fact": _single,
    "two-supporting-facts": _place_of_object,
    "two-arg-relations": _two_arg,
    "counting": _counting,
    "lists-sets": _carried,
    "conjunction": _conjunction,
    "time-reasoning": _time,
    "basic-deduction": _deduction,
    "basic-induction": _induction,
    "positional-reasoning": _positional,
    "size-reasoning": _size,
}
