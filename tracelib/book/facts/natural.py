"""The chapter on natural traces: what each kind looks like, its errors, and what short versions keep."""

from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from tracelib.core.frames import where
from tracelib.datasets import family_files, r1_texts
from tracelib.paper import natural_annotations, natural_compared, natural_errors, natural_structure
from tracelib.paper.natural_annotations import FIRST, FROZEN, SECOND
from tracelib.paper.natural_structure import KINDS, RIGHT, WRONG_ANSWER
from tracelib.reporting import html, natural, tables
from tracelib.reporting.tables import dashed
from tracelib.stats.as_text import count_of, p_value, percent, plain, points
from tracelib.stats.estimate import unprefixed

RULES, PROMPTED = "R1, by the rules", "prompted and wrong, by the rules"
SHOWN = 5  # traces with their marks
PANELS = {  # measure -> label of its panel
    "words": "words",
    "looked": "facts stated, share of context",
    "order": "order of facts (Kendall's tau)",
    "claims": "comparisons of times",
    "diversity": "different words of 30",
    "readability": "readability index (higher: harder)",
}
AXES = {"words": "words of the trace", "readability": "readability index (higher: harder)"}
SHARES = {"looked", "repeated", "diversity"}  # measures between 0 and 1, shown in percent
IN_SHARES = {  # quantity of `natural_errors.shares` -> heading
    "injected": "injected kinds, of all errors",
    "injected, once a trace": "the same, each kind once a trace",
    "wrong step": "traces with a wrong step",
    "any error": "traces with any error",
}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        means: `natural_compared.means` with the names of kinds, for the figure.
        means_table, contrasts_table: all measures, by kind; and paired differences.
        rates: `natural_errors.rates`, for the figure.
        shares_table: what the errors amount to.
        kept: `natural_compared.kept` with the names of kinds, for the figure; without ``facts added``.
        kept_table: summaries against explanations on the same problems.
        trade_off: `natural_compared.trade_off` with the names of kinds.
        verified: how far the rules, frozen, and a second reading agree with the first reading.
        marked: traces of R1's with their marks, in a frame; None where the texts are not here.
    """

    numbers: dict[str, object]
    means: pd.DataFrame
    means_table: pd.DataFrame
    contrasts_table: pd.DataFrame
    rates: pd.DataFrame
    shares_table: pd.DataFrame
    kept: pd.DataFrame
    kept_table: pd.DataFrame
    trade_off: pd.DataFrame
    verified: pd.DataFrame
    marked: HTML | None


def facts() -> Facts:
    """The facts, from the texts where they are here, else from the numbers in the package."""
    every = natural_compared.described(natural_structure.load())
    table = natural_compared.reasoning(every)
    means, contrasts = natural_compared.means(table), natural_compared.contrasts(table)
    errors = _errors(table)
    rates, shares = natural_errors.rates(errors), natural_errors.shares(errors)
    versions = natural_compared.versions(table)
    kept, compared = natural_compared.kept(versions), natural_compared.kept_compared(versions)
    agreement = _agreement()
    numbers = (
        _texts(every, table)
        | _form(means, contrasts)
        | _errors_cited(errors, rates, shares)
        | _kept_cited(kept, compared)
        | _verifier(agreement)
    )
    return Facts(
        numbers=numbers,
        means=_named(means),
        means_table=_means_table(means),
        contrasts_table=_contrasts_table(contrasts),
        rates=rates,
        shares_table=_shares_table(shares),
        kept=_named(kept[kept["quantity"] != "facts added"]),
        kept_table=_kept_table(kept, compared),
        trade_off=_named(natural_compared.trade_off(means)),
        verified=natural_annotations.as_text(agreement),
        marked=_marked(),
    )


def _errors(table: pd.DataFrame) -> pd.DataFrame:
    """The errors by each reading, and those that the rules find in R1's traces and in wrong outputs."""
    return pd.concat(
        [
            natural_errors.of_readings(table),
            natural_errors.of_rules(table, "r1", RULES),
            natural_errors.of_rules(table, WRONG_ANSWER, PROMPTED),
        ],
        ignore_index=True,
    )


def _agreement() -> pd.DataFrame:
    found = natural_annotations.agreement(natural_annotations.load())
    return where(found, judges=(f"{FIRST}, {SECOND}", f"{FIRST}, {FROZEN}"))


def _marked() -> HTML | None:
    if family_files.sample() is None:
        return None
    texts = [(problem, own.trace) for problem, own in r1_texts.sampled()]
    page = natural.page(natural.drawn(texts, SHOWN, natural_structure.SEED))
    return html.framed(page, "Traces of R1's with their marks")


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(kind=table["kind"].map(KINDS))


def _texts(every: pd.DataFrame, table: pd.DataFrame) -> dict[str, str]:
    """Where the texts come from, and how many there are of each kind."""
    here = family_files.sample() is not None
    prompted = every["kind"].isin([RIGHT, WRONG_ANSWER])
    counts = table["kind"].value_counts()
    return {
        "source": "This build measures the texts of the sample themselves."
        if here
        else "This build has no texts of R1's and uses the numbers in the package.",
        "shown": f"{SHOWN} of them follow, drawn at random, with the marks of the rules."
        if here
        else "None is shown here, because the sample is not on the machine of this build.",
        "n": f"{counts['r1']:,}",
        "n-summary": f"{counts['r1-summary']:,}",
        "n-prompted": count_of(counts[RIGHT] + counts[WRONG_ANSWER], prompted.sum()),
        "n-right": f"{counts[RIGHT]:,}",
        "n-wrong": f"{counts[WRONG_ANSWER]:,}",
    }


