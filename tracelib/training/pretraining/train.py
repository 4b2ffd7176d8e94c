"""Pre-training of the bundled base: from random weights to a folder that `from_pretrained` reads.

Runs on two cores in about two hours and on a GPU in minutes; killed, it goes on from its last checkpoint.
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

HELD_OUT = 99  # the seed of documents that are never trained on
LOG_STEPS = 50
PART = 4  # documents of a batch that go through the model together, without a GPU


@dataclass(frozen=True)
class Recipe:
    """How the base is made."""

    steps: int = 12_000
    practice_steps: int = 1_600  # after them, and as many warm-up steps before each part
    batch_size: int = 32  # documents per step
    learning_rate: float = 1e-3  # peak of either part; linear warm-up, then a cosine to a tenth
    warmup_steps: int = 200
    weight_decay: float = 0.05
    seed: int = 0
    vocabulary_texts: int = 20_000  # documents that the tokenizer learns its entries from
    size: models.Size = field(default_factory=models.Size)
    checkpoint_steps: int = 500


def reply_loss(model: PreTrainedModel, batch: dict, total: torch.Tensor | None = None) -> torch.Tensor:
    """Mean loss over what is learned; a token of a reply of n tokens weighs one over the root of n.

    So that a decision in one word, "earlier", is not lost among the many easy words of a quotation. For a
    part of a batch, `total` is the weight of all of it.
    """
    return masked_loss(model, batch, total, _weights(batch["labels"]))


def _weights(labels: torch.Tensor) -> torch.Tensor:
    """What each learned token weighs, in the order of the flattened labels without their first column."""
    learned = (labels[:, 1:].flatten() != IGNORED).nonzero()[:, 0]
    reply = torch.nn.functional.pad(learned.diff() > 1, (1, 0)).cumsum(0)
    return reply.bincount()[reply].float() ** -0.5


def pretrain(folder: Path, scratch: Path, recipe: Recipe, progress: bool = False) -> dict:
    """Train, or go on from the last checkpoint in `scratch`; write `folder` whole; return its
    ``pretraining.json``.

    An `InputError` ends it where a loss is not a number, and where several processes were started.
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
    """What is read, one part after the other, and where its checkpoints are kept."""
    seed = recipe.seed
    read = partial(corpus.encode, tokenizer, seed)
    yield corpus.Corpus(read, f"{seed}", recipe.steps, recipe.batch_size), scratch
    if recipe.practice_steps:
        practised = partial(midtraining.encode, tokenizer, seed)
        texts = corpus.Corpus(practised, f"practice/{seed}", recipe.practice_steps, recipe.batch_size)
        yield texts, scratch / "practice"


def _learn(model, tokenizer, texts, checkpoints: Path, recipe: Recipe, progress: bool) -> list[dict]:
    """Train on all of these texts, or go on from the last checkpoint; the logged losses."""
    rates = optimizer(model, recipe.learning_rate, recipe.weight_decay)
    lowest = {"min_lr_rate": 0.1}
    schedule = get_scheduler("cosine_with_min_lr", rates, recipe.warmup_steps, len(texts), lowest)

    def read(examples: list[Example]) -> Step:
        """Parts of a batch on a CPU, where what is more than its caches hold takes longer."""
        batch = collate(examples, tokenizer.pad_token_id)
        size = len(examples) if torch.cuda.is_available() else PART
        starts = range(0, len(examples), size)
        parts = [{name: values[start : start + size] for name, values in batch.items()} for start in starts]
        return Step(parts, _weights(batch["labels"]).sum())

    pace = Pace(LOG_STEPS, recipe.checkpoint_steps, checkpoints, progress)
    bf16 = models.usable("bf16") == "bf16"
    return train(model, texts, read, reply_loss, schedule, pace, recipe.seed, bf16)


def _same_recipe(scratch: Path, recipe: Recipe) -> None:
    """Note the recipe beside its checkpoints; an `InputError` if they are of another one."""
    path, text = scratch / "recipe.json", json.dumps(asdict(recipe), indent=1)
    if path.is_file() and path.read_text("utf-8") != text:
        raise InputError("checkpoints of another recipe; remove them, or take another folder", scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


@torch.inference_mode()
def held_out_loss(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, documents: int = 256) -> float:
    """Mean loss over what counts for it, in nats per token: full-difficulty documents never trained on."""
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
    """The model card: what it is, what it has read, what it is for."""
    size, recipe = about["recipe"]["size"], about["recipe"]
    return f"""# tiny-base

A Llama-architecture language model trained from scratch: {about["parameters"]:,} parameters,
{size["layers"]} layers of width {size["hidden"]}, {size["vocabulary"]} byte-level BPE entries.
It is the starting point of the laptop experiments, and of no use beyond them.

**Data.** {recipe["steps"] * recipe["batch_size"]:,} procedural documents
(`tracelib.training.pretraining.corpus`, seed {recipe["seed"]}): records with dates, comparisons of spans of
time, lists, short stories, passages, each with questions and replies. Names are invented, those of the twins'
people among them, and ordinary words of the twins' passages are among the words; sentences are the project's
own. No problem of any dataset, no problem of a twin, no prompt of theirs and no tag around their answers is
among them. Lines that are quoted, and several answers, are written as Python prints lists, as the answers to
CoTempQA are.

**Start.** Random weights, but for heads in the first two layers that copy from the start and gather
recent words (`tracelib.training.pretraining.copying`), and embeddings in which the spellings of a word are
alike and years lie in order (`tracelib.training.pretraining.embeddings`). Without them copying was not
learned in 26 million tokens.

**Training.** `tracelib pretrain`: the loss counts replies, a token the less the longer its reply, and in
{corpus.WHOLE:.0%} of the documents all of the text; first plain look-ups in short texts alone
({corpus.LOOK_UPS:.0%}), then difficulty rises ({corpus.RISE:.0%}); Muon for matrices, AdamW for the rest,
peak learning rate {recipe["learning_rate"]}, {recipe["batch_size"]} documents per step, fp32 weights,
bf16 matrix products where these are faster. In up to {corpus.DELAYED:.0%} of the documents sentences that are
not learned stand before replies, as a trace stands before an answer.

{_practice(recipe)}**At the end.** Loss on held-out documents of the data above, each token counted alike:
{about["held_out_loss"]} nats per token. Curve: `loss.csv`; versions, hardware, hashes: `pretraining.json`.

**Licence.** The project's.
"""


def _practice(recipe: dict) -> str:
    """The card's words on the last part; none where there was none."""
    steps = recipe["practice_steps"]
    if not steps:
        return ""
    documents = steps * recipe["batch_size"]
    return f"""**Practice.** {steps:,} more steps, warmed up anew, on {documents:,} other texts
(`tracelib.training.pretraining.midtraining`): questions about a few lines, in ever new words, answered at
once, or after the lines, or after these and the kind of question. What stands between these steps is not
learned. In {midtraining.READ_BEFORE:.0%} of it the documents are as before.

"""
