"""A self-contained report on outputs, for people: tables, tests, a figure and texts, as HTML or Markdown.

The report is built once, as sections (`tracelib.reporting.document`), and then written in either format.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib.core.atomic import write_text
from tracelib.core.errors import InputError
from tracelib.reporting import citing, document, writing
from tracelib.reporting.citing import Made
from tracelib.reporting.document import Section
from tracelib.reporting.flips import Texts
from tracelib.reporting.sections import (
    accuracy,
    association,
    comparisons,
    how_to_read,
    in_short,
    items,
    what_was_read,
)
from tracelib.reporting.sections.runs import whole
from tracelib.reporting.tables import seeds_as_text
from tracelib.scoring.outcomes import RUN, counts, metrics_in

TITLE = "Model outputs, checked step by step"
MOST_RUNS, MOST_CATEGORIES, MOST_PAIRS = 200, 100, 1000  # in one report; a larger one would be unreadable
NOTHING_KNOWN = Made()
RENDERERS = {".html": document.as_html, ".htm": document.as_html, ".md": document.as_markdown}


def checked(path: Path, inputs: Iterable[Path] = ()) -> Path:
    """The path itself. `InputError` if no report can be written there. Call this before reading any input."""
    return writing.checked(path, list(RENDERERS), "a report", inputs)


def write(path: Path, parts: Sequence[Section], title: str = TITLE) -> None:
    """Write a report atomically, in the format that the suffix names."""
    path = checked(path)
    write_text(path, RENDERERS[path.suffix.lower()](title, parts))


def sections(
    outcomes: pd.DataFrame,
    files: Sequence[Path] = (),
    left_out: Sequence[InputError] | None = None,
    texts: Texts | None = None,
    made: Made = NOTHING_KNOWN,
    notes: Sequence[str] = (),
) -> list[Section]:
    """All sections of a report. The same arguments give the same report.

    `InputError` if there are too many runs, categories or pairs of conditions for a report.

    Args:
        outcomes: at least one row, as `tracelib.scoring.outcomes.score` gives them.
        files: the files that the outcomes were read from.
        left_out: errors of the lines that a lenient reading left out; None if the reading was strict.
        texts: gives the outputs of some rows, for the items that flip. Without it, no outputs are shown.
        made: the command, date and commit that the report states.
        notes: remarks that a reader needs before the figures.
    """
    _check_size(outcomes)
    by_metric = {metric: seeds_as_text(counts(outcomes, metric)) for metric in metrics_in(outcomes)}
    datasets = list(dict.fromkeys(name for table in by_metric.values() for name in table["dataset"]))
    compared = {dataset: comparisons.compared(outcomes, dataset) for dataset in datasets}
    return [
        in_short.section(whole(outcomes), compared),
        what_was_read.section(outcomes, files, left_out, notes),
        accuracy.section(outcomes, by_metric),
        association.section(outcomes),
        comparisons.section(outcomes, compared),
        items.section(outcomes, datasets),
        items.flipping(outcomes, datasets, texts),
        how_to_read.section(outcomes, list(by_metric)),
        citing.section(_methods(outcomes, list(by_metric), compared), made),
    ]


def _check_size(outcomes: pd.DataFrame) -> None:
    conditions = outcomes.groupby(["dataset", "model", "seed"], dropna=False)["condition"].nunique()
    sizes = {
        "runs (distinct model, condition and seed)": (outcomes.groupby(RUN, dropna=False).ngroups, MOST_RUNS),
        "categories": (outcomes["category"].nunique(), MOST_CATEGORIES),
        "pairs of conditions": (sum(count * (count - 1) // 2 for count in conditions), MOST_PAIRS),
    }
    for what, (found, most) in sizes.items():
        if found > most:
            raise InputError(f"{found:,} {what}, expected at most {most:,} in a report")


def _methods(outcomes: pd.DataFrame, metrics: list[str], compared: dict[str, pd.DataFrame]) -> str:
    return citing.methods(
        metrics,
        traces=bool(outcomes["parsed"].any()),
        compared=any(len(rows) for rows in compared.values()),
        repeats=bool(outcomes.duplicated([*RUN, "problem"]).any()),
    )
