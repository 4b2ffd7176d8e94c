"""Figures and HTML of the chapter on single problems: difficulty, and a searchable table of the items.

The texts come from the release, so they are cut and escaped before any other use.
"""

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython.display import HTML
from itables import to_html_datatable
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracelib.analysis import item_analysis
from tracelib.datasets.problem import Problem
from tracelib.reporting import figures, palette
from tracelib.stats import as_text

TITLES = {
    "category": "temporal relation",
    "kind": "question type",
    "gold_answers": "gold answers",
    "facts": "facts in the context",
    "gold_facts": "gold facts",
    "granularity": "granularity of the dates",
    "same_subject": "questions about the same subject",
}
LONGEST = 800  # characters of a question on the page
ROWS = 10  # of the table that are shown at a time
TABLE_STYLE = """
#items caption { text-align: left; }
#items td:last-child { min-width: 35em; white-space: normal; }
.text_html:has(> script:first-child) { display: none; }
"""


def difficulty(rows: pd.DataFrame) -> Figure:
    """Accuracy with intervals: a panel per description, a row per value, a colour and marker per model.

    Args:
        rows: from `tracelib.analysis.item_analysis.difficulties`; rows over all runs are not drawn.
    """
    rows = rows[(rows["runs"] != "all runs") & rows["estimate"].notna()]
    panels = {name: part for name, part in rows.groupby("description", sort=False)}
    heights = [part["value"].nunique() + 0.8 for part in panels.values()]
    figure, axes = plt.subplots(
        len(panels),
        figsize=(7.5, 0.6 + 0.36 * sum(heights)),
        height_ratios=heights,
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    plt.close(figure)  # a notebook shows it once, as a cell's value
    models = list(dict.fromkeys(rows["runs"]))
    for panel, (name, part) in zip(axes[:, 0], panels.items(), strict=True):
        _panel(panel, part, models)
        panel.set_title(TITLES.get(name, name), loc="left", fontsize="medium")
    axes[-1, 0].set_xlim(-2, 102)
    axes[-1, 0].set_xlabel("answer accuracy, percent")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False)
    return figure


def _panel(axes: Axes, part: pd.DataFrame, models: list[str]) -> None:
    values = list(dict.fromkeys(part["value"]))
    colours = palette.colours(models)
    for number, model in enumerate(models):
        own = part[part["runs"] == model]
        offset = (number - (len(models) - 1) / 2) * 0.7 / len(models)
        axes.errorbar(
            100 * own["estimate"],
            [values.index(value) + offset for value in own["value"]],
            xerr=100 * figures.lengths(own),
            fmt="osD^v"[number % 5],
            color=colours[number],
            markersize=4,
            capsize=2,
            label=model,
        )
    n = part.groupby("value")["n"].max()
    axes.set_yticks(range(len(values)), [f"{value} (n = {n[value]})" for value in values])
    axes.set_ylim(len(values) - 0.5, -0.5)


def difficulty_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The display table of the figure: percent with intervals, over all runs and per model."""
    shown = rows.astype(object).where(rows.notna(), None)
    shown["accuracy"] = [_percent(row) for row in shown.to_dict("records")]
    shown["description"] = shown["description"].map(lambda name: TITLES.get(name, name))
    groups = shown.groupby(["description", "value"], sort=False)
    return pd.DataFrame(
        [
            {"description": description, "value": value, "problems": part["n"].max()}
            | dict(zip(part["runs"], part["accuracy"], strict=True))
            | {"note": next(filter(None, part["note"]), "")}
            for (description, value), part in groups
        ]
    )


def _percent(row: dict) -> str:
    """`as_text.percent`, also for a rate without an interval."""
    if row["estimate"] is None or row["low"] is not None:
        return as_text.percent(row)
    return f"{100 * row['estimate']:.1f}"


def runs_right(counted: pd.DataFrame) -> Figure:
    """Items by the number of runs that answer them right, and the number expected if runs were independent.

    Args:
        counted: from `tracelib.analysis.item_analysis.by_runs_right`.
    """
    figure, axes = plt.subplots(figsize=(7.5, 3), layout="constrained")
    plt.close(figure)
    places, colours = counted["runs_right"], sns.color_palette(n_colors=2)
    axes.bar(places - 0.2, counted["items"], 0.4, color=colours[0], label="observed")
    expected = counted["if_independent"].astype(float)
    axes.bar(
        places + 0.2, expected, 0.4, color=colours[1], hatch="//", label="expected if runs were independent"
    )
    axes.set(xlabel="runs that answer the item right", ylabel="items", xticks=places)
    axes.legend(frameon=False)
    return figure


def item_table(
    right: pd.DataFrame, described: pd.DataFrame, problems: Iterable[Problem] = (), caption: str = ""
) -> HTML:
    """All items as a table that readers sort, search, and filter by column, without any server.

    An item's id is a link to it in the book's explorer.

    An earlier cell must call `itables.init_notebook_mode(connected=False)`.

    Args:
        right: from `tracelib.analysis.item_analysis.answers`.
        described: from `tracelib.analysis.item_analysis.describe`.
        problems: with problems, the table has their questions.
    """
    questions = {p.content: p.question for p in problems}
    table = item_analysis.listed(right, described)
    if questions:
        table["question"] = [_cut(questions.get(problem, "")) for problem in table["problem"]]
    # Links need HTML, so every text is escaped here and not by itables.
    shown = table.drop(columns="problem").rename(columns=escape)
    shown = shown.map(lambda value: escape(value) if isinstance(value, str) else value)
    shown["item"] = [f'<a href="{_in_explorer(item)}">{escape(item)}</a>' for item in table["item"]]
    made = to_html_datatable(
        shown,
        caption=escape(caption),
        connected=False,
        table_id="items",
        allow_html=True,
        columnControl=["order", "searchDropdown"],
        ordering={"indicators": False, "handler": False},
        css=TABLE_STYLE,
        maxBytes=0,
        maxColumns=0,
        pageLength=ROWS,
        classes="display compact dataframe",
        style="table-layout:auto;width:100%",
        display_logo_when_loading=False,
        showIndex=False,
    )
    return HTML(f'<div class="results">{made}</div>')


def _in_explorer(item: str) -> str:
    """The address of a CoTempQA item in the book's trace explorer, from a chapter."""
    return f"../book/explorer.html#item=cotempqa/{quote(item)}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " ... (cut)"
