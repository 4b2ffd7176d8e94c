"""The plan's criterion for a twin: accuracies that leave room for a difference in both directions."""

from collections.abc import Mapping

import pandas as pd

from tracelib.analysis import effects

BEFORE, LOW, HIGH = 0.25, 0.3, 0.95  # highest accuracy before training; lowest and highest after it
JUDGED = ("vanilla", "correct")


def judged(outcomes: pd.DataFrame, setting: str, before: float) -> dict:
    """Whether the mean accuracies over seeds meet the criterion in a setting.

    Args:
        outcomes: of trained models.
        before: the share of right answers before training.

    Returns:
        setting, holds, seeds (their number), and for each condition of `JUDGED` the number of seeds that meet
        the criterion by themselves.
    """
    shares = effects.rates(outcomes, "answer_correct")[setting].reindex(columns=list(JUDGED))
    within = {name: int(shares[name].between(LOW, HIGH).sum()) for name in JUDGED}
    holds = bool(shares.mean().between(LOW, HIGH).all()) and before <= BEFORE
    return {"setting": setting, "holds": holds, "seeds": len(shares), **within}


def in_words(found: Mapping) -> str:
    """The result of `judged` as a phrase."""
    inside = ", ".join(f"{name} {found[name]} of {found['seeds']}" for name in JUDGED)
    verdict = "holds" if found["holds"] else "does not hold"
    return f"{found['setting']}: {verdict} on average (in seeds: {inside})"
