"""Supervised fine-tuning: loss on the completion alone, in batches of similar length."""

import math
import random
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from peft.helpers import disable_input_dtype_casting
from peft.tuners.lora import LoraLayer
from torch import Tensor
from torch.optim import AdamW
from transformers import PreTrainedModel, PreTrainedTokenizerFast, get_scheduler

from tracelib.training import kernels
from tracelib.training.loop import Pace, Step, train
from tracelib.training.models import processes

IGNORED = -100  # label that the loss skips
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
DATE = "26 Jul 2024"  # what Llama's own template takes where there is no clock
CHUNKS = 50  # batches that are sorted by length together

Example = dict  # item: its id; input_ids, labels: token ids, equally many


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune: the parameters of a run, by their names there, that training needs.

    `tracelib.experiments.config` says what each means and what it may be.
    """

    method: str
    epochs: float
    batch_size: int
    accumulation: int
    precision: str
    gradient_checkpointing: bool
    learning_rate: float
    warmup_ratio: float
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    checkpoint_steps: int


def encode(
    tokenizer: PreTrainedTokenizerFast,
    prompts: Sequence[str],
    completions: Sequence[str],
    items: Sequence[str] | None = None,
) -> tuple[list[Example], list[str]]:
    """Examples, whose labels cover the completion and its end token only, and what did not fit.

    An example longer than the context is not cut: it is left out, and its id (`items`, or else its
    number) is in the second list.
    """
    examples, too_long = [], []
    names = items or [str(number) for number in range(len(prompts))]
    for name, prompt, completion in zip(names, prompts, completions, strict=True):
        head = chat_prompt(tokenizer, prompt)
        tail = tokenizer(completion + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
        if len(head) + len(tail) > tokenizer.model_max_length:
            too_long.append(name)
        else:
            labels = [IGNORED] * len(head) + tail
            examples.append({"item": name, "input_ids": head + tail, "labels": labels})
    return examples, too_long


def chat_prompt(tokenizer: PreTrainedTokenizerFast, prompt: str) -> list[int]:
    """Token ids of one user turn, up to where the assistant's answer starts."""
    messages = [{"role": "user", "content": prompt}]
    # Llama's template names the day; left to itself it names today, and a prompt would change by the day.
    text = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, date_string=DATE
    )
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def plan(lengths: Sequence[int], batch_size: int, epochs: float, seed: int) -> list[list[int]]:
    """The numbers of the examples in every batch of a training, in order.

    An epoch holds each example once, in batches of similar length: examples are shuffled, sorted
    by length within chunks of a few dozen batches (at most a quarter of all), and the batches
    shuffled again. `epochs` may have a fraction; there is at least one batch.
    """
    rng, batches = random.Random(seed), []
    per_epoch = math.ceil(len(lengths) / batch_size)
    chunk = batch_size * max(1, min(CHUNKS, per_epoch // 4))
    for _ in range(math.ceil(epochs)):
        order = rng.sample(range(len(lengths)), len(lengths))
        chunks = [order[start : start + chunk] for start in range(0, len(order), chunk)]
        order = [i for part in chunks for i in sorted(part, key=lambda i: lengths[i])]
        epoch = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
        rng.shuffle(epoch)
        batches += epoch
    return batches[: max(1, round(epochs * per_epoch))]


def dealt(step: list[int], parts: int) -> list[list[int]]:
    """A step's examples in so many parts, as equal as can be; of more parts than examples some are empty."""
    return [step[len(step) * part // parts : len(step) * (part + 1) // parts] for part in range(parts)]


def unlearned(example: Example) -> Example:
    """The example without labels: a part of a step that has none left, whose loss and gradient are zero."""
    return {**example, "labels": [IGNORED] * len(example["labels"])}


def collate(examples: Sequence[Example], pad: int) -> dict:
    """Right-padded batch: input_ids, labels, each (batch, longest example), and the list of items."""
    longest = max(len(example["input_ids"]) for example in examples)

    def padded(name: str, fill: int) -> Tensor:
        return torch.tensor([e[name] + [fill] * (longest - len(e[name])) for e in examples])

    return {
        "input_ids": padded("input_ids", pad),
        "labels": padded("labels", IGNORED),
        "items": [example["item"] for example in examples],
    }


def masked_loss(model, batch: dict, total: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy over the labelled tokens of a batch, in nats: their sum by `total`, or their mean.

    `weights` has one for each labelled token, in order; without, all weigh one. The output layer is applied
    only where a token is learned, which spares most of its cost where prompts are long. Padding is on the
    right, where a causal model cannot see it: no mask is needed, and attention takes its fast path.
    """
    labels = batch["labels"][:, 1:]
    learned = labels != IGNORED
    head = getattr(model, "module", model).get_output_embeddings()  # of the model within a parallel one
    hook = head.register_forward_pre_hook(lambda _, hidden: hidden[0][:, :-1][learned])
    try:
        logits = model(input_ids=batch["input_ids"], use_cache=False).logits
    finally:
        hook.remove()
    losses = kernels.cross_entropy(logits.float(), labels[learned], weights)
    if total is None:
        total = learned.sum() if weights is None else weights.sum()
    return losses / total


def finetune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    examples: list[Example],
    recipe: Recipe,
    seed: int,
    scratch: Path | None = None,
    progress: bool = False,
) -> tuple[PreTrainedModel, list[dict]]:
    """Train on `examples`; returns the model (with adapters, unless ``full``) and the logged losses.

    The same arguments give bit-identical weights on one machine, at one thread count. With
    checkpoints (`Recipe.checkpoint_steps`) in `scratch`, a killed training goes on from the last
    whole one and ends with the same weights.
    """
    torch.manual_seed(seed)  # the adapters' initial weights
    if recipe.precision == "4bit":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if recipe.method == "lora":
        model = adapted(model, recipe)
    if recipe.gradient_checkpointing:
        model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    steps = plan([len(example["input_ids"]) for example in examples], recipe.batch_size, recipe.epochs, seed)
    read = reader(examples, min(recipe.accumulation, max(map(len, steps))), tokenizer.pad_token_id)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = AdamW(weights, recipe.learning_rate, weight_decay=0.0, fused=True)
    # The first step of a warm-up has a rate of zero: were it the only one, nothing would be learned.
    warmup = min(round(recipe.warmup_ratio * len(steps)), len(steps) - 1)
    schedule = get_scheduler("cosine", optimizer, warmup, len(steps))
    log_steps = _logging_steps(len(steps), recipe.checkpoint_steps)
    pace = Pace(log_steps, recipe.checkpoint_steps if scratch else 0, scratch, progress)
    bf16 = recipe.precision != "fp32"
    # peft would widen what comes in to the adapters' fp32, for products that are in bf16 all the same.
    with disable_input_dtype_casting(model, bf16):
        return model, train(model, steps, read, masked_loss, schedule, pace, seed, bf16)


def reader(examples: list[Example], parts: int, pad: int) -> Callable[[list[int]], Step]:
    """What reads a step, the numbers of its examples: each process gets as many `parts` of it."""
    together, number = processes().num_processes, processes().process_index
    shortest = min(examples, key=lambda example: len(example["input_ids"]))

    def read(step: list[int]) -> Step:
        own = dealt(step, parts * together)[number::together]
        batches = [collate([examples[i] for i in part] or [unlearned(shortest)], pad) for part in own]
        count = sum(label != IGNORED for i in step for label in examples[i]["labels"][1:])
        return Step(batches, torch.tensor(count))

    return read


def _logging_steps(steps: int, checkpoint_steps: int) -> int:
    """About fifty losses per training; none spans a checkpoint, where a resumed training starts to count."""
    wanted = max(1, steps // 50)
    if not checkpoint_steps:
        return wanted
    return next(number for number in range(wanted, 0, -1) if checkpoint_steps % number == 0)


def lora(recipe: Recipe) -> LoraConfig:
    """The adapters of a recipe, as peft is told."""
    return LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=PROJECTIONS,
        task_type="CAUSAL_LM",
    )


def adapted(model: PreTrainedModel, recipe: Recipe) -> PreTrainedModel:
    """The model with new low-rank adapters on every projection, which alone are trained."""
    with warnings.catch_warnings():  # peft asks transformers by a name that v6 drops
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        model = get_peft_model(model, lora(recipe))
    # peft keeps these as a set: saved in hash order, the file would differ from run to run.
    model.peft_config["default"].target_modules = sorted(PROJECTIONS)
    for layer in model.modules():
        if isinstance(layer, LoraLayer) and recipe.lora_dropout:
            layer.lora_dropout["default"] = kernels.Dropout(recipe.lora_dropout)
    return model
