"""Invented names, ordinary words and the shapes that lists are written in."""

import random
from collections.abc import Sequence

ONSETS = tuple(
    ["b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "ñ", "p", "r", "s", "t", "v", "w", "z"]
)
VOWELS = tuple(["a", "e", "i", "o", "u", "a", "e", "i", "o", "u", "é"])
CODAS = ("", "", "", "", "", "", "l", "n", "r", "s")
INITIALS = ("", "", "", "", "", "", "A. ", "R. ", "Mc", "De ", "D'", "Al-")
KINDS_OF_PLACE = (
    "Academy", "Bank", "Brothers", "Choir", "Church", "Circle", "City", "Club", "College", "Company",
    "Council", "County", "Daughters", "Fleet", "Guild", "Hospital", "House", "Institute", "Journal",
    "Labour", "League", "Library", "Mill", "Ministry", "Mission", "Museum", "Office", "Orchestra",
    "Party", "Press", "Rovers", "School", "Senate", "Society", "Station", "Theatre", "Town", "Union",
    "United", "University", "Wanderers", "Works",
)  # fmt: skip
NOUNS = (
    "apple", "barn", "bell", "boat", "book", "bottle", "bowl", "box", "bread", "bridge", "brush", "cake",
    "candle", "card", "chair", "clock", "coat", "coin", "cup", "door", "drum", "feather", "flag", "flower",
    "fork", "glass", "glove", "hat", "horn", "key", "kite", "knife", "lamp", "leaf", "letter", "map",
    "milk", "mirror", "nail", "needle", "pen", "pipe", "plate", "rope", "shell", "shoe", "spoon", "stone",
    "ticket", "watch", "whistle", "window",
)  # fmt: skip
PLACES = (
    "arcade", "bakery", "bank", "barn", "bathroom", "bedroom", "cabin", "castle", "cave", "corridor",
    "courtyard", "factory", "farm", "forest", "garage", "garden", "gate", "hall", "hotel", "kitchen",
    "laundry", "meadow", "mill", "museum", "office", "park", "pier", "school", "shop", "square", "station",
    "street", "studio", "temple", "theatre", "yard",
)  # fmt: skip
COLOURS = (
    "black", "blue", "bronze", "brown", "cream", "gold", "green", "grey", "indigo", "lilac", "orange",
    "pink", "purple", "red", "silver", "turquoise", "white", "yellow",
)  # fmt: skip
ADJECTIVES = (
    "big", "broad", "clean", "cold", "dark", "deep", "dry", "empty", "flat", "heavy", "long", "narrow",
    "plain", "rough", "round", "sharp", "short", "small", "smooth", "soft", "tall", "thin", "warm", "wide",
)  # fmt: skip
ANIMALS = {
    "bear": "bears", "bird": "birds", "cat": "cats", "cow": "cows", "deer": "deer", "dog": "dogs",
    "duck": "ducks", "frog": "frogs", "horse": "horses", "lion": "lions", "mouse": "mice", "owl": "owls",
    "pig": "pigs", "rabbit": "rabbits", "sheep": "sheep", "snake": "snakes", "swan": "swans",
    "wolf": "wolves",
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def syllable(rng: random.Random) -> str:
    return rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)


def word(rng: random.Random, most: int = 2) -> str:
    """A capitalised invented word of one to `most` syllables."""
    return "".join(syllable(rng) for _ in range(rng.randint(1, most))).capitalize()


def person(rng: random.Random) -> str:
    """First and last name, now and then with an initial or a prefix."""
    return f"{rng.choice(INITIALS)}{word(rng)} {word(rng)}"


def organisation(rng: random.Random) -> str:
    kind = rng.choice(KINDS_OF_PLACE)
    form = rng.choice(("{} {}", "{} {}", "{} {}", "{1} of {0}", "{1} in {0}", "{} & {}", "St. {} {}"))
    return form.format(word(rng), kind)


def people(rng: random.Random, count: int) -> list[str]:
    return _distinct(person, rng, count)


def organisations(rng: random.Random, count: int) -> list[str]:
    return _distinct(organisation, rng, count)


def _distinct(draw, rng: random.Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[draw(rng)] = None
    return list(found)


def things(rng: random.Random, count: int) -> list[str]:
    """Things told apart by an adjective: "the round box"."""
    pairs = [
        f"{adjective} {noun}" for adjective in rng.sample(ADJECTIVES, 6) for noun in rng.sample(NOUNS, 4)
    ]
    return rng.sample(pairs, count)


def listed(items: Sequence[str], style: str) -> str:
    """Items as a list of the style ``bracket``, ``semicolon`` or ``and``; "nothing" for none."""
    if not items:
        return "[]" if style == "bracket" else "nothing"
    if style == "bracket":
        return str(list(items))
    return ("; " if style == "semicolon" else " and ").join(items)
