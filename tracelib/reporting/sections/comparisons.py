"""The section that compares conditions on the items that both have."""

import pandas as pd

from tracelib.analysis.comparison import POINTS, cochran, compare_conditions, pairs_present
from tracelib.reporting import tables, writing
from tracelib.reporting.document import Section, first_rows
from tracelib.reporting.tables import seeds_as_text
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import RUN
from tracelib.stats.paired import POWER

TWO_RUNS = 'Two runs, for instance two models, are compared by "tracelib compare A B".'


def compared(outcomes: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Every pair of conditions of the same model and seed, by the dataset's primary metric."""
    part = _by_content(outcomes, dataset)
    return compare_conditions(part, primary(dataset), pairs_present(part))


def _by_content(outcomes: pd.DataFrame, dataset: str) -> pd.DataFrame:
    part = outcomes[outcomes["dataset"] == dataset].sort_values(["model", "seed"], kind="stable")
    return part.assign(item=part["problem"] + " " + part["item"])


def section(outcomes: pd.DataFrame, by_dataset: dict[str, pd.DataFrame]) -> Section:
    """Tables for each dataset. `by_dataset` has the result of `compared` for each."""
    prose = [
        "Conditions are compared on the items that both have, for each model and seed, by the primary metric "
        "of the dataset. Two items are the same if they have the same id and the same content (question, "
        "facts, gold answers). The difference is the first accuracy minus the second, in points.",
        "A large p does not show that two conditions are equal. The test of equivalence can show it: a small "
        f"p means that the difference is less than {POINTS} in either direction. This margin is fixed and "
        "does not depend on the outputs. The smallest margin is the margin within which the two conditions "
        "would just be equivalent. Detectable is the smallest true difference that the test of a difference "
        f"would find with {100 * POWER:.0f}% power. Both are in points.",
    ]
    if clashing := _clashing(outcomes):
        ids = f"Ids that stand for different problems in different runs: {clashing:,}."
        prose.append(f"{ids} Such items are not paired.")
    if outcomes.duplicated([*RUN, "problem"]).any():
        prose.append(
            "Some problems repeat. These tests take the items as independent: where problems repeat, the "
            "intervals are too narrow and the p-values too small."
        )
    found = []
    for dataset, pairs in by_dataset.items():
        name = writing.shown(dataset)
        if pairs.empty:
            prose.append(f"{name}: no model has two conditions to compare. {TWO_RUNS}")
            continue
        differences, equivalent = _comparison_rows(pairs, dataset)
        part = _by_content(outcomes, dataset)
        found.append(first_rows(f"{name}: pairs of conditions", differences))
        found.append(first_rows(f"{name}: are they equivalent within {POINTS}?", equivalent))
        found.append(first_rows(f"{name}: all conditions of a model at once", _cochran_rows(part, dataset)))
    return Section("Conditions compared on the same items", prose, found)


def _clashing(outcomes: pd.DataFrame) -> int:
    return int((outcomes.groupby(["dataset", "item"])["problem"].nunique() > 1).sum())


def _comparison_rows(pairs: pd.DataFrame, dataset: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables that fit a page: differences, and the tests of equivalence."""
    shown = tables.equivalence_table(pairs.assign(metric=primary(dataset)))
    shown = _with_seeds(shown, pairs).drop(columns=["dataset", "metric"])
    equivalent = ["p, equivalence", "smallest margin", "detectable"]
    label = shown.columns[: shown.columns.get_loc("comparison") + 1].tolist()
    return shown.drop(columns=equivalent), shown[[*label, *equivalent]]


def _cochran_rows(part: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Cochran's Q for models with three conditions or more; for two, McNemar's test says the same."""
    several = part.groupby(["model", "seed"], dropna=False)["condition"].transform("nunique") > 2
    found = cochran(part[several], primary(dataset), list(dict.fromkeys(part["condition"])))
    if found.empty:
        return found
    return _with_seeds(tables.cochran_table(found.assign(metric=primary(dataset))), found)


def _with_seeds(shown: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``seed`` after ``model``, if any row has a seed."""
    if rows["seed"].notna().any():
        shown.insert(shown.columns.get_loc("model") + 1, "seed", seeds_as_text(rows)["seed"].to_numpy())
    return shown
