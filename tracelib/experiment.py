"""One run: dataset x model x condition x seed, from problems to outcomes, in one run folder."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import torch

from tracelib import conditions, models, provenance, traces
from tracelib.datasets import cotempqa
from tracelib.files import InputError, written_beside
from tracelib.generate import generate
from tracelib.outcomes import score
from tracelib.outputs import Output
from tracelib.problems import Problem
from tracelib.sft import Recipe, encode, finetune

DATASETS = ("cotempqa-twin",)
MODELS = ("tiny-random",)


@dataclass(frozen=True)
class Experiment:
    """Every parameter of a run. The profiles' YAML files comment each one."""

    dataset: str
    model: str
    condition: str
    seed: int
    train_items: int
    test_items: int
    facts: int
    data_seed: int
    epochs: float
    batch_size: int
    learning_rate: float
    hidden: int
    layers: int
    vocabulary: int
    max_new_tokens: int
    generation_batch: int
    threads: int

    def __post_init__(self):
        for name, known in (("dataset", DATASETS), ("model", MODELS), ("condition", conditions.CONDITIONS)):
            if getattr(self, name) not in known:
                raise InputError(
                    f"unknown {name} '{getattr(self, name)}', expected one of {', '.join(known)}"
                )
        for name in ("train_items", "test_items", "batch_size", "generation_batch", "threads"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}, expected at least 1")


def from_parameters(parameters: Mapping) -> Experiment:
    """The experiment with these parameters; others than its fields are refused."""
    known = {field.name for field in fields(Experiment)}
    for word, names in (("unknown", set(parameters) - known), ("missing", known - set(parameters))):
        if names:
            raise InputError(f"experiment parameters: {word} {', '.join(sorted(names))}")
    return Experiment(**parameters)


def problems(chosen: Experiment) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems, disjoint; the same for every condition and model seed."""
    count = chosen.train_items + chosen.test_items
    generated = cotempqa.generate(count, chosen.data_seed, chosen.facts)
    return generated[: chosen.train_items], generated[chosen.train_items :]


def run(chosen: Experiment, folder: Path, progress: bool = False) -> pd.DataFrame:
    """Fine-tune, generate on the test problems, verify; write the run folder; return outcomes."""
    clock = _Clock()
    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    train, test = problems(chosen)
    targets = [conditions.target(problem, chosen.condition, chosen.seed) for problem in train]
    prompts = [traces.prompt(problem.question, problem.facts) for problem in train]
    size = models.Size(chosen.vocabulary, chosen.hidden, chosen.layers)
    tokenizer = models.train_tokenizer(_tokenizer_texts(train), size)
    base = models.tiny_llama(tokenizer, size, seed=chosen.seed)
    clock.lap("prepare")

    recipe = Recipe(chosen.epochs, chosen.batch_size, chosen.learning_rate)
    adapted, losses = finetune(
        base, tokenizer, encode(tokenizer, prompts, targets), recipe, chosen.seed, progress
    )
    clock.lap("train")

    test_prompts = [traces.prompt(problem.question, problem.facts) for problem in test]
    texts = generate(
        adapted, tokenizer, test_prompts, chosen.max_new_tokens, chosen.generation_batch, progress
    )
    clock.lap("generate")

    outputs = [
        Output(problem, text, chosen.model, chosen.condition, chosen.seed)
        for problem, text in zip(test, texts, strict=True)
    ]
    outcomes = score(outputs)
    clock.lap("verify")
    with written_beside(folder) as beside:
        beside.mkdir()
        adapted.save_pretrained(beside / "adapter", safe_serialization=True)
        lines = [json.dumps(_record(output), ensure_ascii=False) + "\n" for output in outputs]
        (beside / "predictions.jsonl").write_text("".join(lines), encoding="utf-8")
        outcomes.to_csv(beside / "outcomes.csv", index=False)
        pd.DataFrame(losses).to_csv(beside / "loss.csv", index=False)
        about = _about(chosen, train + test, clock, sum(p.numel() for p in base.parameters()))
        (beside / "run.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return outcomes


class _Clock:
    """Seconds spent per stage, in order."""

    def __init__(self):
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now


def _tokenizer_texts(train: list[Problem]) -> list[str]:
    """The texts the vocabulary is learned from: the same for every condition."""
    return [
        traces.prompt(problem.question, problem.facts) + conditions.target(problem, "correct", 0)
        for problem in train
    ]


def _record(output: Output) -> dict:
    problem = output.problem
    return {
        **{name: getattr(problem, name) for name in ("id", "dataset", "question", "facts", "gold")},
        "supporting": problem.supporting,
        "category": problem.category,
        "triple_element": problem.kind,
        "prediction": output.prediction,
        "model": output.model,
        "condition": output.condition,
        "seed": output.seed,
    }


def _about(chosen: Experiment, used: list[Problem], clock: _Clock, parameters: int) -> dict:
    return {
        "parameters": asdict(chosen),
        "model_parameters": parameters,
        "model_revision": "random weights, made from the seed",
        "data_sha256": provenance.text_hash(*(repr(problem) for problem in used)),
        "git_commit": provenance.git_commit(),
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "seconds": clock.seconds,
    }
