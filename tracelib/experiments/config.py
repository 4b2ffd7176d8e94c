"""Every parameter of a run: its meaning, its allowed values, and its value in the paper.

This is the only declaration. Profiles, notebooks and the command line are checked against it, and documented
from it (`tracelib.experiments.parameters`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import ConfigDict, Field, ValidationError, create_model

from tracelib.core.errors import InputError, quoted
from tracelib.datasets.dataset import DATES, TWIN
from tracelib.datasets.registry import DATASETS, NAMES, RELEASED, TEACHERS, TWINS, dataset
from tracelib.traces.conditions import CONDITIONS, TAUGHT, UNTRAINED

SPLITS = {  # ways to split problems (`tracelib.datasets.splits`), and the datasets that have each
    "released": (*TWINS, *(known.name for known in DATASETS if known.is_real)),
    "clean": RELEASED,
    "validation": RELEASED,
    "folds": tuple(name for name in RELEASED if dataset(name).subject),  # a subject is in one fold
}
LARGEST = 2**31 - 1
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Size = Annotated[int, Field(ge=1, le=LARGEST)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]  # what numpy takes
Items = Annotated[int, Field(ge=0, le=1_000_000)]  # more than any dataset has
Positive = Annotated[int | float, Field(gt=0, lt=1000)]
Fraction = Annotated[int | float, Field(ge=0, lt=1)]


class Paper(NamedTuple):
    """The paper's value, from its text or from the release's fine-tuning scripts."""

    value: object


@dataclass(frozen=True)
class Experiment:
    """One run: the problems, the model and the training. `InputError` if a value is wrong."""

    dataset: Annotated[Literal[SPLITS["released"]], Paper(", ".join(NAMES))]
    """The problems: a real dataset, or its twin, which a program generates."""

    model: Annotated[str, Field(min_length=1), Paper("Llama-3.2-1B, Qwen3-1.7B, Llama-3.1-8B, Qwen3-8B")]
    """The model: tiny-base, smollm2-135m, a folder in hub format, or owner/name@commit on the hub."""

    condition: Annotated[
        Literal[(*UNTRAINED, *CONDITIONS, *TAUGHT)],
        Paper("prompted, vanilla, correct, incorrect, and those of the teacher R1"),
    ]
    """How the traces of the training examples are made. The prompted conditions train nothing."""

    seed: Seed
    """Fixes the order of examples, new adapters, and the draws in traces; with folds, the tested fold."""

    train_items: Annotated[Items, Paper(0)]
    """Number of training problems; 0 takes all that a real dataset has."""

    test_items: Annotated[Items, Paper(0)]
    """Number of test problems, the same ones for every run; 0 takes all that a real dataset has."""

    facts: Annotated[Count, Paper(0)]
    """Number of facts in each problem of a twin; the most facts in a problem of a real dataset, 0 for any."""

    dates: Literal[DATES]
    """The finest unit in the dates of a twin."""

    data_seed: Annotated[Seed, Paper(42)]
    """Fixes which problems are generated or drawn."""

    method: Annotated[Literal["lora", "full"], Paper("lora")]
    """What is trained: low-rank adapters, or every weight."""

    precision: Annotated[Literal["fp32", "bf16", "4bit"], Paper("4bit")]
    """The precision of matrix products; 4bit keeps frozen weights in NF4 and multiplies in bf16."""

    attention: Literal["sdpa", "eager", "flash_attention_2"]
    """The implementation of attention."""

    gradient_checkpointing: Annotated[bool, Paper(True)]
    """Whether activations are computed twice, to save memory."""

    epochs: Annotated[Positive, Paper(3)]
    """Passes over the training problems; fractions are allowed."""

    batch_size: Annotated[Size, Paper(16)]
    """Number of examples in each step."""

    accumulation: Annotated[Size, Paper(4)]
    """Number of parts that a step is split into, to save memory; the gradient is the same."""

    learning_rate: Annotated[Positive, Paper(2e-4)]
    """The peak of the learning rate, which then falls to zero along a cosine."""

    warmup_ratio: Annotated[Fraction, Paper(0.03)]
    """The share of the steps in which the learning rate rises."""

    lora_rank: Annotated[int, Field(ge=1, le=4096), Paper(16)]  # the width of the paper's largest model
    """The rank of the adapters."""

    lora_alpha: Annotated[Size, Paper(32)]
    """The scale of the adapters: their output is multiplied by lora_alpha / lora_rank."""

    lora_dropout: Annotated[Fraction, Paper(0.05)]
    """The dropout on the inputs of the adapters."""

    checkpoint_steps: Count
    """Number of steps between checkpoints, from which a killed training goes on; 0 writes none."""

    context: Annotated[int, Field(ge=64, le=LARGEST), Paper(1024)]
    """The longest sequence, in tokens. Longer examples are left out and counted."""

    max_new_tokens: Annotated[Size, Paper(500)]
    """The longest generated text, in tokens."""

    generation_batch: Annotated[Size, Paper(1)]
    """Number of prompts that are answered together."""

    intervene_items: Count
    """Number of test problems on which interventions set the trace, for models that write traces."""

    threads: Annotated[int, Field(ge=1, le=1024)]  # torch crashes on a million
    """Number of CPU threads. It is fixed because results depend on it."""

    split: Annotated[Literal[tuple(SPLITS)], Paper("released")] = "released"
    """How a real dataset is split. released: as published. clean: no training problem is in the test set.
    validation: the test set is unused training problems. folds: each seed tests one fold."""

    texts: str = ""
    """A teacher's texts: r1, or a folder or file of 'tracelib teacher export'. With them, every condition
    trains only on problems that the teacher has written on. Empty: no teacher."""

    def __post_init__(self):
        for _, fault in faults(vars(self)):
            raise InputError(fault)


DEFAULTS = {field.name: field.default for field in fields(Experiment) if field.default is not MISSING}
_PARAMETERS = create_model(
    "Parameters",
    __config__=ConfigDict(strict=True),
    **{field.name: (field.type, DEFAULTS.get(field.name, ...)) for field in fields(Experiment)},
)
DECLARED = _PARAMETERS.model_fields  # pydantic's field of each parameter, by name
_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number (1e-3 is text in YAML; write 0.001)",
    "string_type": "a text",
    "string_too_short": "a text",
    "string_unicode": "a text",
}
LISTED = 15  # names that a message lists
BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def from_parameters(parameters: Mapping) -> Experiment:
    """The experiment with these parameters. `InputError` names unknown, missing and wrong parameters."""
    missing = DECLARED.keys() - parameters.keys() - DEFAULTS.keys()
    for word, names in (("unknown", parameters.keys() - DECLARED.keys()), ("missing", missing)):
        if names:
            raise InputError(f"experiment parameters: {word} {', '.join(sorted(names))}")
    return Experiment(**parameters)


def of_notebook(namespace: Mapping) -> dict:
    """All parameters of a run except the seed, from the ``globals()`` of a notebook."""
    return {name: namespace[name] for name in DECLARED if name != "seed"}


def seeds(given: object) -> list[int]:
    """Parse a notebook's seeds: a list or a whole number. ``papermill -p`` gives a list as text."""
    with suppress(ValueError, RecursionError):
        given = json.loads(given) if isinstance(given, str) else given
    found = given if isinstance(given, list) else [given]
    if not found or any(type(seed) is not int for seed in found) or len(set(found)) < len(found):
        expected = "expected a whole number, or a list of different ones"
        raise InputError(f"'seeds': {expected}, found {quoted(given)}; for papermill: -y 'seeds: [1, 2]'")
    return found


