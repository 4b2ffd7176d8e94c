"""Benchmarks of training and generation, each beside a peer on the same base and problems, in the same run.

The peers of training are TRL's SFTTrainer with its defaults, the same with packing, and the release's recipe
(batches of 4 padded to the longest text, 4 accumulation steps, gradient checkpointing). The peers of
generation are transformers' own: `generate` of one prompt at a time, `generate` of a batch with a static
cache, and continuous batching.
"""

import math
import resource
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, PrinterCallback
from transformers.utils import logging

from tracelib.bench import timing
from tracelib.core.provenance import PEAK_UNIT
from tracelib.datasets import twins
from tracelib.traces import conditions
from tracelib.traces import format as trace_format
from tracelib.training import models
from tracelib.training.generate import generate
from tracelib.training.sft import Recipe, adapted, chat_prompt, encode, finetune, lora

RECIPE = Recipe(  # the paper's adapters
    method="lora", lora_rank=16, lora_alpha=32, lora_dropout=0.05,
    epochs=1, batch_size=16, accumulation=1, learning_rate=1e-3, warmup_ratio=0.03,
    precision=models.usable("bf16"), gradient_checkpointing=False, checkpoint_steps=0,
)  # fmt: skip
PEERS = {  # TRL's settings by figure
    "sft_vs_trl": {},
    "sft_vs_trl_packing": {"packing": True},
    "sft_vs_release": {
        "per_device_train_batch_size": 4, "gradient_accumulation_steps": 4, "gradient_checkpointing": True,
    },
}  # fmt: skip
COMPARED = {  # by ratio: what is compared, the figure of our rate, the ratio to reach
    "sft_vs_trl": ("training, tokens/s: TRL's defaults", "sft_tokens_per_s", 2.0),
    "sft_vs_trl_packing": ("training, tokens/s: TRL with packing", "sft_tokens_per_s", 1.0),
    "sft_vs_release": ("training, tokens/s: the release's recipe", "sft_tokens_per_s", 5.0),
    "generation_vs_single": ("answers/s, short prompts: one at a time", "generation_per_s", 10.0),
    "generation_vs_static": ("answers/s, short prompts: static cache", "generation_per_s", 1.0),
    "generation_vs_continuous": ("answers/s, short prompts: continuous batching", "generation_per_s", 1.0),
    "generation_vs_single_long": ("answers/s, long prompts: one at a time", "generation_per_s_long", 4.0),
    "generation_vs_static_long": ("answers/s, long prompts: static cache", "generation_per_s_long", 1.0),
    "generation_vs_continuous_long": (
        "answers/s, long prompts: continuous batching", "generation_per_s_long", 1.0,
    ),
}  # fmt: skip
NEW_TOKENS = 96
BATCH = 64
PAGE = 128  # tokens per block of memory in continuous batching
SHORT, LONG = 150, 400  # prompt tokens: short prompts have fewer, long prompts about as many
GEMM = 1536  # rows of the matrices whose product is timed


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    train: int  # problems
    passes: int  # the best one counts
    single: int  # prompts that are answered one at a time


FULL, QUICK = Effort(384, 2, 16), Effort(24, 1, 4)


def run(quick: bool = False) -> dict[str, float | int]:
    """Figures by name: our tokens or items per second, each peer's, the ratios, and memory.

    TRL has to be installed (extra bench).
    """
    effort = QUICK if quick else FULL
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    problems = twins.splits("cotempqa", {"train": effort.train}, 11, 5)["train"]
    prompts = [trace_format.prompt(problem) for problem in problems]
    targets = [conditions.target(problem, "correct", 1, problems) for problem in problems]
    figures: dict[str, float | int] = {}
    ours, model = _ours(prompts, targets, effort)
    figures["sft_tokens_per_s"] = round(ours)
    dtype = torch.float32 if RECIPE.precision == "fp32" else torch.bfloat16
    peak = timing.gemm(GEMM, models.device(), dtype)
    figures["gemm_gflops"] = round(peak / 1e9)
    figures["gemm_share"] = round(ours * _flops_per_token(prompts, targets) / peak, 3)
    figures |= _generation(model, effort)
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT)
    for name, settings in PEERS.items():
        rate = peer("tiny-base", "fp32", RECIPE, prompts, targets, settings, effort.passes)
        figures |= {f"{name}_peer": round(rate), name: round(ours / rate, 2)}
    return figures


