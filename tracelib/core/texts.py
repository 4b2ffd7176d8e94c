"""Compare texts by their words, however they are typed.

`folded` makes two texts equal if they differ only in Unicode form, case, the kind of apostrophe or dash,
invisible characters or spaces. `normal` also removes punctuation and a leading article; answers are
compared in this form.
"""

import html
import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

APOSTROPHES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u02bb\u00b4\u02ca\ua78c"
QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u2e3a\u2e3b"
INVISIBLE = (  # zero-width characters, direction marks, soft hyphen, variation selectors
    0x00AD,
    0x034F,
    0x061C,
    0x180E,
    0xFEFF,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
)
ALIKE = {
    **{ord(mark): "'" for mark in APOSTROPHES},
    **{ord(mark): '"' for mark in QUOTES},
    **{ord(mark): "-" for mark in DASHES},
    **dict.fromkeys(INVISIBLE),
    **{ord(mark): " " for mark in "\u2192\u21d2\u2794\u279c\u27f6"},  # arrows between directions
    **{
        ord(digit): f"^{number}"
        for number, digit in enumerate("\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    },
    ord("\u2044"): "/",  # the slash of a one-character fraction
    ord("\u0131"): "i",  # dotless i, because its capital I folds to a dotted one
}
ARTICLE = re.compile(r"(?:the|an) (?=\w)|a (?=\w\w)")  # the A of "A, B" is no article
FILLERS = frozenset(("the", "and", "then", "first", "finally"))  # between the entries of a list in prose
INITIALS = re.compile(r"(?<=\b[^\W\d_])\. ?(?=[^\W\d_]\b(?!'))")  # "F.C." is "FC", "J. K." is "J.K."
REMEMBERED = 500  # characters of the longest text whose form is cached
ENTITY = re.compile(r"&#?\w{1,31};")
SIGN = re.compile(
    r"[<>]=? ?(?=[-.]?\d)|(?<!\w)-(?=\.?\d)|(?<!\w)\.(?=\d)|(?<=\d)[./](?=\d)"  # signs in numbers
    r"|(?<=[^\W\d_])[+#]{1,2}(?!\w)|(?<=\b[^\W\d_])-(?!\w)"  # signs in names: C++, A-
)
SIGNS = {
    "-": "minus",
    "<": "less",
    ">": "more",
    "=": "equal",
    "+": "plus",
    "#": "sharp",
    ".": "point",
    "/": "over",
}
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # "3,000" is "3000"


class _Boundaries(dict):
    """A table for `str.translate` in which punctuation becomes a space; it fills as characters occur."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        is_mark = character in string.punctuation + "\u00b0" or unicodedata.category(character).startswith(
            "P"
        )
        self[code] = " " if is_mark else code
        return self[code]


BOUNDARIES = _Boundaries({ord("'"): None})  # "Workers' Party", "O'Neil": an apostrophe splits no word


def folded(text: str) -> str:
    """The text in one spelling: NFKC, case folded, with one kind of apostrophe, quote, dash and space.

    Case folding is Unicode's full one (ß becomes ss), and a dotted capital I becomes i. HTML entities are
    decoded and invisible characters are removed.
    """
    return _folded(text) if len(text) <= REMEMBERED else _folded.__wrapped__(text)


@lru_cache(maxsize=16_384)  # the same answers, gold texts and facts recur
def _folded(text: str) -> str:
    if "&" in text:
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(ALIKE)).casefold()
        text = unicodedata.normalize("NFKC", text).translate(ALIKE).replace("i\u0307", "i")
    return " ".join(text.lower().split())


def _spelled(sign: re.Match) -> str:
    return "".join(SIGNS[mark] for mark in sign[0].replace(" ", ""))


def normal(text: str) -> str:
    """The folded text without punctuation and without a leading article.

    A hyphen or a comma becomes a space: *well-known* equals *well known*, *milk,apple* is two words.
    Apostrophes, the full stops of initials and the commas in numbers vanish. Signs that change a number or
    a name become words: -5 differs from 5, and C++ from C. A text of punctuation alone stays as it is, so
    that no answer becomes empty.
    """
    return _normal(text) if len(text) <= REMEMBERED else _normal.__wrapped__(text)


@lru_cache(maxsize=8192)
def _normal(text: str) -> str:
    text = folded(text)
    bare = text.lstrip("\"'([*_`")
    article = ARTICLE.match(bare)
    bare = bare[article.end() :] if article else text
    bare = INITIALS.sub("", THOUSANDS.sub("", bare))
    return " ".join(SIGN.sub(_spelled, bare).translate(BOUNDARIES).split()) or text


def consists_of(text: str, entries: Iterable[str], ordered: bool = False) -> bool:
    """Whether a text lists these entries and says nothing else.

    The comparison is in normal form and as a set; with `ordered`, as a sequence. Punctuation, *and*,
    *then*, *first*, *finally* and articles may stand between the entries.
    """
    words, wanted = normal(text).split(), [normal(entry) for entry in entries]
    if ordered:
        return [word for word in words if word not in FILLERS] == " ".join(wanted).split()
    left, found = _taken_out(words, sorted(set(wanted), key=len, reverse=True))
    return found == set(wanted) and FILLERS.issuperset(left)


def _taken_out(words: list[str], longest_first: list[str]) -> tuple[list[str], set[str]]:
    """The words that belong to no entry, and the entries that occur. Longer entries are found first."""
    split = [(entry, entry.split()) for entry in longest_first]
    left, found = [], set()
    place = 0
    while place < len(words):
        met = (entry for entry in split if words[place : place + len(entry[1])] == entry[1])
        if entry := next(met, None):
            found.add(entry[0])
            place += len(entry[1])
        else:
            is_article = words[place] in ("a", "an") and len("".join(words[place + 1 : place + 2])) > 1
            left += [] if is_article else [words[place]]
            place += 1
    return left, found


def normal_set(texts: Iterable[str]) -> set[str]:
    """The normal forms of the texts."""
    return set(map(normal, texts))
