"""Invented names and ordinary words."""

import random
import re
import string
from collections.abc import Iterable

from tracelib.datasets.babi import twin as babi
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.marco import twin as marco

ONSETS = tuple(
    ["b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "ñ", "p", "r", "s", "t", "v", "w", "z"]
)
VOWELS = tuple(["a", "e", "i", "o", "u", "a", "e", "i", "o", "u", "é"])
CODAS = ("", "", "", "", "", "", "l", "n", "r", "s")
INITIALS = (*[""] * 8, "A. ", "J. ", "M. ", "R. ", "Mc", "De ", "D'", "O'", "Al-", "Ka-")
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
COMMON = (  # ordinary words, for lists
    "able", "about", "above", "across", "after", "again", "against", "age", "ago", "air", "alike",
    "all", "almost", "alone", "along", "already", "also", "always", "among", "amount", "animal",
    "another", "answer", "any", "area", "arm", "around", "ask", "attend", "attended", "away", "back",
    "bad", "bag", "ball", "base", "based", "beach", "because", "become", "been", "before", "began",
    "begin", "behind", "being", "believe", "below", "best", "better", "between", "body", "born",
    "bottom", "bought", "brother", "brought", "build", "built", "business", "buy", "call", "called",
    "came", "captain", "care", "carry", "case", "category", "cause", "center", "century", "certain",
    "chance", "change", "cheap", "child", "children", "choose", "city", "class", "clear", "climb",
    "close", "club", "coast", "colour", "common", "company", "complete", "contain", "context",
    "control", "cook", "corner", "correct", "cost", "could", "country", "course", "cover", "cut",
    "daughter", "day", "decide", "degree", "deputy", "describe", "design", "did", "die", "different",
    "difference", "dinner", "direction", "doctor", "does", "done", "down", "draw", "drink", "drive",
    "drop", "during", "each", "early", "earth", "east", "easy", "eat", "edge", "effect", "egg", "eight",
    "either", "employed", "employer", "end", "energy", "engine", "enough", "enter", "entity", "entry",
    "envoy", "equal", "even", "evening", "event", "ever", "every", "exact", "example", "eye", "face",
    "fact", "facts", "fall", "family", "famous", "far", "farmer", "fast", "father", "feel", "feet",
    "few", "field", "find", "finger", "finish", "fire", "first", "fish", "five", "flat", "floor",
    "follow", "following", "food", "foot", "for", "form", "found", "four", "free", "fresh", "friend",
    "friends", "from", "front", "fruit", "full", "game", "general", "get", "girl", "give", "given",
    "go", "going", "gone", "good", "great", "ground", "group", "grow", "had", "half", "hand", "happen",
    "hard", "has", "have", "head", "hear", "heart", "heat", "heavy", "held", "help", "here", "high",
    "hill", "him", "history", "hit", "hold", "home", "hope", "hot", "hour", "how", "human", "hundred",
    "hungry", "idea", "important", "inside", "interval", "into", "iron", "island", "its", "job", "join",
    "journey", "jump", "just", "keep", "keeper", "kept", "kind", "king", "kitchen", "knew", "know",
    "known", "land", "language", "large", "last", "late", "later", "laugh", "law", "lay", "lead",
    "learn", "least", "leave", "left", "less", "let", "life", "light", "like", "line", "list", "little",
    "live", "lives", "local", "location", "long", "look", "lost", "lot", "love", "low", "machine",
    "made", "main", "make", "man", "many", "mark", "market", "match", "material", "may", "mean",
    "means", "measure", "meat", "meet", "member", "men", "metal", "method", "middle", "might", "mile",
    "mind", "minute", "miss", "money", "month", "moon", "more", "morning", "most", "mother", "mountain",
    "mouth", "move", "much", "music", "must", "name", "near", "need", "needs", "never", "new", "news",
    "next", "night", "nine", "north", "nothing", "now", "number", "numeric", "object", "ocean",
    "office", "officer", "often", "oil", "old", "once", "only", "open", "opened", "or", "order",
    "other", "our", "out", "outside", "over", "overlap", "own", "owner", "page", "paper", "part",
    "party", "pass", "past", "people", "period", "person", "piece", "place", "plan", "planet", "plant",
    "play", "played", "player", "plays", "point", "poor", "position", "possible", "power", "present",
    "press", "price", "problem", "produce", "provide", "public", "pull", "pupil", "purpose", "push",
    "put", "question", "quick", "quiet", "quite", "rain", "ran", "reach", "read", "ready", "real",
    "reason", "receive", "record", "relation", "rest", "result", "return", "rich", "ride", "right",
    "river", "road", "rock", "room", "rule", "run", "said", "sail", "sale", "same", "sand", "saw",
    "say", "school", "science", "sea", "season", "second", "see", "seen", "self", "sell", "send",
    "sense", "sent", "set", "seven", "several", "shall", "shape", "share", "she", "shine", "ship",
    "short", "should", "show", "shown", "side", "sign", "simple", "since", "sing", "sister", "sit",
    "six", "size", "skin", "sleep", "slow", "small", "snow", "social", "some", "something", "song",
    "soon", "sort", "sound", "south", "space", "speak", "special", "spent", "sport", "spring", "staff",
    "stand", "star", "start", "state", "stay", "step", "still", "stood", "stop", "store", "story",
    "strange", "strong", "student", "study", "such", "summer", "sun", "supply", "support", "sure",
    "surface", "swim", "table", "take", "talk", "taught", "teach", "teacher", "team", "tell",
    "temporal", "ten", "test", "than", "that", "their", "them", "then", "there", "these", "they",
    "thing", "think", "third", "this", "those", "though", "thought", "thousand", "three", "through",
    "time", "times", "tired", "together", "told", "took", "top", "town", "trade", "train", "travel",
    "tree", "trip", "true", "try", "turn", "twelve", "two", "type", "under", "union", "university",
    "until", "upon", "use", "used", "useful", "usual", "value", "various", "very", "view", "village",
    "visit", "voice", "wait", "walk", "wall", "want", "war", "warden", "warm", "was", "wash", "water",
    "way", "weather", "week", "weight", "well", "went", "were", "west", "what", "wheel", "when",
    "where", "which", "while", "white", "who", "whole", "whose", "why", "wide", "wife", "wild", "will",
    "wind", "winter", "wish", "with", "without", "woman", "wood", "word", "work", "worked", "works",
    "world", "would", "write", "writer", "written", "wrong", "year", "years", "yes", "yet", "you",
    "young", "your", "zone",
)  # fmt: skip


def _of_the_passages() -> tuple[str, ...]:
    """The words in the passages of MARCO's twin: a model cannot copy a word that it has never read."""
    rng = random.Random(0)
    texts = []
    for attributes in marco.ATTRIBUTES.values():
        for attribute in attributes:
            texts += [*attribute.queries, *attribute.statements, *(attribute.value(rng) for _ in range(99))]
    return tuple(sorted(set(re.findall(r"\b[a-z]{3,}\b", " ".join((*texts, *marco.FILLERS))))))


ORDINARY = tuple(dict.fromkeys((*COMMON, *_of_the_passages())))

FURTHER = (range(0xC0, 0x180), range(0x391, 0x3A2), range(0x410, 0x450), range(0x4E00, 0x4E20))
KINDS_OF_CHARACTER = (
    string.punctuation, string.punctuation, string.ascii_letters, string.digits,
    "".join(chr(code) for codes in FURTHER for code in codes),
)  # fmt: skip


def syllable(rng: random.Random) -> str:
    return rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)


