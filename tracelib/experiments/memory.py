"""How much memory a run needs, estimated before it starts, and how much is available.

The bytes that a forward pass keeps for the backward pass, per token, layer and unit of width, were counted on
small Llamas of several widths (`torch.autograd.graph.saved_tensors_hooks`). `SLACK` is the factor by which
the system's allocator takes more than it is asked for: batches have many lengths, and a freed piece does not
fit the next tensor. With it, the estimate is 7 to 22 % above the measured peaks of three trainings of
SmolLM2-135M on bAbI in bf16. If all batches have one length, the estimate is up to 75 % too high. Nothing was
measured on a GPU, and other architectures may need more or less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from tracelib.core.errors import InputError
from tracelib.experiments.config import Experiment
from tracelib.experiments.interventions import INTERVENTIONS
from tracelib.traces.conditions import UNFORCED, UNTRAINED
from tracelib.training import models, sft

LIBRARIES = 600e6  # Python, torch, transformers and peft in memory, before a model is loaded
SLACK = 2.25  # factor on the working memory of training
BYTES = {"fp32": 4, "bf16": 2, "4bit": 0.53}  # of a frozen weight; NF4: 4 bits, and one scale per 64 weights
TRAINED = 16  # bytes of a trained weight: itself, its gradient, and Adam's two averages, in fp32
KEPT = {  # bytes kept per token, layer and unit of width: hidden, intermediate, queries, keys
    ("lora", "bf16"): (12, 8, 4, 4),
    ("lora", "fp32"): (16, 16, 8, 8),
    ("full", "bf16"): (26, 8, 4, 4),
    ("full", "fp32"): (24, 16, 8, 8),
}
DROPPED = {"bf16": (8, 0.4, 0.4), "fp32": (14, 0.4, 0.4)}  # the same, for dropout before adapters
TWICE = {"bf16": 2, "fp32": 4}  # the same, for a second copy of attention's output after dropout; not eager
REPEATED = {"bf16": 4, "fp32": 8}  # the same, for eager attention's keys, repeated for each query head
SCORES = {"bf16": 6, "fp32": 4}  # bytes of eager attention, per layer, head and pair of tokens
AT_ONCE = 4  # with gradient checkpointing, one layer's backward pass takes the memory of so many layers
FORWARD = 12  # bytes of one layer's eager attention without a backward pass, per head and pair of tokens
LOGITS = 16  # bytes per learned token and entry of the vocabulary
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
LOWER = {  # how to lower the memory of each stage
    "loading": "take a smaller model, or precision bf16 instead of fp32",
    "training": "lower 'batch_size', raise 'accumulation', or take gradient_checkpointing: true",
    "generating": "lower 'generation_batch', 'batch_size', or 'intervene_items' to 0",
}


class Needed(NamedTuple):
    """Bytes at the peak of each stage of a run."""

    loading: float
    training: float
    generating: float

    @property
    def most(self) -> float:
        """Bytes at the peak of the run."""
        return max(self)

    @property
    def stage(self) -> str:
        """The stage of that peak; the first of them if several are equal."""
        return self._fields[self.index(self.most)]


@dataclass(frozen=True)
class Shape:
    """The sizes of a Llama-like model on which its memory depends."""

    hidden: int
    intermediate: int
    queries: int  # width of all heads together
    keys: int
    heads: int
    layers: int
    vocabulary: int
    embedded: int  # number of weights of embeddings and output layer
    stored: int  # bytes per weight in the model's file

    @property
    def linear(self) -> int:
        """The number of weights in the layers' projections."""
        ends = self.queries + self.keys
        return self.layers * self.hidden * (2 * ends + 3 * self.intermediate)

    @property
    def adapted(self) -> int:
        """The number of inputs and outputs of all projections with adapters: adapter weights per rank."""
        h, i, q, k = self.hidden, self.intermediate, self.queries, self.keys
        return self.layers * ((h + q) * 2 + (h + k) * 2 + (h + i) * 3)


