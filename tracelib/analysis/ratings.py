"""The planned analysis of a study with people: ratings of kinds of trace, and trust in answers.

Each construct is analysed by itself. Holm's adjustment is over the constructs for the test of all kinds, and
within a construct over the pairs of kinds.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from tracelib.stats import detection, dominance, holm, ordinal, reliability

EFFECTS = ("problem", "question")
POINTS = 5  # of the scale, at least
DECIDED = (("right", "wrong"),)
BASELINE = "none"  # the arm of the trust part that others are compared with


def constructs(ratings: pd.DataFrame) -> list[str]:
    """What was measured, in order of first appearance."""
    return list(dict.fromkeys(ratings["measures"]))


def kinds(ratings: pd.DataFrame) -> list[str]:
    """The kinds of trace, in order of their names."""
    return sorted(ratings["kind"].unique())


def _each(
    rows: pd.DataFrame, by: str, names: Sequence[str], function: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """A table for each value of a column, one below the other, with a first column that holds the value."""
    parts = [function(rows[rows[by] == name]) for name in names]
    for name, part in zip(names, parts, strict=True):
        part.insert(0, by, name)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[by, "p"])


def _each_construct(ratings: pd.DataFrame, function: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    return _each(ratings, "measures", constructs(ratings), function)


def distributions(ratings: pd.DataFrame) -> pd.DataFrame:
    """`dominance.distributions` of each construct, with a column for each point of the scale."""
    found = _each_construct(ratings, dominance.distributions)
    points = range(1, max(POINTS, *ratings["rating"], 0) + 1)
    given = found.reindex(columns=points).fillna(0).astype(int)
    return pd.concat([found.drop(columns=points, errors="ignore"), given], axis=1)


def all_kinds(ratings: pd.DataFrame) -> pd.DataFrame:
    """`dominance.ranks` of each construct, with Holm's adjustment over the constructs."""
    return holm.adjusted(_each_construct(ratings, lambda own: pd.DataFrame([dominance.ranks(own)])))


def pairs(ratings: pd.DataFrame) -> pd.DataFrame:
    """`dominance.dominance` of each pair of kinds, with Holm's adjustment in a construct."""
    chosen = list(combinations(kinds(ratings), 2))
    found = _each_construct(ratings, lambda own: dominance.dominance(own, chosen))
    return holm.adjusted(found, by="measures")


def odds_ratios(ratings: pd.DataFrame, length: bool = False) -> pd.DataFrame:
    """`ordinal.odds_ratios` of each pair of kinds, with Holm's adjustment in a construct.

    Args:
        length: whether the logarithm of the trace's number of words is a covariate.
    """
    chosen = list(combinations(kinds(ratings), 2))
    rows = ratings.assign(log_words=np.log(ratings["words"].clip(lower=1)))
    covariates = ("log_words",) if length else ()
    found = _each_construct(rows, lambda own: ordinal.odds_ratios(own, chosen, EFFECTS, covariates))
    return holm.adjusted(found, by="measures")


def agreement(ratings: pd.DataFrame) -> pd.DataFrame:
    """Alpha and omega of each construct's questions, over all kinds.

    Returns:
        columns measures, questions, coefficient (alpha or omega), and those of an estimate.
    """
    rows = []
    for name in constructs(ratings):
        own = ratings[ratings["measures"] == name]
        scores = own.pivot(index=["participant", "page"], columns="question", values="rating")
        people = scores.index.get_level_values("participant").to_series()
        for coefficient, row in reliability.reliability(scores, people).items():
            rows.append({"measures": name, "questions": scores.shape[1], "coefficient": coefficient, **row})
    return pd.DataFrame(rows)


# --- Trust ------------------------------------------------------------------------------------


def arms(decisions: pd.DataFrame) -> list[str]:
    """What stood beside the answers; nothing, if there was such an arm, comes first."""
    return sorted(decisions["arm"].unique(), key=lambda arm: (arm != BASELINE, arm))


def acceptance(decisions: pd.DataFrame) -> pd.DataFrame:
    """`detection.rates` of each arm."""
    return detection.rates(decisions, arms(decisions))


def sensitivity(decisions: pd.DataFrame) -> pd.DataFrame:
    """`detection.sensitivity` of each arm, compared with the first."""
    if decisions.empty:
        return pd.DataFrame()
    return detection.sensitivity(decisions, arms(decisions))


def calibration(decisions: pd.DataFrame) -> pd.DataFrame:
    """Is confidence higher in right decisions than in wrong ones? Cliff's delta in each arm.

    Returns:
        `dominance.dominance` of right against wrong decisions, with a column arm.
    """
    known = decisions.dropna(subset=["confidence"])
    right = known["accepted"] == known["answer_right"]
    rated = known.assign(kind=right.map({True: "right", False: "wrong"}), rating=known["confidence"])
    return _each(rated, "arm", arms(known), lambda own: dominance.dominance(own, DECIDED))
