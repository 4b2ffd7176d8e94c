"""What the stated means of the human study imply without a single rating."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.core.frames import where
from tracelib.paper import published_means
from tracelib.paper.published_means import DECOMPOSED, INTERPRETABILITY, LOAD, PEOPLE, R1, SIZES
from tracelib.reporting import figures_means
from tracelib.stats import bounded
from tracelib.stats.as_text import NONE, decimal, p_value, percentage, plain

MEANS = {"r1": (INTERPRETABILITY, R1), "decomposed": (INTERPRETABILITY, DECOMPOSED), "load": (LOAD, R1)}
LEVEL = 0.05
AVERAGED = 5  # answers, where a rating is a person's average


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        means: every stated mean with its intervals (`published_means.means`).
        differences: the difference under each plausible design (`published_means.differences`).
        distributions: what each mean says of the ratings (`published_means.distributions`).
        possible: how many ratings can have each mean (`published_means.possible`).
    """

    numbers: dict[str, object]
    means: pd.DataFrame
    differences: pd.DataFrame
    distributions: pd.DataFrame
    possible: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts. They rest on the stated means alone, not on a work folder."""
    means, differences = published_means.means(), published_means.differences()
    distributions, possible = published_means.distributions(), published_means.possible()
    numbers = (
        {name: published_means.STATED[scale] for name, scale in MEANS.items()}
        | {"alt": figures_means.described(differences), "people": PEOPLE, "groups": SIZES[0]}
        | _differences(differences)
        | _ratings(distributions)
        | _load(means)
        | _possible(possible)
        | _exercise()
    )
    return Facts(numbers, means, differences, distributions, possible)


def _differences(found: pd.DataFrame) -> dict[str, object]:
    """How large the difference is, and in how many designs it is more than chance."""
    widest, guaranteed = (where(found, method=method) for method in (bounded.WIDEST, bounded.GUARANTEED))
    needed = published_means.people_needed()
    return {
        "gap": decimal(widest["estimate"].iloc[0]),
        "least-gap": decimal(published_means.least_difference()),
        "designs": len(widest),
        "clear": int((widest["p"] < LEVEL).sum()),
        "clear-ends": int((widest["p_ends"] < LEVEL).sum()),
        "clear-guaranteed": int((guaranteed["p"] < LEVEL).sum()),
        "p-widest": p_value(widest["p"].max()),
        "p-ends": f"{widest['p_ends'].max():.4f}",
        "p-ends-below": p_value(published_means.ends_below()),
        "p-guaranteed": p_value(guaranteed["p"].max()),
        "low-widest": decimal(widest["low"].min()),
        "high-widest": decimal(widest["high"].max()),
        "needed-different": needed[False],
        "needed-same": needed[True],
    }


def _ratings(distributions: pd.DataFrame) -> dict[str, object]:
    """What the two means on one scale say of the ratings themselves."""
    found = distributions.set_index(["scale", "kind"])
    tops = found.loc[[(INTERPRETABILITY, R1), (INTERPRETABILITY, DECOMPOSED)]]
    low, high = published_means.delta_range()
    low_averaged, high_averaged = published_means.delta_range(AVERAGED)
    return {
        "sd-r1": decimal(tops["sd"].iloc[0]),
        "sd-decomposed": decimal(tops["sd"].iloc[1]),
        "top-decomposed": percentage(tops["top_low"].iloc[1]),
        "top-r1": percentage(tops["top_high"].iloc[0]),
        "delta-low": decimal(low),
        "delta-high": decimal(high),
        "averaged": AVERAGED,
        "delta-low-averaged": decimal(low_averaged),
        "delta-high-averaged": decimal(high_averaged),
    }


def _load(means: pd.DataFrame) -> dict[str, object]:
    """The mean that is alone on its scale."""
    found = where(means, scale=LOAD, method=bounded.WIDEST)
    return {f"load-{row['n']}": plain(row) for row in found.to_dict("records")}


def _possible(possible: pd.DataFrame) -> dict[str, object]:
    """Of how many ratings the means can be."""
    sizes = [set(found) for found in possible["sizes"]]
    shared = sorted(set.intersection(*sizes))
    return {
        "impossible": sum(SIZES[0] not in found for found in sizes),
        "means": len(sizes),
        "step": decimal(1 / SIZES[0]),
        "smallest": shared[0] if shared else NONE,
    }


def _exercise() -> dict[str, object]:
    """Two other means, of as many people as took part."""
    pair = (4.3, 3.9, PEOPLE, False)
    return {
        "exercise-p": p_value(bounded.guaranteed_difference(*pair)["p"]),
        "exercise-widest": p_value(bounded.widest_difference(*pair)["p"]),
    }
