"""The release's check of traces and metric of answers: examples, and the effect of each choice."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from tracelib.analysis import trace_answer
from tracelib.core.frames import where
from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.paper import evidence, label_audit, release, repairs, specifications, target_formats
from tracelib.scoring.metrics import REPAIRS, repaired
from tracelib.scoring.outcomes import counts, pooled
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson
from tracelib.traces.format import parse, render

METRICS = release.METRICS[:3]  # CoTempQA's
AXES = {**specifications.AXES, "metric": METRICS}
LONG = 250  # words, about as many as 500 new tokens hold
ON_TRACES = ("correct", "incorrect")
FACTS = (
    "Ada works for Beta from 1948 to 1952.",
    "Ada works for Gamma from 1940 to 1960.",
    "Ada works for Delta from 1980 to 1990.",
)
QUESTION = "While Ada was working for Beta, which employer did Ada work for at the same time?"
OWN = Problem("p", "cotempqa", QUESTION, FACTS, ("Gamma",), (1,), "during", "S1_R1_O2")
OTHER = replace(OWN, facts=("Bo works for Gamma Union in 1950.",), gold=("Gamma Union",), supporting=(0,))
DISTRACTED = render(OWN, "during", listed(FACTS[2:]))  # a trace that cites a distractor


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        example_checks: both checks of `DISTRACTED`, alone and after a problem whose row is found first.
        path: CoTempQA's differences on correct traces, one choice at a time (`trace_answer.rates`).
        path_on_correct, path_on_incorrect: counts after each choice (`specifications.along_the_path`).
        curve: every specification of every model on correct traces (`specifications.curve`).
        curve_of_one: `curve` of Qwen3-1.7B on CoTempQA.
        example_answers: verdicts on three answers to the example, by the official metric and its repairs.
        touched: verdicts that each repair changes (`repairs.touched`).
        ranks: the order of conditions under each repair (`repairs.ranked`).
        accuracies: accuracies of CoTempQA's fine-tuned runs under each metric, with Wilson intervals.
        undisputed: accuracy with and without problems of disputed gold (`label_audit.accuracies`).
        targets: formats of the released targets (`target_formats.load`).
    """

    numbers: dict[str, object]
    example_checks: pd.DataFrame
    path: pd.DataFrame
    path_on_correct: pd.DataFrame
    path_on_incorrect: pd.DataFrame
    curve: pd.DataFrame
    curve_of_one: pd.DataFrame
    example_answers: pd.DataFrame
    touched: pd.DataFrame
    ranks: pd.DataFrame
    accuracies: pd.DataFrame
    undisputed: pd.DataFrame
    targets: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's evidence, the audit of labels and the formats of targets."""
    released = evidence.read(work / "data")
    outcomes, checks, judged = released.outcomes, released.checks, released.repaired
    path = specifications.along_the_path(outcomes, checks, "official")
    along = trace_answer.rates(where(path, dataset="cotempqa", condition="correct"))
    curve = where(specifications.curve(outcomes, checks, release.METRICS), condition="correct")
    of_one = where(curve, dataset="cotempqa", model=release.MODELS["q"])
    ranks, targets = repairs.ranked(judged), target_formats.load()
    solved, _ = label_audit.load()
    numbers = {
        "rests-on": release.rests_on(outcomes),
        **_looked_up(checks),
        **_phi(along),
        **_spread(of_one),
        **_reordered(ranks),
        **_untagged(judged),
        **_searched(judged),
        **_long(outcomes),
        **_formats(where(targets, dataset="cotempqa")),
    }
    return Facts(
        numbers=numbers,
        example_checks=_example_checks(),
        path=where(along, quantity="difference"),
        path_on_correct=where(path, condition="correct"),
        path_on_incorrect=where(path, condition="incorrect"),
        curve=curve,
        curve_of_one=of_one,
        example_answers=_example_answers(),
        touched=repairs.touched(judged),
        ranks=ranks,
        accuracies=_accuracies(outcomes),
        undisputed=label_audit.accuracies(outcomes, solved),
        targets=targets,
    )


# --- The examples -----------------------------------------------------------------------------


def _example_checks() -> pd.DataFrame:
    """The published and the exact verdict on `DISTRACTED`, without and with another test problem."""
    rows = []
    for name, among in (
        ("only this problem in the test set", [OWN]),
        ("a problem with answer 'Gamma Union' before it", [OTHER, OWN]),
    ):
        (row,) = specifications.check([Output(OWN, DISTRACTED)], among).to_dict("records")
        for check, choice in (("published", specifications.PUBLISHED), ("exact", specifications.EXACT)):
            label, cited = as_text.VERDICT[row[choice.category]], as_text.VERDICT[row[choice.retrieval]]
            rows.append({"test set": name, "check": check, "label": label, "facts": cited})
    return pd.DataFrame(rows)


