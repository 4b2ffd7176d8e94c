"""One self-contained report on anybody's outputs: tables, tests, a figure, texts, as HTML or Markdown.

What it says is put together once, as sections (`tracelib.reporting.document`), and written in either form.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib import __version__
from tracelib.analysis import item_analysis, legible, trace_answer
from tracelib.analysis.comparison import POINTS, cochran, compare_conditions, pairs_present
from tracelib.core.files import InputError, sha256, write_text
from tracelib.datasets.dataset import Dataset
from tracelib.datasets.registry import DATASETS
from tracelib.reporting import accuracy, citing, document, figure_rates, flips, tables, writing
from tracelib.reporting.citing import Made
from tracelib.reporting.document import Section, Table
from tracelib.reporting.flips import Texts
from tracelib.reporting.tables import seeds_as_text
from tracelib.reporting.writing import text_of
from tracelib.scoring import run_names
from tracelib.scoring.columns import meaning
from tracelib.scoring.metrics import names as metric_names
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import RUN, counts, metrics_in, pooled
from tracelib.stats import as_text, bootstrap
from tracelib.stats.paired import ALPHA, POWER
from tracelib.stats.proportions import wilson

TITLE = "Model outputs, checked step by step"
MOST_RUNS, MOST_CATEGORIES, MOST_PAIRS = 200, 100, 1000  # in one report; nobody could read more
MOST_ROWS = 1000  # of one table
MOST_REASONS = 20  # that are listed
NOTHING_KNOWN = Made()
TWO_RUNS = 'Two runs, for instance two models, are compared by "tracelib compare A B".'

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
        "Mantel and Haenszel (1959); whether it is the same in all: Breslow and Day (1980) with Tarone's "
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
# Columns of `tables.rates_table`, in two tables that fit a page; the joint rate stands in one of its own.
CONDITIONAL = ("P(A | T right)", "P(A | T wrong)", "P(T | A right)")
CONTRASTS = ("difference", "ratio", "odds ratio", "phi", "chi-square (p)")


# --- Where it goes ----------------------------------------------------------------------------


def checked(path: Path, inputs: Iterable[Path] = ()) -> Path:
    """The path of a report, or an `InputError` if none can be written there; to be asked before reading."""
    return writing.checked(path, list(RENDERERS), "a report", inputs)


def write(path: Path, parts: Sequence[Section], title: str = TITLE) -> None:
    """Write a report in the format that the name asks for, whole or not at all."""
    path = checked(path)
    write_text(path, RENDERERS[path.suffix.lower()](title, parts))


# --- What it says -----------------------------------------------------------------------------


def sections(
    outcomes: pd.DataFrame,
    files: Sequence[Path] = (),
    left_out: Sequence[InputError] | None = None,
    texts: Texts | None = None,
    made: Made = NOTHING_KNOWN,
    notes: Sequence[str] = (),
) -> list[Section]:
    """All of a report; the same outcomes, files and texts, made in the same way, give the same one.

    Args:
        outcomes: at least one, as `tracelib.scoring.outcomes.score` gives them.
        files: what they were read from.
        left_out: errors of the lines that a lenient reading left out; None if it was strict.
        texts: gives the outputs of some rows, for the items that flip; without it they have no texts.
        made: by which command, when, by which commit.
        notes: what to know before reading the figures.
    """
    _check_size(outcomes)
    by_metric = {metric: seeds_as_text(counts(outcomes, metric)) for metric in metrics_in(outcomes)}
    datasets = list(dict.fromkeys(name for table in by_metric.values() for name in table["dataset"]))
    compared = {dataset: _compared(outcomes, dataset) for dataset in datasets}
    return [
        _in_short(outcomes, compared),
        _read(outcomes, files, left_out, notes),
        _accuracy(outcomes, by_metric),
        _association(outcomes),
        _comparisons(outcomes, compared),
        _items(outcomes, datasets),
        _flips(outcomes, datasets, texts),
        _reading(outcomes, list(by_metric)),
        _for_a_paper(outcomes, list(by_metric), compared, made),
    ]


def _in_short(outcomes: pd.DataFrame, compared: dict[str, pd.DataFrame]) -> Section:
    whole = _whole(outcomes)
    prose = []
    for dataset, runs in whole.groupby("dataset", sort=False):
        prose.append(f"{writing.shown(dataset)}: {' '.join(_headline(runs, compared[dataset]))}")
    return Section("In short", prose, figures=[figure_rates.draw(whole)])


def _headline(runs: pd.DataFrame, compared: pd.DataFrame) -> list[str]:
    """What the runs of a dataset come to, in sentences without names."""
    metric, several = runs["metric"].iloc[0], len(runs) > 1
    rates = figure_rates.rates(runs)
    subject = f"In {len(runs):,} runs" if several else f"Of {_several(int(runs['n'].iloc[0]), 'output')}"
    sentences = [f"{subject} the answer is right in {_range(rates, 'answer')} percent (metric {metric})."]
    traced = rates[rates["rate"] == figure_rates.RATES["joint"]]
    if len(traced):
        where = f" in {_several(len(traced), 'run')} with traces" if several else ""
        sentences.append(
            f"Trace and answer are both right{where} in {_range(rates, 'joint')} percent of all outputs; the "
            f"answer is right in {_range(rates, 'given_right')} percent of those with a right trace and in "
            f"{_range(rates, 'given_wrong')} percent of those with a wrong one."
        )
    if len(compared):
        differ = int((compared["p_holm"].astype(float) < ALPHA).sum())
        same = int((compared["p_equivalence"].astype(float) < ALPHA).sum())
        sentences.append(
            f"Of {_several(len(compared), 'pair')} of conditions {differ:,} {_verb(differ)} in accuracy (5%, "
            f"Holm); {same:,} {'is' if same == 1 else 'are'} equivalent within {POINTS}."
        )
    return sentences


def _verb(count: int) -> str:
    return "differs" if count == 1 else "differ"


def _range(rates: pd.DataFrame, rate: str) -> str:
    """The rate of one run with its interval, or the lowest and the highest of several."""
    known = rates[(rates["rate"] == figure_rates.RATES[rate]) & rates["estimate"].notna()]
    if known.empty:
        return "–"
    ordered = known.sort_values("estimate", kind="stable").to_dict("records")
    ends = [as_text.percent(row) for row in (ordered[0], ordered[-1])]
    return ends[0] if len(ordered) == 1 else f"{ends[0]} to {ends[1]}"


def _check_size(outcomes: pd.DataFrame) -> None:
    conditions = outcomes.groupby(["dataset", "model", "seed"], dropna=False)["condition"].nunique()
    sizes = {
        "runs (distinct model, condition and seed)": (outcomes.groupby(RUN, dropna=False).ngroups, MOST_RUNS),
        "categories": (outcomes["category"].nunique(), MOST_CATEGORIES),
        "pairs of conditions": (sum(count * (count - 1) // 2 for count in conditions), MOST_PAIRS),
    }
    for what, (found, most) in sizes.items():
        if found > most:
            raise InputError(f"{found:,} {what}, expected at most {most:,} in a report")


def _several(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _read(
    outcomes: pd.DataFrame,
    files: Sequence[Path],
    left_out: Sequence[InputError] | None,
    notes: Sequence[str],
) -> Section:
    runs = _runs(outcomes)
    prose = [
        f"tracelib {__version__} read {_several(len(outcomes), 'output')} of {_several(len(runs), 'run')} (a "
        "run: a dataset, model, condition and seed) on "
        f"{_several(outcomes['problem'].nunique(), 'distinct problem')}.",
        _repeats(int(runs["repeated"].sum())),
    ]
    if left_out is None:
        prose.append("Every line was read; a line that could not be read would have ended the audit.")
    else:
        prose.append(f"{_several(len(left_out), 'line')} could not be read and {_was(left_out)} left out.")
    reasons = pd.DataFrame({"where, and what was wrong": [text_of(error) for error in left_out or ()]})
    return Section(
        "What was read",
        [*prose, *map(writing.spelled_out, notes)],
        [
            _first("Files", pd.DataFrame([_file(path) for path in files])),
            Table("Runs", runs),
            Table(legible.CAPTION, legible.found(outcomes)),
            _first("Lines left out", reasons, MOST_REASONS),
        ],
    )


def _was(found: Sequence) -> str:
    return "was" if len(found) == 1 else "were"


def _repeats(again: int) -> str:
    if not again:
        return "No run answers a problem twice."
    return (
        f"{_several(again, 'output')} repeat a problem that their run had answered before (the same "
        "question, facts and gold answers). Intervals that take the items as independent are too narrow "
        "then; those from a bootstrap of whole problems stand beside them."
    )


def _file(path: Path) -> dict:
    """A file by size and content; there is nothing to say about what can be read only once."""
    known = Path(path).is_file()
    size = f"{Path(path).stat().st_size:,}" if known else None
    return {"file": text_of(path), "bytes": size, "SHA-256": sha256(path) if known else None}


def _runs(outcomes: pd.DataFrame) -> pd.DataFrame:
    distinct = _whole(outcomes.drop_duplicates([*RUN, "problem"]))["n"]
    rows = []
    for row, problems in zip(_whole(outcomes).itertuples(), distinct, strict=True):
        sizes = {"outputs": row.n, "distinct problems": problems, "repeated": row.n - problems}
        rows.append({**run_names.label(row), **sizes, "without a trace": row.unparsed})
    return pd.DataFrame(rows)


def _whole(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every run over all categories, under its dataset's primary metric."""
    found = [counts(part, primary(dataset)) for dataset, part in outcomes.groupby("dataset", sort=False)]
    return seeds_as_text(pooled(pd.concat(found, ignore_index=True)))


