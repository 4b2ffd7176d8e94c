"""One self-contained report on anybody's outputs: the book's tables and tests, as HTML or Markdown.

What it says is put together once, as sections of prose and tables; two small renderers write it.
Names of models, conditions, files and items are other people's text: they stand in tables only,
escaped, bounded, and with characters that cannot be seen spelled out.
"""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib import __version__, items, joint, tables, terminal
from tracelib.comparison import MARGIN, cochran, compare_conditions, pairs_present
from tracelib.files import InputError, sha256, write_text
from tracelib.metrics import PRIMARY
from tracelib.outcomes import ALL_METRICS, RUN, counts, pooled
from tracelib.stats import bootstrap
from tracelib.stats.paired import POWER
from tracelib.stats.proportions import wilson

TITLE = "Model outputs, checked step by step"
MOST_RUNS, MOST_CATEGORIES, MOST_PAIRS = 200, 100, 1000  # in one report; nobody could read more
MOST_ROWS = 1000  # of one table
MOST_ITEMS, MOST_REASONS = 50, 20  # that are listed by name
LONGEST = 200  # characters of one cell with somebody's text
SHORT = 45  # characters up to which a cell stays on one line
POINTS = f"{100 * MARGIN:.0f} points"

METRIC_MEANS = {
    "corrected": "CoTempQA, primary: the answer names the gold answers and no other candidate; the "
    "official metric with its errors repaired",
    "official": "CoTempQA: the metric of the paper's release, as it is; only for outputs with triple_element",
    "strict": "CoTempQA: the listed answers are exactly the gold answers, as a set",
    "exact": "bAbI and MS MARCO, primary: the answer equals a gold answer, case and punctuation aside",
    "rouge": "MS MARCO: ROUGE-L of at least one half to the best reference",
}
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
CONDITIONAL = (  # columns of `tables.rates_table`; the joint rate stands in a table of its own
    "P(A | T right)",
    "P(A | T wrong)",
    "P(T | A right)",
    "difference",
    "ratio",
    "odds ratio",
    "phi",
    "chi-square (p)",
)


class Table(NamedTuple):
    """Rows under a caption."""

    caption: str
    rows: pd.DataFrame


class Section(NamedTuple):
    """A heading, paragraphs of plain text, then tables (those without rows are left out)."""

    title: str
    prose: Sequence[str]
    tables: Sequence[Table]


# --- Where it goes ----------------------------------------------------------------------------


def checked(path: Path, inputs: Iterable[Path] = ()) -> Path:
    """The path of a report, or an `InputError` if none can be written there; to be asked before reading."""
    path = Path(path)
    if path.suffix.lower() not in RENDERERS:
        raise InputError("not a name for a report, expected one that ends in .html, .htm or .md", path)
    if path.is_dir():
        raise InputError("is a folder, expected the name of a file", path)
    if path.exists() and any(path.samefile(given) for given in map(Path, inputs) if given.exists()):
        raise InputError("is one of the files to read, expected another name for the report", path)
    return path


def write(path: Path, parts: Sequence[Section]) -> None:
    """Write a report in the format that the name asks for, whole or not at all."""
    path = checked(path)
    write_text(path, RENDERERS[path.suffix.lower()](parts))


# --- What it says -----------------------------------------------------------------------------


def sections(
    outcomes: pd.DataFrame, files: Sequence[Path] = (), left_out: Sequence[InputError] | None = None
) -> list[Section]:
    """All of a report; the same outcomes and files give the same one.

    Args:
        outcomes: at least one, as `tracelib.outcomes.score` gives them.
        files: what they were read from.
        left_out: errors of the lines that a lenient reading left out; None if it was strict.
    """
    _check_size(outcomes)
    by_metric = {metric: _seeds_as_text(counts(outcomes, metric)) for metric in ALL_METRICS}
    by_metric = {metric: table for metric, table in by_metric.items() if len(table)}
    datasets = list(dict.fromkeys(name for table in by_metric.values() for name in table["dataset"]))
    return [
        _read(outcomes, files, left_out),
        _accuracy(outcomes, by_metric),
        _association(outcomes),
        _comparisons(outcomes, datasets),
        _items(outcomes, datasets),
        _reading(outcomes, list(by_metric)),
    ]


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


