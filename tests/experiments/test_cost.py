"""What the paper's models cost, counted by hand for a profile with stated sizes."""

from dataclasses import replace

import pytest

from tracelib.experiments import cost, profiles
from tracelib.experiments.config import from_parameters

QWEN = "Qwen/Qwen3-1.7B@70d244cc86ccca08cf5af4e1e306ecf908b1ad5e"


@pytest.fixture
def runs():
    """A prompted run and a trained one: 100 problems three times, 40 texts each."""
    cell = profiles.load("laptop").cells()["cotempqa-twin-correct"]
    known = {name: value for name, value in cell.items() if name not in ("seeds", "folder")}
    trained = from_parameters({**known, "seed": 1, "model": QWEN, "precision": "4bit", "method": "lora"})
    trained = replace(trained, epochs=3, train_items=100, test_items=40)
    return [replace(trained, condition="prompted"), trained]


def test_work_is_counted_per_stage(runs):
    prompted, trained = map(cost.work, runs)
    assert trained == {"train": 300, "generate": 40, "intervene": 0}
    assert prompted == {"train": 0, "generate": 40, "intervene": 0}


def test_gigabytes_and_hours_are_counted_before_anything_is_fetched(runs):
    """300 examples of 500 tokens, four operations per token and each of 2.03e9 weights, 280 TFLOP/s."""
    lines = cost.counted([*runs * 2000])
    hours = 2000 * 300 * 500 * 4 * 2.03e9 / 280e12 / 3600
    assert lines[0] == (
        f"Qwen/Qwen3-1.7B: 2000 trainings, 160,000 texts; 4.1 GB to fetch, 1.1 GB of memory for them alone; "
        f"{hours:.1f} h of training"
    )
    assert lines[1].startswith("together 4 GB to fetch and 2 h of training on a GPU")
    assert "counted, not measured" in lines[1]


def test_models_that_are_not_the_papers_have_no_line(runs):
    assert cost.counted([replace(run, model="tiny-base") for run in runs]) == []


def test_every_model_of_the_papers_profile_has_its_size():
    models = {cell["model"].split("@")[0] for cell in profiles.load("paper").cells().values()}
    assert models == set(cost.WEIGHTS)
