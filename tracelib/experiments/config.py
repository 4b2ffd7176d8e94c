"""Every parameter of a run, and what each may be. The profiles' YAML files comment each one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields

from tracelib.core.files import InputError, quoted
from tracelib.datasets.dataset import DATES, TWIN
from tracelib.datasets.registry import DATASETS, RELEASED, TWINS, dataset
from tracelib.traces.conditions import CONDITIONS, UNTRAINED

METHODS = ("lora", "full")
PRECISIONS = ("fp32", "bf16", "4bit")
ATTENTION = ("sdpa", "eager", "flash_attention_2")
SPLITS = {  # how problems are dealt (`tracelib.datasets.splits`), and the datasets for which they can be
    "released": (*TWINS, *(known.name for known in DATASETS if known.is_real)),
    "clean": RELEASED,
    "validation": RELEASED,
    "folds": tuple(name for name in RELEASED if dataset(name).subject),  # grouped by whom they ask about
}
KNOWN = {
    "dataset": SPLITS["released"],
    "condition": (*UNTRAINED, *CONDITIONS),
    "method": METHODS,
    "dates": DATES,
    "precision": PRECISIONS,
    "attention": ATTENTION,
    "split": tuple(SPLITS),
}
ZERO_OR_MORE = (
    "seed", "data_seed", "checkpoint_steps", "intervene_items", "train_items", "test_items", "facts",
)  # fmt: skip
LEAST = {"context": 64, **dict.fromkeys(ZERO_OR_MORE, 0)}  # others: 1
ITEMS = 1_000_000  # more problems than any of the datasets has; a twin would go on making them
MOST = {
    "train_items": ITEMS, "test_items": ITEMS,
    "seed": 2**32 - 1, "data_seed": 2**32 - 1,  # what numpy takes
    "threads": 1024,  # torch crashes on a million
    "lora_rank": 4096,  # the width of the paper's largest model
}  # fmt: skip
LARGEST = 2**31 - 1  # of the others
FRACTIONS = ("warmup_ratio", "lora_dropout")


@dataclass(frozen=True)
class Experiment:
    """One run: what is trained on what, and how. Wrong values are refused when it is made."""

    dataset: str
    model: str  # tiny-base, smollm2-135m, a folder in hub format, or a hub id at a commit: owner/name@commit
    condition: str
    seed: int
    train_items: int
    test_items: int
    facts: int
    dates: str
    data_seed: int
    method: str
    precision: str
    attention: str
    gradient_checkpointing: bool
    epochs: float
    batch_size: int
    accumulation: int
    learning_rate: float
    warmup_ratio: float
    lora_rank: int
    lora_alpha: int
    lora_dropout: float
    checkpoint_steps: int
    context: int
    max_new_tokens: int
    generation_batch: int
    intervene_items: int
    threads: int
    split: str = "released"

    def __post_init__(self):
        for _, fault in faults(self.__dict__):
            raise InputError(fault)


DEFAULTS = {field.name: field.default for field in fields(Experiment) if field.default is not MISSING}


def from_parameters(parameters: Mapping) -> Experiment:
    """The experiment with these parameters; missing ones without a default and unknown ones are named."""
    known = {field.name for field in fields(Experiment)}
    missing = known - set(parameters) - set(DEFAULTS)
    for word, names in (("unknown", set(parameters) - known), ("missing", missing)):
        if names:
            raise InputError(f"experiment parameters: {word} {', '.join(sorted(names))}")
    return Experiment(**parameters)


def of_notebook(namespace: Mapping) -> dict:
    """Every parameter but the seed, as a notebook whose ``globals()`` these are has it."""
    return {field.name: namespace[field.name] for field in fields(Experiment) if field.name != "seed"}


def seeds(given: object) -> list[int]:
    """The seeds that a notebook is given: a list or a whole number; ``papermill -p`` gives a list as text."""
    with suppress(ValueError, RecursionError):
        given = json.loads(given) if isinstance(given, str) else given
    found = given if isinstance(given, list) else [given]
    if not found or any(type(seed) is not int for seed in found) or len(set(found)) < len(found):
        expected = "expected a whole number, or a list of different ones"
        raise InputError(f"'seeds': {expected}, found {quoted(given)}; for papermill: -y 'seeds: [1, 2]'")
    return found


def faults(parameters: Mapping) -> Iterator[tuple[str, str]]:
    """(parameter, what is wrong with it), for every value that an experiment cannot have."""
    for field in fields(Experiment):
        if field.name in parameters and (fault := _fault(field.name, field.type, parameters[field.name])):
            yield field.name, fault
    if parameters.get("dataset") in TWINS:
        for name in ("train_items", "test_items"):
            if parameters.get(name) == 0:
                yield name, f"'{name}' is 0 (all of them), expected a number: a twin has no end"
        yield from _twin_faults(parameters)
    yield from _split_faults(parameters)
    if parameters.get("condition") == "swapped" and parameters.get("train_items") == 1:
        yield "train_items", "'train_items' is 1, expected 2 or more: a swapped trace is another problem's"
    if parameters.get("method") == "full" and parameters.get("precision") == "4bit":
        yield "precision", "'precision' is 4bit, whose weights are frozen, but method full trains them"
    size, parts = parameters.get("batch_size"), parameters.get("accumulation")
    if isinstance(size, int) and isinstance(parts, int) and parts > 0 and size % parts:
        found = f"'accumulation' is {_shown(parts)}"
        yield "accumulation", f"{found}, expected a divisor of the batch size {_shown(size)}"


def _twin_faults(parameters: Mapping) -> Iterator[tuple[str, str]]:
    """How many facts a twin can have depends on which it is."""
    facts = parameters.get("facts")
    least, most = dataset(parameters["dataset"].removesuffix(TWIN)).sizes
    if type(facts) is int and facts >= 0 and not least <= facts <= most:
        yield "facts", f"'facts' is {_shown(facts)}, expected {least} to {most} for {parameters['dataset']}"


def _split_faults(parameters: Mapping) -> Iterator[tuple[str, str]]:
    """Not every dataset can be dealt in every way, nor with every number."""
    name, split = parameters.get("dataset"), parameters.get("split")
    if name in KNOWN["dataset"] and split in KNOWN["split"] and name not in SPLITS[split]:
        possible = ", ".join(way for way, names in SPLITS.items() if name in names)
        yield "split", f"'split' is {split}, expected one of {possible} for {name}"
    if split == "validation" and parameters.get("train_items") == 0:
        found = "'train_items' is 0 (all of them), expected a number"
        yield "train_items", f"{found}: split validation tests training problems that are left over"
    if split == "folds" and parameters.get("seed") == 0:
        yield "seed", "'seed' is 0, expected at least 1 for split folds: the first seed tests the first fold"


def _fault(name: str, kind: type, value: object) -> str | None:
    if name in KNOWN:
        if value in KNOWN[name]:
            return None
        of_a_file = name == "dataset" and isinstance(value, str) and ("/" in value or "." in value)
        hint = "; a file of your own can be looked at and audited, not trained on" if of_a_file else ""
        return f"unknown {name} {quoted(value)}, expected one of {', '.join(KNOWN[name])}{hint}"
    if kind is bool:
        return None if isinstance(value, bool) else f"'{name}': expected true or false, found {quoted(value)}"
    if kind is str:
        good = isinstance(value, str) and value
        return None if good else f"'{name}': expected a text, found {quoted(value)}"
    numbers = (int, float) if kind is float else int
    if not isinstance(value, numbers) or isinstance(value, bool):
        words = "a number (1e-3 is text in YAML; write 0.001)" if kind is float else "a whole number"
        return f"'{name}': expected {words}, found {quoted(value)}"
    if name in FRACTIONS:
        return None if 0 <= value < 1 else f"'{name}' is {_shown(value)}, expected at least 0 and below 1"
    if kind is float:
        return None if 0 < value < 1000 else f"'{name}' is {_shown(value)}, expected above 0 and below 1000"
    least, most = LEAST.get(name, 1), MOST.get(name, LARGEST)
    if value < least:
        return f"'{name}' is {_shown(value)}, expected at least {least}"
    return f"'{name}' is {_shown(value)}, expected at most {most}" if value > most else None


def _shown(number: float) -> str:
    """A number; of a whole one with thousands of digits, which Python does not write out, the length."""
    too_long = isinstance(number, int) and number.bit_length() > 200
    return f"a number of {number.bit_length()} bits" if too_long else str(number)
