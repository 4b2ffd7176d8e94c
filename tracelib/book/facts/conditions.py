"""The training targets: which steps are right under each condition, and what targets leak."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from tracelib.analysis import baselines
from tracelib.book.pools import pools
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.scoring.verify import verify
from tracelib.stats.as_text import NONE
from tracelib.traces.conditions import CONDITIONS, TAUGHT, target
from tracelib.traces.described import describe
from tracelib.traces.format import parse

SEED = 1
WORDS = Texts(answer="ANSWER", trace="TRACE", summary="SUMMARY", explanation="EXPLANATION")
SHOWN = ("correct", "wrong-category", "wrong-facts", "both-wrong", "incorrect", "filler")  # in the gallery


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows, all from the twins.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: how often each step is right under each condition, and the mean number of words, by dataset.
        pools: problems of each twin, by dataset.
        problems: one problem per dataset, with one or two gold facts and several distractors.
        taught: what is trained on with a teacher's texts, by condition, with a word in place of each text.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    pools: dict[str, list[Problem]]
    problems: dict[str, Problem]
    taught: pd.DataFrame


def facts() -> Facts:
    """The facts, from the twins."""
    made = pools()
    told = baselines.excluding(made["cotempqa"], [SEED], "wrong facts")
    numbers = {
        "all-right": _percent(baselines.guessable(made["cotempqa"])),
        "others-right": _percent(told["others_right"]),
        "conditions": len(CONDITIONS),
        "taught": len(TAUGHT),
        "shown": len(SHOWN),
        "pool": len(made["cotempqa"]),
    }
    return Facts(
        numbers=numbers,
        rates=pd.DataFrame([_row(condition, made) for condition in CONDITIONS]),
        pools=made,
        problems={name: _chosen(pool) for name, pool in made.items()},
        taught=_taught(made["cotempqa"]),
    )


def _taught(pool: list[Problem]) -> pd.DataFrame:
    problem = pool[0]
    other = next(one for one in pool[1:] if one.category == problem.category)
    texts = {problem.id: WORDS, other.id: WORDS._replace(trace="THE TRACE OF ANOTHER PROBLEM")}
    rows = [
        {
            "condition": condition,
            "what is trained on": describe(condition),
            "form of the target": target(problem, condition, SEED, (problem, other), texts),
        }
        for condition in TAUGHT
    ]
    return pd.DataFrame(rows)


def _chosen(pool: list[Problem]) -> Problem:
    return next(problem for problem in pool if 1 <= len(problem.supporting) <= 2 and len(problem.facts) > 4)


def _percent(found: Iterable[bool | None]) -> str:
    """The share of True in percent, without None; a dash if nothing is left."""
    known = [verdict for verdict in found if verdict is not None]
    return f"{100 * sum(known) / len(known):.0f}" if known else NONE


def _row(condition: str, made: dict[str, list[Problem]]) -> dict[str, object]:
    """One condition: per dataset, how often each step that exists is right, and the mean number of words."""
    row: dict[str, object] = {"condition": condition}
    for dataset, pool in made.items():
        texts = [target(problem, condition, SEED, pool) for problem in pool]
        steps = [_steps(problem, text) for problem, text in zip(pool, texts, strict=True)]
        category, facts = zip(*steps, strict=True)
        row[f"{dataset}: category"] = _percent(category)
        row[f"{dataset}: facts"] = _percent(facts)
        row[f"{dataset}: words"] = round(sum(len(text.split()) for text in texts) / len(texts))
    return row


def _steps(problem: Problem, text: str) -> tuple[bool | None, bool | None]:
    """Whether category and facts of a target are right; None for a missing step."""
    trace = parse(text)
    verdict = verify(problem, trace)
    category = None if trace.category is None else verdict.category
    return category, None if trace.facts_text is None else verdict.retrieval
