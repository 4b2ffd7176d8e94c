"""Printed lists of strings: read in many forms, and written as the release writes them (Python's form).

Reading accepts any text, takes time linear in its length and evaluates no code: a model may have written it.
"""

import re
from functools import lru_cache

CLOSING = {"'": "'", '"': '"', "\u2018": "\u2019", "\u201c": "\u201d", "`": "`"}
QUOTE = re.compile(f"[{''.join(CLOSING)}]")
# A quote closes only before a comma, a closing bracket or the end: models write ['Workers' Party'].
CLOSES = r"\s*+(?:[],;)}>]|\Z)"
# No group is possessive (*+): Python before 3.11.5 matches possessive groups wrongly.
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
REMEMBERED = 500  # characters of the longest text whose entries are cached
BETWEEN = " \t\r\n,;()[]{}\\"
BULLET = re.compile(r"[ \t]*(?:[-*+\u2022\u2023\u25aa\u25cf\u00b7\u2013\u2014]|\(?\d{1,3}[.)])[ \t]+(?=\S)")


def listed(values: tuple[str, ...]) -> str:
    """The strings as a printed Python list, which is the release's form."""
    return repr(list(values))


def entries(text: str) -> tuple[str, ...]:
    """The strings of a printed list. A text that is not a list is one string.

    These count as lists: lists, tuples, sets and arrays, nested or not, as Python, JSON and numpy print them;
    quoted strings with commas between them; entries without quotes in square brackets, which are split at
    commas; lines that all begin with a bullet or a number. Only an empty list or text has no strings. A list
    that is cut, or badly quoted, gives its complete strings; if it has none, it gives the text inside. The
    text is read in one pass: reading stops at a quote that is never closed.
    """
    return _entries(text) if len(text) <= REMEMBERED else _entries.__wrapped__(text)


@lru_cache(maxsize=8192)  # the same answers recur
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
    """The text after the closing bracket of a printed list; empty for a text that is not a list."""
    text = text.strip()
    opening = OPENS.match(text)
    return text[_inside(text, opening.end())[1] :] if opening else ""


def _inside(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """The entries of the list whose inside begins at `start`, and the index where the list ends."""
    found, end, depth = [], start, 1
    while depth:
        opening = QUOTE.search(text, end)
        between = text[end : opening.start() if opening else len(text)]
        depth, closed = _depth(between, depth)
        if depth and opening is None:  # the list was cut, perhaps within a word
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
    """The entries of a list without a complete quoted string, and the index where it ends."""
    closing = text.find("]", start) if text[0] == "[" else -1
    inside = text[start : closing if closing >= 0 else len(text)].strip()
    if inside[:1] in CLOSING and (inside := inside[1:].strip()):  # a string that was cut
        return (inside,), len(text)
    return tuple(_unquoted(inside)), closing + 1 if closing >= 0 else len(text)


def _depth(between: str, depth: int) -> tuple[int, int]:
    """The number of brackets that are open after `between`, and where counting stopped.

    It stops at the bracket that closes the list, or at the end.
    """
    for bracket in BRACKET.finditer(between):
        depth += 1 if bracket[0] in "[({" else -1
        if not depth:
            return 0, bracket.start()
    return depth, len(between)


def _unquoted(text: str) -> list[str]:
    parts = [part.strip(BETWEEN) for part in re.split("[,;\n]", text)]
    return [part for part in parts if any(map(str.isalnum, part)) and not KEYWORD.match(part)]


def _quoted(text: str) -> tuple[str, ...]:
    """The strings of a text that is nothing but quoted strings; none of any other text."""
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
    """The lines of a text without their bullets or numbers; none if a line has neither.

    A first line that ends in a colon introduces the list and is left out.
    """
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
        return chr(int(code[1:], 16)).encode("utf-8", "replace").decode("utf-8")  # half of a surrogate pair
    return CONTROL.get(code, code)
