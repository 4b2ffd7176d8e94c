"""Lists of strings as Python prints them: the shape in which the release writes facts and answers.

Reading is total and linear in the text's length, and evaluates nothing: the text may be a model's.
"""

import re

QUOTE = re.compile("['\"]")
# A quote closes only before a comma, a closing bracket or the end: models write ['Workers' Party'].
CLOSES = r"\s*+(?:[],)}>]|\Z)"
# No part in brackets is possessive (*+): before 3.11.5, Python matches those wrongly.
QUOTED = {
    quote: re.compile(rf"(?:[^{quote}\\]++|\\.|{quote}(?!{CLOSES}))*{quote}(?={CLOSES})", re.DOTALL)
    for quote in "'\""
}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r"}


def listed(values: tuple[str, ...]) -> str:
    """Strings as the release prints them: a Python list."""
    return repr(list(values))


def entries(text: str) -> tuple[str, ...]:
    """The strings of a printed Python list; text that is not a list is one string.

    A list that was cut or badly quoted gives the strings that are whole. One pass: after a quote
    that is never closed nothing more is looked for.
    """
    text = text.strip()
    if not text.startswith("["):
        return (text,) if text else ()
    found = []
    end = 1
    while opening := QUOTE.search(text, end):
        between = text[end : opening.start()]
        inside = QUOTED[opening.group()].match(text, opening.end())
        if "]" in between or inside is None:
            break
        end = inside.end()
        found.append(ESCAPE.sub(_unescape, text[opening.end() : end - 1]))
    return tuple(found)


def _unescape(match: re.Match) -> str:
    code = match.group(1)
    if len(code) > 1 and int(code[1:], 16) <= 0x10FFFF:
        return chr(int(code[1:], 16))
    return CONTROL.get(code, code)
