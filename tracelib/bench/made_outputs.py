"""Made outputs in the audit's own format, and the time and memory of reading and scoring them."""

import json
import resource
import sys
import time
from pathlib import Path

from tracelib.bench.made_release import prediction
from tracelib.core.provenance import PEAK_UNIT
from tracelib.datasets import twins
from tracelib.scoring import audit
from tracelib.scoring.outcomes import counts, metrics_in
from tracelib.traces.conditions import PROMPTED

PROBLEMS, FACTS = 1000, 8
CONDITIONS = (PROMPTED, "vanilla", "correct", "incorrect")
MILLION = 1_000_000


def write(path: Path, dataset: str, count: int) -> Path:
    """Write `count` outputs: runs of four conditions and many seeds, on the same problems of a twin."""
    problems = twins.generate(dataset, PROBLEMS, 0, FACTS)
    lines = {
        condition: [_line(problems, number, condition) for number in range(PROBLEMS)]
        for condition in CONDITIONS
    }
    with path.open("w", encoding="utf-8") as out:
        for run in range(-(-count // PROBLEMS)):
            seed, condition = divmod(run, len(CONDITIONS))
            left = lines[CONDITIONS[condition]][: count - run * PROBLEMS]
            out.writelines(f'{line}, "seed": {seed}}}\n' for line in left)
    return path


def _line(problems: list, number: int, condition: str) -> str:
    """An output as JSON, without its seed and closing brace."""
    problem = problems[number]
    record = {
        "id": problem.id,
        "dataset": problem.dataset,
        "question": problem.question,
        "facts": problem.facts,
        "gold": problem.gold,
        "supporting": problem.supporting,
        "category": problem.category,
        "prediction": prediction(problems, number, condition, "made"),
        "model": "made",
        "condition": condition,
    }
    if problem.kind:
        record["triple_element"] = problem.kind
    return json.dumps(record).removesuffix("}")


def measure(path: Path, passes: int) -> dict[str, float | int]:
    """Outputs read and scored per second in the best pass, and the process's peak memory in MB, with counts.

    The first pass also loads what the metrics need, so a single pass measures memory better than time.
    """
    seconds = []
    for _ in range(passes):
        start = time.perf_counter()
        outcomes = audit.read([path]).outcomes
        seconds.append(time.perf_counter() - start)
    for metric in metrics_in(outcomes):
        counts(outcomes, metric)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"per_s": round(len(outcomes) / min(seconds)), "peak_mb": round(peak / PEAK_UNIT)}


if __name__ == "__main__":  # a process of its own: peak memory never falls
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
