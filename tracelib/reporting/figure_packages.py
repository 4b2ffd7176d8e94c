"""A picture of the library's flow: packages from top to bottom, an arc from each to the ones it imports."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from tracelib.reporting.figures import canvas

WIDEST = 4.0  # points, the arc of the most imports


def flow(packages: Sequence[str], imports: Mapping[tuple[str, str], int]) -> Figure:
    """The packages' names from top to bottom; arcs on their right lead up to imported packages.

    Args:
        packages: the names in the order of the flow.
        imports: the number of modules of the importer that import from the imported package, by (importer,
            imported); it sets the width of the arc.
    """
    figure, axes = canvas(height=0.42 * len(packages) + 0.4)
    place = {name: number for number, name in enumerate(packages)}
    colour = dict(zip(packages, sns.color_palette("colorblind", len(packages)), strict=True))
    most = max(imports.values())
    for (importer, imported), modules in imports.items():
        ends = (0, place[importer]), (0, place[imported])
        axes.add_patch(
            FancyArrowPatch(
                *ends,
                connectionstyle="arc3,rad=0.55",
                arrowstyle="-|>,head_length=4,head_width=2",
                linewidth=WIDEST * (modules / most) ** 0.5,
                color=colour[imported],
                alpha=0.65,
                shrinkA=3,
                shrinkB=3,
            )
        )
    for name, number in place.items():
        axes.text(-0.15, number, name, ha="right", va="center", fontweight="bold", color=colour[name])
    axes.set_xlim(-1.6, 0.3 * len(packages))
    axes.set_ylim(len(packages) - 0.5, -0.5)
    axes.axis("off")
    return figure


def table(packages: Mapping[str, str], modules: Mapping[str, int]) -> pd.DataFrame:
    """A row per package: what it is, and its number of modules."""
    rows = [
        {"package": name, "what it is": what, "modules": modules[name]} for name, what in packages.items()
    ]
    return pd.DataFrame(rows)
