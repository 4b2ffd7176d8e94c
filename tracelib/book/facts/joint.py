"""Joint and conditional rates of trace and answer, and which of them is the paper's 28%."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import clustered_rates, trace_answer
from tracelib.core.frames import where
from tracelib.paper import evidence, release, specifications
from tracelib.scoring.outcomes import counts, under
from tracelib.stats import as_text, bootstrap

AS_STATED = "published, as stated"
HEADLINE = 28  # percent
SMALL = tuple(release.MODELS[name] for name in ("l1", "q"))


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        corrected: counts of every run, corrected metric (`tracelib.scoring.outcomes.counts`).
        on_correct, on_incorrect: rates of the models trained on correct and on incorrect traces, over all
            categories, official metric, by the stated, published and exact check
            (`tracelib.analysis.trace_answer.rates`).
        by_relation: CoTempQA's differences within relations; exact check, corrected metric, correct traces.
        by_category: all rates within categories; exact check, correct traces.
        stratified: trace and answer pooled over categories (`tracelib.analysis.trace_answer.by_category`).
        clustered: accuracy with intervals over problems (`tracelib.analysis.clustered_rates.cells`).
    """

    numbers: dict[str, object]
    corrected: pd.DataFrame
    on_correct: pd.DataFrame
    on_incorrect: pd.DataFrame
    by_relation: pd.DataFrame
    by_category: pd.DataFrame
    stratified: pd.DataFrame
    clustered: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence and the release's confusion matrices."""
    released = evidence.read(work / "data")
    outcomes = released.outcomes
    on_traces = where(outcomes, condition=("correct", "incorrect"))
    stated = trace_answer.stated(release.load_matrices())
    published, exact = _counts(on_traces, released.checks)
    rates = trace_answer.rates(pd.concat([stated, published, exact], ignore_index=True))
    whole = where(rates, category="all")
    found = _headline(whole)
    numbers = {
        "rests-on": release.rests_on(on_traces),
        **_conditional(whole),
        **_matches(whole, found),
        **_denominators(trace_answer.by_denominator(stated, published, found)),
        **_below_critical(whole),
        **_of_marco(whole),
        "resamples": f"{bootstrap.RESAMPLES:,}",
    }
    official = under(whole, "official")
    of_parts = where(rates[rates["category"] != "all"], evaluator="exact", condition="correct")
    return Facts(
        numbers=numbers,
        corrected=counts(outcomes, "corrected"),
        on_correct=where(official, condition="correct"),
        on_incorrect=where(official, condition="incorrect"),
        by_relation=where(of_parts, dataset="cotempqa", metric="corrected", quantity="difference"),
        by_category=where(of_parts, metric=("corrected", "exact")),
        stratified=trace_answer.by_category(where(exact, condition="correct", metric=("corrected", "exact"))),
        clustered=clustered_rates.cells(outcomes, "corrected"),
    )


def _counts(on_traces: pd.DataFrame, checks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts under every metric, by the published check and by the exact check."""
    published = (specifications.published_counts(on_traces, checks, metric) for metric in release.METRICS)
    exact = (counts(on_traces, metric) for metric in release.METRICS)
    return pd.concat(published, ignore_index=True), pd.concat(exact, ignore_index=True)


def _rate(whole: pd.DataFrame, dataset: str, model: str, evaluator: str, metric: str, quantity: str) -> dict:
    """One rate of a model on correct traces; its estimate is None if there is no such run."""
    names = {"dataset": dataset, "model": model, "evaluator": evaluator, "metric": metric}
    rows = where(whole, **names, condition="correct", quantity=quantity).to_dict("records")
    return rows[0] if rows else {"estimate": None, "n": 0}


def _conditional(whole: pd.DataFrame) -> dict[str, str]:
    """Each model's shares on CoTempQA by the exact check, and one share from the stated matrix."""
    rates = {
        f"{quantity}-{key}": _rate(whole, "cotempqa", model, "exact", "corrected", quantity)
        for key, model in release.MODELS.items()
        for quantity in trace_answer.SHARES
    }
    rates["same-conditional"] = _rate(
        whole, "cotempqa", release.MODELS["q"], AS_STATED, "official", "given_right"
    )
    return {name: _with_n(rate) for name, rate in rates.items()}


def _with_n(rate: Mapping) -> str:
    return f"{as_text.percent(rate)} of {rate['n']}"


def _headline(whole: pd.DataFrame) -> pd.Series:
    """The stated joint rate that rounds to the headline."""
    rounding = trace_answer.rounding_to(whole, HEADLINE)
    return where(rounding, quantity="joint", evaluator=AS_STATED).iloc[0]


def _matches(whole: pd.DataFrame, found: pd.Series) -> dict[str, object]:
    """How many shares there are, how many round to the headline, and which run the stated one is from."""
    shares = where(whole, quantity=tuple(trace_answer.SHARES))
    run = f"{found['model']} on {found['condition']} traces, CoTempQA ({found['evaluator']})"
    return {
        "rounding": len(trace_answer.rounding_to(whole, HEADLINE)),
        "shares": int(shares["estimate"].notna().sum()),
        "rounding-what": trace_answer.SHARES[found["quantity"]],
        "rounding-run": run,
        "rounding-value": _with_n(found),
        "covered": trace_answer.percents_covered(whole),
    }


def _denominators(narrow: dict[str, dict[str, int]]) -> dict[str, str]:
    """The count behind the headline, over each number that it may be a share of."""
    numbers = {}
    for name in ("matrix", "all", "outputs"):
        row = narrow.get(name)
        numbers[f"narrow-{name}"] = f"{row['count']} of {row['n']}" if row else "not all here"
        numbers[f"narrow-{name}-percent"] = f"{100 * row['count'] / row['n']:.2f}" if row else as_text.NONE
    return numbers


def _below_critical(whole: pd.DataFrame) -> dict[str, str]:
    """How many chi-square statistics lie below the critical value of the project page."""
    tests = where(whole, quantity="chi_square")
    tests = tests[tests["statistic"].notna()]
    on_correct = where(under(tests, "official"), condition="correct")
    parts = {
        "stated": where(on_correct, evaluator=AS_STATED),
        "published": where(on_correct, evaluator="published"),
        "exact": where(on_correct, evaluator="exact"),
        "incorrect": where(tests, condition="incorrect", evaluator=AS_STATED),
    }
    return {
        f"below-{name}": as_text.count_of((part["statistic"] < trace_answer.CRITICAL).sum(), len(part))
        for name, part in parts.items()
    }


def _of_marco(whole: pd.DataFrame) -> dict[str, str]:
    """Rates from MARCO's stated matrices, for the two smaller models."""

    def both(quantity: str, words: Callable[[Mapping], str]) -> str:
        rows = (_rate(whole, "marco", model, AS_STATED, "exact", quantity) for model in SMALL)
        return " and ".join(map(words, rows))

    return {
        "marco-right": both("given_right", as_text.percent),
        "marco-wrong": both("given_wrong", as_text.percent),
        "marco-phi": both("phi", as_text.plain),
    }