def table(figures: Mapping[str, float], compared: Mapping[str, tuple] = COMPARED) -> list[tuple[str, ...]]:
    """The comparisons that were made: what, our rate, the peer's, the ratio, the aim, whether it is met."""
    rows = [("compared with", "ours", "peer", "ratio", "aim", "met")]
    for name, (what, ours, aim) in compared.items():
        if (ratio := figures.get(name)) is None:
            continue
        rates_shown = (f"{figures[key]:,.1f}" for key in (ours, f"{name}_peer"))
        rows.append((what, *rates_shown, f"{ratio:.2f}", f"{aim:g}", "yes" if ratio >= aim else "no"))
    return rows


def _ours(prompts: Sequence[str], targets: Sequence[str], effort: Effort):
    """Tokens per second of a whole training, with adapters and batching, and the trained model."""
    tokenizer = models.load("tiny-base")[1]
    examples, _ = encode(tokenizer, prompts, targets)
    count = sum(len(example["input_ids"]) for example in examples)
    bases = iter([models.load("tiny-base")[0] for _ in range(effort.passes + 1)])
    finetune(next(bases), tokenizer, examples[:4], RECIPE, seed=1)  # the first pays for set-up
    trained = []

    def work() -> int:
        trained[:] = [finetune(next(bases), tokenizer, examples, RECIPE, seed=1)[0]]
        return count

    return timing.best(work, effort.passes), trained[0]