def _seeds_as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Where only some runs have a seed, pandas would make decimal numbers of them."""
    return table.assign(seed=[pd.NA if pd.isna(seed) else str(seed) for seed in table["seed"]])


def _several(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _read(outcomes: pd.DataFrame, files: Sequence[Path], left_out: Sequence[InputError] | None) -> Section:
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
    reasons = pd.DataFrame({"where, and what was wrong": [_text(error) for error in left_out or ()]})
    return Section(
        "What was read",
        prose,
        [
            _first("Files", pd.DataFrame([_file(path) for path in files])),
            Table("Runs", runs),
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
    return {"file": _text(path), "bytes": size, "SHA-256": sha256(path) if known else None}


def _text(value: object) -> str:
    """As UTF-8 can write it; the name of a file may hold bytes that are no text."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _runs(outcomes: pd.DataFrame) -> pd.DataFrame:
    distinct = _whole(outcomes.drop_duplicates([*RUN, "problem"]))["n"]
    rows = []
    for row, problems in zip(_whole(outcomes).itertuples(), distinct, strict=True):
        sizes = {"outputs": row.n, "distinct problems": problems, "repeated": row.n - problems}
        rows.append({**tables.run_label(row), **sizes, "without a trace": row.unparsed})
    return pd.DataFrame(rows)


def _whole(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every run over all categories, under its dataset's primary metric."""
    found = [counts(outcomes, metric) for metric in dict.fromkeys(PRIMARY.values())]
    return _seeds_as_text(pooled(pd.concat(table for table in found if len(table))))


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
        "metric, so they stand in the first table of a dataset only."
    ]
    if without := int(outcomes.loc[outcomes["dataset"] == "cotempqa", "answer_official"].isna().sum()):
        prose.append(f"{_several(without, 'output')} without triple_element: no verdict by metric official.")
    found = []
    for metric, table in by_metric.items():
        shown = tables.accuracy_table(table)
        if metric not in PRIMARY.values():
            shown = shown.drop(columns=["category step", "retrieval step", "whole trace", "unparsed"])
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
    return _seeds_as_text(pd.concat(runs)) if runs else pd.DataFrame()


