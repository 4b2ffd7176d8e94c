"""The GPU benchmark, on a small shape and a CPU: its figures are right, and its shapes are the models'."""

import pytest
from transformers import AutoModelForCausalLM, LlamaConfig

from tracelib.bench import gpu as bench_gpu
from tracelib.cli.main import main

SMALL = LlamaConfig(
    hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
    vocab_size=128, tie_word_embeddings=True,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch):
    monkeypatch.setattr(bench_gpu, "PROMPT", 8)
    monkeypatch.setattr(bench_gpu, "ANSWER", 4)


def test_a_small_shape_is_measured():
    figures = bench_gpu.measure(SMALL, "cpu", examples=32, gemm=256, lengths=(20, 40), at_once=2)
    assert figures["tokens_per_s"] > 0
    assert figures["share_of_peak"] == pytest.approx(figures["tflops"] / figures["peak_tflops"], rel=0.01)
    assert figures["grid_training_hours"] > 0
    assert figures["answers_per_s"] > 0
    assert figures["grid_answering_hours"] > 0
    assert bench_gpu._machine("cpu")["device"] == "cpu"


def test_without_a_gpu_one_message_says_so(monkeypatch, capsys):
    monkeypatch.setattr(bench_gpu.torch.cuda, "is_available", lambda: False)
    assert main(["bench", "--gpu"]) == 2
    assert "no GPU that torch can use" in capsys.readouterr().err


def test_the_papers_grid_is_four_models_the_larger_ones_by_their_weights():
    one = {"parameters": 1e9, "grid_training_hours": 2.0, "grid_answering_hours": 1.0}
    two = {"parameters": 2e9, "grid_training_hours": 4.0, "grid_answering_hours": 1.0}
    hours = bench_gpu.paper_grid({"Llama-3.2-1B": one, "Qwen3-1.7B": two})
    assert hours == {
        "Llama-3.2-1B": 3.0, "Qwen3-1.7B": 5.0, "Llama-3.1-8B": 24.1, "Qwen3-8B": 20.5, "all": 52.6,
    }  # fmt: skip
    assert bench_gpu.GRID_EXAMPLES == (1735 + 3773 + 4800) * 45
    assert bench_gpu.GRID_ANSWERS == (950 + 376 + 1000) * 16


def test_operations_are_counted_on_the_batches_that_are_timed(monkeypatch):
    """Batches of similar lengths have hardly any padding; examples in random order have much."""
    seen = []

    def counted(model, batches, pad, precision):
        seen.extend(batches)
        return 1.0

    monkeypatch.setattr(bench_gpu.timing, "flops_per_token", counted)
    bench_gpu.measure(SMALL, "cpu", examples=512, gemm=256, lengths=(10, 40), at_once=1)
    padded = sum(16 * max(len(example["input_ids"]) for example in batch) for batch in seen)
    assert len(seen) == 8
    assert sum(len(example["input_ids"]) for batch in seen for example in batch) > 0.85 * padded


def test_examples_are_within_their_lengths_and_learn_their_end():
    for example in bench_gpu._examples(100, 50, (20, 40)):
        assert 20 <= len(example["input_ids"]) == len(example["labels"]) <= 40
        learned = [label for label in example["labels"] if label != bench_gpu.IGNORED]
        assert learned == example["input_ids"][-len(learned) :]


@pytest.mark.parametrize(("name", "parameters"), [("Llama-3.2-1B", 1.236e9), ("Qwen3-1.7B", 1.721e9)])
def test_the_shapes_have_as_many_weights_as_the_models(name, parameters):
    import torch

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(bench_gpu.SHAPES[name])
    assert model.num_parameters() == pytest.approx(parameters, rel=0.002)
