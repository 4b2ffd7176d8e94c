"""Does an answer follow the facts that its own trace cites, or avoid them? The released outputs on CoTempQA.

*Following* is defined as for forced traces (`tracelib.experiments.interventions`). Of each cited fact the
question asks for one side; an output whose cited facts give another answer than the gold one follows if it
gives that answer, as a set. *Exclusion*: an incorrect target cites a fact that is never gold, which tells
what not to answer. A model that has learned so names the cited fact's entity among its wrong answers less
often than by chance. Both are seen here, not set: what is cited may itself depend on the answer to come.

Per output this needs the texts. Where the release cannot be had, what was derived from it and shipped with
the package stands in (ids, verdicts and counts, no text).
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, poisson_binom

from tracelib.core.paths import PAPER
from tracelib.core.pylist import entries
from tracelib.core.texts import normal
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.cotempqa.solver import asked_for, whenever
from tracelib.datasets.problem import Problem, content_id
from tracelib.datasets.shipped import ShippedTable
from tracelib.experiments.interventions import read_off
from tracelib.paper import release
from tracelib.paper.steps import RUNS, in_order
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.scoring.outcomes import RUN
from tracelib.scoring.outputs import Output
from tracelib.stats import bootstrap
from tracelib.stats.paired import holm, paired_difference
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import UNTRACED
from tracelib.traces.format import Trace, parse

KEYS = [*RUN, "category", "item", "problem"]
VERDICTS = ("implies_other", "followed", "gold_all_the_same")
SCOPES = {  # which names of the context an answer could have named wrongly; never a gold one
    "kind": "names that facts of the kind asked for give, whenever these held",
    "side": "names on the side asked for of any fact, but for names that stand in the question",
}
COUNTS = ("candidates", "cited", "named", "both")  # names; both: cited by the trace and named by the answer
ANSWERERS = {"own": "", "untraced": "untraced_"}  # the output itself, or its model trained without traces
COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "seed": "Int64",
    **dict.fromkeys(VERDICTS, "boolean"),
    **{f"{count}_{scope}": "int16" for scope in SCOPES for count in COUNTS},
    **{f"untraced_{count}_{scope}": "Int16" for scope in SCOPES for count in COUNTS[2:]},
}
SHIPPED = ShippedTable(PAPER / "release_following.parquet", types=COLUMNS)  # `evidence` derives it
shipped = SHIPPED.read
KINDS = {  # what is answered where the cited facts give another answer than the gold one
    "followed": "what the facts give",
    "gold_all_the_same": "the gold answer",
    "neither": "neither",
}
ESTIMATE = ("estimate", "low", "high", "n", "method", "note")
ANSWERED = [*RUNS, "give", "answer", "count", "outputs", *ESTIMATE]
EXCLUSION = [
    *RUNS, "wrong", "observed", "expected", *ESTIMATE, "chance", "difference", "difference_low",
    "difference_high", "p",
]  # fmt: skip
PAIRED = [*ESTIMATE, "only_first", "only_second", "p"]  # of `paired_difference`


# --- Per output -------------------------------------------------------------------------------


def compute(outputs: Iterable[Output]) -> pd.DataFrame:
    """One row per CoTempQA output of a model that was trained to write traces, columns as in `COLUMNS`.

    ``implies_other``: the cited facts give another answer than the gold one; missing where they give none,
    and so is ``followed``: the answer is what they give (strict). ``gold_all_the_same``: the answer is right
    (corrected), whatever is cited. Then counts of names under each of `SCOPES`: candidates, cited by the
    trace, named by the answer, and both. And for the answer to the same problem by the same model trained
    without traces (missing where there is none): names that it names, and how many *this* trace cites.
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
    row |= {"category": problem.category, "item": problem.id}
    row |= {"problem": content_id(problem.question, problem.facts, problem.gold)}
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
    """Whether a text gives just these answers, as a set."""
    return answer_correct("strict", replace(problem, gold=answers), trace)


def _names(trace: Trace) -> set[str]:
    """What the answer lists."""
    return set(map(normal, entries(trace.answer or "")))