def _clustered_accuracy(clustered: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the runs and categories in which problems repeat, both intervals side by side."""
    if clustered.empty:
        return clustered
    repeated = clustered[(clustered["rate"] == "accuracy") & (clustered["clusters"] < clustered["n"])]
    rows = []
    for row in repeated.to_dict("records"):
        rows.append(
            {
                **tables.run_label(pd.Series(row)),
                "category": row["category"],
                "n": row["n"],
                "problems": row["clusters"],
                "items as independent (Wilson)": tables.percent(
                    wilson(round(row["estimate"] * row["n"]), row["n"])
                ),
                "whole problems (bootstrap)": tables.percent(row),
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
    has_traces = outcomes.groupby(RUN, dropna=False)["parsed"].transform("any")
    without = outcomes[~has_traces].groupby(RUN, dropna=False).ngroups
    if without:
        prose.append(
            f"{_several(without, 'run')} without a trace that could be parsed, left out: there is nothing to "
            "condition on."
        )
    traced = outcomes[has_traces]
    found = []
    for metric in ALL_METRICS:
        table = _seeds_as_text(counts(traced, metric))
        if len(table):
            found += _association_tables(traced, table, metric)
    return Section("Trace and answer together", prose, found)


def _association_tables(traced: pd.DataFrame, table: pd.DataFrame, metric: str) -> list[Table]:
    whole = pooled(table)
    cells = tables.association_table(whole)
    cells = cells[[name for name in cells if name not in (*CONDITIONAL, "difference")]]
    return [
        _first(f"Metric {metric}: cells, and the joint rate (percent of all outputs)", cells),
        _first(f"Metric {metric}: conditional rates (percent) and how they differ", _contrasts(whole)),
        _first(f"Metric {metric}: one odds ratio over the categories", _over_categories(table)),
        _first(
            f"Metric {metric}, where problems repeat: joint and conditional rates, whole problems drawn",
            _clustered_rates(_clustered(traced, metric)),
        ),
    ]


def _contrasts(whole: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for _, part in joint.rates(whole).groupby(RUN, dropna=False, sort=False):
        (shown,) = tables.rates_table(part).to_dict("records")
        label = tables.run_label(part.iloc[0])
        rates = {name: shown[name] for name in CONDITIONAL}
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
    for seed, part in joint.by_category(several).groupby("seed", dropna=False, sort=False):
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
        rates = {shown: tables.percent(found[rate]) for rate, shown in names.items()}
        sizes = {"n": found["joint"]["n"], "problems": found["joint"]["clusters"]}
        notes = {"note": _notes(part["rate"], part["note"])}
        rows.append({**tables.run_label(part.iloc[0]), **sizes, **rates, **notes})
    return pd.DataFrame(rows)


def _comparisons(outcomes: pd.DataFrame, datasets: list[str]) -> Section:
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
    by_content = outcomes.assign(item=outcomes["problem"] + " " + outcomes["item"])
    found = []
    for dataset in datasets:
        part = by_content[by_content["dataset"] == dataset].sort_values(["model", "seed"], kind="stable")
        compared = compare_conditions(part, "correct", pairs_present(part))
        if compared.empty:
            prose.append(f"{dataset}: no model has two conditions to compare.")
            continue
        found.append(_first(f"{dataset}: pairs of conditions", _comparison_rows(compared, dataset)))
        found.append(_first(f"{dataset}: all conditions of a model at once", _cochran_rows(part, dataset)))
    return Section("Conditions compared on the same items", prose, found)


def _clashing(outcomes: pd.DataFrame) -> int:
    return int((outcomes.groupby(["dataset", "item"])["problem"].nunique() > 1).sum())


def _comparison_rows(compared: pd.DataFrame, dataset: str) -> pd.DataFrame:
    return _with_seeds(tables.equivalence_table(compared.assign(metric=PRIMARY[dataset])), compared)


def _cochran_rows(part: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Of the models with three conditions or more; for two, McNemar's test has said it."""
    several = part.groupby(["model", "seed"], dropna=False)["condition"].transform("nunique") > 2
    found = cochran(part[several], "correct", list(dict.fromkeys(part["condition"])))
    if found.empty:
        return found
    return _with_seeds(tables.cochran_table(found.assign(metric=PRIMARY[dataset])), found)


def _with_seeds(shown: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A formatted table with the seeds of its rows, where there are any, after the model."""
    if rows["seed"].notna().any():
        shown.insert(shown.columns.get_loc("model") + 1, "seed", _seeds_as_text(rows)["seed"].to_numpy())
    return shown


def _items(outcomes: pd.DataFrame, datasets: list[str]) -> Section:
    prose = [
        "Over the items that every run of the dataset (and seed) has, under the primary metric: how many all "
        "runs get right, how many none does, and how many flip, which means that some model gets them right "
        "under one condition and wrong under another."
    ]
    common, patterns, flips, listed = [], [], [], []
    shown = in_all = 0  # flipping items
    for dataset in datasets:
        part = outcomes[outcomes["dataset"] == dataset]
        for seed, runs in part.groupby("seed", dropna=False):
            label = {"dataset": dataset} | ({} if pd.isna(seed) else {"seed": str(seed)})
            right, left_out = items.answers(runs, PRIMARY[dataset])
            note = "" if len(right) else "no item that all runs have"
            size = {"runs": right.shape[1], "items": len(right), "left out, not in all": left_out}
            common.append({**label, **size, "note": note})
            pattern = items.patterns(right)
            patterns += [{**label, **row} for row in _pattern_rows(pattern)]
            flips += [{**label, **row} for row in items.flips(right).to_dict("records")]
            flipping = right[pattern == items.PATTERNS[2]]
            listed += [{**label, **row} for row in _flipping(flipping.head(MOST_ITEMS - shown))]
            shown, in_all = min(shown + len(flipping), MOST_ITEMS), in_all + len(flipping)
    cut = f", of which the first {shown:,} are listed" if shown < in_all else ""
    return Section(
        "Items",
        prose,
        [
            Table("Items that all runs have", pd.DataFrame(common)),
            Table(
                "Items by which runs get them right: percent [95% Wilson interval]", pd.DataFrame(patterns)
            ),
            _first("Answers that change from the first condition to the second", _flip_rows(flips)),
            Table(f"Items that flip between conditions: {in_all:,}{cut}", pd.DataFrame(listed)),
        ],
    )


def _pattern_rows(pattern: pd.Series) -> list[dict]:
    found = pattern.value_counts()
    rows = [(name, int(found.get(name, 0))) for name in items.PATTERNS]
    return [
        {
            "pattern": name,
            "items": count,
            "of": len(pattern),
            "share": tables.percent(wilson(count, len(pattern))),
        }
        for name, count in rows
    ]


def _flip_rows(flips: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(flips).rename(columns=lambda name: name.replace("_", " "))


def _flipping(right: pd.DataFrame) -> list[dict]:
    """A row per item and model under whose conditions the item flips."""
    rows = []
    for (_, item), answers in right.iterrows():
        for model, part in answers.groupby(level="model", sort=False):
            conditions = part.droplevel("model")
            if conditions.nunique() > 1:
                row = {"item": item, "model": model}
                row["right under"] = ", ".join(conditions.index[conditions])
                rows.append({**row, "wrong under": ", ".join(conditions.index[~conditions])})
    return rows


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
    means = pd.DataFrame([{"metric": name, "an answer is right if": METRIC_MEANS[name]} for name in metrics])
    methods = pd.DataFrame(METHODS, columns=["what", "how"])
    return Section("How to read it", prose, [Table("Metrics", means), Table("Methods", methods)])


# --- Renderers --------------------------------------------------------------------------------

MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_~$|"} | {"&": "&amp;"})
STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
p, li { max-width: 42rem; }
.table { margin: 1.5rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
caption { caption-side: top; font-weight: 600; padding-bottom: 0.3rem; text-align: left; }
th, td { border-bottom: 1px solid #8886; padding: 0.2rem 0.9rem 0.2rem 0; text-align: left; }
th { vertical-align: bottom; }
td { vertical-align: top; white-space: nowrap; }
td.long { max-width: 36rem; min-width: 20rem; overflow-wrap: anywhere; white-space: normal; }
.number { text-align: right; }
"""
# Nothing may be loaded or run, whatever a cell contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(parts: Sequence[Section]) -> str:
    """A report as one HTML page that loads nothing and follows the reader's dark mode."""
    contents = "".join(
        f'<li><a href="#part-{number}">{escape(part.title)}</a></li>\n'
        for number, part in enumerate(parts, 1)
    )
    body = "".join(_html_section(number, part) for number, part in enumerate(parts, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{TITLE}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{TITLE}</h1>\n"
        f"<nav>\n<ol>\n{contents}</ol>\n</nav>\n{body}</body>\n</html>\n"
    )


def _html_section(number: int, part: Section) -> str:
    prose = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in part.prose)
    shown = "".join(_html_table(table) for table in part.tables if len(table.rows))
    return f'<section id="part-{number}">\n<h2>{escape(part.title)}</h2>\n{prose}{shown}</section>\n'


def _html_table(table: Table) -> str:
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in table.rows.dtypes]
    names = zip(table.rows, numeric, strict=True)
    head = "".join(f'<th scope="col"{_kind(number)}>{escape(name)}</th>' for name, number in names)
    rows = "".join(
        f"<tr>{''.join(map(_html_cell, row, numeric))}</tr>\n"
        for row in table.rows.itertuples(index=False, name=None)
    )
    caption = escape(table.caption)
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{caption}">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _html_cell(cell: object, number: bool) -> str:
    text = _shown(cell)
    return f"<td{_kind(number, len(text) > SHORT)}>{escape(text)}</td>"


def _kind(number: bool, long: bool = False) -> str:
    """The class of a cell, if any."""
    return ' class="number"' if number else ' class="long"' if long else ""


def as_markdown(parts: Sequence[Section]) -> str:
    """A report as Markdown with pipe tables."""
    blocks = [f"# {TITLE}"]
    for part in parts:
        blocks += [f"## {part.title}", *map(_marked, part.prose)]
        for table in part.tables:
            if len(table.rows):
                blocks += [f"**{_marked(table.caption)}**", _markdown_table(table.rows)]
    return "\n\n".join(blocks) + "\n"


def _markdown_table(rows: pd.DataFrame) -> str:
    body = ([_marked(_shown(cell)) for cell in row] for row in rows.itertuples(index=False, name=None))
    lines = [map(_marked, rows.columns), ["---"] * rows.shape[1], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _marked(text: str) -> str:
    """The text with what Markdown or HTML would read as markup escaped; brackets only where they link."""
    text = text.translate(MARKS).replace("<", "&lt;").replace("&lt; ", "< ")  # before a space it opens no tag
    return text.replace("](", "]\\(").replace("][", "]\\[").replace("://", "&#58;//")


def _shown(cell: object) -> str:
    """A cell as text: a dash for what there is not, bounded, and every invisible character spelled out.

    Among these are line breaks, and marks that reverse the order of what follows.
    """
    if cell is None or pd.isna(cell):
        return "–"
    text = terminal.bounded(str(cell), LONGEST)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


RENDERERS = {".html": as_html, ".htm": as_html, ".md": as_markdown}
