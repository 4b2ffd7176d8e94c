"""The figure of a report: accuracies, joint and conditional rates of each run, as SVG."""

import io
import re
import warnings

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure as MatplotlibFigure

from tracelib.analysis import trace_answer
from tracelib.core.terminal import bounded
from tracelib.reporting import figures
from tracelib.reporting.document import Figure
from tracelib.reporting.writing import spelled_out
from tracelib.scoring.outcomes import RUN
from tracelib.stats.proportions import wilson

MOST = 20  # runs in one figure
NAME = 40  # characters of a run's name
RATES = {
    "answer": "answer right, of all",
    "joint": trace_answer.SHARES["joint"],
    "given_right": trace_answer.SHARES["given_right"],
    "given_wrong": trace_answer.SHARES["given_wrong"],
}


def rates(whole: pd.DataFrame) -> pd.DataFrame:
    """Rates of right answers among groups of outputs: a row per run and rate, with its interval.

    Args:
        whole: counts of runs over all categories. A run without a readable and judged trace has only the
            accuracy.
    """
    rows = []
    for number, row in enumerate(whole.to_dict("records")):
        right, both = row["trace_correct"], row["trace_right_answer_right"]
        shares = {"answer": (row["answer_correct"], row["n"])}
        judged = row["n"] - row["not_judged"]
        if judged and row["unparsed"] < judged:
            shares["joint"] = (both, judged)
            shares["given_right"] = (both, right)
            shares["given_wrong"] = (row["trace_wrong_answer_right"], judged - right)
        label = {"number": number, "run": _name(row, whole)}
        rows += [{**label, "rate": RATES[name], **wilson(*share)} for name, share in shares.items()]
    return pd.DataFrame(rows)


def _name(row: dict, whole: pd.DataFrame) -> str:
    """The name of a run: its condition, and what else tells it from the others."""
    varied = [name for name in RUN if name == "condition" or whole[name].nunique(dropna=False) > 1]
    return ", ".join(str(row[name]) for name in varied if not pd.isna(row[name]))


def draw(whole: pd.DataFrame) -> Figure:
    """The figure of these runs, or of the first `MOST`."""
    some = whole.head(MOST)
    found = rates(some)
    labels = [f"{n}. {_label(name)}" for n, name in zip(found["number"] + 1, found["run"], strict=True)]
    left_out = f"; the first {MOST} of {len(whole):,} runs" if len(whole) > MOST else ""
    caption = (
        f"Right answers by group of outputs: percent with 95% Wilson intervals{left_out}. "
        f"Metrics: {', '.join(dict.fromkeys(whole['metric']))}."
    )
    drawn = figures.intervals(found.assign(run=labels), "run", "rate", "percent")
    return Figure(caption, as_svg(drawn), _seen(found))


def _label(name: str) -> str:
    """A name that matplotlib draws as text: cut, on one line, with no formula between dollars."""
    return spelled_out(bounded(name, NAME)).replace("$", r"\$")


def as_svg(drawn: MatplotlibFigure) -> str:
    """The ``<svg>`` element of a figure; the same figure gives the same bytes, and texts stay texts."""
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # the reader's browser has other fonts
        drawn.savefig(stream, format="svg", metadata=nothing)
    return re.sub(r"^.*?(?=<svg )", "", stream.getvalue(), count=1, flags=re.DOTALL).strip()


def _seen(found: pd.DataFrame) -> str:
    """The figure in words: each run's rates in percent."""
    runs = []
    for number, part in found.groupby("number"):
        shares = [
            f"{row.rate} {100 * row.estimate:.1f}" for row in part.itertuples() if not pd.isna(row.estimate)
        ]
        runs.append(f"run {number + 1}: {', '.join(shares)}")
    return f"Points with intervals, in percent. {'; '.join(runs)}."