def candidates(problem: Problem) -> dict[str, set[str]]:
    """Names of the context that would be wrong answers, by `SCOPES`; none where the question is unclear."""
    wanted = asked_for(problem)
    if wanted is None:
        return {scope: set() for scope in SCOPES}
    side = "subject" if wanted[0] is None else "object"
    stated = {getattr(fact, side) for fact in map(parse_fact, problem.facts) if fact}
    gold = set(map(normal, problem.gold))
    of_side = {normal(name) for name in stated if name not in problem.question}
    return {"kind": set(map(normal, whenever(problem))) - gold, "side": of_side - gold}


def derived(outputs: Iterable[Output], outcomes: pd.DataFrame) -> pd.DataFrame:
    """The rows to ship: of the outputs that are here, and the shipped ones of the other outcomes.

    A shipped row stays where the outputs of the model trained without traces are not here.
    """
    found = compute(outputs)
    alone = found["untraced_named_kind"].isna()
    kept = pd.concat([shipped(), found[alone]])
    return release.aligned(found[~alone], kept, outcomes, KEYS).astype(COLUMNS)


# --- Following --------------------------------------------------------------------------------


def followed(table: pd.DataFrame) -> pd.DataFrame:
    """How many outputs cite facts that give another answer than the gold one, and how many of them give it.

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
    """What is answered, by what the cited facts give.

    Returns:
        A row per run, what they ``give`` (``another answer``, ``the gold answer``) and ``answer`` (of
        `KINDS`; where they give the gold answer, following is being right, so only ``gold_all_the_same``):
        dataset, model, condition, give, answer, count, estimate, low, high (Wilson), n, outputs (of the
        run), method, note. Two metrics decide, strict and corrected, so an answer can be of two kinds.
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
    """Following under one condition trained on minus under another: problems where both cite facts that give
    another answer than the gold one.

    Returns a row per model that has both: model, and those of `tracelib.stats.paired.paired_difference`.
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
    """The outputs on which chance can be asked, with what it would give.

    Kept are outputs whose trace cites a candidate, and where the answer (`who` of `ANSWERERS` gives it) names
    one wrongly, but not so many that a cited one must be among them. If as many names as the answer has
    wrong were drawn from the candidates, all equally likely, at least one of them would be a cited one
    with the chance ``expected`` (hypergeometric). ``observed``: one is.
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
    """How often a wrong answer names what the trace cites, against chance (`open_to_chance`).

    Returns:
        A row per run: dataset, model, condition, wrong (outputs whose answer names a candidate wrongly),
        n (those of them on which chance can be asked), observed and expected (numbers of outputs); estimate,
        low, high, the observed share (Wilson); chance, the expected one; difference, difference_low,
        difference_high, observed minus expected share (bootstrap over problems); p, of the exact test
        against chance (twice the smaller tail of the Poisson binomial), p_holm over the rows.
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
        row |= {"difference": gap["estimate"], "difference_low": gap["low"], "difference_high": gap["high"]}
        row["note"] = "; ".join(filter(None, dict.fromkeys((row["note"], gap["note"]))))
        rows.append(row | {"p": _against_chance(observed, expected)})
    found = in_order(pd.DataFrame(rows, columns=EXCLUSION))
    return found.assign(p_holm=holm(found["p"].tolist()))


def _against_chance(observed: int, expected: np.ndarray) -> float | None:
    if not len(expected):
        return None
    drawn = poisson_binom(expected)
    return float(min(1.0, 2 * min(drawn.cdf(observed), drawn.sf(observed - 1))))


def beside_chance(table: pd.DataFrame, condition: str = "incorrect", scope: str = "kind") -> pd.DataFrame:
    """The shares of `exclusion` of one condition's runs, as a figure has them side by side.

    Returns:
        Rows model, share (of its wrong answers, by chance, of the wrong answers of the model without traces),
        estimate, low, high; chance has no interval.
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
    """The same cited names, in the wrong answers of a model and of the same model trained without traces.

    Names differ in how much they tempt, which `exclusion` takes no account of. Here both answer the same
    problems: those on which chance can be asked of either (`open_to_chance`).

    Returns:
        A row per run: dataset, model, condition, own and untraced (how many name what the trace cites), the
        columns of `tracelib.stats.paired.paired_difference`, the run minus the model without traces, and
        p_holm over the rows.
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
    return found.assign(p_holm=holm(found["p"].tolist()))
