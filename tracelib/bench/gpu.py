"""Fine-tuning at the shapes of the paper's models, with random weights: tokens per second, share of peak.

Speed does not depend on the weights' values, so this needs no download. The peak is the rate of a product of
two large bf16 matrices on the same device in the same run.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, PretrainedConfig, Qwen3Config

from tracelib.bench import timing
from tracelib.bench.training import RECIPE
from tracelib.core import provenance
from tracelib.core.errors import InputError
from tracelib.training.sft import IGNORED, Example, adapted, finetune, plan

SHAPES = {  # from the models' published configurations
    "Llama-3.2-1B": LlamaConfig(
        hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32,
        num_key_value_heads=8, head_dim=64, vocab_size=128256, tie_word_embeddings=True,
    ),
    "Qwen3-1.7B": Qwen3Config(
        hidden_size=2048, intermediate_size=6144, num_hidden_layers=28, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, vocab_size=151936, tie_word_embeddings=True,
    ),
}  # fmt: skip
LENGTHS = (300, 700)  # tokens of an example, drawn uniformly: as for CoTempQA's 10 to 20 facts
COMPLETION = 0.15  # share of an example that is learned
EXAMPLES = 1024
COUNTED = 8  # batches whose operations are counted
GEMM = 8192
PROMPT, ANSWER, AT_ONCE = 450, 120, 64  # tokens read and written per answer; answers generated together
PROBLEMS = {"cotempqa": (1735, 950), "babi": (3773, 376), "marco": (4800, 1000)}  # training and test problems
# One model in the paper's grid trains on all problems x 3 epochs x 3 conditions x 5 seeds. Each run, and the
# untrained model, answers all test problems.
GRID_EXAMPLES = sum(train for train, _ in PROBLEMS.values()) * 3 * 3 * 5
GRID_ANSWERS = sum(test for _, test in PROBLEMS.values()) * (3 * 5 + 1)
# The paper's models of 8 billion weights: their size, and the measured model of their family.
LARGER = {"Llama-3.1-8B": (8.03e9, "Llama-3.2-1B"), "Qwen3-8B": (8.19e9, "Qwen3-1.7B")}


def run(device: str = "cuda") -> dict[str, dict]:
    """Figures per shape, the estimated hours of the paper's whole grid, and the machine.

    `InputError` without a GPU.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("no GPU that torch can use; without one, 'tracelib bench' times what a CPU does")
    found = {name: measure(config, device) for name, config in SHAPES.items()}
    return found | {"paper_grid_hours": paper_grid(found), "machine": _machine(device)}


def paper_grid(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Hours of training and answering on this device, per model and for all four in turn.

    Models of 8 billion weights are not measured: their hours grow with the number of weights. The hours are a
    lower bound, since 4-bit weights, gradient checkpointing and interventions come on top.
    """
    hours = {name: row["grid_training_hours"] + row["grid_answering_hours"] for name, row in found.items()}
    for name, (weights, smaller) in LARGER.items():
        hours[name] = hours[smaller] * weights / found[smaller]["parameters"]
    return {name: round(value, 1) for name, value in (hours | {"all": sum(hours.values())}).items()}


def measure(
    config: PretrainedConfig,
    device: str,
    examples: int = EXAMPLES,
    gemm: int = GEMM,
    lengths: tuple[int, int] = LENGTHS,
    at_once: int = AT_ONCE,
) -> dict[str, float]:
    """Rates, their share of the measured peak, peak memory in GB, and hours in the paper's grid."""
    torch.manual_seed(0)
    recipe = replace(RECIPE, precision="bf16")
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).to(device)
    made = _examples(config.vocab_size, examples, lengths)
    pad = SimpleNamespace(pad_token_id=0)
    batches = plan([len(example["input_ids"]) for example in made], recipe.batch_size, 1, seed=1)
    some = [[made[number] for number in batch] for batch in batches[:COUNTED]]  # also among the timed batches
    per_token = timing.flops_per_token(adapted(model, recipe), some, 0, "bf16")
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).to(device)
    finetune(model, pad, made[:32], recipe, seed=0)  # pays for set-up
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).to(device)
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    tokens = sum(len(example["input_ids"]) for example in made)

    def train() -> int:
        finetune(model, pad, made, recipe, seed=1)
        timing.wait(device)
        return tokens

    rate, peak = timing.best(train, 1), timing.gemm(gemm, device, torch.bfloat16)
    memory = 0.0 if device == "cpu" else torch.cuda.max_memory_allocated() / 2**30
    per_example = tokens / len(made)
    answers = _answers_per_second(model, config.vocab_size, device, at_once)
    figures = {
        "tokens_per_s": rate,
        "tflops": rate * per_token / 1e12,
        "peak_tflops": peak / 1e12,
        "share_of_peak": rate * per_token / peak,
        "peak_gb": memory,
        "answers_per_s": answers,
        "grid_training_hours": GRID_EXAMPLES * per_example / rate / 3600,
        "grid_answering_hours": GRID_ANSWERS / answers / 3600,
    }
    # Four digits, not decimals: a CPU without bf16 products has a thousandth of a GPU's rates.
    return {"parameters": model.num_parameters()} | {
        name: float(f"{value:.4g}") for name, value in figures.items()
    }


@torch.inference_mode()
def _answers_per_second(model, vocabulary: int, device: str, at_once: int) -> float:
    """Greedy answers per second in one batch, of a fixed length: random weights never end an answer."""
    model.eval()
    prompts = torch.randint(vocabulary, (at_once, PROMPT), device=device)

    def answer() -> int:
        model.generate(
            input_ids=prompts, attention_mask=torch.ones_like(prompts), do_sample=False, pad_token_id=0,
            max_new_tokens=ANSWER, min_new_tokens=ANSWER,
        )  # fmt: skip
        timing.wait(device)
        return at_once

    return timing.best(answer, 2)


def _examples(vocabulary: int, count: int, lengths: tuple[int, int]) -> list[Example]:
    rng = random.Random(0)
    made = []
    for number in range(count):
        ids = [rng.randrange(vocabulary) for _ in range(rng.randint(*lengths))]
        learned = max(1, round(COMPLETION * len(ids)))
        labels = [IGNORED] * (len(ids) - learned) + ids[-learned:]
        made.append({"item": str(number), "input_ids": ids, "labels": labels})
    return made


def _machine(device: str) -> dict:
    name = "cpu" if device == "cpu" else torch.cuda.get_device_name()
    return {"device": name, "versions": provenance.versions(), "hardware": provenance.hardware()}
