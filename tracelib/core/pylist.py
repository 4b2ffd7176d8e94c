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
KEYWORD = re.compile(r"dtype=")
REMEMBERED = 500  # characters of the longest text whose entries are kept
BETWEEN = " \t\r\n,;()[]{}\\"
BULLET = re.compile(r"[ \t]*(?:[-*+\u2022\u2023\u25aa\u25cf\u00b7\u2013\u2014]|\(?\d{1,3}[.)])[ \t]+(?=\S)")


def listed(values: tuple[str, ...]) -> str:
    """Strings as the release prints them: a Python list."""
    return repr(list(values))


def entries(text: str) -> tuple[str, ...]:
    """The strings of a printed list; text that is not a list is one string.

    Read as lists: Python's, JSON's and numpy's, nested ones, tuples and sets, strings in quotes with
    commas between, entries without quotes in square brackets (split at commas), and lines that begin with
    bullets or numbers. Nothing is lost: only an empty list has no strings. But of a list that was cut, or
    badly quoted, only the strings that are whole are given, if there are any. One pass: after a quote
    that is never closed nothing more is looked for.
    """
    return _entries(text) if len(text) <= REMEMBERED else _entries.__wrapped__(text)


@lru_cache(maxsize=8192)  # answers come again and again
def _entries(text: str) -> tuple[str, ...]:
    text = text.strip()
    if not text:
        return ()
    if opening := OPENS.match(text):
        return _inside(text, opening.end())[0]
    if text[0] in CLOSING and (found := _quoted(text)):
        return found
    return _bulleted(text) or (text,)


def after(text: str) -> str:
    """What follows a printed list, outside its brackets; nothing after any other text."""
    text = text.strip()
    opening = OPENS.match(text)
    return text[_inside(text, opening.end())[1] :] if opening else ""


def _inside(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """The entries after an opening bracket, and where the list ends; nothing is read past that."""
    found, end, depth = [], start, 1
    while depth:
        opening = QUOTE.search(text, end)
        between = text[end : opening.start() if opening else len(text)]
        depth, closed = _depth(between, depth)
        if depth and opening is None:  # cut: what has no closing bracket may be half a word
            break
        bare = _unquoted(CONSTRUCTOR.sub("", between[:closed]))  # entries without quotes
        if not depth:
            end += closed + 1
            found += bare if found else []
        elif inside := QUOTED[opening.group()].match(text, opening.end()):
            end = inside.end()
            found += bare
            found.append(ESCAPE.sub(_unescape, text[opening.end() : end - 1]))
        else:  # a string that was cut
            break
    if found:
        return tuple(found), len(text) if depth else end
    return _without_quotes(text, start)


def _without_quotes(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """The entries of a list of which no quoted string is whole, and where it ends."""
    closing = text.find("]", start) if text[0] == "[" else -1
    inside = text[start : closing if closing >= 0 else len(text)].strip()
    if inside[:1] in CLOSING and (inside := inside[1:].strip()):  # a string that was cut
        return (inside,), len(text)
    return tuple(_unquoted(inside)), closing + 1 if closing >= 0 else len(text)


def _depth(between: str, depth: int) -> tuple[int, int]:
    """How many brackets are open after some text, 0 once the first has been closed, and where that is."""
    for bracket in BRACKET.finditer(between):
        depth += 1 if bracket[0] in "[({" else -1
        if not depth:
            return 0, bracket.start()
    return depth, len(between)


def _unquoted(text: str) -> list[str]:
    parts = [part.strip(BETWEEN) for part in re.split("[,;\n]", text)]
    return [part for part in parts if any(map(str.isalnum, part)) and not KEYWORD.match(part)]


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
        return chr(int(code[1:], 16)).encode("utf-8", "replace").decode("utf-8")  # a half is no character
    return CONTROL.get(code, code)
