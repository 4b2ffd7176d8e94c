"""Lists of strings as they are printed: Python's way, in which the release writes them, and others.

Reading is total and linear in the text's length, and evaluates nothing: the text may be a model's.
"""

import re
from functools import lru_cache

CLOSING = {"'": "'", '"': '"', "\u2018": "\u2019", "\u201c": "\u201d", "`": "`"}
QUOTE = re.compile(f"[{''.join(CLOSING)}]")
# A quote closes only before a comma, a closing bracket or the end: models write ['Workers' Party'].
CLOSES = r"\s*+(?:[],;)}>]|\Z)"
# No part in brackets is possessive (*+): before 3.11.5, Python matches those wrongly.
QUOTED = {
    opening: re.compile(rf"(?:[^{closing}\\]++|\\.|{closing}(?!{CLOSES}))*{closing}(?={CLOSES})", re.DOTALL)
    for opening, closing in CLOSING.items()
}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r"}
OPENS = re.compile(r"\[|[({](?=\s*+['\"\u2018\u201c])|(?:np\.)?array\(")  # a list, tuple, set or array
BRACKET = re.compile(r"[][(){}]")
CONSTRUCTOR = re.compile(r"[A-Za-z_][\w.]{0,40}\(")  # np.str_('x')
BETWEEN = " \t\r\n,;()[]{}\\"
BULLET = re.compile(r"[ \t]*(?:[-*+\u2022\u2023\u25aa\u25cf\u00b7\u2013\u2014]|\(?\d{1,3}[.)])[ \t]+(?=\S)")


def listed(values: tuple[str, ...]) -> str:
    """Strings as the release prints them: a Python list."""
    return repr(list(values))


@lru_cache(maxsize=8192)  # answers come again and again
def entries(text: str) -> tuple[str, ...]:
    """The strings of a printed list; text that is not a list is one string.

    Read as lists: Python's, JSON's and numpy's, nested ones, tuples and sets, strings in quotes with
    commas between, entries without quotes in square brackets (split at commas), and lines that begin with
    bullets or numbers. Nothing is lost: only an empty list has no strings. But of a list that was cut, or
    badly quoted, only the strings that are whole are given, if there are any. One pass: after a quote
    that is never closed nothing more is looked for.
    """
    text = text.strip()
    if not text:
        return ()
    if opening := OPENS.match(text):
        return _inside(text, opening.end())
    if text[0] in CLOSING and (found := _quoted(text)):
        return found
    return _bulleted(text) or (text,)


def _inside(text: str, start: int) -> tuple[str, ...]:
    """The entries after an opening bracket; past the bracket that closes it nothing is read."""
    found, end, depth = [], start, 1
    while opening := QUOTE.search(text, end):
        between = text[end : opening.start()]
        inside = QUOTED[opening.group()].match(text, opening.end())
        depth = _depth(between, depth)
        if not depth or inside is None:
            break
        found += _unquoted(CONSTRUCTOR.sub("", between))
        end = inside.end()
        found.append(ESCAPE.sub(_unescape, text[opening.end() : end - 1]))
    if found:
        return tuple(found)
    rest = text[start:].partition("]")[0] if text[0] == "[" else text[start:]
    rest = rest.strip()
    if rest[:1] in CLOSING:  # a string that was cut
        return (rest[1:].strip(),) if rest[1:].strip() else ()
    return tuple(_unquoted(rest))


def _depth(between: str, depth: int) -> int:
    """How many brackets are open after some text; 0 once the first has been closed."""
    for mark in BRACKET.findall(between):
        depth += 1 if mark in "[({" else -1
        if not depth:
            break
    return depth


def _unquoted(text: str) -> list[str]:
    parts = [part.strip(BETWEEN) for part in re.split("[,;\n]", text)]
    return [part for part in parts if any(map(str.isalnum, part))]


def _quoted(text: str) -> tuple[str, ...]:
    """The strings of a text of quoted strings and nothing else."""
    found, end = [], 0
    while opening := QUOTE.match(text, end):
        inside = QUOTED[opening.group()].match(text, opening.end())
        if inside is None:
            return ()
        found.append(ESCAPE.sub(_unescape, text[opening.end() : inside.end() - 1]))
        end = inside.end()
        while end < len(text) and text[end] in BETWEEN:
            end += 1
    return tuple(found) if end == len(text) and all(map(str.strip, found)) else ()


def _bulleted(text: str) -> tuple[str, ...]:
    """The lines that begin with bullets or numbers, if all do but a first one that ends in a colon."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and lines[0].rstrip().rstrip("*_").endswith(":"):
        del lines[0]
    marks = [BULLET.match(line) for line in lines]
    if not all(marks):
        return ()
    items = [line[mark.end() :].strip() for line, mark in zip(lines, marks, strict=True)]
    return tuple(entry for item in items for entry in (_quoted(item) or (item,)))


def _unescape(match: re.Match) -> str:
    code = match.group(1)
    if len(code) > 1 and int(code[1:], 16) <= 0x10FFFF:
        return chr(int(code[1:], 16))
    return CONTROL.get(code, code)
