"""Text for a terminal: colours, wrapped lines, two columns, and no control characters.

Problems and model outputs are untrusted text. Escape sequences in them could recolour or rewrite the
screen, so commands show every text through `plain`, which removes them.
"""

import os
import re
import shutil
import sys
import textwrap
from itertools import zip_longest

NARROWEST, WIDEST = 40, 240  # columns; a terminal outside these bounds is treated as at the bound
TWO_COLUMNS = 120  # the narrowest terminal that shows blocks in pairs
GAP = 3  # columns between the blocks of a pair
LONGEST = 4000  # characters of one text that are shown
CODES = {"bold": 1, "red": 31, "green": 32, "yellow": 33}

SEQUENCE = re.compile(  # ECMA-48: CSI; OSC and other strings, up to BEL or ST; the short ones
    r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[\]PX^_][^\x07\x1b]*+(?:\x07|\x1b\\)|[ -/]*+[0-~])"
)
PAINT = re.compile(r"\x1b\[\d+m")  # written by `painted`
NEWLINE, TAB = 0x0A, 0x09
BREAKS = (TAB, 0x85, 0x2028, 0x2029)  # each becomes a space
MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # change text direction
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
    r"""The JSON text with a ``\u`` escape for every character that `plain` would remove: the same values."""
    return json_text.translate({code: f"\\u{code:04x}" for code in CONTROLS})


def bounded(text: str, most: int = LONGEST) -> str:
    """The text; if it has more than `most` characters, its beginning and a note of how many are left out."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most].rstrip()} [... {left:,} more characters]"


def width() -> int:
    """The columns of the terminal, within the bounds; 80 without a terminal."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def column_width() -> int:
    """The columns of one block: half of a wide terminal, else the whole width."""
    whole = width()
    return whole if whole < TWO_COLUMNS else (whole - GAP) // 2


def wrapped(text: str, columns: int, label: str = "") -> list[str]:
    """The text, plain and bounded, as lines of at most `columns`; the first line starts with the label."""
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
    """Whether standard output is a terminal and the user allows colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str, *styles: str) -> str:
    """The text in the named styles of `CODES`; unchanged without colours."""
    if not styles or not in_colour():
        return text
    return "".join(f"\x1b[{CODES[style]}m" for style in styles) + text + "\x1b[0m"


def side_by_side(blocks: list[list[str]]) -> list[str]:
    """The lines of the blocks: in pairs if the terminal is wide, else one block below the other."""
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