def shape(settings) -> Shape:
    """The shape of a model, from its transformers settings."""
    heads = settings.num_attention_heads
    width = getattr(settings, "head_dim", None) or settings.hidden_size // heads
    embedded = settings.vocab_size * settings.hidden_size * (1 if settings.tie_word_embeddings else 2)
    return Shape(
        hidden=settings.hidden_size,
        intermediate=settings.intermediate_size,
        queries=heads * width,
        keys=(getattr(settings, "num_key_value_heads", None) or heads) * width,
        heads=heads,
        layers=settings.num_hidden_layers,
        vocabulary=settings.vocab_size,
        embedded=embedded,
        stored=getattr(settings.dtype, "itemsize", 4),
    )


def needed(
    chosen: Experiment, examples: Sequence[sft.Example], prompts: Sequence[int], of: Shape | None = None
) -> Needed:
    """The memory that a run needs. On a CPU this includes the libraries, on a GPU it does not.

    Args:
        chosen: the run's parameters; its precision must be one that is used (`models.usable`).
        examples: the training examples.
        prompts: the lengths of the test prompts, in tokens.
        of: the shape of the run's model; without it, the shape is looked up.
    """
    of = of or shape(models.settings(chosen.model))
    base = 0 if torch.cuda.is_available() else LIBRARIES
    is_trained, is_whole = chosen.condition not in UNTRAINED, chosen.method == "full"
    weights = of.linear + of.embedded
    learned = (weights if is_whole else chosen.lora_rank * of.adapted) if is_trained else 0
    frozen = base + _frozen(chosen, of)
    work = max((_backward(chosen, of, batch) for batch in _batches(chosen, examples)), default=0)
    is_set = chosen.intervene_items and chosen.condition not in UNFORCED
    start = max((_learned(example) for example in examples), default=0) if is_set else 0
    answers = max(_forward(chosen, of, batch) for batch in _prompts(chosen, prompts, start))
    training = frozen + TRAINED * learned + SLACK * work if is_trained else 0.0
    alone = frozen + BYTES["fp32"] * learned
    # On a CPU, the allocator keeps the memory that training freed, in pieces too small for generation.
    return Needed(
        loading=base + _loading(chosen, of),
        training=training,
        generating=answers + (alone if torch.cuda.is_available() else max(training, alone)),
    )


def _loading(chosen: Experiment, of: Shape) -> float:
    """Bytes of all weights while they are loaded; on a CPU, weights that are cast take both sizes."""
    size = BYTES["fp32"] if chosen.method == "full" else BYTES[chosen.precision]
    read = 0 if torch.cuda.is_available() or size == of.stored else of.stored
    return (of.linear + of.embedded) * (size + read)


def _frozen(chosen: Experiment, of: Shape) -> float:
    """Bytes of frozen weights; if every weight is trained, of the copies for bf16 products."""
    if chosen.precision == "4bit":  # embeddings and output layer are not packed, but cast to fp32
        return BYTES["4bit"] * of.linear + BYTES["fp32"] * of.embedded
    copied = chosen.method == "lora" or chosen.precision == "bf16" or chosen.condition in UNTRAINED
    return BYTES[chosen.precision] * (of.linear + of.embedded) if copied else 0.0


def _products(chosen: Experiment) -> str:
    return "fp32" if chosen.precision == "fp32" else "bf16"


def _batches(chosen: Experiment, examples: Sequence[sft.Example]) -> set[tuple[int, int, int]]:
    """The batches of a training, each as (number of texts, longest text, learned tokens)."""
    lengths = [len(example["input_ids"]) for example in examples]
    steps = sft.plan(lengths, chosen.batch_size, chosen.epochs, chosen.seed)
    parts = min(chosen.accumulation, max(map(len, steps), default=1)) * models.processes().num_processes
    batches = (part for step in steps for part in sft.dealt(step, parts) if part)
    return {
        (len(batch), max(lengths[n] for n in batch), sum(_learned(examples[n]) for n in batch))
        for batch in batches
    }


def _learned(example: sft.Example) -> int:
    return sum(label != sft.IGNORED for label in example["labels"])


