"""Check the verifier of natural traces against two blind annotations of R1's traces.

``docs/natural-guide.md`` is the guide of the annotators. The traces were drawn before the verifier's rules
were written, and the rules were written without them.
"""

import random
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from tracelib.core.paths import ASSETS
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural.sentences import sentences

DRAWN = ASSETS / "natural" / "drawn.csv"
SIZE = 40


def draw(problems: Iterable[Problem], seed: int = 1) -> list[str]:
    """The ids of the problems whose traces are annotated, in random order.

    Every relation gives its share of `SIZE`, rounded.
    """
    rng = random.Random(f"natural/{seed}")
    by_relation: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        by_relation[problem.category].append(problem.id)
    total = sum(map(len, by_relation.values()))
    chosen = [
        identity
        for _, ids in sorted(by_relation.items())
        for identity in rng.sample(sorted(ids), round(SIZE * len(ids) / total))
    ]
    rng.shuffle(chosen)
    return chosen


def drawn() -> list[str]:
    """The drawn ids, as committed before the rules were written."""
    return pd.read_csv(DRAWN)["id"].tolist()


def sheet(problem: Problem, trace: str) -> str:
    """The text that an annotator sees: question, numbered facts, and the trace in numbered sentences."""
    facts = "\n".join(f"  [{index}] {fact}" for index, fact in enumerate(problem.facts))
    lines = "\n".join(f"  [{index}] {piece.text}" for index, piece in enumerate(sentences(trace)))
    return f"ID: {problem.id}\nQUESTION: {problem.question}\nCONTEXT FACTS:\n{facts}\nTRACE:\n{lines}\n"
