"""Files for people and for spreadsheets: where they may go, and other people's text made safe in them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib.core import terminal
from tracelib.core.files import InputError, written_beside

LONGEST = 200  # characters of one cell with somebody's text
# A spreadsheet takes a cell for a formula that begins so; the last four are the full-width forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
QUOTE = "'"


def checked(path: Path, endings: Sequence[str], what: str, inputs: Iterable[Path] = ()) -> Path:
    """The path of a file to write, or an `InputError` if it cannot go there; to be asked before reading.

    Args:
        endings: those that the name may have, in lower case.
        what: what the file will be, for the message: "a report".
        inputs: files that must stay as they are.
    """
    path = Path(path)
    if path.suffix.lower() not in endings:
        listed = " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
        raise InputError(f"not a name for {what}, expected one that ends in {listed}", path)
    if path.is_dir():
        raise InputError("is a folder, expected the name of a file", path)
    if path.exists() and any(path.samefile(given) for given in map(Path, inputs) if given.exists()):
        raise InputError(f"is one of the files to read, expected another name for {what}", path)
    return path


def distinct(targets: dict[str, Path | None]) -> None:
    """`InputError` where two of the files to write are one.

    Args:
        targets: by option; None for one that was not given.
    """
    known: dict[Path, str] = {}
    for option, path in targets.items():
        if path is None:
            continue
        place = path.resolve()
        if place in known:
            raise InputError(f"given for {known[place]} and for {option}, expected two names", path)
        known[place] = option


def several(count: int, word: str) -> str:
    """A count with its word, "1 line" or "1,200 lines"."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def text_of(value: object) -> str:
    """As UTF-8 can write it; the name of a file may hold bytes that are no text."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def shown(cell: object) -> str:
    """A cell as text: a dash for what there is not, bounded, and every invisible character spelled out.

    Among these are line breaks, and marks that reverse the order of what follows.
    """
    if cell is None or pd.isna(cell):
        return "–"
    return spelled_out(terminal.bounded(str(cell), LONGEST))


def spelled_out(text: str, keep: str = "") -> str:
    """The text with every character that cannot be seen as a ``\\u`` escape, but for those to keep."""
    return "".join(c if c.isprintable() or c in keep else f"\\u{ord(c):04x}" for c in text)


def no_formula(cell: object) -> object:
    """Text that a spreadsheet would run as a formula, or that begins with an apostrophe, with one before it.

    To get the text back, take one leading apostrophe off.
    """
    return QUOTE + cell if isinstance(cell, str) and cell.startswith((*FORMULA, QUOTE)) else cell


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV in UTF-8, whole or not at all; empty where there is no value, `no_formula` in texts."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name].dtype):
            cells = [no_formula(text_of(cell)) if isinstance(cell, str) else cell for cell in safe[name]]
            safe[name] = pd.Series(cells, safe.index, dtype=object)
    with written_beside(path) as beside:
        safe.to_csv(beside, index=False, encoding="utf-8", lineterminator="\n")
