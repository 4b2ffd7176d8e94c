"""Pre-train the bundled base, from random weights to a folder that `from_pretrained` reads.

It takes about two hours on two cores, and minutes on a GPU. A killed pre-training goes on from its last
checkpoint.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast, get_scheduler

from tracelib.core import provenance
from tracelib.core.atomic import write_text, written_beside
from tracelib.core.errors import InputError
from tracelib.core.reading import sha256
from tracelib.training import models
from tracelib.training.loop import Pace, Step, train
from tracelib.training.pretraining import corpus, midtraining
from tracelib.training.pretraining.copying import copying_heads
from tracelib.training.pretraining.embeddings import kindred_embeddings
from tracelib.training.pretraining.muon import optimizer
from tracelib.training.sft import IGNORED, Example, collate, masked_loss

HELD_OUT = 99  # the seed of the documents that are never trained on
LOG_STEPS = 50
PART = 4  # documents that a CPU passes through the model together


@dataclass(frozen=True)
class Recipe:
    """How the base is made."""

    steps: int = 12_000
    practice_steps: int = 1_600  # after `steps`, with a warm-up of their own
    batch_size: int = 32  # documents per step
    learning_rate: float = 1e-3  # peak of either part, after a linear warm-up; then a cosine to a tenth
    warmup_steps: int = 200
    weight_decay: float = 0.05
    seed: int = 0
    vocabulary_texts: int = 20_000  # documents that the tokenizer learns its entries from
    size: models.Size = field(default_factory=models.Size)
    checkpoint_steps: int = 500


def reply_loss(model: PreTrainedModel, batch: dict, total: torch.Tensor | None = None) -> torch.Tensor:
    """Weighted mean loss over the learned tokens; in a reply of n tokens, each weighs one over the root of n.

    So a decision in one word, such as "earlier", is not lost among the many easy words of a quotation. For a
    part of a batch, `total` is the weight of the whole batch.
    """
    return masked_loss(model, batch, total, _weights(batch["labels"]))


def _weights(labels: torch.Tensor) -> torch.Tensor:
    """The weight of each learned token, in the order of the flattened labels without their first column."""
    learned = (labels[:, 1:].flatten() != IGNORED).nonzero()[:, 0]
    reply = torch.nn.functional.pad(learned.diff() > 1, (1, 0)).cumsum(0)
    return reply.bincount()[reply].float() ** -0.5


def pretrain(folder: Path, scratch: Path, recipe: Recipe, progress: bool = False) -> dict:
    """Pre-train, or go on from the last checkpoint in `scratch`, and write the model's folder atomically.

    `InputError` if a loss is not a number, or if several processes were started.

    Returns:
        The content of the folder's ``pretraining.json``.
    """
    if models.processes().num_processes > 1:
        raise InputError("pre-training takes one process; start it without 'accelerate launch'")
    torch.use_deterministic_algorithms(True)
    tokenizer = models.train_tokenizer(corpus.texts(recipe.seed, recipe.vocabulary_texts), recipe.size)
    model = models.tiny_llama(tokenizer, recipe.size, recipe.seed)
    kindred_embeddings(model, tokenizer, recipe.seed)
    copying_heads(model, recipe.seed)
    _same_recipe(scratch, recipe)
    losses = []
    for texts, checkpoints in _parts(tokenizer, recipe, scratch):
        done = losses[-1]["step"] if losses else 0
        learned = _learn(model, tokenizer, texts, checkpoints, recipe, progress)
        losses += [{**entry, "step": done + entry["step"]} for entry in learned]
    return _write(folder, model, tokenizer, recipe, losses)


def _parts(tokenizer, recipe: Recipe, scratch: Path) -> Iterator[tuple[corpus.Corpus, Path]]:
    """Yield the texts of each part of the training, and the folder for its checkpoints."""
    seed = recipe.seed
    read = partial(corpus.encode, tokenizer, seed)
    yield corpus.Corpus(read, f"{seed}", recipe.steps, recipe.batch_size), scratch
    if recipe.practice_steps:
        practised = partial(midtraining.encode, tokenizer, seed)
        texts = corpus.Corpus(practised, f"practice/{seed}", recipe.practice_steps, recipe.batch_size)
        yield texts, scratch / "practice"


def _learn(model, tokenizer, texts, checkpoints: Path, recipe: Recipe, progress: bool) -> list[dict]:
    """Train on these texts, or go on from the last checkpoint; return the logged losses."""
    rates = optimizer(model, recipe.learning_rate, recipe.weight_decay)
    lowest = {"min_lr_rate": 0.1}
    schedule = get_scheduler("cosine_with_min_lr", rates, recipe.warmup_steps, len(texts), lowest)

    def read(examples: list[Example]) -> Step:
        """Split the batch on a CPU, which is slower when a batch exceeds its caches."""
        batch = collate(examples, tokenizer.pad_token_id)
        size = len(examples) if torch.cuda.is_available() else PART
        starts = range(0, len(examples), size)
        parts = [{name: values[start : start + size] for name, values in batch.items()} for start in starts]
        return Step(parts, _weights(batch["labels"]).sum())

    pace = Pace(LOG_STEPS, recipe.checkpoint_steps, checkpoints, progress)
    bf16 = models.usable("bf16") == "bf16"
    return train(model, texts, read, reply_loss, schedule, pace, recipe.seed, bf16)


def _same_recipe(scratch: Path, recipe: Recipe) -> None:
    """Write the recipe beside its checkpoints. `InputError` if the checkpoints are of another recipe."""
    path, text = scratch / "recipe.json", json.dumps(asdict(recipe), indent=1)
    if path.is_file() and path.read_text("utf-8") != text:
        raise InputError("checkpoints of another recipe; remove them, or take another folder", scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


@torch.inference_mode()
def held_out_loss(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, documents: int = 256) -> float:
    """Mean loss in nats per learned token, on documents of full difficulty that are never trained on."""
    model.eval()
    total = learned = 0.0
    for batch in corpus.held_out(tokenizer, HELD_OUT, documents):
        tensors = collate(batch, tokenizer.pad_token_id)
        tensors = {name: tensors[name].to(model.device) for name in ("input_ids", "labels")}
        count = int((tensors["labels"][:, 1:] != IGNORED).sum())
        total += float(masked_loss(model, tensors)) * count
        learned += count
    return total / learned


def _write(folder: Path, model, tokenizer, recipe: Recipe, losses: list[dict]) -> dict:
    with written_beside(folder) as beside:
        beside.mkdir()
        model.to(torch.float32).save_pretrained(beside, safe_serialization=True)
        tokenizer.save_pretrained(beside)
        lines = "".join(f"{entry['step']},{entry['loss']:.4f}\n" for entry in losses)
        write_text(beside / "loss.csv", f"step,loss\n{lines}")
        about = {
            "recipe": asdict(recipe),
            "parameters": model.num_parameters(),
            "held_out_loss": round(held_out_loss(model, tokenizer), 4),
            "corpus_sha256": provenance.text_hash(*corpus.texts(recipe.seed, 100)),
            "practice_sha256": _practice_hash(recipe),
            "weights_sha256": sha256(beside / "model.safetensors"),
            "versions": provenance.versions(),
            "hardware": provenance.hardware(),
        }
        write_text(beside / "pretraining.json", json.dumps(about, indent=1) + "\n")
        write_text(beside / "README.md", card(about))
    return about


def _practice_hash(recipe: Recipe) -> str | None:
    return provenance.text_hash(*midtraining.texts(recipe.seed, 100)) if recipe.practice_steps else None


def card(about: dict) -> str:
    """The model card, in Markdown: data, training and use of the model."""
    size, recipe = about["recipe"]["size"], about["recipe"]
    return f"""# tiny-base

