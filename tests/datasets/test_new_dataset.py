"""The dataset that CONTRIBUTING.md adds: with a folder and an entry it works in the whole library."""

import json
from pathlib import Path

import pytest

from tests.checkout import run, with_the_dataset

TRAIN = """
from pathlib import Path
from tracelib.experiments import runner
from tracelib.experiments.config import Experiment

chosen = Experiment(
    dataset="toy-twin", model="tiny-base", condition="incorrect", seed=1, train_items=8, test_items=2,
    facts=3, dates="day", data_seed=7, method="lora", precision="fp32", attention="sdpa",
    gradient_checkpointing=False, epochs=1, batch_size=4, accumulation=1, learning_rate=0.005,
    warmup_ratio=0.03, lora_rank=4, lora_alpha=8, lora_dropout=0.05, checkpoint_steps=0, context=512,
    max_new_tokens=4, generation_batch=2, intervene_items=0, threads=1,
)
print(runner.run(chosen, Path("run")).to_json(orient="records"))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the library that knows the dataset."""
    return with_the_dataset(tmp_path_factory.mktemp("checkout"))


def test_its_problems_are_shown_as_solved(checkout):
    shown = run(checkout, "-m", "tracelib", "problems", "show", "toy-twin", "--facts", "3")
    assert "toy, train, problem " in shown
    assert shown.count("lamp is in the") >= 3
    solved = shown.partition("solver")[2]
    assert "answer" in solved


def test_every_condition_can_be_made_of_them(checkout):
    shown = run(checkout, "-m", "tracelib", "traces", "show", "toy-twin", "--facts", "3")
    assert "The category of the question asked is: " in shown
    assert "none: " not in shown


def test_outputs_on_it_are_audited(checkout):
    run(checkout, "-m", "tracelib", "problems", "export", "toy-twin", "all.jsonl", "--count", "6")
    records = [json.loads(line) for line in (checkout / "all.jsonl").read_text().splitlines()]
    for number, record in enumerate(records):
        cited = [record["facts"][place] for place in record["supporting"]]
        answer = record["gold"][0] if number else "nowhere"
        record["prediction"] = (
            f"<think>The category of the question asked is: {record['category']}.\n"
            f"I need to use the following text to answer the question: {cited}</think> "
            f"<answer>{answer}</answer>"
        )
    (checkout / "outputs.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    rows = json.loads(run(checkout, "-m", "tracelib", "audit", "--json", "outputs.jsonl"))
    found = {row["metric"]: row for row in rows if row["category"] == "all"}
    assert list(found) == ["exact", "strict"]
    for row in found.values():
        assert (row["dataset"], row["n"], row["answer_correct"], row["trace_correct"]) == ("toy", 6, 5, 6)


def test_a_model_is_trained_on_it(checkout):
    outcomes = json.loads(run(checkout, "-c", TRAIN).splitlines()[-1])
    assert [row["dataset"] for row in outcomes] == ["toy", "toy"]
    assert (checkout / "run" / "model" / "adapter_model.safetensors").is_file()