def _form(means: pd.DataFrame, contrasts: pd.DataFrame) -> dict[str, str]:
    """Means of the measures that the prose names, and how many differences are significant."""
    by_kind = means.set_index(["kind", "measure"])
    numbers = {}
    for kind in ("correct", "incorrect", "simulated-r1", "r1", "r1-summary", "r1-explanation"):
        for measure in ("words", "looked", "claims", "backtracking", "readability"):
            numbers[f"{measure}-{kind}"] = _value(measure, by_kind.loc[(kind, measure)])
    numbers["order-r1"] = _value("order", by_kind.loc[("r1", "order")])
    tested = contrasts["p_holm"].dropna().astype(float)
    return numbers | {"differ": count_of((tested < 0.05).sum(), len(tested))}


def _value(measure: str, row: pd.Series) -> str:
    if measure in SHARES:
        return percent(row)
    return plain(row, digits=0 if measure == "words" else 1 if measure in ("claims", "readability") else 2)


def _errors_cited(errors: pd.DataFrame, rates: pd.DataFrame, shares: pd.DataFrame) -> dict[str, str]:
    share, rate = shares.set_index(["source", "quantity"]), rates.set_index(["source", "error"])
    names = {"first": FIRST, "second": SECOND, "rules": RULES, "prompted": PROMPTED}
    numbers = {}
    for name, source in names.items():
        part = where(errors, source=source)
        numbers |= {
            f"injected-{name}": percent(share.loc[(source, "injected")]),
            f"once-{name}": percent(share.loc[(source, "injected, once a trace")]),
            f"step-{name}": percent(share.loc[(source, "wrong step")]),
            f"relation-{name}": count_of((part["relation"] > 0).sum(), len(part)),
            f"confirmed-{name}": count_of(part["confirmed"].sum(), part["relation"].sum()),
            f"facts-{name}": count_of((part["facts"] > 0).sum(), len(part)),
            f"comparisons-{name}": f"{part['comparison'].sum()}",
            f"most-{name}": f"{part['comparison'].max()}",
            f"comparison-{name}": percent(rate.loc[(source, "comparison")]),
        }
    return numbers


def _kept_cited(kept: pd.DataFrame, compared: pd.DataFrame) -> dict[str, str]:
    found = kept.set_index(["kind", "quantity"])
    between = compared.set_index("quantity")
    numbers = {"n-both": f"{between['n'].max():,}"}
    for kind, short in (("r1-summary", "summary"), ("r1-explanation", "explanation")):
        for quantity, name in (
            ("facts kept", "kept"),
            ("gold facts kept", "gold"),
            ("facts added", "added"),
            ("same answers", "answers"),
            ("other relation", "other"),
        ):
            numbers[f"{name}-{short}"] = percent(found.loc[(kind, quantity)])
    return numbers | {
        "kept-difference": points(between.loc["facts kept"]),
        "answers-difference": points(between.loc["same answers"]),
        "answers-p": p_value(between.loc["same answers", "p_holm"]),
    }


def _verifier(agreement: pd.DataFrame) -> dict[str, str]:
    """The frozen score of the rules against the first reading, where the prose names it."""
    frozen = where(agreement, judges=f"{FIRST}, {FROZEN}").set_index("field")
    return {
        "precise-citations": percent(unprefixed("precision", frozen.loc["citations"])),
        "precise-refuted": percent(unprefixed("precision", frozen.loc["refuted claims"])),
        "found-refuted": percent(unprefixed("recall", frozen.loc["refuted claims"])),
    }


def _means_table(means: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind, part in means.groupby("kind", sort=False):
        cells = {row["measure"]: _value(row["measure"], row) for row in part.to_dict("records")}
        rows.append({"kind": KINDS[kind], "n": part["n"].max()} | cells)
    return pd.DataFrame(rows)


def _contrasts_table(contrasts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (first, second), part in contrasts.groupby(["first", "second"], sort=False):
        cells = {row["measure"]: _difference(row) for row in part.to_dict("records")}
        rows.append({"minus": f"{KINDS[first]} − {KINDS[second]}", "n": part["n"].max()} | cells)
    return pd.DataFrame(rows)


def _difference(row: dict) -> str:
    """A difference with its interval, and its p where it is not significant."""
    text = (
        points(row) if row["measure"] in SHARES else plain(row, digits=0 if row["measure"] == "words" else 2)
    )
    chance = pd.notna(row["p_holm"]) and row["p_holm"] >= 0.05
    return f"{text} p = {p_value(row['p_holm'])}" if chance else text


def _shares_table(shares: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for source, part in shares.groupby("source", sort=False):
        found = part.set_index("quantity").to_dict("index")
        cells = {heading: percent(found[name]) for name, heading in IN_SHARES.items()}
        rows.append({"traces, errors": source, "n": found["any error"]["n"]} | cells)
    return pd.DataFrame(rows)


def _kept_table(kept: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    by_quantity = kept.pivot(index="quantity", columns="kind", values=["estimate", "low", "high"])
    between = compared.set_index("quantity")
    rows = []
    for quantity in natural_compared.KEPT:
        row = {"quantity": quantity, "share of": natural_compared.KEPT[quantity]}
        for kind in natural_compared.SHORT:
            ends = {end: by_quantity.loc[quantity, (end, kind)] for end in ("estimate", "low", "high")}
            row[KINDS[kind]] = percent(ends)
        if quantity in between.index:
            row |= {"difference": points(between.loc[quantity]), "n": f"{between.loc[quantity, 'n']}"}
            row |= {"p (Holm)": p_value(between.loc[quantity, "p_holm"])}
        rows.append(row)
    return tables.without_empty_notes(dashed(pd.DataFrame(rows)))
