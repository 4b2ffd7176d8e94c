"""Benchmarks on a real model, SmolLM2-135M: training and generation with its profile, beside peers.

The peers are those of `tracelib.bench.training`, with adapters of the same rank, the same problems and the
same precision of products. TRL holds the weights in fp32, its default. The release's recipe holds them in 4
bits, which needs a GPU; here it holds them in the precision of the products. Everything runs in a process of
its own. Its peak memory is read before the peers begin, so it belongs to our training and generation.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from peft.tuners.lora import LoraLayer
from transformers import PreTrainedModel
from transformers.utils import logging

from tracelib.bench import timing
from tracelib.bench import training as bench_training
from tracelib.core.errors import InputError
from tracelib.core.provenance import PEAK_UNIT
from tracelib.datasets import problem_sets, release_files
from tracelib.datasets.problem import Problem
from tracelib.experiments import profiles, runner, sweep
from tracelib.experiments.config import Experiment
from tracelib.paper import real_grid
from tracelib.traces import conditions
from tracelib.training import model_files, models
from tracelib.training.generate import generate
from tracelib.training.sft import Example, adapted, encode, finetune, plan

PROFILE, CELL = real_grid.NAME, "babi-correct"
MODEL = "smollm2-135m"
TWIN_FACTS = 5  # facts per problem of the twin, which give about as many tokens as bAbI's problems have
COMPARED = {  # as `bench_training.COMPARED`
    "smollm2_vs_trl": ("SmolLM2, training: TRL's defaults", "smollm2_tokens_per_s", 2.0),
    "smollm2_vs_trl_packing": ("SmolLM2, training: TRL with packing", "smollm2_tokens_per_s", 1.0),
    "smollm2_vs_release": ("SmolLM2, training: the release's recipe", "smollm2_tokens_per_s", 5.0),
    "smollm2_generation_vs_single": (
        "SmolLM2, answering, tokens/s: one at a time", "smollm2_generation_tokens_per_s", 4.0,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    train: int = 48  # problems, which make whole batches in every recipe
    passes: int = 2  # the best one counts
    answers: int = 16
    single: int = 4  # prompts that are answered one at a time
    compared: int = 6  # prompts whose texts are compared in fp32
    new_tokens: int = 24  # per compared text


def run() -> dict[str, float | int | str]:
    """Figures by name, all beginning with ``smollm2_``; if the model is absent, only one that says so."""
    try:
        model_files.folder(MODEL)
    except InputError as error:
        return {"smollm2_not_measured": str(error)}
    command = [sys.executable, "-m", "tracelib.bench.smollm2"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def as_profiled(effort: Effort) -> tuple[Experiment, str]:
    """A run of the profile on fewer problems, and their origin: a twin if the release is unavailable."""
    (chosen,) = sweep.experiments(profiles.load(PROFILE), [CELL], [1]).values()
    chosen = replace(chosen, train_items=effort.train, test_items=effort.answers)
    try:
        problem_sets.deal(chosen)
    except release_files.Unreachable:
        return replace(
            chosen, dataset="babi-twin", split="released", facts=TWIN_FACTS
        ), "a twin of bAbI's, of like length"
    return chosen, "the release's bAbI"


def measure(chosen: Experiment, effort: Effort) -> dict[str, float | int | str]:
    """Figures of a run's training and generation, without the prefix of their names.

    Tokens are the examples' tokens, counted once, without padding. ``matrix_share``: the operations of the
    frozen matrices that every token passes (forward, and backward to their inputs), as a share of the rate at
    which torch multiplies with the same matrices. ``operations_share``: the same share for all products of a
    step, also of output layer, adapters and attention. ``peak_mb`` includes a step on the longest examples.
    """
    chosen = replace(chosen, precision=models.usable(chosen.precision))
    train, test, _ = problem_sets.deal(chosen)
    tokenizer = models.tokenizer(chosen.model)
    tokenizer.model_max_length = chosen.context
    prompts, targets = _texts(chosen, train)
    examples = encode(tokenizer, prompts, targets)[0]
    recipe = replace(runner.recipe(chosen), checkpoint_steps=0)
    figures: dict[str, float | int | str] = {
        "precision": chosen.precision,
        "threads": torch.get_num_threads(),
    }

    trained, rate = _training(chosen, tokenizer, examples, effort.passes)
    figures["tokens_per_s"] = round(rate)
    questions = [conditions.prompt(problem, chosen.condition) for problem in test]
    figures |= _answering(trained, tokenizer, questions, chosen, effort)
    longest = sorted(examples, key=lambda example: len(example["input_ids"]))[-recipe.batch_size :]
    finetune(_base(chosen), tokenizer, longest, recipe, seed=1)
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT)

    figures |= _shares(chosen, tokenizer, examples, rate)
    figures["texts_equal_in_fp32"] = _texts_are_equal(chosen, tokenizer, questions[: effort.compared], effort)
    for name, settings in bench_training.PEERS.items():
        weights = chosen.precision if name == "sft_vs_release" else "fp32"
        peer = bench_training.peer(
            chosen.model, weights, recipe, prompts, targets, settings, effort.passes
        )  # fmt: skip
        name = name.removeprefix("sft_")
        figures |= {f"{name}_peer": round(peer), name: round(rate / peer, 2)}
    return figures


def _texts(chosen: Experiment, problems: Sequence[Problem]) -> tuple[list[str], list[str]]:
    prompts = [conditions.prompt(problem, chosen.condition) for problem in problems]
    return prompts, [conditions.target(p, chosen.condition, chosen.seed, problems) for p in problems]


def _base(chosen: Experiment, precision: str = "") -> PreTrainedModel:
    return models.load(chosen.model, precision or chosen.precision, chosen.attention)[0]


def _training(chosen: Experiment, tokenizer, examples: list[Example], passes: int):
    """The trained model, and tokens per second of a whole training, with adapters and batching."""
    recipe = replace(runner.recipe(chosen), checkpoint_steps=0)
    few = examples[: recipe.batch_size]
    model, _ = finetune(_base(chosen), tokenizer, few, recipe, seed=1)  # pays for set-up

    def work() -> int:
        nonlocal model
        model, _ = finetune(model.unload(), tokenizer, examples, recipe, seed=1)
        return sum(len(example["input_ids"]) for example in examples)

    rate = timing.best(work, passes)
    return model, rate


def _answering(
    model, tokenizer, questions: list[str], chosen: Experiment, effort: Effort
) -> dict[str, float]:
    """Generated tokens per second, in batches and one prompt at a time, up to the answers' own ends."""

    def tokens(texts: Sequence[str]) -> int:
        return sum(len(ids) for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"])

    most, some = chosen.max_new_tokens, questions[: effort.single]

    def together() -> int:
        return tokens(generate(model, tokenizer, questions, most, chosen.generation_batch).texts)

    def alone() -> int:
        return tokens(bench_training.one_at_a_time(model, tokenizer, some, most))

    ours, single = (timing.best(work, effort.passes) for work in (together, alone))
    return {
        "generation_tokens_per_s": round(ours, 1),
        "generation_vs_single_peer": round(single, 1),
        "generation_vs_single": round(ours / single, 1),
    }


def _shares(chosen: Experiment, tokenizer, examples: list[Example], rate: float) -> dict[str, float]:
    """The machine's rate on the model's own matrices, and the shares of it that training reaches."""
    model = adapted(_base(chosen), runner.recipe(chosen))
    weights = [layer.base_layer.weight.detach() for layer in model.modules() if isinstance(layer, LoraLayer)]
    lengths = [len(example["input_ids"]) for example in examples]
    rows = round(chosen.batch_size * sum(lengths) / len(lengths))  # tokens of a step
    inputs = {width: torch.randn(rows, width).to(weights[0]) for width in {w.shape[1] for w in weights}}
    parameters = sum(weight.numel() for weight in weights)

    def products() -> int:
        for weight in weights:
            torch.nn.functional.linear(inputs[weight.shape[1]], weight)
        timing.wait(models.device())
        return 2 * rows * parameters

    matrix = timing.best(products, timing.PRODUCTS)
    batches = [[examples[i] for i in batch] for batch in plan(lengths, chosen.batch_size, 1, seed=1)]
    counted = timing.flops_per_token(model, batches[:4], tokenizer.pad_token_id, chosen.precision)
    return {
        "matrix_gflops": round(matrix / 1e9),
        "matrix_share": round(rate * 4 * parameters / matrix, 3),
        "operations_share": round(rate * counted / matrix, 3),
    }


def _texts_are_equal(chosen: Experiment, tokenizer, questions: list[str], effort: Effort) -> bool:
    """Whether the untrained model writes the same texts in a batch and one at a time; an error if not."""
    model = _base(chosen, "fp32")
    together = generate(model, tokenizer, questions, effort.new_tokens, len(questions)).texts
    alone = bench_training.one_at_a_time(model, tokenizer, questions, effort.new_tokens)
    if together != alone:
        pairs = [(a, b) for a, b in zip(together, alone, strict=True) if a != b]
        raise AssertionError(f"texts in a batch differ from those of one at a time: {pairs}")
    return True


def main() -> None:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    effort = Effort()
    chosen, problems = as_profiled(effort)
    figures = {"problems": problems, **measure(chosen, effort)}
    print(json.dumps({f"smollm2_{name}": value for name, value in figures.items()}))


if __name__ == "__main__":
    main()
