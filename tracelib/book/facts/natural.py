"""The chapter on natural traces: what each kind looks like, its errors, and what short versions keep."""

from collections.abc import Mapping
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
    "backtracking": "sentences that turn back",
    "readability": "readability index (higher: harder)",
}
AXES = {"words": "words of the trace", "readability": "readability index (higher: harder)"}
GROUPS = (  # measures that stand in one table; the chapter shows the first and folds the others
    ("words", "looked", "order", "claims"),
    ("sentences", "citations", "distinct", "backtracking"),
    ("hedging", "repeated", "diversity", "readability"),
)
CITED = {  # kind -> measures that the prose names
    "r1": ("words", "looked", "sentences", "order", "claims", "backtracking", "readability"),
    "correct": ("words", "looked"),
    "simulated-r1": ("claims", "backtracking"),
    "r1-summary": ("words", "readability"),
    "r1-explanation": ("words",),
}
TRUSTED = (  # fields of the annotations that the prose names
    "citations", "altered citations", "claims", "refuted claims", "shared times", "answers", "backtracking",
)  # fmt: skip
FIELDS = natural_annotations.UNITS | {
    "holds": "claims that both make with the same relation: whether the facts confirm them",
    "relation": "traces: the relation that they commit to",
    "follows": "traces: whether the answers follow from the facts as the trace states them",
}
SHARES = {"looked", "repeated", "diversity"}  # measures between 0 and 1, shown in percent
IN_SHARES = {  # quantity of `natural_errors.shares` -> heading
    "injected": "injected kinds, of all errors",
    "injected, once a trace": "each kind once a trace",
    "wrong step": "traces with a wrong step",
}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        means: `natural_compared.means` with the names of kinds, for the figure.
        means_tables, contrasts_tables: means by kind and paired differences, a table for each of `GROUPS`.
        rates: `natural_errors.rates`, for the figure.
        shares_table: what the errors amount to.
        kept: `natural_compared.kept` with the names of kinds, for the figure; without ``facts added``.
        kept_table: summaries against explanations on the same problems.
        trade_off: `natural_compared.trade_off` with the names of kinds.
        trusted: how far the rules, frozen, agree with the first reading in the fields of `TRUSTED`.
        verified: how far the rules, and the second reading, agree with it in every field.
        marked: traces of R1's with their marks, in a frame; None where the texts are not here.
    """

    numbers: dict[str, object]
    means: pd.DataFrame
    means_tables: list[pd.DataFrame]
    contrasts_tables: list[pd.DataFrame]
    rates: pd.DataFrame
    shares_table: pd.DataFrame
    kept: pd.DataFrame
    kept_table: pd.DataFrame
    trade_off: pd.DataFrame
    trusted: pd.DataFrame
    verified: list[pd.DataFrame]
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
        | _readable(table, contrasts)
        | _errors_cited(errors, rates, shares)
        | _both_readings(errors, table)
        | _kept_cited(kept, compared)
        | _verifier(agreement)
    )
    return Facts(
        numbers=numbers,
        means=_named(means),
        means_tables=[_means_table(where(means, measure=group)) for group in GROUPS],
        contrasts_tables=[_contrasts_table(where(contrasts, measure=group)) for group in GROUPS],
        rates=rates,
        shares_table=_shares_table(shares),
        kept=_named(kept[kept["quantity"] != "facts added"]),
        kept_table=_kept_table(kept, compared),
        trade_off=_named(natural_compared.trade_off(means)),
        trusted=_judged_table(where(agreement, field=TRUSTED), FROZEN).drop(columns="agree"),
        verified=[_judged_table(agreement, judge) for judge in (FROZEN, SECOND)],
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
    numbers = {
        f"{measure}-{kind}": _value(measure, by_kind.loc[(kind, measure)])
        for kind, measures in CITED.items()
        for measure in measures
    }
    tested = contrasts["p_holm"].dropna().astype(float)
    return numbers | {"differ": count_of((tested < 0.05).sum(), len(tested))}


def _readable(table: pd.DataFrame, contrasts: pd.DataFrame) -> dict[str, str]:
    """How much longer the simulated style is than R1's trace, and how much harder a summary is to read."""
    by_pair = contrasts.set_index(["first", "second", "measure"])
    return {
        "longer": plain(_turned(by_pair.loc[("r1", "simulated-r1", "words")]), digits=0),
        "harder": plain(_turned(by_pair.loc[("r1", "r1-summary", "readability")]), digits=1),
        "harder-sentences": plain(
            _turned(natural_compared.by_sentences(table, "r1", "r1-summary")), digits=1
        ),
    }


def _turned(row: Mapping) -> dict:
    """A difference, taken the other way."""
    return {"estimate": -row["estimate"], "low": -row["high"], "high": -row["low"]}


def _value(measure: str, row: pd.Series) -> str:
    if measure in SHARES:
        return percent(row)
    return plain(row, digits=0 if measure == "words" else 1 if measure in ("claims", "readability") else 2)


