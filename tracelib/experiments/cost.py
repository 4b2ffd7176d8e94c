"""How much work runs are, and what the paper's models cost: counted before anything is fetched or timed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from tracelib.datasets import problem_sets
from tracelib.experiments.config import Experiment
from tracelib.traces.conditions import UNFORCED, UNTRAINED

# Billions of weights of the paper's models, by their published files, which hold two bytes for each.
WEIGHTS = {
    "meta-llama/Llama-3.2-1B-Instruct": 1.24,
    "Qwen/Qwen3-1.7B": 2.03,
    "meta-llama/Llama-3.1-8B-Instruct": 8.03,
    "Qwen/Qwen3-8B": 8.19,
}
BYTES = 2  # of a weight, in the files
TOKENS = 500  # of a training example, about: the mean of 300 to 700
OPERATIONS = 4  # per weight and token: a forward pass, and a backward pass that trains adapters alone
GPU = 700e12 * 0.4  # operations per second: 700 TFLOP/s in bf16, used at 40 %


def work(run: Experiment) -> dict[str, float]:
    """A run's work per stage: training examples, texts to generate, problems to intervene on."""
    train, test = sizes(run)
    return {
        "train": 0 if run.condition in UNTRAINED else run.epochs * train,
        "generate": test,
        "intervene": 0 if run.condition in UNFORCED else run.intervene_items,
    }


def sizes(run: Experiment) -> tuple[int, int]:
    """The numbers of training and test problems of a run; a run on all problems counts them."""
    return _sizes(replace(run, condition=UNTRAINED[0], seed=1))  # the same for all conditions and seeds


@lru_cache
def _sizes(run: Experiment) -> tuple[int, int]:
    stated = run.train_items, run.test_items
    return stated if all(stated) else tuple(map(len, problem_sets.load(run)))


def counted(chosen: Sequence[Experiment]) -> list[str]:
    """Lines with the gigabytes and hours of the models whose size is known; empty if there is none.

    Hours are of training alone, at the speed that `GPU` assumes. Nothing is measured.
    """
    found = {}
    for model in dict.fromkeys(run.model for run in chosen):
        own = [run for run in chosen if run.model == model]
        billions = WEIGHTS.get(model.split("@")[0])
        if billions:
            found[model.split("@")[0]] = _of_model(billions, own)
    return [_line(name, row) for name, row in found.items()] + ([_sum(found)] if found else [])


def _of_model(billions: float, runs: Sequence[Experiment]) -> dict[str, float]:
    from tracelib.experiments import memory  # imports torch

    tokens = TOKENS * sum(work(run)["train"] for run in runs)
    return {
        "trainings": sum(run.condition not in UNTRAINED for run in runs),
        "texts": sum(work(run)["generate"] for run in runs),
        "gigabytes": BYTES * billions,
        "held": max(memory.BYTES[run.precision] for run in runs) * billions,
        "hours": OPERATIONS * billions * 1e9 * tokens / GPU / 3600,
    }


def _line(name: str, row: Mapping[str, float]) -> str:
    return (
        f"{name}: {row['trainings']} trainings, {row['texts']:,} texts; {row['gigabytes']:.1f} GB to fetch, "
        f"{row['held']:.1f} GB of memory for them alone; {row['hours']:.1f} h of training"
    )


def _sum(found: Mapping[str, Mapping[str, float]]) -> str:
    gigabytes, hours = (sum(row[name] for row in found.values()) for name in ("gigabytes", "hours"))
    return (
        f"together {gigabytes:.0f} GB to fetch and {hours:.0f} h of training on a GPU of 700 TFLOP/s in "
        "bf16, used at 40 %: counted, not measured; 4-bit weights can take twice as long, answers come on top"
    )
