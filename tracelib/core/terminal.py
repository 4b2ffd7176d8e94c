"""Text for a terminal: colours, wrapped lines, two columns, and nothing that controls the terminal.

Problems and outputs are other people's text. Escape sequences in it could recolour or rewrite what
was printed, so `plain` takes them out of everything that a command shows.
"""

import os
import re
import shutil
import sys
import textwrap
from itertools import zip_longest

NARROWEST, WIDEST = 40, 240  # columns that are used of a terminal
TWO_COLUMNS = 120  # from this width on, blocks are printed in pairs
GAP = 3  # columns between the two of a pair
LONGEST = 4000  # characters of one text that are shown
CODES = {"bold": 1, "red": 31, "green": 32, "yellow": 33}

SEQUENCE = re.compile(  # ECMA-48: CSI; OSC and other strings, up to BEL or ST; the short ones
    r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[\]PX^_][^\x07\x1b]*+(?:\x07|\x1b\\)|[ -/]*+[0-~])"
)
PAINT = re.compile(r"\x1b\[\d+m")  # what `painted` writes
NEWLINE, TAB = 0x0A, 0x09
BREAKS = (TAB, 0x85, 0x2028, 0x2029)  # become a space
MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # reverse the order shown
CONTROLS = {
    code: " " if code in BREAKS else None
    for code in (*range(0x20), *range(0x7F, 0xA0), *BREAKS, *MARKS)
    if code != NEWLINE
}


def plain(text: str) -> str:
    """The text without escape sequences and control characters; newlines stay."""
    return SEQUENCE.sub("", text).translate(CONTROLS)


def one_line(text: str) -> str:
    """The plain text on one line, single-spaced."""
    return " ".join(plain(text).split())


def escaped(json_text: str) -> str:
    r"""JSON with the same values, in which every character that `plain` takes out is a ``\u`` escape."""
    return json_text.translate({code: f"\\u{code:04x}" for code in CONTROLS})


def bounded(text: str, most: int = LONGEST) -> str:
    """The text, or its beginning and how much was left out."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most].rstrip()} [... {left:,} more characters]"


def width() -> int:
    """Columns of the terminal, 80 where there is none."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def column_width() -> int:
    """Columns that a block has for itself: half of a wide terminal."""
    whole = width()
    return whole if whole < TWO_COLUMNS else (whole - GAP) // 2


def wrapped(text: str, columns: int, label: str = "") -> list[str]:
    """Plain bounded text as lines of at most `columns`; a label stands before the first one."""
    prefix = label
    lines = []
    for line in bounded(plain(text)).split("\n"):
        indent = " " * len(label)
        lines += textwrap.wrap(
            line, columns, initial_indent=prefix, subsequent_indent=indent, break_on_hyphens=False
        ) or [prefix.rstrip()]
        prefix = indent
    return lines


def in_colour() -> bool:
    """Whether standard output is a terminal that is to have colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str, *styles: str) -> str:
    """The text in the named styles of `CODES`, unchanged where there are no colours."""
    if not styles or not in_colour():
        return text
    return "".join(f"\x1b[{CODES[style]}m" for style in styles) + text + "\x1b[0m"


def side_by_side(blocks: list[list[str]]) -> list[str]:
    """Blocks of lines in pairs where the terminal is wide, else one below the other."""
    column = column_width()
    step = 1 if column == width() else 2
    lines = []
    for start in range(0, len(blocks), step):
        pair = blocks[start : start + step]
        rows = zip_longest(*pair, fillvalue="")
        lines += ["".join(_padded(cell, column + GAP) for cell in row).rstrip() for row in rows]
        lines.append("")
    return lines[:-1]


def _padded(cell: str, columns: int) -> str:
    return cell + " " * (columns - len(PAINT.sub("", cell)))
