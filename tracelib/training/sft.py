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
DATE = "26 Jul 2024"  # the date that Llama's template takes if it has no clock
CHUNKS = 50  # batches that are sorted by length together

Example = dict  # item: an id; input_ids and labels: lists of token ids, of equal length


@dataclass(frozen=True)
class Recipe:
    """The parameters of a run that training needs.

    `tracelib.experiments.config` gives their meanings and allowed values, under the same names.
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
    """Tokenise prompts and completions. The labels of an example cover only its completion and end token.

    Args:
        items: an id for each example; by default its number.

    Returns:
        The examples, and the ids of those left out because they are longer than the context.
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
    """Token ids of one user turn, up to the start of the assistant's answer."""
    messages = [{"role": "user", "content": prompt}]
    # Llama's template states a date, by default today's: a prompt would then change every day.
    text = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, date_string=DATE
    )
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def plan(lengths: Sequence[int], batch_size: int, epochs: float, seed: int) -> list[list[int]]:
    """The indices of the examples in each batch of a training, in order.

    An epoch holds each example once, in batches of similar length. Examples are shuffled, then sorted by
    length within chunks of a few dozen batches (at most a quarter of all), then the batches are shuffled.

    Args:
        lengths: the length of each example, in tokens.
        epochs: may be a fraction; there is at least one batch.
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
    """Split a step into parts of nearly equal size; some are empty if there are more parts than examples."""
    return [step[len(step) * part // parts : len(step) * (part + 1) // parts] for part in range(parts)]


def unlearned(example: Example) -> Example:
    """The example with nothing to learn. It stands in an empty part of a step; its gradient is zero."""
    return {**example, "labels": [IGNORED] * len(example["labels"])}


def collate(examples: Sequence[Example], pad: int) -> dict:
    """A right-padded batch: input_ids and labels, (batch, longest example) each, and the list of items."""
    longest = max(len(example["input_ids"]) for example in examples)

    def padded(name: str, fill: int) -> Tensor:
        return torch.tensor([e[name] + [fill] * (longest - len(e[name])) for e in examples])

    return {
        "input_ids": padded("input_ids", pad),
        "labels": padded("labels", IGNORED),
        "items": [example["item"] for example in examples],
    }


def masked_loss(model, batch: dict, total: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy over the labelled tokens of a batch, in nats: their sum divided by `total`.

    The output layer is applied only where a token is learned, which saves most of its cost if prompts are
    long. Padding is on the right, where a causal model cannot see it. So no mask is needed, and attention
    takes its fast path.

    Args:
        total: by default the sum of the weights, so that the loss is a mean.
        weights: one for each labelled token, in order; by default all are one.
    """
    labels = batch["labels"][:, 1:]
    learned = labels != IGNORED
    head = getattr(model, "module", model).get_output_embeddings()  # `module`: a model in a parallel one
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
    """Train on `examples`; return the model (with adapters, unless the method is ``full``) and the losses.

    The same arguments give bit-identical weights on the same machine with the same number of threads. With
    `Recipe.checkpoint_steps`, checkpoints are written to `scratch`. A killed training then goes on from its
    last whole checkpoint, and ends with the same weights.
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
    # The first step of a warm-up has rate zero. If it were the only step, nothing would be learned.
    warmup = min(round(recipe.warmup_ratio * len(steps)), len(steps) - 1)
    schedule = get_scheduler("cosine", optimizer, warmup, len(steps))
    log_steps = _logging_steps(len(steps), recipe.checkpoint_steps)
    pace = Pace(log_steps, recipe.checkpoint_steps if scratch else 0, scratch, progress)
    bf16 = recipe.precision != "fp32"
    # peft would cast the adapters' inputs to fp32, although the products are in bf16.
    with disable_input_dtype_casting(model, bf16):
        return model, train(model, steps, read, masked_loss, schedule, pace, seed, bf16)


def reader(examples: list[Example], parts: int, pad: int) -> Callable[[list[int]], Step]:
    """A function from a step (indices of examples) to this process's batches, `parts` of them."""
    together, number = processes().num_processes, processes().process_index
    shortest = min(examples, key=lambda example: len(example["input_ids"]))

    def read(step: list[int]) -> Step:
        own = dealt(step, parts * together)[number::together]
        batches = [collate([examples[i] for i in part] or [unlearned(shortest)], pad) for part in own]
        count = sum(label != IGNORED for i in step for label in examples[i]["labels"][1:])
        return Step(batches, torch.tensor(count))

    return read


def _logging_steps(steps: int, checkpoint_steps: int) -> int:
    """Steps between logged losses: about fifty per training, and a divisor of `checkpoint_steps`.

    A resumed training starts to average at its checkpoint, so no logged loss may span one.
    """
    wanted = max(1, steps // 50)
    if not checkpoint_steps:
        return wanted
    return next(number for number in range(wanted, 0, -1) if checkpoint_steps % number == 0)


def lora(recipe: Recipe) -> LoraConfig:
    """peft's settings for the adapters of a recipe."""
    return LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=PROJECTIONS,
        task_type="CAUSAL_LM",
    )


def adapted(model: PreTrainedModel, recipe: Recipe) -> PreTrainedModel:
    """The model with new low-rank adapters on every projection. Only the adapters are trained."""
    with warnings.catch_warnings():  # peft uses a name that transformers 6 drops
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        model = get_peft_model(model, lora(recipe))
    # peft makes a set of them. Saved in the order of a set, the file would differ from run to run.
    model.peft_config["default"].target_modules = sorted(PROJECTIONS)
    for layer in model.modules():
        if isinstance(layer, LoraLayer) and recipe.lora_dropout:
            layer.lora_dropout["default"] = kernels.Dropout(recipe.lora_dropout)
    return model
