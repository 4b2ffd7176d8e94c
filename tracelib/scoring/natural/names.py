"""Find the events of a problem's facts in free text, by their names, in full or shortened.

The name of an event is what tells its fact from the others: the object ("titular bishop") where one person
has many positions, the subject where many people have one. A name counts as found

- in full, whatever its case, accents and punctuation;
- shortened, if the words that are left still tell which it is: a surname, "Minister for Jobs", "NSW";
- misspelt, if a capitalised word is close to a word of one name only (rapidfuzz).
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from tracelib.datasets.cotempqa.reader import Fact, parse_fact
from tracelib.scoring.natural.letters import Word, plain, words

SMALL = frozenset(
    (
        *("of", "the", "for", "and", "in", "at", "a", "an", "to", "on", "s", "as", "by", "with"),
        *("de", "la", "le", "von", "van", "der", "und"),
    )
)
ORDINARY = frozenset(  # capitalised at the start of a sentence; alone they name no event
    (
        *("first", "second", "third", "last", "next", "final", "free", "new", "old", "general", "state"),
        *("national", "member", "position", "party", "school", "university", "college", "company", "city"),
        *("club", "team", "time", "period", "year", "political", "both", "still", "here", "there", "then"),
        *("now", "since", "also"),
    )
)
TOGETHER = re.compile(r"[ \-./'&]{1,3}\Z")  # what can stand between two words of one name
CAPITALISED = r"[^\W\d_a-z][\w'.]*"
JOINED = (  # three capitalised words or more, without and with small words between them
    re.compile(rf"{CAPITALISED}(?:[ -]{CAPITALISED}){{2,}}"),
    re.compile(rf"{CAPITALISED}(?:(?:[ -]| of | and |, ){CAPITALISED}){{2,}}"),
)
CLOSE = 84  # rapidfuzz ratio, of 100, at which two words are taken as one misspelt
LONG = 6  # letters of a word that can be recognised misspelt
LEAST_SHARE = 0.6  # of a name's words, if none of those found has a capital


class Mention(NamedTuple):
    """A place where a text names an event.

    Attributes:
        start, end: its place in the text.
        facts: the indices of the facts whose event it can be; several where a name is shared or shortened.
        likely: those of them whose names the words found are the largest part of.
        form: ``full``, ``short`` or ``close``.
    """

    start: int
    end: int
    facts: tuple[int, ...]
    likely: tuple[int, ...]
    form: str


class Index(NamedTuple):
    """The names of a problem's events, prepared for the search.

    Attributes:
        full: first word of a name -> (all its words, its facts), the longest name first.
        names: word -> the numbers of the names that have it.
        facts: number of a name -> its facts.
        sizes: number of a name -> how many words it has.
        capital: the numbers of names of one word that begin with a capital.
    """

    full: dict[str, list[tuple[tuple[str, ...], int]]]
    names: dict[str, frozenset[int]]
    facts: list[tuple[int, ...]]
    sizes: list[int]
    capital: frozenset[int]


def dated_fact(sentence: str) -> Fact | None:
    """The fact that a sentence states; None if it fits no template, or if it has no time."""
    fact = parse_fact(sentence)
    return fact if fact and fact.start and fact.end else None


@lru_cache(maxsize=256)
def index(facts: tuple[str, ...], others: tuple[tuple[str, tuple[int, ...]], ...] = ()) -> Index:
    """The index of a problem's facts.

    Args:
        others: more names and their facts, such as a person who stands for one event.
    """
    by_name: dict[str, list[int]] = {}
    telling = _telling(facts)
    for number, name in telling.items():
        by_name.setdefault(name, []).append(number)
    named = [*((name, tuple(found)) for name, found in by_name.items()), *others]
    named += [(name, ()) for name in _all_names(facts) - {name for name, _ in named}]
    full: dict[str, list] = {}
    names: dict[str, set[int]] = {}
    for number, (name, facts_of) in enumerate(named):
        spelled = tuple(word.text for word in words(plain(name)))
        if not spelled:
            continue
        full.setdefault(spelled[0], []).append((spelled, number))
        for text in (*spelled, *_initials(name)):
            if text not in SMALL and facts_of:
                names.setdefault(text, set()).add(number)
    for found in full.values():
        found.sort(key=lambda one: -len(one[0]))
    return Index(
        full,
        {word: frozenset(numbers) for word, numbers in names.items()},
        [found for _, found in named],
        [sum(word.text not in SMALL for word in words(plain(name))) for name, _ in named],
        frozenset(number for number, (name, _) in enumerate(named) if name[:1].isupper() and " " not in name),
    )


def _all_names(sentences: tuple[str, ...]) -> set[str]:
    facts = filter(None, map(dated_fact, sentences))
    return {name for fact in facts for name in (fact.subject, fact.object)}


def _telling(sentences: tuple[str, ...]) -> dict[int, str]:
    """The name of each fact's event: of subject and object the one that fewer facts share."""
    facts = {number: fact for number, text in enumerate(sentences) if (fact := dated_fact(text))}
    subjects = Counter(fact.subject for fact in facts.values())
    objects = Counter(fact.object for fact in facts.values())

    def name(fact: Fact) -> str:
        return fact.subject if subjects[fact.subject] < objects[fact.object] else fact.object

    return {number: name(fact) for number, fact in facts.items()}


