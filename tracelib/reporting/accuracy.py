"""Files of accuracies: numbers (CSV), a table for a paper (LaTeX) or for a web page (Markdown)."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib import __version__
from tracelib.core.atomic import write_text
from tracelib.reporting import markdown, tables, writing
from tracelib.reporting.markdown import marked
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import RUN, counts, metrics_in
from tracelib.stats import as_text
from tracelib.stats.proportions import CONFIDENCE, wilson

ENDINGS = (".csv", ".tex", ".md")
STEPS = {
    "category_correct": "category step",
    "retrieval_correct": "facts step",
    "trace_correct": "whole trace",
    "unparsed": "steps not readable",
}
ANSWER = "answer"
NOT_STRICT = "of these not strict"
LOOSE = "answer right but not strict"
COUNTED = {  # shown as counts
    LOOSE: NOT_STRICT,
    **{name: name for name in (STEPS["unparsed"], tables.NOT_JUDGED)},
}
CAPTION = f"percent [{CONFIDENCE:.0%} Wilson interval]"
COLUMNS = {  # of `rows`
    **dict.fromkeys(RUN, "as in the outcomes"),
    "category": "a category of the dataset, or all",
    "quantity": f"what is counted: {ANSWER}, {', '.join(STEPS.values())}; {tables.NOT_JUDGED}: the problem "
    f"does not say its steps; or {LOOSE}: right by metric corrected, but the answers listed are not exactly "
    "the gold answers",
    "metric": "of the answer; empty for steps",
    "right": "how many are",
    "n": "of how many outputs; for steps, of those whose trace was judged",
    "estimate": "right / n",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "method": "of the interval",
}


def not_strict(outcomes: pd.DataFrame) -> pd.Series:
    """How many answers are right by `corrected` but not by `strict`: they list more than the gold answers.

    The counts are by `RUN` and category (also ``all``), over outputs that have both verdicts.
    """
    known = outcomes[outcomes["answer_corrected"].notna() & outcomes["answer_strict"].notna()]
    part = known["answer_corrected"].astype(bool) & ~known["answer_strict"].astype(bool)
    both = pd.concat([known.assign(part=part), known.assign(part=part, category="all")])
    return both.groupby([*RUN, "category"], dropna=False, sort=False)["part"].sum()


def table(outcomes: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """`tables.accuracy_table`; under metric corrected, a column `NOT_STRICT` follows the answer.

    Args:
        counted: rows of the counts of these outcomes under one metric.
    """
    shown = tables.accuracy_table(counted)
    if len(shown) and (counted["metric"] == "corrected").all():
        loose = _by_row(not_strict(outcomes), counted)
        shown.insert(shown.columns.get_loc("answer") + 1, NOT_STRICT, loose)
    return shown


def _by_row(values: pd.Series, counted: pd.DataFrame) -> list[int]:
    """The value for each row's run and category, or 0. Names are compared as text: a seed may be a number."""
    known = {tuple(map(str, names)): int(value) for names, value in values.items()}
    rows = counted[[*RUN, "category"]].itertuples(index=False, name=None)
    return [known.get(tuple(map(str, names)), 0) for names in rows]