def _example_answers() -> pd.DataFrame:
    """Verdicts on a gold answer, a longer list and a wrong answer, by the official metric and its repairs."""
    variants = {"official": (), "side repaired": ("side",), "corrected": REPAIRS}
    rows = []
    for answer in ("['Gamma']", "['Gamma', 'Delta']", "['Delta']"):
        text = f"<answer>{answer}</answer>"
        verdicts = {
            name: as_text.VERDICT[repaired(OWN, parse(text), frozenset(parts)).exact]
            for name, parts in variants.items()
        }
        rows.append({"answer": answer, **verdicts})
    return pd.DataFrame(rows)


# --- The check of a trace ---------------------------------------------------------------------


def _looked_up(checks: pd.DataFrame) -> dict[str, str]:
    """How many outputs with traces are judged by another problem's row, by dataset."""
    traced = where(checks, condition=ON_TRACES)
    return {
        f"looked-up-{dataset}": as_text.share_of(part["looked up"].sum(), len(part))
        for dataset, part in traced.groupby("dataset")
    }


def _phi(along: pd.DataFrame) -> dict[str, str]:
    """Phi of each model at the first and the last step of the path."""
    phi = where(along, quantity="phi").set_index(["model", "evaluator"])["estimate"]
    first, *_, last = dict.fromkeys(along["evaluator"])
    return {
        f"phi-{name}-{key}": f"{phi[model, step]:.2f}"
        for key, model in release.MODELS.items()
        for name, step in (("published", first), ("exact", last))
    }


def _spread(of_one: pd.DataFrame) -> dict[str, object]:
    """How many specifications give a difference, and the range of these differences in points."""
    defined = of_one["estimate"].dropna()
    return {
        "specifications": len(of_one),
        "defined": len(defined),
        "lowest": f"{100 * defined.min():.1f}",
        "highest": f"{100 * defined.max():.1f}",
    }


# --- The metric of an answer ------------------------------------------------------------------


def _reordered(ranks: pd.DataFrame) -> dict[str, int]:
    """For how many models the order of conditions changes under any variant, and with the side repaired."""
    other = ranks[~ranks["as official"]]
    return {
        "variants": len(repairs.VARIANTS),
        "models": ranks["model"].nunique(),
        "models-changed": other["model"].nunique(),
        "side-changed": len(where(other, variant="side")),
    }


def _accuracies(outcomes: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for metric in METRICS:
        table = pooled(counts(where(outcomes, dataset="cotempqa"), metric))
        for row in table[table["condition"] != "prompted"].itertuples():
            run = f"{row.model}, {row.condition}"
            rows.append({"run": run, "metric": metric, **wilson(row.answer_correct, row.n)})
    return pd.DataFrame(rows)


# --- What deserves suspicion ------------------------------------------------------------------


def _untagged(judged: pd.DataFrame) -> dict[str, object]:
    """How many outputs with traces have no tagged answer."""
    traced = where(judged, condition=ON_TRACES)
    untagged = traced[~traced["tagged"]]
    return {
        "untagged": as_text.share_of(len(untagged), len(traced)),
        "untagged-qwen": len(where(untagged, model=release.MODELS["q"])),
    }


def _searched(judged: pd.DataFrame) -> dict[str, int]:
    """How many verdicts change if only the answer is searched: of all outputs, and of prompted ones."""
    lost = where(judged, official=True, text=False)
    gained = where(judged, official=False, text=True)
    return {
        "text-lost": len(lost),
        "text-lost-prompted": len(where(lost, condition="prompted")),
        "text-gained": len(gained),
        "text-gained-prompted": len(where(gained, condition="prompted")),
    }


def _long(outcomes: pd.DataFrame) -> dict[str, object]:
    """How many prompted outputs of Qwen3-1.7B think until the limit, and how many of them count as right."""
    prompted = where(outcomes, dataset="cotempqa", condition="prompted", model=release.MODELS["q"])
    thinking = prompted[prompted["tokens"] > LONG]
    long = outcomes[outcomes["tokens"] > LONG]
    return {
        "long": as_text.share_of(len(thinking), len(prompted)),
        "long-words": LONG,
        "long-official": int(thinking["answer_official"].sum()),
        "long-corrected": int(thinking["answer_corrected"].sum()),
        "long-tuned": len(long[long["condition"] != "prompted"]),
    }


def _formats(targets: pd.DataFrame) -> dict[str, str]:
    """How the format of CoTempQA's test targets differs between conditions."""
    columns = ["n", "facts_listed", "tagged", "prompt_as_vanilla"]
    lists = targets.set_index("condition")[columns].astype(int)
    correct, incorrect, vanilla = (lists.loc[name] for name in ("correct", "incorrect", "vanilla"))
    bare = incorrect["n"] - incorrect["facts_listed"]
    return {
        "bare": as_text.count_of(bare, incorrect["n"]),
        "listed": as_text.count_of(correct["facts_listed"], correct["n"]),
        "vanilla-tagged": as_text.count_of(vanilla["tagged"], vanilla["n"]),
        "same-prompts": as_text.count_of(lists["prompt_as_vanilla"].min(), lists["n"].min()),
    }
