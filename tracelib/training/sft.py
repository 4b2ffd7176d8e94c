"""Supervised fine-tuning: loss on the completion alone, batches of similar length, transformers' Trainer."""

import errno
import json
import math
import os
import random
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import PartialState
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from peft.helpers import disable_input_dtype_casting
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from torch.utils.data import SequentialSampler
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from tracelib.core.files import InputError, sha256, write_text
from tracelib.training import kernels

IGNORED = -100  # label that the loss skips
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
DATE = "26 Jul 2024"  # what Llama's own template takes where there is no clock
SEAL = "sha256.json"  # in a checkpoint: what its files hold
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

    def padded(name: str, fill: int) -> torch.Tensor:
        return torch.tensor([e[name] + [fill] * (longest - len(e[name])) for e in examples])

    return {
        "input_ids": padded("input_ids", pad),
        "labels": padded("labels", IGNORED),
        "items": [example["item"] for example in examples],
    }


def completion_loss(model: torch.nn.Module, batch: dict, count: int | None = None) -> torch.Tensor:
    """Cross-entropy over the labelled tokens of a batch, in nats: their sum by `count`, or their mean.

    The mean is the model's own loss. The output layer is applied only where a token is learned, which
    spares most of its cost where prompts are long. Padding is on the right, where a causal model cannot
    see it: no mask is needed, and attention takes its fast path.
    """
    labels = batch["labels"][:, 1:]
    learned = labels != IGNORED
    head = getattr(model, "module", model).get_output_embeddings()  # of the model within a parallel one
    hook = head.register_forward_pre_hook(lambda _, hidden: hidden[0][:, :-1][learned])
    try:
        logits = model(input_ids=batch["input_ids"], use_cache=False).logits
    finally:
        hook.remove()
    total = kernels.cross_entropy(logits, labels[learned])
    return total / (learned.sum() if count is None else count)


class Sealing(TrainerCallback):
    """Writes into each checkpoint the sha256 of its files, last, so that a broken one is known as such."""

    def on_save(self, arguments, state, control, **_):
        processes().wait_for_everyone()  # each process writes a file of its own
        if state.is_world_process_zero:
            checkpoint = Path(arguments.output_dir) / f"checkpoint-{state.global_step}"
            write_text(checkpoint / SEAL, json.dumps(_hashes(checkpoint)))


class Progress(ProgressCallback):
    """A bar that says what is done, the time left and the last loss."""

    def on_train_begin(self, arguments, state, control, **more):
        super().on_train_begin(arguments, state, control, **more)
        if self.training_bar:
            self.training_bar.set_description("training")

    def on_log(self, arguments, state, control, logs=None, **_):
        if self.training_bar and "loss" in (logs or {}):
            self.training_bar.set_postfix(loss=f"{float(logs['loss']):.3f}")


