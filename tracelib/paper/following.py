"""Whether answers on CoTempQA follow the facts that their own trace cites, or avoid them.

*Following* is defined as for forced traces (`tracelib.experiments.interventions`). A question asks for one
side of a fact, so the cited facts give an answer. If it is not the gold answer, an output follows if it gives
this answer, as a set. *Exclusion*: an incorrect target cites facts that are not gold, so they tell what not
to answer. A model that learns this names a cited entity among its wrong answers less often than by chance.
Both are observed, not set: the citation may itself depend on the answer to come.

This needs the texts of the outputs. Without the release, the derived table that the package ships stands in
(ids, verdicts and counts, no text).
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from tracelib.core.paths import PAPER
from tracelib.core.pylist import entries
from tracelib.core.texts import normal
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.cotempqa.solver import asked_for, whenever
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.experiments.interventions import read_off
from tracelib.paper import release
from tracelib.paper.steps import RUNS, in_order
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.scoring.outcomes import KEYS, RUN
from tracelib.scoring.outputs import Output
from tracelib.stats import bootstrap, estimate, poisson_binomial
from tracelib.stats.estimate import noted, prefixed
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import paired_difference
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import UNTRACED
from tracelib.traces.format import Trace, parse

VERDICTS = ("implies_other", "followed", "gold_all_the_same")
SCOPES = {  # the wrong names that an answer could take from the context, without gold answers
    "kind": "names that facts of the relation asked for give as answers, at any time",
    "side": "names on the side of any fact that the question asks for, except names in the question",
}
COUNTS = ("candidates", "cited", "named", "both")  # both: cited by the trace and named by the answer
ANSWERERS = {"own": "", "untraced": "untraced_"}  # the run, or its model trained without traces -> prefix
COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "seed": "Int64",
    **dict.fromkeys(VERDICTS, "boolean"),
    **{f"{count}_{scope}": "int16" for scope in SCOPES for count in COUNTS},
    **{f"untraced_{count}_{scope}": "Int16" for scope in SCOPES for count in COUNTS[2:]},
}
SHIPPED = ShippedTable(PAPER / "release_following.parquet", types=COLUMNS)  # `evidence` derives it
KINDS = {  # kinds of answers to facts that do not give the gold answer -> in words
    "followed": "what the facts give",
    "gold_all_the_same": "the gold answer",
    "neither": "neither",
}
ANSWERED = [*RUNS, "give", "answer", "count", "outputs", *estimate.COLUMNS]
EXCLUSION = [
    *RUNS, "wrong", "observed", "expected", *estimate.COLUMNS, "chance", "difference", "difference_low",
    "difference_high", "p",
]  # fmt: skip
PAIRED = [*estimate.COLUMNS, "only_first", "only_second", "p"]  # keys of `paired_difference`


# --- Per output -------------------------------------------------------------------------------


def compute(outputs: Iterable[Output]) -> pd.DataFrame:
    """The table of this module, from outputs of models that were trained to write traces.

    Returns:
        A row per CoTempQA output, with the columns `COLUMNS`. ``implies_other``: the cited facts do not give
        the gold answer. ``followed``: the answer is the one that they give (strict). Both are missing if the
        cited facts give no answer. ``gold_all_the_same``: the answer is right (corrected). For each of
        `SCOPES`: the number of candidates, of candidates cited by the trace, named by the answer, and both.
        untraced_...: the number named by the same model trained without traces, on the same problem, and how
        many of these this trace cites; missing without such an output.
    """
    asked = [output for output in outputs if output.problem.dataset == "cotempqa"]
    untraced = {_question(output): output.prediction for output in asked if output.condition == "vanilla"}
    rows = [
        _row(output, untraced.get(_question(output))) for output in asked if output.condition not in UNTRACED
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object).astype(COLUMNS)


def _question(output: Output) -> tuple:
    return output.model, output.seed, output.problem.id


def _row(output: Output, untraced: str | None) -> dict:
    problem, trace = output.problem, parse(output.prediction)
    given = read_off(problem, output.prediction)
    row = dict(zip(RUN, (problem.dataset, output.model, output.condition, output.seed), strict=True))
    row |= {"category": problem.category, "item": problem.id, "problem": problem.content}
    row |= {
        "implies_other": set(given) != set(problem.gold) if given else None,
        "followed": _is(problem, given, trace) if given else None,
        "gold_all_the_same": answer_correct(primary("cotempqa"), problem, trace),
    }
    cited = set(map(normal, given))
    named = _names(trace)
    elsewhere = None if untraced is None else _names(parse(untraced))
    for scope, names in candidates(problem).items():
        row |= {f"candidates_{scope}": len(names), f"cited_{scope}": len(cited & names)}
        row |= {f"named_{scope}": len(named & names), f"both_{scope}": len(named & names & cited)}
        if elsewhere is not None:
            row[f"untraced_named_{scope}"] = len(elsewhere & names)
            row[f"untraced_both_{scope}"] = len(elsewhere & names & cited)
    return row


def _is(problem: Problem, answers: tuple[str, ...], trace: Trace) -> bool:
    """Whether a text gives exactly these answers, as a set."""
    return answer_correct("strict", replace(problem, gold=answers), trace)


def _names(trace: Trace) -> set[str]:
    """The names that the answer lists."""
    return set(map(normal, entries(trace.answer or "")))


def candidates(problem: Problem) -> dict[str, set[str]]:
    """Names in the context that would be wrong answers, by `SCOPES`; none for a question without a parse."""
    wanted = asked_for(problem)
    if wanted is None:
        return {scope: set() for scope in SCOPES}
    side = "subject" if wanted[0] is None else "object"
    stated = {getattr(fact, side) for fact in map(parse_fact, problem.facts) if fact}
    gold = set(map(normal, problem.gold))
    of_side = {normal(name) for name in stated if name not in problem.question}
    return {"kind": set(map(normal, whenever(problem))) - gold, "side": of_side - gold}


def derived(outputs: Iterable[Output], outcomes: pd.DataFrame) -> pd.DataFrame:
    """The rows to ship: new rows for the outputs that are here, shipped rows for the other outcomes.

    A shipped row also stays if the output of the model trained without traces is not here.
    """
    found = compute(outputs)
    alone = found["untraced_named_kind"].isna()
    return release.rows_to_ship(SHIPPED, found[~alone], outcomes, KEYS, found[alone])


# --- Following --------------------------------------------------------------------------------


def followed(table: pd.DataFrame) -> pd.DataFrame:
    """How many outputs cite facts that do not give the gold answer, and how many of these follow them.

    Returns:
        A row per run: model, condition, dataset, n, followed (counts of outputs).
    """
    rows = table.assign(
        n=table["implies_other"].fillna(False).astype(int),
        followed=(table["implies_other"] & table["followed"]).fillna(False).astype(int),
    )
    counted = rows.groupby(RUNS)[["n", "followed"]].sum().reset_index()
    return in_order(counted)[["model", "condition", "dataset", "n", "followed"]]


def answered(table: pd.DataFrame) -> pd.DataFrame:
    """The answers by the answer that the cited facts give.

    Returns:
        A row per run, ``give`` and ``answer``: dataset, model, condition, give, answer, count, estimate, low,
        high (Wilson), n, outputs (of the run), method, note. ``give`` says whether the facts give ``another
        answer`` or ``the gold answer``. ``answer`` is one of `KINDS`; if the facts give the gold answer, only
        ``gold_all_the_same``, since following is then being right. An answer can be of two kinds, because
        following has the strict metric and being right the corrected one.
    """
    rows = []
    for names, run in table.groupby(RUNS, sort=False):
        known = run[run["implies_other"].notna()]
        other = known["implies_other"].astype(bool)
        for give, part in (("another answer", known[other]), ("the gold answer", known[~other])):
            follows, gold = part["followed"].astype(bool), part["gold_all_the_same"].astype(bool)
            kinds = {"followed": follows, "gold_all_the_same": gold, "neither": ~(follows | gold)}
            for answer in KINDS if give == "another answer" else ("gold_all_the_same",):
                count = int(kinds[answer].sum())
                row = dict(zip(RUNS, names, strict=True))
                row |= {"give": give, "answer": answer, "count": count, "outputs": len(run)}
                rows.append(row | wilson(count, len(part)))
    return in_order(pd.DataFrame(rows, columns=ANSWERED))


def compared(table: pd.DataFrame, first: str = "correct", second: str = "incorrect") -> pd.DataFrame:
    """Rate of following under one training condition minus another, paired by problem.

    Only problems count for which both outputs cite facts that do not give the gold answer.

    Returns:
        A row per model with both conditions: model, and the keys of
        `tracelib.stats.paired.paired_difference`.
    """
    other = table[table["implies_other"].fillna(False)]
    rows = []
    for model, part in other.groupby("model"):
        pair = [part.loc[part["condition"] == name].set_index("item")["followed"] for name in (first, second)]
        if all(len(one) for one in pair):
            rows.append({"model": model, **paired_difference(*pair)})
    return pd.DataFrame(rows, columns=["model", *PAIRED])


# --- Exclusion --------------------------------------------------------------------------------


def open_to_chance(table: pd.DataFrame, scope: str = "kind", who: str = "own") -> pd.DataFrame:
    """The outputs that could name a cited candidate or not, with the probability that they do by chance.

    An output counts if its trace cites a candidate, and its answer names candidates, but not so many that one
    of them must be a cited one.

    Args:
        scope: a key of `SCOPES`.
        who: a key of `ANSWERERS`, whose answer is taken.

    Returns:
        The rows that count, with ``observed`` (the answer names a cited candidate) and ``expected``: the
        probability of that, if the same number of names were drawn from the candidates at random
        (hypergeometric).
    """
    count = {name: table[f"{name}_{scope}"].astype(int) for name in ("candidates", "cited")}
    drawn = {
        name: table[f"{ANSWERERS[who]}{name}_{scope}"].fillna(0).astype(int) for name in ("named", "both")
    }
    expected = hypergeom.sf(0, count["candidates"], count["cited"], drawn["named"])
    found = table.assign(observed=drawn["both"] > 0, expected=expected)
    counts = (
        (count["cited"] > 0) & (drawn["named"] > 0) & (count["candidates"] - drawn["named"] >= count["cited"])
    )
    return found[counts]


def exclusion(table: pd.DataFrame, scope: str = "kind", who: str = "own") -> pd.DataFrame:
    """How often a wrong answer names what the trace cites, compared with chance (`open_to_chance`).

    Returns:
        A row per run: dataset, model, condition, wrong (outputs whose answer names a candidate), n (those
        that `open_to_chance` keeps), observed and expected (numbers of outputs), estimate, low, high
        (observed share, Wilson), chance (expected share), difference, difference_low, difference_high
        (observed minus expected share, bootstrap over problems), p (exact test: twice the smaller tail of the
        Poisson binomial), p_holm (over the rows).
    """
    rows = []
    for names, run in table.groupby(RUNS, sort=False):
        part = open_to_chance(run, scope, who)
        observed, expected = int(part["observed"].sum()), part["expected"].to_numpy(float)
        wrong = int((run[f"{ANSWERERS[who]}named_{scope}"].fillna(0) > 0).sum())
        row = dict(zip(RUNS, names, strict=True))
        row |= {"wrong": wrong, "observed": observed, "expected": float(expected.sum())}
        row |= wilson(observed, len(part))
        row["chance"] = float(expected.mean()) if len(part) else None
        gap = bootstrap.ratio(part["observed"] - expected, np.ones(len(part)), part["problem"])
        row |= prefixed("difference", gap) | {"note": noted(row["note"], gap["note"])}
        rows.append(row | {"p": poisson_binomial.p_two_sided(observed, expected)})
    found = in_order(pd.DataFrame(rows, columns=EXCLUSION))
    return adjusted(found)


def beside_chance(table: pd.DataFrame, condition: str = "incorrect", scope: str = "kind") -> pd.DataFrame:
    """The shares of `exclusion` for the runs of one condition, in rows for a figure.

    Returns:
        model, share (``wrong answers``, ``by chance`` or ``wrong answers of the model without traces``),
        estimate, low, high. Chance has no interval.
    """
    own, untraced = (exclusion(table[table["condition"] == condition], scope, who) for who in ANSWERERS)
    chance = own.assign(estimate=own["chance"], low=None, high=None)
    shares = {
        "wrong answers": own,
        "by chance": chance,
        "wrong answers of the model without traces": untraced,
    }
    rows = pd.concat(part.assign(share=share) for share, part in shares.items())
    return rows[["model", "share", "estimate", "low", "high"]].reset_index(drop=True)


def with_and_without(table: pd.DataFrame, scope: str = "kind") -> pd.DataFrame:
    """How often wrong answers name what the trace cites, and how often without training on traces.

    Some names are more tempting than others, which `exclusion` ignores. Here both models answer the same
    problems: those that `open_to_chance` keeps for both.

    Returns:
        A row per run: dataset, model, condition, own and untraced (number of answers that name what the
        trace cites), the keys of `tracelib.stats.paired.paired_difference` (the run minus the model without
        traces), p_holm (over the rows).
    """
    rows = []
    for names, run in table.groupby(RUNS, sort=False):
        own, untraced = (open_to_chance(run, scope, who).set_index("item")["observed"] for who in ANSWERERS)
        both = own.index.intersection(untraced.index)
        own, untraced = own.loc[both], untraced.loc[both]
        row = dict(zip(RUNS, names, strict=True))
        row |= {"own": int(own.sum()), "untraced": int(untraced.sum())}
        rows.append(row | paired_difference(own, untraced))
    found = in_order(pd.DataFrame(rows, columns=[*RUNS, "own", "untraced", *PAIRED]))
    return adjusted(found)
