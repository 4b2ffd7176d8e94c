"""How far two judges agree, beyond what their habits alone would give."""

import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from tracelib.stats.estimate import Estimate, estimated, not_estimated


def kappa(first: pd.Series, second: pd.Series) -> Estimate:
    """Cohen's (1960) kappa of two judges' booleans on the same items, with its large-sample 95% interval.

    The interval is statsmodels', cut at -1 and 1. There is none if the judges always or never agree: its
    standard error is then zero. There is no kappa if a judge never varies.
    """
    n, method = len(first), "Cohen's kappa, large-sample interval"
    if min(first.nunique(), second.nunique()) < 2:
        return not_estimated(n, method, "a judge never varies, no kappa")
    both = pd.crosstab(first, second).reindex(index=[False, True], columns=[False, True], fill_value=0)
    found = cohens_kappa(both.to_numpy())
    agreeing = int((first == second).sum())
    if agreeing in (0, n):
        why = f"judges {'always' if agreeing else 'never'} agree, no interval of kappa"
        return estimated(float(found.kappa), None, None, n, method, why)
    low, high = max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))
    return estimated(float(found.kappa), low, high, n, method)
