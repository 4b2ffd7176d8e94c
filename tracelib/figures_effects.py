"""Figures of effects over seeds: one point per run, and curves over doses with intervals."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from tracelib.figures import _canvas

MARKERS = "osD^vPX*<>hp"


def scatter(table: pd.DataFrame, x: str, y: str, xlabel: str, ylabel: str, by: str = "condition") -> Figure:
    """A point per row, a colour and a marker per value of `by`; both axes are shares, shown in percent."""
    figure, axes = _canvas(height=4.4)
    names = list(dict.fromkeys(table[by]))
    for number, (name, colour) in enumerate(zip(names, sns.color_palette(n_colors=len(names)), strict=True)):
        part = table[table[by] == name]
        axes.scatter(
            100 * part[x], 100 * part[y], color=colour, marker=MARKERS[number % len(MARKERS)], label=name
        )
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(-3, 103), ylim=(-3, 103))
    figure.legend(loc="outside right upper", frameon=False)
    return figure


def curves(rows: pd.DataFrame, x: str, by: str, xlabel: str, ylabel: str, log: bool = False) -> Figure:
    """Means with intervals against a dose, a line per value of `by`.

    Args:
        rows: columns `x`, `by`, estimate, low, high (shares; without an interval the point alone).
        log: a logarithmic axis for `x`.
    """
    figure, axes = _canvas(height=3.6)
    names = list(dict.fromkeys(rows[by]))
    for number, (name, colour) in enumerate(zip(names, sns.color_palette(n_colors=len(names)), strict=True)):
        part = rows[rows[by] == name].sort_values(x).astype({"low": float, "high": float})
        low, high = part["low"].fillna(part["estimate"]), part["high"].fillna(part["estimate"])
        axes.errorbar(
            part[x],
            100 * part["estimate"],
            yerr=100 * pd.concat([part["estimate"] - low, high - part["estimate"]], axis=1).clip(lower=0).T,
            marker=MARKERS[number % len(MARKERS)],
            color=colour,
            capsize=3,
            label=name,
        )
    if log:
        axes.set_xscale("log", base=2)
        axes.set_xticks(sorted(set(rows[x])), [f"{value:g}" for value in sorted(set(rows[x]))])
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_ylim(0, 102)
    if len(names) > 1:
        axes.legend(frameon=False)
    return figure
