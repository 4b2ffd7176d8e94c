"""The flow of the library as a picture: packages from top to bottom, an arc where one imports another."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from tracelib.reporting.figures import canvas

WIDEST = 4.0  # points, the arc of the most imports


def flow(packages: Sequence[str], imports: Mapping[tuple[str, str], int]) -> Figure:
    """Arcs from each package up to those that it imports, on the right of their names.

    Args:
        packages: in the order of the flow, drawn from top to bottom.
        imports: by (importer, imported), how many modules of the one import the other: the width of the arc.
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
    """What each package is, and how many modules it has."""
    rows = [
        {"package": name, "what it is": what, "modules": modules[name]} for name, what in packages.items()
    ]
    return pd.DataFrame(rows)