def rows(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every accuracy as numbers (columns `COLUMNS`): a row per run, category, quantity and metric."""
    found = []
    for metric in metrics_in(outcomes):
        counted = counts(outcomes, metric)
        found += _numbers(counted, "answer_correct", ANSWER, metric)
        if metric == "corrected":
            loose = counted.assign(loose=_by_row(not_strict(outcomes), counted))
            found += _numbers(loose, "loose", LOOSE, metric)
        leading = counted[[primary(dataset) == metric for dataset in counted["dataset"]]]
        judged = leading.assign(n=leading["n"] - leading["not_judged"])
        for column, name in STEPS.items():
            found += _numbers(judged[judged["n"] > 0], column, name, "")
        found += _numbers(leading[leading["not_judged"] > 0], "not_judged", tables.NOT_JUDGED, "")
    table = pd.DataFrame(found, columns=list(COLUMNS)).astype({"seed": "Int64"})
    place = table.groupby([*RUN, "category"], dropna=False, sort=False).ngroup()
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _numbers(counted: pd.DataFrame, column: str, quantity: str, metric: str) -> list[dict]:
    found = []
    for row in counted.to_dict("records"):
        label = {name: row[name] for name in (*RUN, "category")}
        sizes = {"quantity": quantity, "metric": metric, "right": row[column]}
        found.append({**label, **sizes, **wilson(row[column], row["n"])})
    return found


def for_people(outcomes: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Per dataset, two captioned display tables with a row per run: answers by every metric, and steps.

    If no step of a run could be read or judged, its row in the table of steps says only that.
    """
    found = []
    for dataset, part in outcomes.groupby("dataset", sort=False):
        numbers = tables.seeds_as_text(rows(part))
        whole = numbers[numbers["category"] == "all"]
        of_answers = whole["quantity"].isin([ANSWER, LOOSE])
        for what, chosen in (("answers", whole[of_answers]), ("the steps of traces", whole[~of_answers])):
            caption = f"Accuracy of {what} on {writing.shown(dataset)}, {CAPTION}"
            wide = [_wide(run) for _, run in chosen.groupby(RUN, dropna=False, sort=False)]
            found.append((caption, pd.DataFrame(wide, columns=_columns(wide))))
    return found


def _columns(wide: list[dict]) -> list[str]:
    """Every column that some row has; the seed, which some rows lack, stands after the condition."""
    names = list(dict.fromkeys(name for row in wide for name in row if name != "seed"))
    return [*names[:2], *(["seed"] if any("seed" in row for row in wide) else []), *names[2:]]


def _wide(run: pd.DataFrame) -> dict:
    first = run.iloc[0]
    seed = {} if pd.isna(first["seed"]) else {"seed": first["seed"]}
    row = {"model": first["model"], "condition": first["condition"], **seed, "n": int(run["n"].max())}
    unparsed = run[run["quantity"] == STEPS["unparsed"]]
    unread = unparsed["right"].eq(unparsed["n"]).any()
    for found in run.to_dict("records"):
        if found["quantity"] in COUNTED:
            row[COUNTED[found["quantity"]]] = found["right"]
            continue
        name = f"{found['quantity']} ({found['metric']})" if found["metric"] else found["quantity"]
        fewer = f", n = {found['n']:,}" if found["n"] < row["n"] else ""
        row[name] = "–" if unread else as_text.percent(found) + fewer
    return row


# --- Files ------------------------------------------------------------------------------------


def checked(path: Path, inputs: Iterable[Path] = ()) -> Path:
    """The path of a table to write; an `InputError` if no table may be written there."""
    return writing.checked(path, ENDINGS, "a table", inputs)


def write(path: Path, outcomes: pd.DataFrame) -> None:
    """Write the accuracies in the format of the path's ending, whole or not at all.

    CSV holds `rows`; LaTeX and Markdown hold the tables of `for_people`.
    """
    path = checked(path)
    if path.suffix.lower() == ".csv":
        writing.write_csv(rows(outcomes), path)
    else:
        render = as_latex if path.suffix.lower() == ".tex" else as_markdown
        write_text(path, render(for_people(outcomes)))


def as_markdown(shown: list[tuple[str, pd.DataFrame]]) -> str:
    """Captioned tables as Markdown."""
    blocks = [
        block for caption, table in shown for block in (f"**{marked(caption)}**", markdown.table(table))
    ]
    return "\n\n".join(blocks) + "\n"


PREAMBLE = rf"""% Made by tracelib {__version__}.
% Needs \usepackage{{booktabs}} and \usepackage[T1]{{fontenc}}.
% Names in other than Latin letters need XeLaTeX or LuaLaTeX, and a font that has them.
"""
SPECIAL = str.maketrans(
    {mark: f"\\{mark}" for mark in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}"}
    | {"`": r"\textasciigrave{}", "–": r"\textendash{}", "−": "$-$"}
)
LIGATURE = re.compile(r"(?<=[-,\'])(?=[-,\'])")  # LaTeX joins two of these into another character


def as_latex(shown: list[tuple[str, pd.DataFrame]]) -> str:
    """Captioned tables as LaTeX with booktabs rules; every text is escaped."""
    return PREAMBLE + "".join(_latex_table(number, *table) for number, table in enumerate(shown, 1))


def _latex_table(number: int, caption: str, shown: pd.DataFrame) -> str:
    kinds = "".join("r" if pd.api.types.is_numeric_dtype(kind) else "l" for kind in shown.dtypes)
    head, *body = [_latex_row(shown.columns), *map(_latex_row, shown.itertuples(index=False, name=None))]
    lines = [
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{latex(caption)}.}}",
        rf"\label{{tab:accuracy-{number}}}",
        rf"\begin{{tabular}}{{{kinds}}}",
        *(r"\toprule", head, r"\midrule", *body, r"\bottomrule"),
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[object]) -> str:
    row = " & ".join(latex(writing.shown(cell)) for cell in cells)
    return ("{}" if row.startswith(("[", "*")) else "") + row + r" \\"  # else an option of the row before


def latex(text: str) -> str:
    """The text escaped, so that LaTeX prints it unchanged."""
    return LIGATURE.sub("{}", text.translate(SPECIAL))
