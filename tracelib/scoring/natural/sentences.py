"""Cut free text into sentences, each with its place in the text.

A new line always begins a new sentence, so an item of a list is at least one. The number or the bullet of an
item belongs to its first sentence, and so does a heading that stands on the item's line.
"""

import re
from dataclasses import dataclass

END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]*_]*(?=\s+[\"'\u201c\u2018(\[*_]*[^\W_a-z])")
MARKER = re.compile(r"\s*(?:[-+*\u2022\u2013>]|#{1,6}|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
# Words whose full stop ends no sentence; a single letter is an initial.
SHORT = re.compile(
    r"(?:^|[\s.(\"\u201c]|(?<!\w)')(?:[^\W\d_]|St|Dr|Mr|Mrs|Ms|Jr|Sr|Prof|Rev|Hon|Gen|Col|Sen|Gov|Lt|Mt|Ft|No|vs|etc|approx"
    r"|Co|Inc|Ltd|e\.g|i\.e|U\.S|U\.K|[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov|[Dd]ec)\Z"
)
LONGEST = 1000  # characters of a sentence; longer text without an end is cut
LONGEST_SHORT = 8  # characters looked at before a full stop


@dataclass(frozen=True)
class Sentence:
    """A sentence: ``text[start:end]`` without outer spaces."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order; a piece without a letter or digit is none."""
    found = []
    place = 0
    for line in text.splitlines(keepends=True):
        for start, end in _cut(line):
            piece = line[start:end]
            if any(map(str.isalnum, piece)):
                left = place + start + len(piece) - len(piece.lstrip())
                found.append(Sentence(left, left + len(piece.strip()), piece.strip()))
        place += len(line)
    return found


def _cut(line: str) -> list[tuple[int, int]]:
    """Where the sentences of one line start and end."""
    marker = MARKER.match(line)
    begins = marker.end() if marker else 0
    cuts = [0]
    for end in END.finditer(line, begins):
        before = line[max(0, end.start() - LONGEST_SHORT) : end.start()]
        if end[0] != "." or not SHORT.search(before):
            cuts.append(end.end())
    ends = [*cuts[1:], len(line)]
    return [
        (start, min(start + LONGEST, end))
        for first, end in zip(cuts, ends, strict=True)
        for start in range(first, end, LONGEST)
    ]