class InOrder(Trainer):
    """Trains on batches that were put together beforehand, in their order.

    A process has one device, however many are in sight: left to itself the Trainer would spread batches over
    all of them. A loss that is not a number ends it with an `InputError` that names the batch's items.
    """

    def __init__(self, args: TrainingArguments, **settings):
        args._n_gpu = min(1, args.n_gpu)
        super().__init__(args=args, **settings)
        self.remove_callback(PrinterCallback)  # losses are returned, not printed
        self.add_callback(Sealing)
        if self.pop_callback(ProgressCallback):  # there is one where there is a bar
            self.add_callback(Progress)

    def _get_train_sampler(self, dataset=None):
        return SequentialSampler(self.train_dataset)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss = completion_loss(model, inputs, num_items_in_batch)
        self.check(loss, inputs["items"])
        # Gradients are averaged over processes, but `count` is of all of them.
        return loss if num_items_in_batch is None else loss * self.accelerator.num_processes

    def check(self, loss: torch.Tensor, items: Sequence[str]) -> None:
        """An `InputError` if the loss of these items is not a number."""
        if not torch.isfinite(loss):
            raise InputError(
                f"the loss became {loss.item()} at step {self.state.global_step + 1}, on the items "
                f"{', '.join(map(str, items))}; lower the learning rate"
            )

    def losses(self) -> list[dict]:
        """What has been logged: step, and the mean loss since the last one."""
        logs = self.state.log_history
        return [{"step": log["step"], "loss": log["loss"]} for log in logs if "loss" in log]


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
    lengths = [len(example["input_ids"]) for example in examples]
    steps = plan(lengths, recipe.batch_size, recipe.epochs, seed)
    accumulation = min(recipe.accumulation, max(map(len, steps)))
    with tempfile.TemporaryDirectory() as nowhere:
        arguments = TrainingArguments(
            output_dir=str(scratch or nowhere),
            per_device_train_batch_size=1,  # one planned batch
            gradient_accumulation_steps=accumulation,
            learning_rate=recipe.learning_rate,
            lr_scheduler_type="cosine",
            use_cpu=not torch.cuda.is_available(),
            bf16=recipe.precision != "fp32",
            activation_checkpointing=recipe.gradient_checkpointing,
            activation_checkpointing_kwargs={"use_reentrant": False},
            logging_nan_inf_filter=False,
            save_strategy="steps" if recipe.checkpoint_steps and scratch else "no",
            save_steps=recipe.checkpoint_steps or 1,
            save_total_limit=2,
            report_to="none",
            seed=seed,
            disable_tqdm=not progress,
            dataloader_pin_memory=False,
            remove_unused_columns=False,
        )
        parts = accumulation * arguments.world_size
        batches = [part for step in steps for part in dealt(step, parts)]
        shortest = min(examples, key=lambda example: len(example["input_ids"]))
        planned = [[examples[number] for number in batch] or [unlearned(shortest)] for batch in batches]
        arguments.max_steps = len(steps)
        # The first step of a warm-up has a rate of zero: were it the only one, nothing would be learned.
        arguments.warmup_steps = min(round(recipe.warmup_ratio * len(steps)), len(steps) - 1)
        arguments.logging_steps = _logging_steps(arguments.max_steps, recipe.checkpoint_steps)
        trainer = InOrder(
            model=model,
            args=arguments,
            train_dataset=planned,
            data_collator=lambda batch: collate(batch[0], tokenizer.pad_token_id),
        )
        # peft would widen what comes in to the adapters' fp32, for products that are in bf16 all the same.
        as_it_comes = disable_input_dtype_casting(model, recipe.precision != "fp32")
        with full_disk_named(scratch or nowhere), as_it_comes:
            trainer.train(resume_from_checkpoint=last_checkpoint(scratch) if scratch else None)
        # To train in bf16 the model was wrapped: left so, it would go on to answer in bf16.
        model = trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    return model, trainer.losses()


def _logging_steps(steps: int, checkpoint_steps: int) -> int:
    """About fifty losses per training; none spans a checkpoint, where a resumed training starts to count."""
    wanted = max(1, steps // 50)
    if not checkpoint_steps:
        return wanted
    return next(number for number in range(wanted, 0, -1) if checkpoint_steps % number == 0)


@contextmanager
def full_disk_named(folder: str | Path) -> Iterator[None]:
    """What torch and safetensors say of a full disk, as the `OSError` that it is."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        if any(words in str(error) for words in ("No space left", "file write failed", "inline_container")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
        raise


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


def processes() -> PartialState:
    """The processes that train together, on a GPU each; without GPUs, on the CPU."""
    return PartialState(cpu=not torch.cuda.is_available())


def last_checkpoint(scratch: Path) -> str | None:
    """The newest whole checkpoint of a training, if there is one; broken ones are removed."""
    with processes().main_process_first():  # the others find them gone
        found = sorted(scratch.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
        whole = [path for path in found if _is_whole(path)]
        for path in set(found) - set(whole):
            shutil.rmtree(path)
    return str(whole[-1]) if whole else None


def _is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint was sealed, holds what it did then, and is of as many processes as there are."""
    try:
        sealed = json.loads((checkpoint / SEAL).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    drawn = list(checkpoint.glob("rng_state*.pth"))  # of several processes each has its own
    return sealed == _hashes(checkpoint) and len(drawn) == processes().num_processes


def _hashes(checkpoint: Path) -> dict[str, str]:
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL)
    return {path.relative_to(checkpoint).as_posix(): sha256(path) for path in files}
