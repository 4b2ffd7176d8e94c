"""The display tables and the report of `tracelib compare`, which compares two runs."""

from collections.abc import Iterable

import pandas as pd

from tracelib.analysis.comparison import POINTS
from tracelib.analysis.run_pair import Comparison
from tracelib.reporting import citing, figures, flips, tables
from tracelib.reporting.citing import Made
from tracelib.reporting.document import Figure, Section, Table
from tracelib.reporting.figure_rates import as_svg
from tracelib.reporting.flips import Flip
from tracelib.reporting.writing import shown, spelled_out
from tracelib.scoring import audit
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text

PAIRING = "Problems: paired by content; outputs left out"
DIFFERENCES = "A minus B on the paired problems: points [95% interval]"
EQUIVALENCE = f"Is the difference smaller than {POINTS}, either way?"
CELLS = "Trace (T) and answer (A) on the paired problems"
PARAMETERS = "What differs between the two run.json"
LONGEST = 60  # characters of a recorded value


def pairing(comparison: Comparison) -> pd.DataFrame:
    """Per dataset, how many problems are paired, and how many outputs are left out and why."""
    names = {
        "dataset": "dataset",
        "paired": "paired",
        "only_first": "only in A",
        "only_second": "only in B",
        "again_first": "answered again in A",
        "again_second": "answered again in B",
        "same_id": "same id, other content",
    }
    return comparison.sizes.rename(columns=names)[list(names.values())]


def differences(comparison: Comparison) -> pd.DataFrame:
    """A row per quantity: both rates, the paired cells, the difference with its interval and test."""
    rows = [
        {
            "dataset": row["dataset"],
            "right": row["quantity"],
            "n": row["n"],
            "A": f"{100 * row['first']:.1f}",
            "B": f"{100 * row['second']:.1f}",
            "both": row["both"],
            "only A": row["only_first"],
            "only B": row["only_second"],
            "neither": row["neither"],
            "A - B": as_text.percent(row),
            "p": as_text.p_value(row["p"]),
            "p (Holm)": as_text.p_value(row["p_holm"]),
        }
        for row in comparison.tests.to_dict("records")
    ]
    return pd.DataFrame(rows)


def equivalence(comparison: Comparison) -> pd.DataFrame:
    """A row per quantity: the test of equivalence, and the difference that the test could detect."""
    rows = [
        {
            "dataset": row["dataset"],
            "right": row["quantity"],
            "90% interval": f"{100 * row['low_90']:.1f} to {100 * row['high_90']:.1f}",
            "p, equivalence": as_text.p_value(row["p_equivalence"]),
            "equivalent": "yes" if row["equivalent"] else "not shown",
            "smallest margin": as_text.percentage(row["smallest_margin"]),
            "detectable": as_text.percentage(row["detectable"]),
        }
        for row in comparison.tests.to_dict("records")
    ]
    return pd.DataFrame(rows)


def cells(comparison: Comparison) -> pd.DataFrame:
    """Per dataset and run, the 2x2 table of trace and answer, by the dataset's primary metric."""
    names = {
        "dataset": "dataset",
        "run": "run",
        "n": "n",
        "trace_right_answer_right": "T+A+",
        "trace_right_answer_wrong": "T+A-",
        "trace_wrong_answer_right": "T-A+",
        "trace_wrong_answer_wrong": "T-A-",
        "unparsed": "steps not readable",
    }
    if comparison.cells["not_judged"].any():
        names["not_judged"] = tables.NOT_JUDGED
    found = comparison.cells.rename(columns=names)[list(names.values())]
    found = found.assign(run=found["run"].map({"first": "A", "second": "B"}))
    return found.astype(object).where(found.notna(), as_text.NONE)


def parameters(comparison: Comparison) -> pd.DataFrame:
    """The recorded values that differ (name, A, B); no rows if a run has no record."""
    if comparison.parameters is None:
        return pd.DataFrame()
    shown = comparison.parameters.rename(columns={"first": "A", "second": "B"})
    return shown.assign(**{side: shown[side].map(_value) for side in "AB"})


def _value(value: object) -> str:
    if value is None:
        return "–"
    text = str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


# --- The report -------------------------------------------------------------------------------