def _first(caption: str, rows: pd.DataFrame, most: int = MOST_ROWS) -> Table:
    """A table of bounded length that says how many rows there are."""
    if len(rows) <= most:
        return Table(caption, rows)
    return Table(f"{caption}; the first {most:,} of {len(rows):,} rows", rows.head(most))


def _accuracy(outcomes: pd.DataFrame, by_metric: dict[str, pd.DataFrame]) -> Section:
    prose = [
        "Share of outputs whose answer is right, under every metric that applies, and whose steps are: the "
        "category named, the facts retrieved, the whole trace (both). A step that is missing counts as "
        "wrong. Percent with 95% intervals; n is the number of outputs. The steps do not depend on the "
        "metric, so they stand in the first table of a dataset only. They are shares of the outputs whose "
        "trace was judged: of problems that say facts, supporting facts and category."
    ]
    if "corrected" in by_metric:
        prose.append(
            f"{accuracy.NOT_STRICT.capitalize()}: answers that metric corrected takes as right because the "
            "gold answers stand in them, though what was answered is not exactly the gold answers. Among "
            "them can be an answer that says more than the gold one, or its opposite."
        )
    official = [name for name in outcomes["dataset"].unique() if "official" in metric_names(name)]
    if without := int(outcomes.loc[outcomes["dataset"].isin(official), "answer_official"].isna().sum()):
        prose.append(f"{_several(without, 'output')} without triple_element: no verdict by metric official.")
    found = []
    for metric, table in by_metric.items():
        shown = accuracy.table(outcomes, table)
        if metric not in {primary(dataset) for dataset in table["dataset"]}:
            of_steps = ["category step", "retrieval step", "whole trace", "unparsed", tables.NOT_JUDGED]
            shown = shown.drop(columns=of_steps, errors="ignore")
        found.append(_first(f"Metric {metric}: percent [95% Wilson interval]", shown))
        clustered = _clustered(outcomes, metric)
        caption = f"Metric {metric}, where problems repeat: percent [95% interval], whole problems drawn"
        found.append(_first(caption, _clustered_accuracy(clustered)))
    return Section("Accuracy of answers and steps", prose, found)