def _made(rng: random.Random) -> str:
    return "".join(syllable(rng) for _ in range(rng.randint(1, 3))).capitalize()


# The names of the twins' people, and 260 invented ones: so each is one token of the vocabulary, and no model
# has to copy it letter by letter.
NAMES = (*cotempqa.NAMES, *babi.NAMES, *(_made(random.Random(number)) for number in range(260)))


def word(rng: random.Random) -> str:
    """A capitalised invented word: mostly one of `NAMES`, else a new one of up to three syllables."""
    return rng.choice(NAMES) if rng.random() < 0.8 else _made(rng)


def person(rng: random.Random) -> str:
    """First and last name, now and then with an initial or a prefix."""
    return f"{rng.choice(INITIALS)}{word(rng)} {word(rng)}"


def organisation(rng: random.Random) -> str:
    kind = rng.choice(KINDS_OF_PLACE)
    form = rng.choice(("{} {}", "{} {}", "{} {}", "{1} of {0}", "{1} in {0}", "{} & {}", "St. {} {}"))
    return form.format(word(rng) + rng.choice(("", "", syllable(rng))), kind)


def people(rng: random.Random, count: int) -> list[str]:
    return _distinct(person, rng, count)


def organisations(rng: random.Random, count: int) -> list[str]:
    return _distinct(organisation, rng, count)


def common(rng: random.Random, count: int) -> list[str]:
    return [rng.choice((str, str.capitalize))(word) for word in rng.sample(ORDINARY, count)]


def nonsense(rng: random.Random, count: int) -> list[str]:
    """Random strings of every kind of character, so that every token occurs in some answer."""
    return _distinct(_nonsense, rng, count)


def _nonsense(rng: random.Random) -> str:
    pieces = []
    for _ in range(rng.randint(1, 4)):
        pieces.append("".join(rng.choices(rng.choice(KINDS_OF_CHARACTER), k=rng.randint(1, 3))))
    return rng.choice(("", " ")).join(pieces)


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


def dictionary() -> str:
    """Every word alone and before a space, so that both are entries of the vocabulary."""
    ordinary = (*ORDINARY, *NOUNS, *PLACES, *COLOURS, *ADJECTIVES, *ANIMALS, *ANIMALS.values())
    return "".join(f"{word} {word}." for word in (*NAMES, *ordinary, *KINDS_OF_PLACE))


def any_of(options: Iterable[str]) -> re.Pattern:
    """A pattern that finds any of these words as a whole word, the longest first."""
    longest = sorted(options, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest))})\b")
