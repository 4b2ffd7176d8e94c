"""Passages about invented things, and queries in lower case: which passage answers, and in what words."""

import random

from tracelib.training.pretraining import words
from tracelib.training.pretraining.document import Document

SAID = {  # attribute: queries, statements, sort of value
    "height": (("how high is {}", "{} height"), ("{} is {} high.", "{} rises {} into the air."), "measure"),
    "owner": (("who owns {}", "owner of {}"), ("{} belongs to {}.", "{} is owned by {} alone."), "person"),
    "builder": (("who built {}", "{} builder"), ("{} was built by {}.", "{} is the work of {}."), "person"),
    "guard": (("who looks after {}", "{} guard"), ("{} has {} as a guard.", "{} is kept by {}."), "person"),
    "place": (("where can i see {}", "{} place"), ("{} stands near {}.", "{} can be seen in {}."), "town"),
    "cost": (("price of {}", "what does {} cost"), ("{} costs {}.", "{} was sold for {} once."), "money"),
    "use": (("what is {} for", "use of {}"), ("{} is good for {}.", "{} is of use for {}."), "use"),
    "sign": (("what is the sign of {}", "{} sign"), ("{} carries {}.", "{} has {} for a sign."), "emblem"),
    "gift": (("what do people bring to {}", "{} gift"), ("{} is given {} daily.", "{} gets {}."), "emblem"),
    "age": (("how old is {}", "age of {}"), ("{} is {} old.", "{} has stood for {} by now."), "years"),
    "words": (("what is written on {}", "{} words"), ("{} bears the words {}.", "{} says {}."), "words"),
    "fame": (
        ("why do people like {}", "{} fame"),
        ("{} is loved for {}.", "{} is liked, being {}."),
        "words",
    ),
}
EXTRA = (
    "It was in the news once.", "Many visitors come in spring.", "A book about it appeared recently.",
    "Nobody knows more about it.", "There is a painting of it in the library.", "It is still in use.",
)  # fmt: skip
SORTS = {  # the name of a thing, and its name in a later sentence
    "{} Tower": "The tower", "{} Bridge": "The bridge", "Lake {}": "The lake", "Mount {}": "The mountain",
    "the {} Stone": "The stone", "{} Hall": "The hall", "{} & Co": "The firm", "{} {}": "This one",
}  # fmt: skip
NOTHING = "No answer here."


def draw(rng: random.Random, level: float) -> Document:
    """Passages about two to four things, and queries for what they say; easy passages say one thing each."""
    count = rng.randint(2, 2 + round(2 * level))
    plain = rng.random() >= level
    called = _names(rng, count if plain else rng.randint(2, 3))
    subjects = list(called)
    asked = rng.sample(list(SAID), rng.randint(2, 4))
    values = {(s, a): _value(rng, SAID[a][2]) for s in subjects for a in asked}
    lines, stated = [], []
    for number in range(count):
        subject = subjects[number] if plain else rng.choice(subjects)
        chosen = rng.sample(asked, 1 if plain else rng.randint(1, min(3, len(asked))))
        said = [(SAID[attribute][1], values[subject, attribute]) for attribute in chosen]
        lines.append(_passage(rng, called, subject, said, 0.1 + 0.5 * level))
        stated.append((subject, chosen))
    turns = {}
    for _ in range(rng.randint(4, 7)):
        subject, attribute = rng.choice(subjects), rng.choice(asked)
        if rng.random() < 0.7:
            subject, chosen = rng.choice(stated)
            attribute = rng.choice(chosen)
        found = [n for n, (s, c) in enumerate(stated) if s == subject and attribute in c]
        query = rng.choice(SAID[attribute][0]).format(subject.lower())
        answer = values[subject, attribute] if found else NOTHING
        quoted = str([lines[n] for n in found])
        way = 1.0 if plain else rng.random()
        if way < 0.15:
            turns[f"{query} Show the lines."] = f"{quoted} {answer}"
        elif way < 0.3:
            shown = f"{SAID[attribute][2]}; {quoted} {answer}"
            turns[f"{query} Show the category, then the lines."] = shown
        elif way < 0.4:
            turns[f"{query} Only the lines."] = quoted
        elif way < 0.5:
            turns[f"What is the category of the question: {query}"] = SAID[attribute][2]
        else:
            turns[query] = answer
    return Document(tuple(lines), tuple(turns.items()))


def _passage(
    rng: random.Random, called: dict[str, str], subject: str, said: list[tuple], extra: float
) -> str:
    """A passage from pairs (statements, value); with probability `extra` it has an unrelated sentence."""
    sentences: list[str] = []
    for statements, value in said:
        name = rng.choice(("It", called[subject])) if sentences else subject
        sentences.append(rng.choice(statements).format(name, value))
    if rng.random() < extra:
        sentences.append(_extra(rng, list(called)))
    line = " ".join(sentences)
    return line[0].upper() + line[1:]


