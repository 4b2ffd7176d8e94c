"""Curves of the power of trainings, against the number of problems."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from tracelib.core.frames import where

MARKERS = "osD^vPX"


def power(rates: pd.DataFrame, enough: float) -> Figure:
    """A row of panels per margin, a column per spread between trainings, a line per number of trainings.

    Args:
        rates: from `tracelib.paper.settling.powers`.
        enough: the power at which a dotted line is drawn, as a share.
    """
    margins, spreads = (sorted(rates[name].unique()) for name in ("margin", "between"))
    shape = {"figsize": (7.5, 2.6 * len(margins) + 0.6), "sharex": True, "sharey": True, "squeeze": False}
    figure, axes = plt.subplots(len(margins), len(spreads), layout="constrained", **shape)
    plt.close(figure)  # a notebook shows it once, as a cell's value
    for panels, margin in zip(axes, margins, strict=True):
        for panel, between in zip(panels, spreads, strict=True):
            _lines(panel, where(rates, margin=margin, between=between))
            panel.axhline(100 * enough, color="black", linewidth=0.8, linestyle=":")
            title = f"margin {_points(margin)}, trainings spread by {_points(between)}"
            panel.set_title(title, loc="left", fontsize="small")
    _label(axes, sorted(rates["problems"].unique()))
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=4, frameon=False, fontsize="small")
    return figure


def _lines(panel: Axes, rates: pd.DataFrame) -> None:
    trainings = rates.sort_values("problems").groupby("trainings")
    for (number, own), colour, marker in zip(trainings, sns.color_palette(), MARKERS, strict=False):
        line = {"color": colour, "marker": marker, "markersize": 4, "label": f"{number} trainings"}
        panel.plot(own["problems"], 100 * own["estimate"], **line)


def _label(axes: np.ndarray, problems: list[int]) -> None:
    axes[0, 0].set_ylim(0, 102)
    axes[0, 0].set_xscale("log")
    axes[0, 0].set_xticks(problems, [f"{number:,}" for number in problems])
    axes[0, 0].xaxis.set_minor_formatter(NullFormatter())
    axes[0, 0].xaxis.set_tick_params(which="minor", length=0)
    for panel in axes[-1]:
        panel.set_xlabel("test problems")
    for panel in axes[:, 0]:
        panel.set_ylabel("percent of simulated\nstudies that show it")


def _points(share: float) -> str:
    return f"{100 * share:g} points"
