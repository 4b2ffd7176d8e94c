"""Display tables of `tracelib.analysis.power`."""

from collections.abc import Iterator

import pandas as pd

from tracelib.core.frames import where
from tracelib.reporting.figures_ratings import DESIGNS
from tracelib.stats.as_text import decimal, percent


def _groups(rates: pd.DataFrame, by: str) -> Iterator[tuple[tuple[bool, float], pd.DataFrame]]:
    """The cells of each design and value of a column, in the order of `DESIGNS`."""
    for within in DESIGNS:
        for value, part in where(rates, within=within).groupby(by, sort=True):
            yield (within, value), part


def grid(rates: pd.DataFrame) -> pd.DataFrame:
    """A row per design and odds ratio, a column per number of participants: power in percent."""
    rows = []
    for (within, ratio), part in _groups(rates, "odds_ratio"):
        by_people = {f"{row['people']} people": percent(row) for row in part.to_dict("records")}
        points = decimal(part["points"].iloc[0])
        rows.append({"design": DESIGNS[within], "odds ratio": f"{ratio:g}", "points": points} | by_people)
    return pd.DataFrame(rows)


def fewest(rates: pd.DataFrame, enough: float) -> str:
    """The fewest participants in these cells with this power, or ``more than`` the most that were tried."""
    reached = rates.loc[rates["estimate"] >= enough, "people"]
    return str(reached.min()) if len(reached) else f"more than {rates['people'].max()}"


def needed(single: pd.DataFrame, of_many: pd.DataFrame, enough: float) -> pd.DataFrame:
    """A row per odds ratio and design: the fewest participants that are enough.

    Args:
        single, of_many: power of a single comparison, and of one of many after Bonferroni's correction.
    """
    rows = []
    for within, design in DESIGNS.items():
        for ratio in sorted(set(single["odds_ratio"]) - {1.0}):
            own, first = (where(table, within=within, odds_ratio=ratio) for table in (single, of_many))
            rows.append(
                {
                    "design": design,
                    "odds ratio": f"{ratio:g}",
                    "points": decimal(own["points"].iloc[0]),
                    "one planned comparison": fewest(own, enough),
                    "one of all pairs, Bonferroni": fewest(first, enough),
                }
            )
    return pd.DataFrame(rows)


def several(rates: pd.DataFrame) -> pd.DataFrame:
    """A row per design and number of participants, a column per number of questions: power in percent."""
    rows = []
    for (within, people), part in _groups(rates, "people"):
        by_questions = {_questions(row["questions"]): percent(row) for row in part.to_dict("records")}
        rows.append({"design": DESIGNS[within], "people": people} | by_questions)
    return pd.DataFrame(rows)


def _questions(number: int) -> str:
    return "one question" if number == 1 else f"{number} questions"


def checked(rates: pd.DataFrame) -> pd.DataFrame:
    """A row per cell: what was put in and found, and how often intervals hold the truth."""
    return pd.DataFrame(
        {
            "design": rates["within"].map(DESIGNS),
            "people": rates["people"],
            "log odds ratio": [decimal(value) for value in rates["truth"]],
            "mean estimate": [decimal(value) for value in rates["log_odds"]],
            "its spread": [decimal(value) for value in rates["log_odds_sd"]],
            "intervals that hold it, %": [percent(row) for row in rates.to_dict("records")],
        }
    )


def described(rates: pd.DataFrame) -> str:
    """The curves of power in words, for readers who cannot see them."""
    sentences = ["Curves of power against the number of participants, a panel per design."]
    for (within, ratio), part in _groups(rates, "odds_ratio"):
        values = ", ".join(f"{row['people']}: {100 * row['estimate']:.0f}" for row in part.to_dict("records"))
        sentences.append(
            f"{DESIGNS[within].capitalize()}, odds ratio {ratio:g}, percent by people: {values}."
        )
    return " ".join(sentences)