def _clustered(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """`bootstrap.cells` of the runs that answer some problem twice, a run at a time to bound memory."""
    known = outcomes[outcomes[f"answer_{metric}"].notna()]
    again = known.assign(again=known.duplicated([*RUN, "problem"])).groupby(RUN, dropna=False)["again"]
    repeating = known[again.transform("any")]
    runs = [bootstrap.cells(part, metric) for _, part in repeating.groupby(RUN, dropna=False, sort=False)]
    return seeds_as_text(pd.concat(runs)) if runs else pd.DataFrame()


def _clustered_accuracy(clustered: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the runs and categories in which problems repeat, both intervals side by side."""
    if clustered.empty:
        return clustered
    repeated = clustered[(clustered["rate"] == "accuracy") & (clustered["clusters"] < clustered["n"])]
    rows = []
    for row in repeated.to_dict("records"):
        rows.append(
            {
                **run_names.label(pd.Series(row)),
                "category": row["category"],
                "n": row["n"],
                "problems": row["clusters"],
                "items as independent (Wilson)": as_text.percent(
                    wilson(round(row["estimate"] * row["n"]), row["n"])
                ),
                "whole problems (bootstrap)": as_text.percent(row),
                "note": row["note"],
            }
        )
    return pd.DataFrame(rows)


def _association(outcomes: pd.DataFrame) -> Section:
    prose = [
        "T: the whole trace is right, both steps. A: the answer is right. T+A- is the number of outputs "
        "whose trace is right and whose answer is wrong, and so on. A trace that could not be parsed "
        "counts as wrong.",
        "The joint rate P(T and A) is a share of all outputs. The conditional rates are shares of some of "
        "them: P(A | T right) of the outputs whose trace is right, P(A | T wrong) of those whose trace is "
        "wrong, P(T | A right) of those whose answer is right. A joint rate is small wherever right traces "
        "or right answers are rare, however closely the two go together; only the conditional rates say "
        "that. Difference and ratio are of P(A | T right) to P(A | T wrong).",
    ]
    judged = outcomes[outcomes["parsed"].notna()]
    if unjudged := len(outcomes) - len(judged):
        prose.append(
            f"{_several(unjudged, 'output')} left out: their problems do not say all of facts, supporting "
            "facts and category, so their traces were not judged."
        )
    has_traces = judged.groupby(RUN, dropna=False)["parsed"].transform("any").astype(bool)
    without = judged[~has_traces].groupby(RUN, dropna=False).ngroups
    if without:
        prose.append(
            f"{_several(without, 'run')} without a trace that could be parsed, left out: there is nothing to "
            "condition on."
        )
    traced = judged[has_traces]
    found = []
    for metric in metrics_in(traced):
        found += _association_tables(traced, seeds_as_text(counts(traced, metric)), metric)
    return Section("Trace and answer together", prose, found)


def _association_tables(traced: pd.DataFrame, table: pd.DataFrame, metric: str) -> list[Table]:
    whole = pooled(table)
    cells = tables.association_table(whole)
    cells = cells[[name for name in cells if name not in (*CONDITIONAL, "difference")]]
    contrasts = _contrasts(whole)
    return [
        _first(f"Metric {metric}: cells, and the joint rate (percent of all outputs)", cells),
        _first(f"Metric {metric}: conditional rates (percent)", contrasts.drop(columns=[*CONTRASTS, "note"])),
        _first(f"Metric {metric}: how the first two differ", contrasts.drop(columns=list(CONDITIONAL))),
        _first(f"Metric {metric}: one odds ratio over the categories", _over_categories(table)),
        _first(
            f"Metric {metric}, where problems repeat: joint and conditional rates, whole problems drawn",
            _clustered_rates(_clustered(traced, metric)),
        ),
    ]


def _contrasts(whole: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for _, part in trace_answer.rates(whole).groupby(RUN, dropna=False, sort=False):
        (shown,) = tables.rates_table(part).to_dict("records")
        label = run_names.label(part.iloc[0])
        rates = {name: shown[name] for name in (*CONDITIONAL, *CONTRASTS)}
        rows.append({**label, **rates, "note": _notes(part["quantity"], part["note"])})
    return pd.DataFrame(rows)


def _notes(quantities: Iterable[str], notes: Iterable[str]) -> str:
    """Every note once, with what it is about."""
    about: dict[str, list[str]] = {}
    for quantity, note in zip(quantities, notes, strict=True):
        if note:
            about.setdefault(note, []).append(quantity.replace("_", " "))
    return "; ".join(f"{', '.join(names)}: {note}" for note, names in about.items())


def _over_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Runs with several categories; of one there is nothing to pool."""
    strata = table[table["category"] != "all"].groupby(RUN, dropna=False)["category"].transform("size")
    several = table.loc[strata.index[strata > 1]]
    if several.empty:
        return pd.DataFrame()
    shown = []
    for seed, part in trace_answer.by_category(several).groupby("seed", dropna=False, sort=False):
        one_seed = tables.stratified_table(part).drop(columns="metric")
        if not pd.isna(seed):
            one_seed.insert(3, "seed", seed)
        shown.append(one_seed)
    return pd.concat(shown)


def _clustered_rates(clustered: pd.DataFrame) -> pd.DataFrame:
    if clustered.empty:
        return clustered
    names = {
        "joint": "P(T and A)",
        "given_right": "P(A | T right)",
        "given_wrong": "P(A | T wrong)",
        "difference": "difference",
    }
    whole = clustered[(clustered["category"] == "all") & clustered["rate"].isin(list(names))]
    rows = []
    for _, part in whole.groupby(RUN, dropna=False, sort=False):
        found = part.set_index("rate").to_dict("index")
        rates = {shown: as_text.percent(found[rate]) for rate, shown in names.items()}
        sizes = {"n": found["joint"]["n"], "problems": found["joint"]["clusters"]}
        notes = {"note": _notes(part["rate"], part["note"])}
        rows.append({**run_names.label(part.iloc[0]), **sizes, **rates, **notes})
    return pd.DataFrame(rows)


def _compared(outcomes: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Every pair of conditions of a model and seed, under the primary metric of the dataset."""
    part = _by_content(outcomes, dataset)
    return compare_conditions(part, primary(dataset), pairs_present(part))


def _by_content(outcomes: pd.DataFrame, dataset: str) -> pd.DataFrame:
    part = outcomes[outcomes["dataset"] == dataset].sort_values(["model", "seed"], kind="stable")
    return part.assign(item=part["problem"] + " " + part["item"])


def _comparisons(outcomes: pd.DataFrame, by_dataset: dict[str, pd.DataFrame]) -> Section:
    prose = [
        "Conditions compared on the items that both have, per model and seed, under the primary metric of "
        "the dataset. An item is the same if its id and its content (question, facts, gold answers) are. "
        "The difference is that of the two accuracies, first minus second, in points.",
        "A large p is no evidence that two conditions are equal. For that there is the test of equivalence "
        f"within {POINTS}, fixed here and not by what was found: a small p says that the difference is "
        "smaller than that, either way. The smallest margin is the one within which the two would just be "
        "equivalent; detectable is the smallest true difference that the test of a difference would find "
        f"with {100 * POWER:.0f}% power, both in points.",
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
    for dataset, compared in by_dataset.items():
        if compared.empty:
            prose.append(f"{writing.shown(dataset)}: no model has two conditions to compare. {TWO_RUNS}")
            continue
        differences, equivalent = _comparison_rows(compared, dataset)
        part = _by_content(outcomes, dataset)
        name = writing.shown(dataset)
        found.append(_first(f"{name}: pairs of conditions", differences))
        found.append(_first(f"{name}: are they equivalent within {POINTS}?", equivalent))
        found.append(_first(f"{name}: all conditions of a model at once", _cochran_rows(part, dataset)))
    return Section("Conditions compared on the same items", prose, found)


def _clashing(outcomes: pd.DataFrame) -> int:
    return int((outcomes.groupby(["dataset", "item"])["problem"].nunique() > 1).sum())


def _comparison_rows(compared: pd.DataFrame, dataset: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables that fit a page: differences, and the tests of equivalence."""
    shown = tables.equivalence_table(compared.assign(metric=primary(dataset)))
    shown = _with_seeds(shown, compared).drop(columns=["dataset", "metric"])
    equivalent = ["p, equivalence", "smallest margin", "detectable"]
    label = shown.columns[: shown.columns.get_loc("comparison") + 1].tolist()
    return shown.drop(columns=equivalent), shown[[*label, *equivalent]]


def _cochran_rows(part: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Of the models with three conditions or more; for two, McNemar's test has said it."""
    several = part.groupby(["model", "seed"], dropna=False)["condition"].transform("nunique") > 2
    found = cochran(part[several], primary(dataset), list(dict.fromkeys(part["condition"])))
    if found.empty:
        return found
    return _with_seeds(tables.cochran_table(found.assign(metric=primary(dataset))), found)


def _with_seeds(shown: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A formatted table with the seeds of its rows, where there are any, after the model."""
    if rows["seed"].notna().any():
        shown.insert(shown.columns.get_loc("model") + 1, "seed", seeds_as_text(rows)["seed"].to_numpy())
    return shown


def _items(outcomes: pd.DataFrame, datasets: list[str]) -> Section:
    prose = [
        "Over the items that every run of the dataset (and seed) has, under the primary metric: how many all "
        "runs get right, how many none does, and how many flip, which means that some model gets them right "
        "under one condition and wrong under another."
    ]
    common, patterns, changes = [], [], []
    for dataset in datasets:
        part = outcomes[outcomes["dataset"] == dataset]
        for seed, runs in part.groupby("seed", dropna=False):
            label = {"dataset": dataset} | ({} if pd.isna(seed) else {"seed": str(seed)})
            right, left_out = item_analysis.answers(runs, primary(dataset))
            note = "" if len(right) else "no item that all runs have"
            size = {"runs": right.shape[1], "items": len(right), "left out, not in all": left_out}
            common.append({**label, **size, "note": note})
            patterns += [{**label, **row} for row in _pattern_rows(item_analysis.patterns(right))]
            changes += [{**label, **row} for row in item_analysis.flips(right).to_dict("records")]
    return Section(
        "Items",
        prose,
        [
            Table("Items that all runs have", pd.DataFrame(common)),
            Table(
                "Items by which runs get them right: percent [95% Wilson interval]", pd.DataFrame(patterns)
            ),
            _first("Answers that change from the first condition to the second", _change_rows(changes)),
        ],
    )


def _flips(outcomes: pd.DataFrame, datasets: list[str], texts: Texts | None) -> Section:
    found = [flip for dataset in datasets for flip in flips.found(outcomes, primary(dataset))]
    prose = [
        "Items that a model gets right under one condition and wrong under another, by the primary metric; "
        "the same id and content, and the same seed. They stand by model and by what changes."
    ]
    if texts is None:
        prose.append(f"{_several(len(found), 'item')}, named without their texts.")
        return Section("Items that flip", prose, [_first("Items that flip", flips.table(found))])
    folded = flips.folded(found, texts)
    prose += flips.said(found, folded)
    return Section("Items that flip", prose, folded=folded)


def _pattern_rows(pattern: pd.Series) -> list[dict]:
    found = pattern.value_counts()
    rows = [(name, int(found.get(name, 0))) for name in item_analysis.PATTERNS]
    return [
        {
            "pattern": name,
            "items": count,
            "of": len(pattern),
            "share": as_text.percent(wilson(count, len(pattern))),
        }
        for name, count in rows
    ]


def _change_rows(changes: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(changes).rename(columns=lambda name: name.replace("_", " "))


def _reading(outcomes: pd.DataFrame, metrics: list[str]) -> Section:
    seeds = outcomes.drop_duplicates(RUN).groupby(["dataset", "model", "condition"]).size().max()
    one_run = (
        "Each model and condition has one run. The intervals say how far its accuracy could differ on other "
        "items of the same kind; they say nothing about how far another run of the same training, with "
        "another seed, would differ. A difference between two such runs need not be one between the two "
        "ways of training."
    )
    runs = (
        "Runs that differ only in the seed are shown one by one. The intervals are over items, within a run; "
        "how far runs differ from each other has to be read from the rows side by side."
    )
    prose = [
        one_run if seeds == 1 else runs,
        "Steps and answer depend on each other by design: the answer of a problem is read off the facts that "
        "the trace has to retrieve, and the model writes the answer after its trace. That the two verdicts "
        "go together does not show that the model used its trace, and that they do not is no proof that "
        "it did not.",
        "A trace is right if it names the gold category and exactly the gold facts. A model that finds the "
        "answer in another way than the gold steps has a wrong trace here.",
        "The p-values of the section on trace and answer are not adjusted for their number. A dash stands "
        "for what is not defined; the note beside it says why.",
    ]
    means = pd.DataFrame([{"metric": name, "an answer is right if": _meaning(name)} for name in metrics])
    methods = pd.DataFrame(METHODS, columns=["what", "how"])
    return Section("How to read it", prose, [Table("Metrics", means), Table("Methods", methods)])


def _meaning(metric: str) -> str:
    """The datasets that have a metric, and when it takes an answer as right."""
    if metric == "official":
        return meaning(metric)
    having = [known for known in (*DATASETS, Dataset("", "datasets of one's own")) if metric in known.metrics]
    *first, last = [known.title or known.name for known in having]
    names = f"{', '.join(first)} and {last}" if first else last
    primary = ", primary" if metric in {known.metrics[0] for known in having} else ""
    return f"{names}{primary}: {meaning(metric)}"


def _for_a_paper(
    outcomes: pd.DataFrame, metrics: list[str], compared: dict[str, pd.DataFrame], made: Made
) -> Section:
    prose = [
        "Methods, to paste:",
        citing.methods(
            metrics,
            traces=bool(outcomes["parsed"].any()),
            compared=any(len(rows) for rows in compared.values()),
            repeats=bool(outcomes.duplicated([*RUN, "problem"]).any()),
        ),
        "To cite:",
        *citing.cite(made),
        *citing.how_made(made),
    ]
    return Section("For a paper", prose)


RENDERERS = {".html": document.as_html, ".htm": document.as_html, ".md": document.as_markdown}
