"""The section on how to read a report: the limits of its figures, its metrics, its methods."""

import pandas as pd

from tracelib.analysis.comparison import POINTS
from tracelib.datasets.dataset import Dataset
from tracelib.datasets.registry import DATASETS
from tracelib.reporting.document import Section, Table
from tracelib.scoring.columns import meaning
from tracelib.scoring.outcomes import RUN
from tracelib.stats import bootstrap

METHODS = (
    ("a rate (accuracy, joint, conditional)", "Wilson score interval (Wilson 1927)"),
    (
        "the same where problems repeat",
        f"percentiles of {bootstrap.RESAMPLES:,} bootstrap samples of whole problems, within categories",
    ),
    ("difference of the two conditional rates", "Newcombe's hybrid score interval (1998, method 10)"),
    ("their ratio", "score interval of Miettinen and Nurminen (1985)"),
    (
        "odds ratio of trace and answer",
        "Woolf's logit interval (1955); with a zero cell one half is added to each cell",
    ),
    ("phi", "correlation of the two verdicts, interval on Fisher's z scale"),
    (
        "chi-square",
        "Pearson's test of independence, one degree of freedom, no continuity correction; where an "
        "expected count is below 5 the note has Fisher's exact p",
    ),
    (
        "one odds ratio over the categories",
        "Mantel and Haenszel (1959); test that it is the same in all: Breslow and Day (1980) with Tarone's "
        "correction",
    ),
    (
        "difference of two conditions on the same items",
        "interval of Bonett and Price (2012), exact McNemar test on the items that only one gets right",
    ),
    (
        "p (Holm)",
        "adjusted for all comparisons of the dataset: all models, seeds and pairs of conditions (Holm 1979)",
    ),
    (
        f"equivalence within {POINTS}",
        "two one-sided tests (Schuirmann 1987): the 90% interval lies within the margin; not adjusted",
    ),
    (
        "detectable difference",
        "power of McNemar's test (Connor 1987) at this n and this share of items that only one gets right",
    ),
    ("several conditions at once", "Cochran's Q (1950), Holm over the models and seeds of the dataset"),
)


def section(outcomes: pd.DataFrame, metrics: list[str]) -> Section:
    """Cautions, the meaning of each metric, and the method behind each figure."""
    seeds = outcomes.drop_duplicates(RUN).groupby(["dataset", "model", "condition"]).size().max()
    one_run = (
        "Each model and condition has one run. The intervals say how far its accuracy could differ on other "
        "items of the same kind; they say nothing about how far another run of the same training, with "
        "another seed, would differ. A difference between two such runs need not be a difference between "
        "the two ways of training."
    )
    runs = (
        "Runs that differ only in the seed have a row each. An interval is over the items of one run. To see "
        "how far runs differ from each other, compare their rows."
    )
    prose = [
        one_run if seeds == 1 else runs,
        "Steps and answer depend on each other by design: the answer of a problem is read off the facts that "
        "the trace has to retrieve, and the model writes the answer after its trace. If the two verdicts "
        "agree, this does not show that the model used its trace. If they disagree, this does not show that "
        "it did not use its trace.",
        "A trace is right if it names the gold category and exactly the gold facts. A model that finds the "
        "answer in another way than the gold steps has a wrong trace here.",
        "The p-values of the section on trace and answer are not adjusted for their number. A dash stands "
        "for a value that is not defined; the note beside it says why.",
    ]
    means = pd.DataFrame([{"metric": name, "an answer is right if": _meaning(name)} for name in metrics])
    methods = pd.DataFrame(METHODS, columns=["what", "how"])
    return Section("How to read it", prose, [Table("Metrics", means), Table("Methods", methods)])


def _meaning(metric: str) -> str:
    """The datasets that use a metric, and when the metric takes an answer as right."""
    if metric == "official":
        return meaning(metric)
    having = [known for known in (*DATASETS, Dataset("", "datasets of one's own")) if metric in known.metrics]
    *first, last = [known.title or known.name for known in having]
    names = f"{', '.join(first)} and {last}" if first else last
    primary = ", primary" if metric in {known.metrics[0] for known in having} else ""
    return f"{names}{primary}: {meaning(metric)}"
