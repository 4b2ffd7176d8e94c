"""Figures of estimates with intervals, and loss curves: white background, colour-blind safe colours."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracelib.datasets.registry import dataset
from tracelib.reporting import palette
from tracelib.scoring.outcomes import pooled
from tracelib.stats import association

sns.set_theme(style="whitegrid", palette="colorblind", font_scale=0.95)
mpl.rcParams.update(
    {"figure.dpi": 120, "figure.facecolor": "white", "savefig.facecolor": "white", "svg.hashsalt": "tracelib"}
)


def canvas(height: float) -> tuple[Figure, Axes]:
    """A figure of the page's width; a notebook shows it once, as a cell's value."""
    figure, axes = plt.subplots(figsize=(7.5, height), layout="constrained")
    plt.close(figure)
    return figure, axes


def intervals(
    rows: pd.DataFrame,
    y: str,
    hue: str,
    xlabel: str,
    zero: bool = False,
    unit: float = 100,
    limits: tuple[float, float] = (-2, 102),
) -> Figure:
    """Points with intervals, one line per value of `y`, side by side for the values of `hue`.

    Args:
        rows: columns `y`, `hue`, estimate, low, high; a row without an estimate is skipped.
        zero: whether to draw a line at zero, for differences.
        unit: what the numbers are multiplied by: 100 shows fractions in percent.
        limits: the ends of the axis if no line is drawn at zero.
    """
    rows = rows[rows["estimate"].notna()]
    labels, hues = list(dict.fromkeys(rows[y])), list(dict.fromkeys(rows[hue]))
    figure, axes = canvas(height=0.8 + 0.24 * len(labels) * (len(hues) + 1))
    markers = "osD^v"
    for number, (name, colour) in enumerate(zip(hues, palette.colours(hues), strict=True)):
        part = rows[rows[hue] == name]
        offset = (number - (len(hues) - 1) / 2) * 0.8 / max(len(hues), 1)
        places = [labels.index(label) + offset for label in part[y]]
        axes.errorbar(
            unit * part["estimate"],
            places,
            xerr=unit * lengths(part),
            fmt=markers[number % len(markers)],
            color=colour,
            capsize=3,
            label=name,
        )
    if zero:
        axes.axvline(0, color="black", linewidth=1)
    else:
        axes.set_xlim(*limits)  # the whole scale
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlabel(xlabel)
    if len(hues) > 1:
        fits_one_line = sum(map(len, map(str, hues))) < 50
        figure.legend(loc="outside upper left", ncols=len(hues) if fits_one_line else 1, frameon=False)
    return figure


def joint_and_conditional(counts: pd.DataFrame) -> Figure:
    """The joint rate of right trace and right answer, and the accuracy given a right and a wrong trace.

    Shown are the models that were trained on correct traces, with all categories pooled.

    Args:
        counts: counts under one metric (`tracelib.scoring.outcomes.counts`).
    """
    names = {
        "joint": "trace and answer right, of all",
        "given_right": "answer right, of right traces",
        "given_wrong": "answer right, of wrong traces",
    }
    table = pooled(counts)
    table = table[table["condition"] == "correct"]
    rows = []
    for row in table.itertuples():
        rates = association.joint_and_conditional(row)
        rows += [{"model": row.model, "rate": names[kind], **rate} for kind, rate in rates.items()]
    return intervals(pd.DataFrame(rows), "model", "rate", "percent")


def two_checks(checks: dict[str, pd.Series]) -> Figure:
    """The four cells of trace x answer in one run, as parts of a bar: one bar per check of the traces.

    Above each bar: how many percent of all outputs, and of the right traces, have both right.

    Args:
        checks: a row of counts (`tracelib.scoring.outcomes.counts`) per name of a check.
    """
    parts = {
        "trace_right_answer_right": "both right",
        "trace_right_answer_wrong": "trace alone right",
        "trace_wrong_answer_right": "answer alone right",
        "trace_wrong_answer_wrong": "neither",
    }
    figure, axes = canvas(height=0.9 + 0.62 * len(checks))
    left = [0] * len(checks)
    colours = [*sns.color_palette(n_colors=3), (0.85, 0.85, 0.85)]
    for (cell, name), colour in zip(parts.items(), colours, strict=True):
        widths = [int(row[cell]) for row in checks.values()]
        bars = axes.barh(range(len(checks)), widths, left=left, color=colour, label=name, height=0.5)
        axes.bar_label(
            bars, [width if width > sum(left) / 90 + 12 else "" for width in widths], label_type="center"
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, row in enumerate(checks.values()):
        both = int(row["trace_right_answer_right"])
        right = both + int(row["trace_right_answer_wrong"])
        everything = sum(int(row[cell]) for cell in parts)
        rates = f"both right: {both / everything:.0%} of all, {both / max(right, 1):.0%} of the right traces"
        axes.text(0, place - 0.3, rates, va="bottom", fontsize="small")
    axes.set_yticks(range(len(checks)), checks)
    axes.set_ylim(len(checks) - 0.7, -0.75)
    axes.set_xlim(0, max(left))
    axes.set_xlabel("test problems")
    axes.grid(visible=False)
    figure.legend(loc="outside upper left", ncols=len(parts), frameon=False)
    return figure


def stated_and_computed(accuracies: pd.DataFrame, matrices: pd.DataFrame) -> Figure:
    """Numbers stated by the release against numbers from its outputs, in percent; the line is equality.

    Args:
        accuracies, matrices: from `tracelib.paper.reproduction`; rows that cannot be checked are left out.
    """
    figure, axes = plt.subplots(figsize=(5.2, 5.2), layout="constrained")
    plt.close(figure)
    checked = matrices[matrices["computed"].notna()]
    points = {"accuracy": (accuracies["accuracy"], accuracies["ours"], palette.GREY)}
    for name, part in checked.astype({"stated": float, "computed": float}).groupby("dataset"):
        stated, computed = (100 * part[column] / part["n"] for column in ("stated", "computed"))
        points[f"{dataset(name).title}, confusion matrix"] = (stated, computed, palette.OF_DATASETS[name])
    axes.axline((0, 0), slope=1, color="black", linewidth=1)
    for (name, (stated, ours, colour)), marker in zip(points.items(), "osDv", strict=False):
        axes.scatter(stated, ours, marker=marker, s=22, alpha=0.7, color=colour, label=name)
    axes.set(xlabel="stated by the release, percent", ylabel="from its outputs, percent")
    axes.legend(frameon=False)
    return figure


def specification_curve(curve: pd.DataFrame, choices: dict[str, tuple]) -> Figure:
    """Every specification's difference with its interval, sorted; below it, its choices.

    Args:
        curve: rows of `tracelib.paper.specifications.curve` for one run; a row without an estimate is left
            out.
        choices: the possible choices of each axis, the release's choice first; a row of marks per choice.
    """
    rows = curve[curve["estimate"].notna()].sort_values("estimate", kind="stable")
    labels = [(axis, choice) for axis, values in choices.items() for choice in values]
    figure, (top, bottom) = plt.subplots(
        2,
        1,
        sharex=True,
        figsize=(7.5, 2.8 + 0.2 * len(labels)),
        height_ratios=(2.4, 0.2 * len(labels)),
        layout="constrained",
    )
    plt.close(figure)
    places = range(len(rows))
    top.errorbar(
        places, 100 * rows["estimate"], yerr=100 * lengths(rows), fmt="o", markersize=2.5, linewidth=0.6
    )
    top.axhline(0, color="black", linewidth=1)
    top.set_ylabel("answer right, given a right\nminus a wrong trace (points)")
    for height, (axis, choice) in enumerate(labels):
        chosen = [place for place, value in zip(places, rows[axis], strict=True) if value == choice]
        bottom.plot(chosen, [height] * len(chosen), "|", color=f"C{list(choices).index(axis)}", markersize=6)
    bottom.set_yticks(range(len(labels)), [f"{axis.replace('_', ' ')}: {choice}" for axis, choice in labels])
    bottom.invert_yaxis()
    bottom.grid(visible=False)
    bottom.set_xlabel("specifications, sorted by their difference")
    bottom.set_xticks([])
    return figure


def lengths(part: pd.DataFrame):
    """How far intervals reach below and above their estimates: shape (2, rows), for matplotlib's error bars.

    Both are 0 for a row without an interval.
    """
    part = part[["estimate", "low", "high"]].astype(float)
    part = part.fillna({"low": part["estimate"], "high": part["estimate"]})
    below, above = part["estimate"] - part["low"], part["high"] - part["estimate"]
    return pd.concat([below, above], axis=1).clip(lower=0).to_numpy(dtype=float).T


def losses(curves: dict[str, pd.DataFrame]) -> Figure:
    """Training loss against step, a line per run (columns step, loss)."""
    figure, axes = canvas(height=3.2)
    styles = ("-", "--", ":", "-.")
    for number, (name, curve) in enumerate(curves.items()):
        axes.plot(curve["step"], curve["loss"], styles[number % len(styles)], label=name)
    axes.set(xlabel="optimiser step", ylabel="loss (nats per completion token)")
    axes.set_ylim(bottom=0)
    if len(curves) > 1:
        axes.legend(frameon=False)
    return figure