def _initials(name: str) -> set[str]:
    """The initials of three capitals or more that can stand for a name or a part of it: UCLA, NSW."""
    runs = [run for joined in JOINED for run in joined.findall(name)]
    return {
        "".join(part[0] for part in re.split(r"[^\w'.]+", run) if part[0].isupper()).lower() for run in runs
    }


def full_names(text: str, found: list[Word], known: Index) -> tuple[list[Mention], list[bool]]:
    """The names that stand in full, and for each word whether it is in none of them.

    Args:
        text: the text as it is written, for its capitals.
        found: its plain words.
    """
    mentioned, free, place = [], [True] * len(found), 0
    spelled = [word.text for word in found]
    while place < len(found):
        for name, number in known.full.get(spelled[place], ()):
            end = place + len(name)
            if tuple(spelled[place:end]) == name and _fits(text[found[place].start], number, known):
                if known.facts[number]:  # else the name of both an event and others, which tells none apart
                    mentioned.append(_in_full(found[place].start, found[end - 1].end, known.facts[number]))
                free[place:end] = [False] * len(name)
                place = end - 1
                break
        place += 1
    return mentioned, free


def _in_full(start: int, end: int, facts: tuple[int, ...]) -> Mention:
    return Mention(start, end, facts, facts, "full")


def _fits(first: str, number: int, known: Index) -> bool:
    """A name of one word that is written with a capital ("Really", "Agreement") needs it."""
    return number not in known.capital or not first.islower()


def shortened(text: str, found: list[Word], known: Index, free: list[bool]) -> list[Mention]:
    """Mentions by some words of a name: the longest runs of words that one name has.

    Args:
        free: for each word whether it can be part of a name.
    """
    close = _close(text, found, known, free)
    made, run, numbers = [], [], frozenset()
    for place, word in enumerate(found):
        has = known.names.get(close.get(word.text, word.text), frozenset()) if free[place] else frozenset()
        joined = run and TOGETHER.match(text[found[place - 1].end : word.start])
        if run and joined and word.text in SMALL and free[place]:
            run.append(place)
            continue
        if run and not (joined and has & numbers):
            made += _mention(text, found, run, numbers, known, close)
            run, numbers = [], frozenset()
        if has:
            numbers = numbers & has if run else has
            run.append(place)
    return made + _mention(text, found, run, numbers, known, close)


def _mention(text, found, run, numbers, known: Index, close: dict[str, str]) -> list[Mention]:
    """The mention that a run of words makes; none if they could be ordinary words."""
    telling = [found[place] for place in run if found[place].text not in SMALL]
    if not telling or all(word.text.isdigit() or len(word.text) < 2 for word in telling):
        return []
    capital = any(text[word.start].isupper() and word.text not in ORDINARY for word in telling)
    whole = [
        number
        for number in numbers
        if len(telling) >= LEAST_SHARE * known.sizes[number] and number not in known.capital
    ]
    chosen = numbers if capital else whole
    if not chosen:
        return []
    least = min(known.sizes[number] for number in chosen)
    facts = _of(chosen, known)
    likely = _of([number for number in chosen if known.sizes[number] == least], known)
    form = "close" if any(word.text in close for word in telling) else "short"
    return [Mention(telling[0].start, telling[-1].end, facts, likely, form)]


def _of(numbers: Iterable[int], known: Index) -> tuple[int, ...]:
    return tuple(sorted({fact for number in numbers for fact in known.facts[number]}))


def _close(text: str, found: list[Word], known: Index, free: list[bool]) -> dict[str, str]:
    """Misspelt words: each unknown capitalised word that is close to a known one."""
    unknown = {
        word.text
        for place, word in enumerate(found)
        if free[place]
        and len(word.text) >= LONG
        and word.text not in known.names
        and text[word.start].isupper()
    }
    spelled = [word for word in known.names if len(word) >= LONG]
    best = {
        word: process.extractOne(word, spelled, scorer=fuzz.ratio, score_cutoff=CLOSE) for word in unknown
    }
    return {word: one[0] for word, one in best.items() if one}
