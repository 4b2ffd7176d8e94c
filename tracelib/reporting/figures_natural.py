"""Figures of what traces of each kind look like."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from tracelib.reporting import palette
from tracelib.reporting.figures import lengths
from tracelib.reporting.figures_effects import MARKERS


def panels(rows: pd.DataFrame, y: str, panel: str, labels: Mapping[str, str], columns: int = 3) -> Figure:
    """Points with intervals, a line per value of `y`; each value of `panel` has its own panel and scale.

    Args:
        rows: columns `y`, `panel`, estimate, low, high; a row without an estimate has no point.
        labels: the value of each panel, in order -> the label of its axis.
    """
    names = list(dict.fromkeys(rows[y]))
    lines = -(-len(labels) // columns)
    size = (2.5 * columns + 1.2, lines * (0.9 + 0.2 * len(names)))
    figure, grid = plt.subplots(
        lines, columns, sharey=True, squeeze=False, figsize=size, layout="constrained"
    )
    plt.close(figure)
    for axes, (name, label) in zip(grid.flat, labels.items(), strict=False):
        part = rows[(rows[panel] == name) & rows["estimate"].notna()]
        places = [names.index(value) for value in part[y]]
        axes.errorbar(part["estimate"], places, xerr=lengths(part), fmt="o", markersize=4, capsize=2)
        axes.set_xlabel(label, fontsize="small")
        axes.tick_params(axis="x", labelsize="small")
    for axes in list(grid.flat)[len(labels) :]:
        axes.set_visible(False)
    grid[0][0].set_yticks(range(len(names)), names, fontsize="small")
    grid[0][0].invert_yaxis()
    return figure


def trade_off(rows: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    """Accuracy against measures of the traces trained on: a panel per measure, intervals on both axes.

    Args:
        rows: from `tracelib.paper.natural_compared.trade_off`.
        labels: measure -> the label of its axis.
    """
    figure, grid = plt.subplots(
        1, len(labels), sharey=True, squeeze=False, figsize=(7.5, 3.9), layout="constrained"
    )
    plt.close(figure)
    kinds, models = (list(dict.fromkeys(rows[name])) for name in ("kind", "model"))
    colours = dict(zip(kinds, palette.colours(kinds), strict=True))
    for axes, (measure, label) in zip(grid[0], labels.items(), strict=True):
        part = rows[(rows["measure"] == measure) & rows["estimate"].notna()]
        for (model, kind), points in part.groupby(["model", "kind"], sort=False):
            value = points[["value", "value_low", "value_high"]].set_axis(["estimate", "low", "high"], axis=1)
            axes.errorbar(
                value["estimate"],
                100 * points["estimate"],
                xerr=lengths(value),
                yerr=100 * lengths(points),
                fmt=MARKERS[models.index(model)],
                color=colours[kind],
                capsize=2,
                markersize=5,
                linewidth=0.8,
            )
        axes.set_xlabel(label)
    grid[0][0].set_ylabel("percent of answers right")
    handles = [
        plt.Line2D([], [], marker="s", linestyle="", color=colours[kind], label=kind) for kind in kinds
    ]
    handles += [
        plt.Line2D([], [], marker=MARKERS[place], linestyle="", color="grey", label=model)
        for place, model in enumerate(models)
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=2, frameon=False, fontsize="small")
    return figure