def _backward(chosen: Experiment, of: Shape, batch: tuple[int, int, int]) -> float:
    """Bytes that a batch's forward pass and loss keep for the backward pass."""
    texts, longest, learned = batch
    products = _products(chosen)
    widths = of.hidden, of.intermediate, of.queries, of.keys
    of_keys = KEPT[chosen.method, products][-1]
    kept = sum(map(mul, KEPT[chosen.method, products], widths))
    if chosen.method == "lora" and chosen.lora_dropout:
        kept += sum(map(mul, DROPPED[products], widths))
        kept += 0 if chosen.attention == "eager" else TWICE[products] * of.queries
    if chosen.attention == "eager":
        kept += REPEATED[products] * of.queries - of_keys * of.keys + SCORES[products] * of.heads * longest
    layer = texts * longest * kept
    if chosen.gradient_checkpointing:
        whole = AT_ONCE * layer + of.layers * texts * longest * of.hidden * BYTES["fp32"]
    else:
        whole = of.layers * layer
    return whole + LOGITS * learned * of.vocabulary


def _prompts(chosen: Experiment, prompts: Sequence[int], start: int) -> set[tuple[int, int]]:
    """The batches of generation, each as (number of texts, longest prompt with its set trace)."""
    read = sorted(min(length + start, chosen.context) for length in prompts)
    size = chosen.generation_batch
    batches = [read[first : first + size] for first in range(0, len(read), size)]
    forced = min(chosen.intervene_items, len(read)) * len(INTERVENTIONS)  # one problem has many traces
    whole = {(min(size, forced), read[-1])} if start else set()
    return whole | {(len(batch), batch[-1]) for batch in batches}


def _forward(chosen: Experiment, of: Shape, batch: tuple[int, int]) -> float:
    """Bytes of a batch's cache (keys and values), and of one layer's work on its prompts."""
    texts, longest = batch
    size = BYTES[_products(chosen)]
    written = min(chosen.max_new_tokens, max(0, chosen.context - longest))
    cache = of.layers * 2 * of.keys * texts * (longest + written) * size
    work = texts * longest * (3 * of.intermediate + 4 * of.hidden + 3 * of.queries) * 4
    if chosen.attention == "eager":
        work += FORWARD * texts * of.heads * longest**2
    return cache + work


def available() -> float:
    """Bytes that this process has or can get: of the GPU if there is one, else of the system.

    In a control group with a limit (a container, a Slurm job), the limit counts.
    """
    if torch.cuda.is_available():
        return torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved()
    free = [psutil.virtual_memory().available, *_rooms()]
    return min(free) + psutil.Process().memory_info().rss


def _rooms() -> list[int]:
    """Bytes left in each control group of this process that has a limit; only Linux has control groups."""
    found = []
    for line in OWN_CGROUPS.read_text().splitlines() if OWN_CGROUPS.is_file() else []:
        _, controllers, path = line.split(":", 2)
        if not controllers:  # version 2
            root, names = CGROUPS, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            root = CGROUPS / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        own = root / path.lstrip("/")
        folders = [own, *(folder for folder in own.parents if folder.is_relative_to(root))]
        found += [room for folder in folders if (room := _room(folder, *names)) is not None]
    return found


def _room(folder: Path, limit: str, used: str, freed: str) -> int | None:
    """Bytes left in one control group, or None without a limit; inactive file cache counts as free."""
    try:
        most, now = (int((folder / name).read_text()) for name in (limit, used))
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or no limit ("max")
        return None
    return max(0, most - now + int(stat.get(freed, 0)))


def check(need: Needed) -> str:
    """A line with the needed and the available memory; an `InputError` if the run does not fit."""
    there = available()
    words = f"about {in_gb(need.most)} of memory needed ({need.stage}), {in_gb(there)} available"
    if need.most > there:
        raise InputError(f"{words}; {LOWER[need.stage]}")
    return words


def in_gb(size: float) -> str:
    """A number of bytes as text, in gigabytes."""
    return f"{size / 1e9:.1f} GB"