TITLE = "Two runs on the same problems"
METHODS = (
    "Problems were paired by their content. Per metric and step: difference of the two rates with the 95% "
    "interval of Bonett and Price (2012), exact McNemar test on the problems that only one run gets right, "
    f"p-values adjusted by Holm's method over all rows of the table; equivalence within a margin of "
    f"{POINTS}, fixed before, by two one-sided tests at 5%, not adjusted. The intervals are over problems; "
    "they do not say how far another training with another seed would differ."
)


def sections(comparison: Comparison, made: Made) -> list[Section]:
    """All sections of a report on two runs."""
    runs = [
        {"run": word, "name": run.name, "file": shown(str(run.path)), "outputs": len(run.outcomes)}
        for word, run in (("A", comparison.first), ("B", comparison.second))
    ]
    return [
        Section("In short", _headline(comparison), figures=[_figure(comparison)]),
        Section(
            "What was compared",
            [*map(spelled_out, comparison.notes)],
            [Table("Runs", pd.DataFrame(runs)), Table(PAIRING, pairing(comparison))],
        ),
        Section(PARAMETERS, _about(comparison), [Table("Values that differ", parameters(comparison))]),
        Section(
            "Answers and traces",
            [],
            [
                Table(DIFFERENCES, differences(comparison)),
                Table(EQUIVALENCE, equivalence(comparison)),
                Table(CELLS, cells(comparison)),
            ],
        ),
        _flips(comparison),
        citing.section(METHODS, made),
    ]


def _about(comparison: Comparison) -> list[str]:
    if comparison.parameters is None:
        return ["A run.json is missing beside A or B, so it is not known what differs."]
    return [] if len(comparison.parameters) else ["No recorded value differs."]


def _headline(comparison: Comparison) -> list[str]:
    return [_sentence(row) for row in comparison.tests.drop_duplicates("dataset").to_dict("records")]


def _sentence(row: dict) -> str:
    """The result for a dataset by its primary metric."""
    rates = [f"{100 * row[side]:.1f}%" for side in ("first", "second")]
    same = "They are" if row["equivalent"] else "It is not shown that they are"
    return (
        f"{shown(row['dataset'])}, {row['n']:,} problems, {row['quantity']}: A is right in {rates[0]}, B in "
        f"{rates[1]}; A minus B is {as_text.percent(row)} points, p (Holm) {as_text.p_value(row['p_holm'])}. "
        f"{same} equivalent within {POINTS}."
    )


def _figure(comparison: Comparison) -> Figure:
    several = comparison.tests["dataset"].nunique() > 1
    rows = comparison.tests.assign(run="A minus B")
    rows["label"] = [
        shown(f"{row.dataset}, {row.quantity}" if several else row.quantity).replace("$", r"\$")
        for row in rows.itertuples()
    ]
    drawn = figures.intervals(rows, "label", "run", "A minus B, points", zero=True)
    seen = "; ".join(f"{row['quantity']} {as_text.percent(row)}" for row in rows.to_dict("records"))
    caption = "Difference of the two runs, points with 95% Bonett-Price intervals; the line is no difference."
    return Figure(caption, as_svg(drawn), f"Points with intervals about a line at zero. {seen}.")


def _flips(comparison: Comparison) -> Section:
    """Problems that only one run gets right by the primary metric, each with both outputs."""
    runs = {"A": comparison.first, "B": comparison.second}

    def texts(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Output]:
        found = {}
        for side, run in runs.items():
            read = audit.texts(run.audited, [row for of, row in keys if of == side])
            found |= {(side, row): output for row, output in read.items()}
        return found

    found = _flipping(comparison)
    folded = flips.folded(found, texts)
    return Section("Problems that only one gets right", flips.said(found, folded), folded=folded)


def _flipping(comparison: Comparison) -> list[Flip]:
    """The problems that only A gets right, then the problems that only B gets right."""
    first, second = comparison.first.outcomes, comparison.second.outcomes
    found = []
    for a, b in zip(comparison.pairs["a"], comparison.pairs["b"], strict=True):
        right = {"A": bool(first.at[a, "answer_correct"]), "B": bool(second.at[b, "answer_correct"])}
        if right["A"] != right["B"]:
            rows = {"A": ("A", a), "B": ("B", b)}
            answers = {side: (right[side], rows[side]) for side in "AB"}
            found.append(Flip(first.at[a, "dataset"], "", "", first.at[a, "item"], answers))
    return sorted(found, key=lambda flip: not flip.answers["A"][0])
