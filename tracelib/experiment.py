"""One run: dataset x model x condition x seed, from problems to outcomes, in one run folder."""

import json
import time
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd
import torch

from tracelib import conditions, keys, models, provenance, traces, twins
from tracelib.export import to_record
from tracelib.files import InputError, sha256, written_beside
from tracelib.generate import generate
from tracelib.outcomes import score
from tracelib.outputs import Output
from tracelib.parameters import Experiment
from tracelib.problems import Problem
from tracelib.sft import Recipe, encode, finetune


def problems(chosen: Experiment) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems, disjoint; the same for every condition and model seed."""
    sizes = {"train": chosen.train_items, "test": chosen.test_items}
    made = twins.splits(chosen.dataset.removesuffix("-twin"), sizes, chosen.data_seed, chosen.facts)
    return made["train"], made["test"]


def run(chosen: Experiment, folder: Path, progress: bool = False) -> pd.DataFrame:
    """Fine-tune, generate on the test problems, verify; write the run folder; return outcomes."""
    clock = _Clock()
    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    train, test = problems(chosen)
    targets = [conditions.target(problem, chosen.condition, chosen.seed, train) for problem in train]
    prompts = [traces.prompt(problem) for problem in train]
    size = models.Size(chosen.vocabulary, chosen.hidden, chosen.layers, chosen.heads, chosen.context)
    tokenizer = models.train_tokenizer(_tokenizer_texts(train), size)
    base = models.tiny_llama(tokenizer, size, seed=chosen.seed)
    weights = base.num_parameters()  # before the adapters come in
    clock.lap("prepare")

    recipe = Recipe(**{f.name: getattr(chosen, f.name) for f in fields(Recipe) if hasattr(chosen, f.name)})
    examples, left_out = encode(tokenizer, prompts, targets, [problem.id for problem in train])
    if not examples:
        raise InputError(f"no training example fits in the context of {chosen.context} tokens")
    adapted, losses = finetune(base, tokenizer, examples, recipe, chosen.seed, progress=progress)
    clock.lap("train")

    test_prompts = [traces.prompt(problem) for problem in test]
    texts, unread = generate(
        adapted, tokenizer, test_prompts, chosen.max_new_tokens, chosen.generation_batch, progress=progress
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
        about = _about(chosen, train + test, clock, weights)
        about["too_long"] = {"train": left_out, "test": [test[number].id for number in unread]}
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
    return [traces.prompt(problem) + conditions.target(problem, "correct", 0) for problem in train]


def _record(output: Output) -> dict:
    written = {name: getattr(output, name) for name in ("prediction", "model", "condition", "seed")}
    return {**to_record(output.problem), **written}


def _about(chosen: Experiment, used: list[Problem], clock: _Clock, parameters: int) -> dict:
    return {
        "parameters": asdict(chosen),
        "model_parameters": parameters,
        "model_revision": "random weights, made from the seed",
        "data_sha256": provenance.text_hash(*(repr(problem) for problem in used)),
        "library_sha256": {name: sha256(path) for name, path in keys.closure(Path(__file__)).items()},
        "lock_sha256": sha256(keys.LOCK) if keys.LOCK.is_file() else None,
        "git_commit": provenance.git_commit(),
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "seconds": clock.seconds,
    }
