"""Benchmark of the verifier of natural traces: traces per second on one core, and where the time goes."""

import cProfile
import pstats
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path

from tracelib.bench import timing
from tracelib.datasets.cotempqa import reader, twin
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural import names, reading, simulated
from tracelib.scoring.natural.verify import verify

TRACES, FACTS, WORDS = 200, 16, 300  # a simulated trace of so many facts has about so many words
PASSES = 3
STAGES = {  # stage -> the function whose time, with all that it calls, is the stage's
    "read": ("reading.py", "read"),
    "prepare": ("reading.py", "setting"),
    "cite": ("citations.py", "cited"),
    "claim": ("claims.py", "claims"),
}


def run(quick: bool = False) -> dict[str, float | int]:
    """Figures by name: traces of `WORDS` words per second in the best pass, and the shares of the stages.

    Every pass has other problems, so nothing is cached. The traces are simulated.
    """
    passes = 1 if quick else PASSES
    made = [_made(seed) for seed in range(passes)]
    words = sum(len(text.split()) for part in made for _, text in part) / (passes * TRACES)
    numbers = count()
    rate = timing.best(lambda: _verify(made[next(numbers)]), passes)
    figures = {"natural_words": round(words), "natural_verify_per_s": round(rate * words / WORDS)}
    return figures | _shares(made[0])


def _made(seed: int) -> list[tuple[Problem, str]]:
    problems = twin.generate(TRACES, seed, twin.Knobs(facts=FACTS))
    return [(problem, simulated.write(problem, seed)[0]) for problem in problems]


def _verify(texts: Sequence[tuple[Problem, str]]) -> int:
    reading.setting.cache_clear()
    names.index.cache_clear()
    reader.parse_fact.cache_clear()
    for problem, text in texts:
        verify(text, problem)
    return len(texts)


def _shares(texts: Sequence[tuple[Problem, str]]) -> dict[str, float]:
    """The share of the time that each of `STAGES` takes, and the rest, under the profiler."""
    profile = cProfile.Profile()
    profile.runcall(partial(_verify, texts))
    stats = pstats.Stats(profile)
    seconds = {
        (Path(file).name, name): cumulative
        for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items()
    }
    found = {
        f"natural_share_{stage}": round(seconds[place] / stats.total_tt, 2) for stage, place in STAGES.items()
    }
    return found | {"natural_share_rest": round(1 - sum(found.values()), 2)}
