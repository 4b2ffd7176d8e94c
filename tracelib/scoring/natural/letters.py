"""Plain lower-case letters and words of a text, with their places.

`plain` maps every character to one character, so that an offset in the plain text is an offset in the text.
"""

import re
import unicodedata
from typing import NamedTuple

from tracelib.core.texts import APOSTROPHES, DASHES, QUOTES

WORD = re.compile(r"[^\W_]+")


class Word(NamedTuple):
    """A word of a text in plain letters, and its place."""

    text: str
    start: int
    end: int


class _Plain(dict):
    """A table for `str.translate`; it fills as characters occur."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code))[:1].lower()
        self[code] = base if len(base) == 1 else chr(code)
        return self[code]


TABLE = _Plain(
    {
        **{ord(mark): "'" for mark in APOSTROPHES},
        **{ord(mark): '"' for mark in QUOTES},
        **{ord(mark): "-" for mark in DASHES},
        **{ord(letter): base for letter, base in zip("øØłŁđĐıßæÆœŒðÐþÞ", "oollddisaaooddtt", strict=True)},
    }
)


def plain(text: str) -> str:
    """The text in lower case, without accents, with plain quotes and dashes; as many characters as before."""
    return text.lower() if text.isascii() else text.translate(TABLE)


def words(text: str) -> list[Word]:
    """The words of a plain text. The *s* after an apostrophe is no word: *Ada's* is *ada*."""
    found = (Word(match[0], match.start(), match.end()) for match in WORD.finditer(text))
    return [word for word in found if not (word.text == "s" and text[word.start - 1 : word.start] == "'")]
