"""Supervised fine-tuning: LoRA adapters, loss on the completion alone, transformers' Trainer."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from tracelib.files import InputError

IGNORED = -100  # label that the loss skips
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune; each default is the paper's own value (release, SFT scripts)."""

    epochs: float = 3
    batch_size: int = 16  # the release: 4 with 4 accumulation steps
    learning_rate: float = 2e-4
    warmup_ratio: float = 0.03
    lora_rank: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.05


def encode(
    tokenizer: PreTrainedTokenizerFast, prompts: Sequence[str], completions: Sequence[str]
) -> list[dict[str, list[int]]]:
    """Token ids and labels per example; labels cover the completion and its end token only.

    Raises `InputError` for an example longer than the context: nothing is cut silently.
    """
    examples = []
    for number, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        head = chat_prompt(tokenizer, prompt)
        tail = tokenizer(completion + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
        if len(head) + len(tail) > tokenizer.model_max_length:
            raise InputError(
                f"training example {number} has {len(head) + len(tail)} tokens, "
                f"expected at most {tokenizer.model_max_length}"
            )
        examples.append({"input_ids": head + tail, "labels": [IGNORED] * len(head) + tail})
    return examples


def chat_prompt(tokenizer: PreTrainedTokenizerFast, prompt: str) -> list[int]:
    """Token ids of one user turn, up to where the assistant's answer starts."""
    messages = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def collate(examples: list[dict[str, list[int]]], pad: int) -> dict[str, torch.Tensor]:
    """Right-padded batch: input_ids, attention_mask, labels, each (batch, longest example)."""
    longest = max(len(example["input_ids"]) for example in examples)

    def padded(name: str, fill: int) -> torch.Tensor:
        return torch.tensor([e[name] + [fill] * (longest - len(e[name])) for e in examples])

    lengths = torch.tensor([[len(example["input_ids"])] for example in examples])
    return {
        "input_ids": padded("input_ids", pad),
        "attention_mask": (torch.arange(longest) < lengths).long(),
        "labels": padded("labels", IGNORED),
    }


def completion_loss(model: torch.nn.Module, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Mean cross-entropy over the labelled tokens of a batch, in nats.

    The same value as the model's own loss; the output layer is applied only where a token is
    learned, which spares most of its cost where prompts are long. Padding is on the right, where a
    causal model cannot see it: no mask is needed, and attention takes its fast path.
    """
    labels = batch["labels"][:, 1:]
    learned = labels != IGNORED
    causal = model.get_base_model() if isinstance(model, PeftModel) else model
    hidden = causal.model(input_ids=batch["input_ids"], use_cache=False)[0]
    logits = causal.lm_head(hidden[:, :-1][learned])
    return torch.nn.functional.cross_entropy(logits.float(), labels[learned])


class StopOnBadLoss(TrainerCallback):
    """Ends a training whose loss is not a number, instead of saving what it has become."""

    def on_log(self, args, state, control, logs=None, **kwargs):
        loss = (logs or {}).get("loss")
        if loss is not None and not torch.isfinite(torch.tensor(loss)):
            raise InputError(f"the loss became {loss} at step {state.global_step}; lower the learning rate")


def finetune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    examples: list[dict[str, list[int]]],
    recipe: Recipe,
    seed: int,
    progress: bool = False,
) -> tuple[PeftModel, list[dict]]:
    """Train LoRA adapters on `examples`; returns the adapted model and the logged losses.

    The same arguments give bit-identical adapters on one machine, at one thread count.
    """
    torch.manual_seed(seed)  # the adapters' initial weights
    lora = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=PROJECTIONS,
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():  # peft asks transformers by a name that v6 drops
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        adapted = get_peft_model(model, lora)
    # peft keeps these as a set: saved in hash order, the file would differ from run to run.
    adapted.peft_config["default"].target_modules = sorted(PROJECTIONS)
    steps = max(1, round(recipe.epochs * len(examples) / recipe.batch_size))
    with tempfile.TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            lr_scheduler_type="cosine",
            warmup_steps=round(recipe.warmup_ratio * steps),
            logging_steps=max(1, steps // 50),
            save_strategy="no",
            logging_nan_inf_filter=False,  # a loss that is not a number must be seen, and stop the run
            report_to="none",
            seed=seed,
            data_seed=seed,
            disable_tqdm=not progress,
            dataloader_pin_memory=False,
            remove_unused_columns=False,
        )
        trainer = Trainer(
            model=adapted,
            args=arguments,
            train_dataset=examples,
            data_collator=lambda batch: collate(batch, tokenizer.pad_token_id),
            callbacks=[StopOnBadLoss()],
        )
        trainer.remove_callback(PrinterCallback)  # losses are returned, not printed
        trainer.train()
    return adapted, logged(trainer)


def logged(trainer: Trainer) -> list[dict]:
    """The losses that a training has logged: step and mean loss since the last one."""
    return [{"step": log["step"], "loss": log["loss"]} for log in trainer.state.log_history if "loss" in log]


def last_checkpoint(scratch: Path) -> str | None:
    """The newest whole checkpoint of a training, if there is one; half-written ones are removed.

    The Trainer writes ``trainer_state.json`` last: where it cannot be read, the process was killed
    while it wrote.
    """
    found = sorted(scratch.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    whole = [path for path in found if _is_json(path / "trainer_state.json")]
    for path in set(found) - set(whole):
        shutil.rmtree(path)
    return str(whole[-1]) if whole else None


def _is_json(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return False
