"""The ordinal fit on real answers with published results: the American National Election Study of 1996.

statsmodels ships the data. Faraway (2006, section 5.3) regresses the party of 944 respondents (Democrat,
Independent, Republican) on their household's income by R's polr. Here each respondent is a cluster of one. So
slope and cuts must be the same; the published error is the model's, ours is robust.
"""

import numpy as np
import pandas as pd
from statsmodels.datasets import anes96

from tracelib.stats import ordinal
from tracelib.stats.estimate import estimated
from tracelib.stats.proportions import Z

PARTIES = (0, 0, 1, 1, 1, 2, 2)  # of the seven answers, in order
THOUSANDS = (  # of dollars, the middle of each class of income; the last is open
    1.5, 4, 6, 8, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 16, 18.5, 21, 23.5, 27.5, 32.5, 37.5, 42.5, 47.5, 55,
    67.5, 82.5, 97.5, 115,
)  # fmt: skip
PUBLISHED = {
    "log odds of a step to the right, per thousand dollars": 0.013120,
    "its standard error": 0.001971,
    "cut between Democrat and Independent": 0.2091,
    "cut between Independent and Republican": 1.2916,
}


def compared() -> pd.DataFrame:
    """The published numbers beside ours.

    Returns:
        columns quantity, expected (as published), and those of an estimate; n are respondents. Only the slope
        has an interval.
    """
    data = anes96.load_pandas().data
    party = pd.Series(np.array(PARTIES)[data["PID"].astype(int)])
    income = np.array(THOUSANDS)[data["income"].astype(int) - 1]
    fit, _ = ordinal.fitted(party, income[:, None], pd.Series(range(len(data))))
    (slope,), error = fit.slopes.tolist(), float(fit.covariance[0, 0] ** 0.5)
    found = [(slope, slope - Z * error, slope + Z * error), (error, None, None)]
    found += [(-cut, None, None) for cut in fit.intercepts.tolist()]
    return pd.DataFrame(
        [
            {"quantity": quantity, "expected": expected} | estimated(*row, len(data), ordinal.GEE)
            for (quantity, expected), row in zip(PUBLISHED.items(), found, strict=True)
        ]
    )