def _errors_cited(errors: pd.DataFrame, rates: pd.DataFrame, shares: pd.DataFrame) -> dict[str, str]:
    share, rate = shares.set_index(["source", "quantity"]), rates.set_index(["source", "error"])
    first = where(errors, source=FIRST)
    kinds = first[list(natural_errors.ERRORS)]
    injected = kinds[list(natural_errors.INJECTED)].to_numpy().sum()
    return {
        "injected-first": percent(share.loc[(FIRST, "injected")]),
        "injected-second": percent(share.loc[(SECOND, "injected")]),
        "injected-prompted": percent(share.loc[(PROMPTED, "injected")]),
        "injected-count": count_of(injected, kinds.to_numpy().sum()),
        "once-first": percent(share.loc[(FIRST, "injected, once a trace")]),
        "once-prompted": percent(share.loc[(PROMPTED, "injected, once a trace")]),
        "step-first": percent(share.loc[(FIRST, "wrong step")]),
        "relation-first": count_of((first["relation"] > 0).sum(), len(first)),
        "confirmed-first": count_of(first["confirmed"].sum(), first["relation"].sum()),
        "facts-first": count_of((first["facts"] > 0).sum(), len(first)),
        "comparisons-first": f"{first['comparison'].sum()}",
        "most-first": f"{first['comparison'].max()}",
        "erring": f"{(kinds.sum(axis=1) > 0).sum()}",
        "facts-prompted": percent(rate.loc[(PROMPTED, "facts")]),
        "comparison-prompted": percent(rate.loc[(PROMPTED, "comparison")]),
    }


def _both_readings(errors: pd.DataFrame, table: pd.DataFrame) -> dict[str, str]:
    """Whether both readings find wrong steps in the same traces, and which labels the true relations miss."""
    first, second = (where(errors, source=name).set_index("problem") for name in (FIRST, SECOND))
    stepped = pd.DataFrame({"one": natural_errors.has_wrong_step(first)})
    stepped["other"] = natural_errors.has_wrong_step(second)
    labels = where(table, kind="r1").set_index("problem")["category"]
    confirmed = labels[first.index[first["confirmed"]]]
    return {
        "step-both": count_of(stepped.all(axis=1).sum(), stepped.any(axis=1).sum()),
        "confirmed-mix": count_of((confirmed == "mix").sum(), len(confirmed)),
    }


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
            ("same relation", "relation"),
            ("other relation", "other"),
        ):
            numbers[f"{name}-{short}"] = percent(found.loc[(kind, quantity)])
    return numbers


def _verifier(agreement: pd.DataFrame) -> dict[str, str]:
    """What the rules, frozen, and the readings find, where the prose names it."""
    frozen, second = (
        where(agreement, judges=f"{FIRST}, {judge}").set_index("field") for judge in (FROZEN, SECOND)
    )
    return {
        "precise-citations": percent(unprefixed("precision", frozen.loc["citations"])),
        "precise-refuted": percent(unprefixed("precision", frozen.loc["refuted claims"])),
        "found-refuted": percent(unprefixed("recall", frozen.loc["refuted claims"])),
        "found-altered": count_of(*frozen.loc["altered citations", ["both", "first"]]),
        "back-rules": f"{frozen.loc['backtracking', 'second']}",
        "back-first": f"{frozen.loc['backtracking', 'first']}",
        "back-second": f"{second.loc['backtracking', 'second']}",
    }


def _means_table(means: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind, part in means.groupby("kind", sort=False):
        most = part["n"].max()
        cells = {
            row["measure"]: _with_n(_value(row["measure"], row), row, most) for row in part.to_dict("records")
        }
        rows.append({"kind": KINDS[kind], "n": most} | cells)
    return pd.DataFrame(rows)


def _contrasts_table(contrasts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (first, second), part in contrasts.groupby(["first", "second"], sort=False):
        most = part["n"].max()
        cells = {row["measure"]: _with_n(_difference(row), row, most) for row in part.to_dict("records")}
        rows.append({"minus": f"{KINDS[first]} − {KINDS[second]}", "n": most} | cells)
    return pd.DataFrame(rows)


def _with_n(text: str, row: dict, most: int) -> str:
    """The text with the number of texts that have the measure, if some lack it."""
    return text if row["n"] in (0, most) else f"{text}, n {row['n']}"


def _judged_table(agreement: pd.DataFrame, judge: str) -> pd.DataFrame:
    """How far a judge agrees with the first reading, a row per field."""
    found = natural_annotations.as_text(where(agreement, judges=f"{FIRST}, {judge}"))
    return found.drop(columns="judges").rename(columns={"first": FIRST, "second": judge, "both": "in both"})


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
            row |= {"difference": points(between.loc[quantity])}
            row |= {"p (Holm)": p_value(between.loc[quantity, "p_holm"])}
        rows.append(row)
    return tables.without_empty_notes(dashed(pd.DataFrame(rows)))