def faults(parameters: Mapping) -> list[tuple[str, str]]:
    """(parameter, message) for each wrong value; if there is none, for values that do not go together.

    Missing parameters are no faults. If there are any, only single values are checked.
    """
    try:
        return list(_together(_PARAMETERS.model_validate(dict(parameters))))
    except ValidationError as error:
        found = [fault for fault in error.errors(include_url=False) if fault["type"] != "missing"]
        # For `int | float`, pydantic reports two errors: for int, then for float. The last one is kept.
        last = {fault["loc"][0]: fault for fault in found}
        return [(name, _in_words(name, fault)) for name, fault in last.items()]


def _in_words(name: str, fault: Mapping) -> str:
    """Our message for one of pydantic's errors."""
    kind, value = fault["type"], fault["input"]
    if kind == "literal_error":
        of_a_file = name == "dataset" and isinstance(value, str) and ("/" in value or "." in value)
        hint = "; your own file can be shown and audited, but not trained on" if of_a_file else ""
        return f"unknown {name} {quoted(value)}, expected one of {_listed(choices(name))}{hint}"
    if kind in _EXPECTED:
        return f"'{name}': expected {_EXPECTED[kind]}, found {quoted(value)}"
    ((bound, limit),) = fault["ctx"].items()
    return f"'{name}' is {_shown(value)}, expected {BOUNDS[bound]} {limit}"


