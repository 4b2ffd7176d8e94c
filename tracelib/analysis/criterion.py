"""The plan's criterion for a twin: a difference between conditions needs room in both directions."""

from collections.abc import Mapping

import pandas as pd

from tracelib.analysis import effects

BEFORE, LOW, HIGH = 0.25, 0.3, 0.95  # at most before training; at least and at most after it
JUDGED = ("vanilla", "correct")


def judged(outcomes: pd.DataFrame, setting: str, before: float) -> dict:
    """Whether the criterion holds in a setting, for the mean over seeds.

    Args:
        outcomes: of trained models.
        before: the share of right answers before training.

    Returns:
        setting, holds, seeds (how many there are), and by condition of `JUDGED` how many seeds lie within.
    """
    shares = effects.rates(outcomes, "answer_correct")[setting].reindex(columns=list(JUDGED))
    within = {name: int(shares[name].between(LOW, HIGH).sum()) for name in JUDGED}
    holds = bool(shares.mean().between(LOW, HIGH).all()) and before <= BEFORE
    return {"setting": setting, "holds": holds, "seeds": len(shares), **within}


def in_words(found: Mapping) -> str:
    """What `judged` found, for a sentence."""
    inside = ", ".join(f"{name} {found[name]} of {found['seeds']}" for name in JUDGED)
    verdict = "holds" if found["holds"] else "does not hold"
    return f"{found['setting']}: {verdict} on average (in seeds: {inside})"
