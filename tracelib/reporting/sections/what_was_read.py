"""The section on the input: files, runs, and the lines that were left out."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tracelib import __version__
from tracelib.analysis import legible
from tracelib.core.errors import InputError
from tracelib.core.reading import sha256
from tracelib.reporting.document import Section, Table, first_rows
from tracelib.reporting.sections.runs import whole
from tracelib.reporting.writing import several, spelled_out, text_of
from tracelib.scoring import run_names
from tracelib.scoring.outcomes import RUN

MOST_REASONS = 20  # lines left out that are listed


def section(
    outcomes: pd.DataFrame,
    files: Sequence[Path],
    left_out: Sequence[InputError] | None,
    notes: Sequence[str],
) -> Section:
    """The arguments are those of `tracelib.reporting.audit_report.sections`."""
    runs = _runs(outcomes)
    prose = [
        f"tracelib {__version__} read {several(len(outcomes), 'output')} of {several(len(runs), 'run')} (a "
        "run: a dataset, model, condition and seed) on "
        f"{several(outcomes['problem'].nunique(), 'distinct problem')}.",
        _repeats(int(runs["repeated"].sum())),
    ]
    if left_out is None:
        prose.append("Every line was read; a line that could not be read would have ended the audit.")
    else:
        were = "was" if len(left_out) == 1 else "were"
        prose.append(f"{several(len(left_out), 'line')} could not be read and {were} left out.")
    reasons = pd.DataFrame({"where, and what was wrong": [text_of(error) for error in left_out or ()]})
    return Section(
        "What was read",
        [*prose, *map(spelled_out, notes)],
        [
            first_rows("Files", pd.DataFrame([_file(path) for path in files])),
            Table("Runs", runs),
            Table(legible.CAPTION, legible.found(outcomes)),
            first_rows("Lines left out", reasons, MOST_REASONS),
        ],
    )


def _repeats(again: int) -> str:
    if not again:
        return "No run answers a problem twice."
    return (
        f"{several(again, 'output')} repeat a problem that their run had answered before (the same "
        "question, facts and gold answers). Intervals that take the items as independent are then too "
        "narrow. Intervals from a bootstrap over problems stand beside them."
    )


def _file(path: Path) -> dict:
    """The name, size and hash of a file. A pipe, which can be read only once, has only a name."""
    known = Path(path).is_file()
    size = f"{Path(path).stat().st_size:,}" if known else None
    return {"file": text_of(path), "bytes": size, "SHA-256": sha256(path) if known else None}


def _runs(outcomes: pd.DataFrame) -> pd.DataFrame:
    distinct = whole(outcomes.drop_duplicates([*RUN, "problem"]))["n"]
    rows = []
    for row, problems in zip(whole(outcomes).itertuples(), distinct, strict=True):
        sizes = {"outputs": row.n, "distinct problems": problems, "repeated": row.n - problems}
        rows.append({**run_names.label(row), **sizes, "without a trace": row.unparsed})
    return pd.DataFrame(rows)