def _together(chosen: Experiment) -> Iterator[tuple[str, str]]:
    """Yield the faults of values that are valid one by one but do not go together."""
    if chosen.dataset in TWINS:
        yield from _twin_faults(chosen)
    if chosen.dataset not in SPLITS[chosen.split]:
        possible = ", ".join(way for way, names in SPLITS.items() if chosen.dataset in names)
        yield "split", f"'split' is {chosen.split}, expected one of {possible} for {chosen.dataset}"
    if chosen.split == "validation" and chosen.train_items == 0:
        found = "'train_items' is 0 (all of them), expected a number"
        yield "train_items", f"{found}: split validation tests training problems that are left over"
    if chosen.split == "folds" and chosen.seed == 0:
        yield "seed", "'seed' is 0, expected at least 1 for split folds: the first seed tests the first fold"
    if chosen.condition == "swapped" and chosen.train_items == 1:
        yield "train_items", "'train_items' is 1, expected 2 or more: a swapped trace is another problem's"
    if chosen.condition in TAUGHT and not chosen.texts:
        expected = "expected r1, or a folder or file of 'tracelib teacher export'"
        yield "texts", f"'texts' is empty, {expected}, for condition {chosen.condition}"
    on = TEACHERS.get(chosen.texts, chosen.dataset)
    if on != chosen.dataset:
        found = f"'texts' is {chosen.texts}, whose texts are on {on}"
        yield "texts", f"{found}, expected none of it for {chosen.dataset}"
    if chosen.method == "full" and chosen.precision == "4bit":
        yield "precision", "'precision' is 4bit, whose weights are frozen, but method full trains them"
    if chosen.batch_size % chosen.accumulation:
        found = f"'accumulation' is {chosen.accumulation}"
        yield "accumulation", f"{found}, expected a divisor of the batch size {chosen.batch_size}"


def _twin_faults(chosen: Experiment) -> Iterator[tuple[str, str]]:
    """Yield the faults of a twin's sizes: it has no end, and a range of facts of its own."""
    for name in ("train_items", "test_items"):
        if getattr(chosen, name) == 0:
            yield name, f"'{name}' is 0 (all of them), expected a number: a twin has no end"
    least, most = dataset(chosen.dataset.removesuffix(TWIN)).sizes
    if not least <= chosen.facts <= most:
        yield "facts", f"'facts' is {chosen.facts}, expected {least} to {most} for {chosen.dataset}"


def choices(name: str) -> tuple[str, ...]:
    """The allowed values of a parameter that has a list of them."""
    return get_args(DECLARED[name].annotation)


def _listed(names: Sequence[str]) -> str:
    """The names, or the first of them if there are many."""
    more = len(names) - LISTED
    rest = f" and {more} more, which 'tracelib parameters' lists" if more > 0 else ""
    return ", ".join(names[:LISTED]) + rest


def _shown(number: float) -> str:
    """A number as text; the size of a whole number that is too long for Python to print."""
    too_long = isinstance(number, int) and number.bit_length() > 200
    return f"a number of {number.bit_length()} bits" if too_long else str(number)