def peer(
    name: str,
    weights: str,
    recipe: Recipe,
    prompts: Sequence[str],
    targets: Sequence[str],
    settings: dict,
    passes: int,
) -> float:
    """Tokens per second of TRL's trainer, after it is built and has made a step on one row.

    Args:
        name: the model.
        weights: the precision of its weights.
        recipe: its adapters, learning rate, epochs and precision of products are passed to TRL.
        prompts, targets: the training examples.
        settings: further settings of TRL.
        passes: how many trainings are timed; the best one counts.
    """
    from datasets import Dataset, disable_progress_bars
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    model, tokenizer = models.load(name, weights)
    heads = [tokenizer.decode(chat_prompt(tokenizer, prompt)) for prompt in prompts]
    rows = [{"prompt": h, "completion": t} for h, t in zip(heads, targets, strict=True)]
    with TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = SFTConfig(
            output_dir=scratch, num_train_epochs=recipe.epochs, learning_rate=recipe.learning_rate,
            bf16=recipe.precision != "fp32", use_cpu=not torch.cuda.is_available(), report_to="none",
            save_strategy="no", disable_tqdm=True, logging_strategy="no", dataloader_pin_memory=False,
            **settings,
        )  # fmt: skip
        trainer = SFTTrainer(
            model, arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
            peft_config=lora(recipe),
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        count = sum(len(ids) for ids in trainer.train_dataset["input_ids"])
        whole = trainer.train_dataset
        trainer.train_dataset = whole.select([0])
        trainer.train()
        trainer.train_dataset = whole
        return timing.best(lambda: trainer.train() and count, passes)


def _flops_per_token(prompts: Sequence[str], targets: Sequence[str]) -> float:
    """Operations per token of a training step with adapters, counted on some batches."""
    base, tokenizer = models.load("tiny-base", attention="eager")  # the counter does not see the fused kernel
    examples = sorted(encode(tokenizer, prompts, targets)[0], key=lambda example: len(example["input_ids"]))
    starts = range(0, len(examples), max(16, len(examples) // 4))
    batches = [examples[start : start + 16] for start in starts]
    return timing.flops_per_token(adapted(base, RECIPE), batches, tokenizer.pad_token_id, RECIPE.precision)


def _generation(model, effort: Effort) -> dict[str, float]:
    """Items per second of our batches and of each peer, and the ratios, for short and long prompts."""
    tokenizer = models.load("tiny-base")[1]
    figures = {}
    for suffix, wanted in (("", SHORT), ("_long", LONG)):
        prompts = _prompts(tokenizer, wanted)
        some = prompts[:: math.ceil(len(prompts) / effort.single)]

        def rate(answer, prompts=prompts) -> float:
            return timing.best(lambda: len(answer(model, tokenizer, prompts, NEW_TOKENS)), effort.passes)

        ours = rate(lambda *asked: generate(*asked, BATCH).texts)
        figures[f"generation_per_s{suffix}"] = round(ours, 1)
        peers = {
            "single": rate(one_at_a_time, some),
            "static": rate(with_static_cache),
            "continuous": rate(by_continuous_batching),
        }
        for name, peer_rate in peers.items():
            figures[f"generation_vs_{name}{suffix}_peer"] = round(peer_rate, 1)
            figures[f"generation_vs_{name}{suffix}"] = round(ours / peer_rate, 2)
    return figures


def _prompts(tokenizer, wanted: int) -> list[str]:
    """Prompts of test problems: shorter than `SHORT`, or about as long as `LONG`."""
    chosen: list[str] = []
    facts = 5 if wanted == SHORT else 15
    for problem in twins.generate("cotempqa", 4 * BATCH, 12, facts):
        length = len(chat_prompt(tokenizer, trace_format.prompt(problem)))
        if length < wanted if wanted == SHORT else abs(length - wanted) < wanted / 5:
            chosen.append(trace_format.prompt(problem))
        if len(chosen) == BATCH:
            break
    return chosen


@torch.inference_mode()
def one_at_a_time(model, tokenizer, prompts: Sequence[str], new_tokens: int) -> list[str]:
    """The texts that transformers' own `generate` writes, one prompt after the other."""
    texts = []
    for prompt in prompts:
        ids = torch.tensor([chat_prompt(tokenizer, prompt)], device=model.device)
        written = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=new_tokens,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
        )
        texts.append(tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True))
    return texts


@torch.inference_mode()
def with_static_cache(model, tokenizer, prompts: Sequence[str], new_tokens: int) -> list[str]:
    """The texts that transformers' own `generate` gives of all prompts at once, its cache of a fixed size."""
    heads = {"input_ids": [chat_prompt(tokenizer, prompt) for prompt in prompts]}
    batch = tokenizer.pad(heads, padding_side="left", return_tensors="pt").to(model.device)
    written = model.generate(
        **batch,
        max_new_tokens=new_tokens,
        do_sample=False,
        cache_implementation="static",
        pad_token_id=tokenizer.pad_token_id,
    )
    return tokenizer.batch_decode(written[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)


@torch.inference_mode()
def by_continuous_batching(model, tokenizer, prompts: Sequence[str], new_tokens: int) -> list[str]:
    """The texts that transformers' own `generate_batch` gives, with room for all prompts at once."""
    heads = [chat_prompt(tokenizer, prompt) for prompt in prompts]
    pages = sum(math.ceil((len(head) + new_tokens) / PAGE) for head in heads)
    settings = GenerationConfig(
        max_new_tokens=new_tokens,
        do_sample=False,
        eos_token_id=model.generation_config.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    room = ContinuousBatchingConfig(page_size=PAGE, num_blocks=pages, max_batch_tokens=PAGE * 16)
    found = model.generate_batch(heads, settings, room, warmup=False)
    numbers = sorted(found, key=lambda name: int(name.rpartition("_")[2]))
    return [tokenizer.decode(found[name].generated_tokens, skip_special_tokens=True) for name in numbers]
