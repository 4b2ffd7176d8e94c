"""Benchmarks of the audit: the time and memory of the whole release and of each part, on this machine."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tracelib.analysis import clustered_rates
from tracelib.bench import made_outputs, made_release, timing
from tracelib.core.provenance import PEAK_UNIT
from tracelib.datasets import release_files, release_problems, twins
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.cotempqa.solver import solve
from tracelib.datasets.problem import Problem
from tracelib.paper import release
from tracelib.scoring import verify
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.scoring.rouge_bleu import rouge_l
from tracelib.traces.format import parse

PASSES = 3  # the best one counts; the others waited for something else
PROBLEMS = 1000  # per twin
FACTS = 8
OUTPUTS = 50_000  # made outputs per dataset


def run(quick: bool = False) -> dict[str, float | int | str]:
    """Figures by name: seconds, items per second (of the best pass; `quick` makes one), peak memory in MB.

    Figures of the release need a local copy or a download; without them, ``not_measured`` says so. The audit
    is read and scored once. Its peak memory is the whole process's up to its end. Figures that begin with
    ``whole`` are of a made release with MARCO's and Qwen3-8B's outputs, in a process of its own. Figures with
    ``_audit_`` are of made outputs, read and scored. ``million_peak_mb`` is the peak memory of the audit of a
    million outputs; `quick` leaves it out.
    """
    passes = 1 if quick else PASSES
    figures: dict[str, float | int | str] = {}
    try:
        figures |= _of_the_release(passes)
    except release_files.Unreachable as error:
        figures["not_measured"] = f"audit, verify, solver: {error}"
    figures |= _of_a_whole_release()
    figures |= _of_made_outputs(passes)
    if not quick:
        figures["million_peak_mb"] = _made("babi", made_outputs.MILLION, 1)["peak_mb"]
    for dataset in twins.DATASETS:
        figures[f"{dataset}_twin_per_s"] = _per_second(partial(_generate, dataset), passes)
    figures["rouge_l_per_s"] = _rouge_per_second(passes)
    figures["bootstrap_s"] = _bootstrap_seconds(passes)
    return figures


def _per_second(work: Callable[[int], int], passes: int) -> int:
    """Items per second of the best pass; `work` takes the number of the pass and returns its items."""
    numbers = count()
    return round(timing.best(lambda: work(next(numbers)), passes))


def _of_the_release(passes: int) -> dict[str, float | int]:
    start = time.perf_counter()
    outputs = release.load_outputs()
    read = time.perf_counter()
    outcomes = score(outputs)
    scored = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problems = [p for split in release_problems.load_splits("cotempqa").values() for p in split]
    return {
        "audit_outputs": len(outcomes),
        "audit_read_s": round(read - start, 3),
        "audit_score_s": round(scored - read, 3),
        "audit_s": round(scored - start, 3),
        "audit_outputs_per_s": round(len(outcomes) / (scored - start)),
        "audit_peak_mb": round(peak / PEAK_UNIT),
        "verify_per_s": _per_second(lambda _: _verify(outputs), passes),
        "cotempqa_solver_per_s": _per_second(lambda _: _solve(problems), passes),
    }


def _of_a_whole_release() -> dict[str, float | int]:
    with TemporaryDirectory() as folder:
        made_release.write(Path(folder))
        return _in_a_process(made_release.__name__, folder)


def _of_made_outputs(passes: int) -> dict[str, int]:
    return {f"{name}_audit_per_s": _made(name, OUTPUTS, passes)["per_s"] for name in twins.DATASETS}


def _made(dataset: str, count: int, passes: int) -> dict[str, int]:
    with TemporaryDirectory() as folder:
        path = made_outputs.write(Path(folder) / "outputs.jsonl", dataset, count)
        return _in_a_process(made_outputs.__name__, str(path), str(passes))


def _in_a_process(module: str, *arguments: str) -> dict:
    """The JSON that a module prints, run in a process of its own so that the peak memory is its own."""
    command = [sys.executable, "-m", module, *arguments]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def _verify(outputs: list[Output]) -> int:
    """Parse and check every output, with an empty cache."""
    verify._cited.cache_clear()
    for output in outputs:
        verify.verify(output.problem, parse(output.prediction))
    return len(outputs)


def _solve(problems: list[Problem]) -> int:
    cotempqa.parse_fact.cache_clear()
    for problem in problems:
        solve(problem)
    return len(problems)


def _generate(dataset: str, seed: int) -> int:
    """Generate other problems in every pass, so that no fact was read before."""
    return len(twins.generate(dataset, PROBLEMS, seed, FACTS))


def _bootstrap_seconds(passes: int) -> float:
    """Seconds for 10,000 clustered resamples of the 2x2 of every run and category of the release."""
    outcomes = release.shipped_outcomes()

    def work() -> int:
        clustered_rates.cells(outcomes)
        return 1

    return round(1 / timing.best(work, passes), 3)


def _rouge_per_second(passes: int) -> int:
    """Answers per second compared with references; an uncounted pass fills the cache of tokens."""
    problems = twins.generate("marco", PROBLEMS, 0, FACTS)
    pairs = [(problem.facts[0], problem.gold) for problem in problems]

    def work(number: int) -> int:
        for text, references in pairs:
            rouge_l(text, references)
        return len(pairs)

    work(0)
    return _per_second(work, passes)