def _extra(rng: random.Random, subjects: list[str]) -> str:
    """An unrelated sentence. Half of them are random words, so that the model learns to copy any word."""
    way = rng.random()
    if way < 0.15:
        return f"It is not like {rng.choice(subjects)}."
    if way < 0.5:
        return rng.choice(EXTRA)
    return " ".join(words.common(rng, rng.randint(3, 8))).capitalize() + "."


def _names(rng: random.Random, count: int) -> dict[str, str]:
    """The names of things, and the name of each in a later sentence."""
    names: dict[str, str] = {}
    while len(names) < count:
        sort = rng.choice(list(SORTS))
        names[sort.format(words.word(rng), words.word(rng))] = SORTS[sort]
    return names


def _value(rng: random.Random, sort: str) -> str:
    if sort == "measure":
        return f"{rng.randint(10, 999)} {rng.choice(('metres', 'feet', 'kilometres', 'degrees'))}"
    if sort == "money":
        return rng.choice(
            (f"${rng.randint(10, 99)},{rng.randint(100, 999)}", f"{rng.randint(2, 99)} dollars")
        )
    if sort == "years":
        return f"{rng.randint(2, 400)} years"
    if sort == "person":
        return words.person(rng)
    if sort == "town":
        return rng.choice((f"the {words.word(rng)} Hills", f"{words.word(rng)} Bay", words.word(rng)))
    if sort == "words":
        return " ".join(rng.sample(words.ORDINARY, rng.randint(2, 8)))
    adjective, noun = rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS)
    if sort == "use":
        verb = rng.choice(("making", "storing", "selling", "cleaning", "moving"))
        return f"{verb} {noun}s {rng.choice(('in winter', 'at sea', 'for the rich', 'without tools'))}"
    return f"a {adjective} {rng.choice(words.COLOURS)} {noun}"


SUFFIXES = ("", "", "burg", "ville", "stead", "ine", "ium", "son", "field", "mouth")
ANY = (  # for any word: query, statement
    ("{word} of {{}}", "The {word} of {{}} is {{}}."),
    ("what is the {word} of {{}}", "{{}} has {{}} for its {word}."),
    ("{{}} {word}", "{{}}, the {word} of which is {{}}."),
    ("which {word} has {{}}", "For {{}} the {word} is {{}}."),
)
SORTS_OF_VALUE = {"measure": "amount", "money": "amount", "years": "amount", "town": "place", "use": "text"}


def stated(rng: random.Random) -> tuple[list[str], list[tuple[str, str, list[int], str]]]:
    """Passages about two or three things, partly in new words, and queries about them.

    A query is a tuple: its text, the sort of its answer, the indices of the passages that answer it, and the
    answer.
    """
    subjects: dict[str, str] = {}
    count = rng.choice((2, 2, 3))
    while len(subjects) < count:
        sort = rng.choice([*SORTS, "{}", "{}"])
        name = sort.format(_long(rng), _long(rng))
        subjects[name] = SORTS.get(sort, "It")
    said = rng.sample(list(SAID.values()), rng.randint(1, 3)) + [_any(rng) for _ in range(rng.randint(1, 2))]
    values = {(s, n): _value(rng, attribute[2]) for s in subjects for n, attribute in enumerate(said)}
    lines, held = [], []
    for _ in range(rng.choice((2, 2, 3))):
        subject = rng.choice([*subjects])
        chosen = rng.sample(range(len(said)), min(len(said), rng.randint(1, 3)))
        of_it = [(said[n][1], values[subject, n]) for n in chosen]
        lines.append(_passage(rng, subjects, subject, of_it, 0.4))
        held.append((subject, chosen))
    found = {}
    for _ in range(rng.randint(3, 6)):
        subject, n = rng.choice([*subjects]), rng.randrange(len(said))
        if rng.random() < 0.6:
            subject, chosen = rng.choice(held)
            n = rng.choice(chosen)
        places = [i for i, (s, c) in enumerate(held) if s == subject and n in c]
        query = rng.choice(said[n][0]).format(subject.lower())
        kind = SORTS_OF_VALUE.get(said[n][2], said[n][2])
        found[query] = (query, kind, places, values[subject, n] if places else NOTHING)
    return lines, list(found.values())


def _long(rng: random.Random) -> str:
    return "".join(words.syllable(rng) for _ in range(rng.randint(2, 4))).capitalize() + rng.choice(SUFFIXES)


def _any(rng: random.Random):
    """An attribute made from a random word, in the form of an entry of `SAID`."""
    word = rng.choice(words.ORDINARY)
    ways = rng.sample(ANY, 2)
    sort = rng.choice([attribute[2] for attribute in SAID.values()])
    return tuple(q.format(word=word) for q, _ in ANY), tuple(s.format(word=word) for _, s in ways), sort
