"""Compare the means of a measure in two groups that have the same items."""

import pandas as pd
from scipy.stats import wilcoxon

from tracelib.stats.bootstrap import ratio
from tracelib.stats.estimate import Estimate, noted

TEST = "Wilcoxon signed-rank test"


def mean_difference(first: pd.Series, second: pd.Series, seed: int = 0) -> Estimate:
    """Mean of `first` minus mean of `second` over the items that both have, aligned on the index.

    The interval is the bootstrap's, over items. The test is Wilcoxon's signed-rank test; items without a
    difference do not count in it, and if no item differs there is no test.

    Args:
        first, second: numbers indexed by item, each item at most once. Items with a missing number are left
            out.

    Returns:
        estimate, low, high (in the measure's unit), n (pairs), clusters (the same), p, method, note.
    """
    pairs = pd.concat([first, second], axis=1, join="inner").dropna().astype(float)
    differences = (pairs.iloc[:, 0] - pairs.iloc[:, 1]).to_numpy()
    row = ratio(differences, [1] * len(differences), range(len(differences)), seed=seed)
    tested = bool((differences != 0).any())
    p = float(wilcoxon(differences).pvalue) if tested else None
    note = noted(row["note"], "" if tested else "no item differs, no test")
    return row | {"p": p, "method": f"{row['method']}, {TEST}", "note": note}
