"""Every parameter of a run at its smallest, largest and oddest value: the run trains, or is refused."""

import math
import random
from dataclasses import asdict, fields, replace

import pandas as pd
import pytest

from tests.experiments.test_runner import TINY
from tracelib.core.errors import InputError
from tracelib.experiments import config, run_folder, runner
from tracelib.experiments.config import Experiment
from tracelib.training import models

FEW = {"train_items": 3, "test_items": 2, "batch_size": 2, "max_new_tokens": 2, "intervene_items": 1}
SMALL = replace(TINY, **FEW, facts=4, dates="year", lora_dropout=0.0)
MOST = 2**31 - 1
HUGE = 10**5000  # more digits than Python writes out
NAN, INFINITE = math.nan, math.inf

REFUSED_NUMBERS = {
    "seed": [-1, 2**32, HUGE],
    "data_seed": [-1, 2**32, HUGE],
    "train_items": [-1, 0, 1_000_001, HUGE],
    "test_items": [-1, 0, 1_000_001, HUGE],
    "facts": [-1, 0, 1, 3, 41, HUGE],
    "batch_size": [0, MOST + 1, HUGE],
    "accumulation": [0, 3, HUGE],
    "lora_rank": [0, 4097, HUGE],
    "lora_alpha": [0, MOST + 1, HUGE],
    "checkpoint_steps": [-1, MOST + 1, HUGE],
    "context": [63, MOST + 1, HUGE],
    "max_new_tokens": [0, MOST + 1, HUGE],
    "generation_batch": [0, MOST + 1, HUGE],
    "intervene_items": [-1, MOST + 1, HUGE],
    "threads": [0, 1025, HUGE],
}
REFUSED = {
    **{name: [*values, "5", 5.5, True, None] for name, values in REFUSED_NUMBERS.items()},
    "epochs": [0, -1, 1000, NAN, INFINITE, HUGE, "1", True],
    "learning_rate": [0, -1, 1000, NAN, INFINITE, HUGE, "1e-3"],
    "warmup_ratio": [-0.1, 1, NAN, INFINITE, HUGE],
    "lora_dropout": [-0.1, 1, NAN, INFINITE, HUGE],
    "dataset": ["squad", "COTEMPQA", "my.jsonl", None, ["babi"]],
    "condition": ["vanila", "", None, {}],
    "dates": ["hour", ""],
    "method": ["qlora", None],
    "precision": ["fp16", 32],
    "attention": ["flash", True],
    "gradient_checkpointing": [1, "yes", None],
    "model": ["", None, 5],
    "split": ["clean", "validation", "folds", "", None, ["clean"]],
    "texts": [None, 5, ["r1"], "r1"],
}


@pytest.mark.parametrize("name", [field.name for field in fields(Experiment)])
def test_an_invalid_value_is_refused_in_one_line_that_names_it(name):
    for value in REFUSED[name]:
        with pytest.raises(InputError) as caught:
            replace(SMALL, **{name: value})
        said = str(caught.value)
        assert name in said
        assert "expected" in said
        assert "\n" not in said
        assert len(said) < 400


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train_items": 1, "condition": "swapped"},
            "'train_items' is 1, expected 2 or more: a swapped trace",
        ),
        (
            {"method": "full", "precision": "4bit"},
            "'precision' is 4bit, whose weights are frozen, but method",
        ),
        ({"dataset": "marco-twin", "facts": 101}, "'facts' is 101, expected 2 to 100 for marco-twin"),
        ({"dataset": "babi-twin", "facts": 3}, "'facts' is 3, expected 4 to 40 for babi-twin"),
        ({"batch_size": 1, "accumulation": 2}, "'accumulation' is 2, expected a divisor of the batch size 1"),
        ({"split": "clean"}, "'split' is clean, expected one of released for cotempqa-twin"),
        (
            {"dataset": "babi", "split": "folds"},
            "'split' is folds, expected one of released, clean, validation for babi",
        ),
        ({"dataset": "marco", "split": "clean"}, "'split' is clean, expected one of released for marco"),
        (
            {"dataset": "babi", "split": "validation", "train_items": 0},
            "'train_items' is 0 .*, expected a number: split validation tests",
        ),
        (
            {"dataset": "cotempqa", "split": "folds", "seed": 0},
            "'seed' is 0, expected at least 1 for split folds",
        ),
        (
            {"condition": "teacher-summary"},
            "'texts' is empty, expected r1, or a folder or file of 'tracelib teacher export', for condition",
        ),
        (
            {"texts": "r1"},
            "'texts' is r1, whose texts are on cotempqa, expected none of it for cotempqa-twin",
        ),
        ({"dataset": "data/my.jsonl"}, "your own file can be shown and audited, but not trained on"),
    ],
)
def test_values_that_do_not_go_together_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **change)


def test_all_faults_are_found_at_once_even_if_parameters_are_missing():
    assert config.faults({"epochs": 0, "method": "qlora", "threads": 1}) == [
        ("method", "unknown method 'qlora', expected one of lora, full"),
        ("epochs", "'epochs' is 0, expected above 0"),
    ]
    assert config.faults({"batch_size": 1, "accumulation": 2}) == []  # others are missing: no check