A language model with Llama's architecture, trained from scratch: {about["parameters"]:,} parameters,
{size["layers"]} layers of width {size["hidden"]}, {size["vocabulary"]} byte-level BPE entries.
The laptop experiments start from it. It is of no other use.

**Data.** {recipe["steps"] * recipe["batch_size"]:,} documents that a program made
(`tracelib.training.pretraining.corpus`, seed {recipe["seed"]}): records with dates, comparisons of spans of
time, lists, short stories and passages, each with questions and replies. The names are invented and include
the names of the twins' people. The words include ordinary words of the twins' passages. The sentences are the
project's own. The documents contain no problem of a dataset or a twin, no prompt of either, and no tags
around answers. Quoted lines, and several answers, are written as Python lists, like the answers to CoTempQA.

**Start.** Random weights, with two exceptions. Heads in the first two layers copy text and gather recent
words (`tracelib.training.pretraining.copying`). In the embeddings, the spellings of a word are alike, and
years lie in order (`tracelib.training.pretraining.embeddings`). From random weights alone, copying was not
learned in 26 million tokens.

**Training.** `tracelib pretrain`. The loss counts replies; the longer a reply, the less each of its tokens
weighs. In {corpus.WHOLE:.0%} of the documents it counts the whole text. The first {corpus.LOOK_UPS:.0%} of
the steps have only plain look-ups in short texts; over the next {corpus.RISE:.0%} the difficulty rises. Muon
trains the matrices, AdamW the rest. Peak learning rate {recipe["learning_rate"]}, {recipe["batch_size"]}
documents per step, fp32 weights, bf16 matrix products where these are faster. In up to {corpus.DELAYED:.0%}
of the documents, sentences that are not learned stand before replies, as a trace stands before an answer.

{_practice(recipe)}**At the end.** Loss on held-out documents of the same kind, with equal weight for every
token: {about["held_out_loss"]} nats per token. The curve is in `loss.csv`; versions, hardware and hashes are
in `pretraining.json`.

**Licence.** The project's.
"""


def _practice(recipe: dict) -> str:
    """The paragraph of the card on the practice steps; empty if there were none."""
    steps = recipe["practice_steps"]
    if not steps:
        return ""
    documents = steps * recipe["batch_size"]
    return f"""**Practice.** {steps:,} more steps, with their own warm-up, on {documents:,} other documents
(`tracelib.training.pretraining.midtraining`). Each asks a question about a few lines, in words drawn anew.
The reply is the answer alone, or the lines and the answer, or the kind of question, the lines and the answer.
The words between these steps are not learned. {midtraining.READ_BEFORE:.0%} of the documents are of the kinds
above.

"""
