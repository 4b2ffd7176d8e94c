"""The forest plot of `tracelib.paper.synthesis` (rows by source, then combined estimates), also in words."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from tracelib.paper.synthesis import DATASETS, SETS, SOURCES
from tracelib.reporting import figures

MARKERS = "osD^v"
HERE = "trained here, outside the average"  # the source of rows that are not about the paper's models
COMBINED = "combined"
NOTHING = "none"
LINE = 0.23  # inches per line
STEP = 5  # points between ticks


def label(row: dict) -> str:
    """A row's short name: model, dataset, metric."""
    runs = f", {row['runs']} runs" if row["runs"] > 1 else ""
    return f"{row['model'].removesuffix('-Instruct')}, {DATASETS[row['dataset']]} ({row['metric']}{runs})"


def forest(rows: pd.DataFrame, pooled: dict[str, dict], first: str, second: str) -> Figure:
    """Differences by source; combined estimates are diamonds, their prediction intervals are thin bars.

    Rows that are not combined are hollow. The estimates stand on the right, in points.

    Args:
        rows: from `tracelib.paper.synthesis.rows`; further rows have the source `HERE`.
        pooled: from `tracelib.paper.synthesis.combined`.
    """
    sources = (*SOURCES, HERE)
    present = [source for source in sources if source in set(rows["source"])]
    lines = len(rows) + len(present) + 2 * len(pooled) + 1
    figure, axes = plt.subplots(figsize=(7.5, 0.9 + LINE * lines), layout="constrained")
    plt.close(figure)
    names = []
    for source, colour, marker in zip(sources, sns.color_palette("colorblind"), MARKERS, strict=False):
        part = rows[rows["source"] == source].to_dict("records")
        names += [source] if part else []
        for row in part:
            _interval(axes, len(names), row, colour, marker)
            names.append(label(row))
    names.append(COMBINED)
    for name, found in pooled.items():
        _diamond(axes, len(names), found)
        names += [_named(name, found), "prediction interval"]
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(range(len(names)), names, fontsize=8.5)
    for tick, name in zip(axes.get_yticklabels(), names, strict=True):
        tick.set_fontweight("bold" if name in (*present, COMBINED) else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MultipleLocator(STEP))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"accuracy under {first} minus {second}, points")
    return figure


def _interval(axes: Axes, place: int, row: dict, colour: tuple, marker: str) -> None:
    axes.errorbar(
        [100 * row["estimate"]],
        [place],
        xerr=100 * figures.lengths(pd.DataFrame([row])),
        fmt=marker,
        color=colour,
        markerfacecolor=colour if row["combined"] else "white",
        markersize=5,
        capsize=2,
    )
    _written(axes, place, row)


def _diamond(axes: Axes, place: int, found: dict) -> None:
    """Draw a combined estimate, and its prediction interval on the next line."""
    low, middle, high = (100 * found[name] for name in ("low", "estimate", "high"))
    axes.fill([low, middle, high, middle], [place, place - 0.35, place, place + 0.35], color="black")
    _written(axes, place, found)
    ends = {name: found[f"predicted_{name}"] for name in ("low", "high")}
    if ends["low"] is not None:
        axes.plot([100 * end for end in ends.values()], [place + 1] * 2, "|-", color="black", linewidth=1.2)
        _written(axes, place + 1, ends)


def _written(axes: Axes, place: int, row: dict) -> None:
    text = f"[{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    text = f"{100 * row['estimate']:.1f} {text}" if "estimate" in row else text
    axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def described(rows: pd.DataFrame, pooled: dict[str, dict], first: str, second: str) -> str:
    """The figure of `forest` in words, for readers who cannot see it."""
    parts = [f"Forest plot, {first} minus {second} in points, {len(rows)} rows."]
    for source, part in rows.groupby("source", sort=False):
        above, below = (part["low"] > 0).sum(), (part["high"] < 0).sum()
        low, high = 100 * part["estimate"].min(), 100 * part["estimate"].max()
        parts.append(
            f"{source[0].upper()}{source[1:]}: {len(part)} rows from {low:.1f} to {high:.1f}; "
            f"{above} of the intervals wholly above zero, {below} wholly below."
        )
    for name, found in pooled.items():
        ends = [found[key] for key in ("estimate", "low", "high", "predicted_low", "predicted_high")]
        numbers = [NOTHING if end is None else f"{100 * end:.1f}" for end in ends]
        parts.append(
            "Diamond, {}: {}, from {} to {}; bar below it, the prediction interval: {} to {}.".format(
                _named(name, found), *numbers
            )
        )
    return " ".join(parts)


def _named(name: str, found: dict) -> str:
    return f"{SETS[name]}, {found['n']} cells"


def listed(rows: pd.DataFrame) -> str:
    """Differences in points, in words, for the alt text of a plot.

    Args:
        rows: from `tracelib.analysis.comparison.compare_conditions`, with columns row, pair and metric.
    """
    return " ".join(
        f"{row.row}, {row.pair}, {row.metric}: {100 * row.estimate:.1f}, "
        f"from {100 * row.low:.1f} to {100 * row.high:.1f}."
        for row in rows.itertuples()
    )