# Each mix of the test below has one value of each line. The smallest and largest values are among them.
TRAINED = {
    "dataset": ["cotempqa-twin", "babi-twin"],
    "condition": ["vanilla", "correct", "dose-10", "filler-25"],
    "seed": [0, 2**32 - 1],
    "data_seed": [0, 2**32 - 1],
    "test_items": [1, 2],
    "facts": [4, 6],
    "dates": ["year", "month", "day"],
    "method": ["lora", "full"],
    "precision": ["fp32", "bf16"],
    "attention": ["sdpa", "eager"],
    "gradient_checkpointing": [False, True],
    "epochs": [1e-9, 0.5, 1, 2.5],
    "batches": [(1, 1, 1), (1, 1, 3), (2, 2, 3), (2, 1, 3), (4, 4, 1), (1000, 500, 3), (MOST, MOST, 3)],
    "learning_rate": [1e-30, 0.01],
    "warmup_ratio": [0, 0.03, 0.999],
    "lora_rank": [1, 16],
    "lora_alpha": [1, MOST],
    "lora_dropout": [0, 0.999],
    "checkpoint_steps": [0, 1, 2, MOST],
    "generation_batch": [1, MOST],
    "intervene_items": [0, 1, MOST],
    "split": ["released"],
    "texts": [""],
}
MIXES = 12


def mixes() -> list[dict]:
    """Mixes in which each value of each line occurs a few times, with different values of other lines."""
    columns = {}
    for name, values in TRAINED.items():
        cycle = [values[number % len(values)] for number in range(MIXES)]
        columns[name] = random.Random(name).sample(cycle, MIXES)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    together = ("batch_size", "accumulation", "train_items")
    return [row | dict(zip(together, row.pop("batches"), strict=True)) for row in rows]


ALONE = [
    {"condition": "prompted"},
    {"threads": 2},
    {"learning_rate": 999.0},
    {"max_new_tokens": 1},
    {"max_new_tokens": MOST, "context": 600, "intervene_items": 0},
    {"dataset": "marco-twin", "facts": 2, "test_items": 1},
    {"condition": "swapped", "train_items": 2},
    {"model": "tiny-base", "precision": "4bit", "gradient_checkpointing": True, "accumulation": 2},
]


def test_every_parameter_is_varied():
    everything = {field.name for field in fields(Experiment)}
    assert {name for change in (*mixes(), *ALONE) for name in change} == everything == set(REFUSED)


@pytest.mark.parametrize("change", [*mixes(), *ALONE])
def test_an_experiment_can_be_made_again_from_its_parameters(change):
    chosen = replace(SMALL, **change)
    again = config.from_parameters(asdict(chosen))
    assert again == chosen
    assert repr(again) == repr(chosen)  # 1 stays 1, and is not 1.0


@pytest.fixture(scope="module")
def small(tiny, tmp_path_factory):
    """A run on a model of a few thousand parameters."""
    folder = tmp_path_factory.mktemp("base")
    tiny().save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)
    return replace(SMALL, model=str(folder))


@pytest.mark.parametrize("change", [*mixes(), *ALONE])
def test_valid_values_train(change, small, tmp_path):
    chosen = replace(small, **change)
    outcomes = runner.run(chosen, tmp_path / "run")
    assert len(outcomes) == chosen.test_items
    curve = pd.read_csv(tmp_path / "run" / "loss.csv")
    fitting = chosen.train_items - len(run_folder.read_about(tmp_path / "run")["too_long"]["train"])
    steps = max(1, round(chosen.epochs * math.ceil(fitting / chosen.batch_size)))
    assert curve["step"].max() == steps or chosen.condition == "prompted"
    assert curve["loss"].notna().all()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"run", ".run.lock"}  # no checkpoint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"context": 64}, "'context' is 64, but the shortest test prompt has"),
        ({"context": 1025}, "'context' is 1025, expected at most 1024, what the model can read"),
        ({"facts": 40, "context": 512}, "'context' is 512, but the shortest test prompt has"),
        (
            {"attention": "flash_attention_2"},
            "attention flash_attention_2 needs a GPU and the package flash_attn",
        ),
        (
            {"model": "tiny-base@abc"},
            "unknown model 'tiny-base@abc', expected tiny-base, smollm2-135m, a folder, or owner",
        ),
        (
            {"model": "a\nb"},
            r"unknown model 'a\\nb', expected tiny-base, smollm2-135m, a folder, or owner/name@commit",
        ),
    ],
)
def test_values_unfit_for_model_or_machine_are_refused_before_weights_are_read(
    change, message, small, tmp_path, monkeypatch
):
    monkeypatch.setattr(models.AutoModelForCausalLM, "from_pretrained", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InputError, match=message) as caught:
        runner.run(replace(small, **change), tmp_path / "run")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [(2, [2]), ([1, 2], [1, 2]), ("2", [2]), ("[1,2]", [1, 2]), (" [1, 2] ", [1, 2]), ([0], [0])],
)
def test_seeds_are_a_number_or_a_list_also_as_text(given, expected):
    assert config.seeds(given) == expected


@pytest.mark.parametrize(
    "given", ["", "1,2", "[1", [], "[]", [1, 1], ["1"], 1.0, True, None, {}, "{}", "[" * 100_000, [[1]]]
)
def test_the_error_for_other_seeds_shows_how_to_write_them(given):
    with pytest.raises(InputError) as caught:
        config.seeds(given)
    said = str(caught.value)
    assert said.startswith("'seeds': expected a whole number, or a list of different ones, found ")
    assert said.endswith("; for papermill: -y 'seeds: [1, 2]'")
    assert len(said) < 200


def test_a_notebook_has_every_parameter_but_the_seed():
    namespace = {field.name: getattr(TINY, field.name) for field in fields(Experiment)} | {"folder": "mine"}
    found = config.of_notebook(namespace)
    assert config.from_parameters(found | {"seed": TINY.seed}) == TINY
    assert not {"seed", "folder"} & set(found)
