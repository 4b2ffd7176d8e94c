"""Figures of ratings: diverging stacked bars, and curves of power."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from tracelib.core.frames import where
from tracelib.reporting import figures

LOWEST, HIGHEST = "lowest", "highest"
SHOWN = 0.06  # least share that is written into its bar
DARK = 0.5  # luminance below which a bar's number is white


def levels(distributions: pd.DataFrame) -> list[int]:
    """The ratings of a table of distributions: its columns that are numbers."""
    return sorted(name for name in distributions if isinstance(name, int | np.integer))


def shares(distributions: pd.DataFrame) -> pd.DataFrame:
    """The share of each rating in each row."""
    counts = distributions[levels(distributions)]
    return counts.div(counts.sum(axis=1), axis=0)


def diverging(
    distributions: pd.DataFrame,
    labels: Mapping[str, str] | None = None,
    anchors: Mapping[str, tuple[str, ...]] | None = None,
    source: str = "",
) -> Figure | None:
    """Diverging stacked bars: a panel per construct, a bar per kind; the middle rating is centred on zero.

    Kinds stand in the order of their mean rating. The mean is written on the right. None without ratings.

    Args:
        distributions: from `tracelib.analysis.ratings.distributions`.
        labels: construct or kind -> its name in the figure.
        anchors: construct -> the words for its ratings, from the lowest.
        source: whose ratings these are, written above the figure.
    """
    if distributions.empty:
        return None
    labels, anchors = labels or {}, anchors or {}
    constructs = list(dict.fromkeys(distributions["measures"]))
    bars = [len(where(distributions, measures=name)) for name in constructs]
    figure, axes = plt.subplots(
        len(constructs),
        figsize=(7.5, sum(0.42 * number + 1.3 for number in bars)),
        height_ratios=[number + 1.5 for number in bars],
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    plt.close(figure)  # a notebook shows it once, as a cell's value
    for panel, name in zip(axes[:, 0], constructs, strict=True):
        own = where(distributions, measures=name).sort_values("estimate", ascending=False)
        _bars(panel, own, levels(distributions), anchors.get(name, ()), labels)
        panel.set_title(labels.get(name, name), loc="left", fontsize="medium", pad=24)
    figure.suptitle(source, x=0.98, ha="right", fontsize="small", style="italic")
    axes[-1, 0].set_xlabel("percent of answers, left and right of the middle rating")
    return figure


def _bars(
    axes: Axes, rows: pd.DataFrame, ratings: list[int], anchors: tuple[str, ...], labels: Mapping[str, str]
) -> None:
    parts = shares(rows)[ratings].to_numpy() if len(rows) else np.empty((0, len(ratings)))
    ends = np.cumsum(parts, axis=1)
    starts = ends - parts
    centre = (starts[:, len(ratings) // 2] + ends[:, (len(ratings) - 1) // 2]) / 2
    for number, colour in enumerate(_colours(len(ratings))):
        name = anchors[number] if number < len(anchors) else _point(ratings[number], ratings)
        widths = 100 * parts[:, number]
        bars = axes.barh(
            range(len(rows)),
            widths,
            left=100 * (starts[:, number] - centre),
            color=colour,
            label=name,
            height=0.7,
        )
        written = [f"{width:.0f}" if width >= 100 * SHOWN else "" for width in widths]
        dark = np.dot(colour, (0.3, 0.59, 0.11)) < DARK
        axes.bar_label(
            bars, written, label_type="center", fontsize="small", color="white" if dark else "black"
        )
    for place, row in enumerate(rows.to_dict("records")):
        text = f"{row['estimate']:.2f}"
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize="small")
    axes.axvline(0, color="black", linewidth=0.8, zorder=0)
    axes.use_sticky_edges = False
    axes.margins(x=0.02)
    axes.set_yticks(range(len(rows)), [labels.get(kind, kind) for kind in rows["kind"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    axes.grid(visible=False, axis="y")
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(ratings), frameon=False, fontsize="small",
        handlelength=1, columnspacing=1,
    )  # fmt: skip


def _colours(number: int) -> list[tuple]:
    """Colours from orange to purple; a middle one is grey, as white would not be seen."""
    colours = sns.color_palette("PuOr", number).as_hex()
    if number % 2:
        colours[number // 2] = "#d9d9d9"
    return [to_rgb(colour) for colour in colours]


def _point(rating: int, ratings: list[int]) -> str:
    ends = {ratings[0]: f"{rating} ({LOWEST})", ratings[-1]: f"{rating} ({HIGHEST})"}
    return ends.get(rating, str(rating))


def described(distributions: pd.DataFrame, labels: Mapping[str, str] | None = None) -> str:
    """`diverging` in words, for readers who cannot see it."""
    labels = labels or {}
    parts = shares(distributions)
    sentences = [
        "Diverging stacked bars, one per kind of trace, in percent from the lowest to the highest rating."
    ]
    for place, row in enumerate(distributions.to_dict("records")):
        each = ", ".join(f"{100 * share:.0f}" for share in parts.iloc[place])
        names = [labels.get(row[name], row[name]) for name in ("measures", "kind")]
        sentences.append(f"{names[0]}, {names[1]}: {each}; mean {row['estimate']:.2f}.")
    return " ".join(sentences)


def power(rates: pd.DataFrame, people: int | None = None) -> Figure:
    """Curves of power: a panel per design, a line per odds ratio, with intervals.

    Args:
        rates: columns within, people, odds_ratio, points, estimate, low, high (fractions).
        people: a number of participants to mark.
    """
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.6), sharey=True, layout="constrained")
    plt.close(figure)
    ratios = sorted(rates["odds_ratio"].unique())
    colours = sns.color_palette(n_colors=len(ratios))
    for panel, (within, title) in zip(axes, DESIGNS.items(), strict=True):
        for ratio, colour, marker in zip(ratios, colours, "osD^vPX", strict=False):
            own = where(rates, within=within, odds_ratio=ratio).sort_values("people")
            panel.errorbar(
                own["people"],
                100 * own["estimate"],
                yerr=100 * figures.lengths(own),
                fmt=f"{marker}-",
                color=colour,
                markersize=4,
                capsize=2,
                label=_ratio(ratio, own),
            )
        panel.axhline(80, color="black", linewidth=0.8, linestyle=":")
        if people:
            panel.axvline(people, color="grey", linewidth=0.8)
        panel.set_title(title, loc="left", fontsize="medium")
        panel.set_xlabel("participants")
    axes[0].set_ylim(0, 102)
    axes[0].set_ylabel("percent of simulated studies\nthat find the difference")
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize="small",
    )
    return figure


DESIGNS = {True: "everybody rates all kinds", False: "everybody rates one kind"}  # within -> in words


def _ratio(ratio: float, rows: pd.DataFrame) -> str:
    if ratio == 1:
        return "no difference"
    points = f" ({rows['points'].iloc[0]:.2f} points)" if len(rows) else ""
    return f"odds ratio {ratio:g}{points}"
