"""A made release as large as the public one, with MARCO and Qwen3-8B, and the cost of its audit.

Files have the names and formats of the public tree. Problems are the twins'; MARCO's have passages as long as
the dataset's. Outputs are targets, a third of them for another problem.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tracelib.core.provenance import PEAK_UNIT
from tracelib.core.pylist import listed
from tracelib.datasets import twins
from tracelib.datasets.problem import Problem, content_id
from tracelib.paper import release
from tracelib.scoring import audit
from tracelib.traces import conditions
from tracelib.traces.format import prompt

SIZES = {  # problems per relation, or per dataset
    "equal": 87, "overlap": 131, "during": 619, "mix": 113, "babi": 376, "marco": 1000,
}  # fmt: skip
FACTS = 12  # per problem, of CoTempQA and bAbI
PASSAGES, JOINED = 10, 4  # passages per problem of MARCO, and how many of the twin's make one
DRAWN = 100  # problems of CoTempQA's twin that are generated at a time; their relations are random


def write(folder: Path, sizes: Mapping[str, int] = SIZES) -> list[Path]:
    """Write all files of outputs that the public tree has; the same sizes give the same files."""
    problems = {part: list(made(part, size)) for part, size in sizes.items()}
    written = []
    for name, (dataset, model, condition, relation) in release.runs().items():
        asked = problems[relation if dataset == "cotempqa" else dataset]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            json.dumps(record(problem, prediction(asked, number, condition, model)))
            for number, problem in enumerate(asked)
        )
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        written.append(path)
    return written


def made(part: str, size: int) -> Iterator[Problem]:
    """Problems of a part: a relation of CoTempQA, bAbI or MARCO."""
    if part == "marco":
        yield from map(_longer, twins.generate("marco", size, 0, PASSAGES))
    elif part == "babi":
        yield from twins.generate("babi", size, 0, FACTS)
    else:
        found: list[Problem] = []
        seed = 0
        while len(found) < size:
            drawn = twins.generate("cotempqa", DRAWN, seed, FACTS)
            found += [problem for problem in drawn if problem.category == part]
            seed += 1
        yield from found[:size]


def _longer(problem: Problem) -> Problem:
    """The problem with passages as long as the dataset's, each joined from several."""
    count = len(problem.facts)
    facts = tuple(
        " ".join(problem.facts[(place + step) % count] for step in range(JOINED)) for place in range(count)
    )
    supporting = problem.supporting
    return replace(
        problem, id=content_id(problem.question, facts, problem.gold), facts=facts, supporting=supporting
    )


def prediction(asked: list[Problem], number: int, condition: str, model: str) -> str:
    """A model's output to a problem: its target or, for about a third of the problems, the next one's."""
    turned = random.Random(f"{model}/{condition}/{number}").random() < 1 / 3
    problem = asked[(number + turned) % len(asked)]
    if condition == conditions.PROMPTED:
        return f"Answer: {problem.gold[0]}"
    return f"assistant\n\n{conditions.target(problem, condition, number, asked)}"


def record(problem: Problem, text: str) -> dict:
    """An output in the release's format."""
    if problem.dataset == "cotempqa":
        return {
            "input": {"text": prompt(problem)},
            "prediction": text,
            "gold": list(problem.gold),
            "triple_element": problem.kind,
            "question": problem.question,
            "facts": list(problem.facts),
        }
    return {
        "input": prompt(problem),
        "prediction": text,
        "gold": problem.gold[0] if problem.dataset == "babi" else listed(problem.gold),
        "question": problem.question,
        "query_type": problem.category if problem.dataset == "babi" else problem.category.upper(),
        "passage": listed(problem.facts),
        "reasoning": f"The category of the question asked is: {problem.category}.\n",
        "answer_passage": listed(problem.supporting_facts),
    }


def measure(folder: Path) -> dict[str, float | int]:
    """Seconds and peak memory (MB, of the whole process) of the audit of all files in a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    start = time.perf_counter()
    outcomes = audit.read(paths).outcomes
    seconds = time.perf_counter() - start
    return {
        "whole_outputs": len(outcomes),
        "whole_audit_s": round(seconds, 3),
        "whole_audit_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT),
        "whole_longest_line": max(len(line) for path in paths for line in path.open("rb")),
    }


if __name__ == "__main__":  # a process of its own: peak memory never falls
    print(json.dumps(measure(Path(sys.argv[1]))))
