"""Figures of effects over seeds: curves over doses, forest plots, heat maps."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from tracelib.reporting import palette
from tracelib.reporting.figures import canvas, lengths

MARKERS = "osD^vPX*<>hp"
IN_THE_AXES = 6  # how many names fit into a legend inside the axes


def curves(rows: pd.DataFrame, x: str, by: str, xlabel: str, ylabel: str) -> Figure:
    """Means with intervals against a dose, a line per value of `by`.

    Args:
        rows: columns `x`, `by`, estimate, low, high (shares); a row without an interval is only a point.
    """
    figure, axes = canvas(height=3.6)
    names = list(dict.fromkeys(rows[by]))
    for number, (name, colour) in enumerate(zip(names, palette.colours(names), strict=True)):
        part = rows[rows[by] == name].sort_values(x)
        axes.errorbar(
            part[x],
            100 * part["estimate"],
            yerr=100 * lengths(part),
            marker=MARKERS[number % len(MARKERS)],
            color=colour,
            capsize=3,
            label=name,
        )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_ylim(0, 102)
    if len(names) > IN_THE_AXES:
        figure.legend(loc="outside right upper", frameon=False)
    elif len(names) > 1:
        axes.legend(frameon=False)
    return figure


def forest(rows: pd.DataFrame, y: str, panel: str, xlabel: str, one_scale: bool = True) -> Figure:
    """Differences with intervals around zero: a line per value of `y`, a panel per value of `panel`.

    Args:
        rows: columns `y`, `panel`, estimate, low, high (fractions, shown in points).
        one_scale: whether all panels have the same axis, as they should if they measure the same thing.
    """
    labels, panels = list(dict.fromkeys(rows[y])), list(dict.fromkeys(rows[panel])) or [""]
    size = (7.5, 1.3 + 0.26 * len(labels))
    figure, grid = plt.subplots(
        1, len(panels), sharex=one_scale, sharey=True, squeeze=False, figsize=size, layout="constrained"
    )
    plt.close(figure)
    for axes, name, colour in zip(grid[0], panels, sns.color_palette(n_colors=len(panels)), strict=True):
        part = rows[(rows[panel] == name) & rows["estimate"].notna()]
        own = palette.of_lines(labels, otherwise=colour)
        for label, line in part.groupby(y, sort=False):
            axes.errorbar(
                100 * line["estimate"].astype(float),
                [labels.index(label)] * len(line),
                xerr=100 * lengths(line),
                fmt="o",
                color=own[label],
                capsize=3,
            )
        axes.axvline(0, color="black", linewidth=1)
        axes.set_title(name, fontsize="medium")
    for axes in grid[0]:
        left, right = axes.get_xlim()
        axes.set_xlim(max(left, -105), min(right, 105))  # a difference of two rates is at most 100
    grid[0][0].set_yticks(range(len(labels)), labels)
    grid[0][0].invert_yaxis()
    figure.supxlabel(xlabel, fontsize="medium")
    return figure


def heat(rows: pd.DataFrame, y: str, x: str, label: str) -> Figure:
    """A cell per `y` and `x`: its estimate (a share) in percent, as a number and as a shade."""
    table = 100 * rows.pivot(index=y, columns=x, values="estimate").astype(float)
    table = table.reindex(index=list(dict.fromkeys(rows[y])), columns=list(dict.fromkeys(rows[x])))
    figure, axes = canvas(height=1.9 + 0.26 * len(table))
    sns.heatmap(
        table,
        ax=axes,
        vmin=0,
        vmax=100,
        cmap="cividis",
        annot=True,
        fmt=".0f",
        annot_kws={"size": 8},
        linewidths=0.5,
        cbar_kws={"label": label},
    )
    axes.set(xlabel="", ylabel="")
    axes.set_xticklabels(axes.get_xticklabels(), rotation=40, ha="right")
    axes.set_yticklabels(axes.get_yticklabels(), rotation=0)
    return figure
