"""Write files for people and spreadsheets: check their paths, and make untrusted text in them safe."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib.core import terminal
from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError

LONGEST = 200  # characters of a cell with untrusted text
# A spreadsheet reads a cell that starts so as a formula; the last four are the full-width forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
QUOTE = "'"


def checked(path: Path, endings: Sequence[str], what: str, inputs: Iterable[Path] = ()) -> Path:
    """The path of a file to write; an `InputError` if no file may be written there.

    Call it before reading the input, which may take long.

    Args:
        endings: the allowed endings of the name, in lower case.
        what: the kind of file, for the message: "a report".
        inputs: the input files, which must not be overwritten.
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
    """Raise an `InputError` if two of the files to write are the same file.

    Args:
        targets: the path given with each option, or None.
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
    """The value as text that UTF-8 can encode; the name of a file may hold bytes that are not text."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def shown(cell: object) -> str:
    """A cell as text: a dash if it is missing, cut at `LONGEST`, and every invisible character as an escape.

    Invisible characters include line breaks and marks that reverse the direction of text.
    """
    if cell is None or pd.isna(cell):
        return "–"
    return spelled_out(terminal.bounded(str(cell), LONGEST))


def spelled_out(text: str, keep: str = "") -> str:
    """The text with each invisible character as a ``\\u`` escape, except the characters to keep."""
    return "".join(c if c.isprintable() or c in keep else f"\\u{ord(c):04x}" for c in text)


def no_formula(cell: object) -> object:
    """The cell with an apostrophe before it if a spreadsheet would run it as a formula.

    Text that starts with an apostrophe gets one too, so removing one gives the text back.
    """
    return QUOTE + cell if isinstance(cell, str) and cell.startswith((*FORMULA, QUOTE)) else cell


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV in UTF-8, whole or not at all; missing values are empty, texts no formulas."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name].dtype):
            cells = [no_formula(text_of(cell)) if isinstance(cell, str) else cell for cell in safe[name]]
            safe[name] = pd.Series(cells, safe.index, dtype=object)
    with written_beside(path) as beside:
        safe.to_csv(beside, index=False, encoding="utf-8", lineterminator="\n")
