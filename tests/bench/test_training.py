"""The benchmark of training: rates, ratios to the peers, and a share of the machine's rate."""

import pytest

from tracelib.bench import timing
from tracelib.bench import training as bench_training
from tracelib.bench.training import RECIPE, Effort
from tracelib.datasets.twins import splits
from tracelib.traces import format as trace_format
from tracelib.training import models
from tracelib.training.generate import generate
from tracelib.training.sft import adapted

pytestmark = pytest.mark.slow
KEYS = {
    "sft_tokens_per_s", "generation_per_s", "generation_per_s_long", "gemm_gflops", "gemm_share", "peak_mb",
    *bench_training.COMPARED, *(f"{name}_peer" for name in bench_training.COMPARED),
}  # fmt: skip


def test_every_figure_is_measured(monkeypatch, capsys):
    pytest.importorskip("trl")
    monkeypatch.setattr(bench_training, "QUICK", Effort(8, 1, 1))
    monkeypatch.setattr(bench_training, "BATCH", 3)
    monkeypatch.setattr(bench_training, "NEW_TOKENS", 3)
    figures = bench_training.run(quick=True)
    assert set(figures) == KEYS
    assert all(value > 0 for value in figures.values())
    for name, (_, ours, _) in bench_training.COMPARED.items():
        assert figures[name] == pytest.approx(figures[ours] / figures[f"{name}_peer"], rel=0.1, abs=0.2)
    assert figures["gemm_share"] < 1
    assert capsys.readouterr().out == ""  # the peers print nothing


def test_the_best_pass_counts(monkeypatch):
    clock = iter([0, 2, 10, 11, 20, 24])
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.best(lambda: 10, 3) == 10


@pytest.mark.parametrize("peer", ["one_at_a_time", "with_static_cache", "by_continuous_batching"])
def test_peers_of_answering_say_the_same(tiny, pairs, peer):
    model, prompts = adapted(tiny(3), RECIPE), pairs[0][:5]
    texts = getattr(bench_training, peer)(model, tiny.tokenizer, prompts, 10)
    assert texts == generate(model, tiny.tokenizer, prompts, 10, 5).texts
    assert len(set(texts)) > 1


def test_prompts_are_as_long_as_said():
    tokenizer = models.load("tiny-base")[1]
    for wanted in (bench_training.SHORT, bench_training.LONG):
        lengths = [
            len(tokenizer(prompt)["input_ids"]) for prompt in bench_training._prompts(tokenizer, wanted)
        ]
        assert len(lengths) == bench_training.BATCH
        assert max(lengths) < 1.2 * wanted
        assert wanted == bench_training.SHORT or min(lengths) > 0.75 * wanted


def test_operations_are_those_of_the_matrix_products():
    """At least four per token and frozen weight (forward, and backward to the inputs), hardly above six."""
    problems = splits("cotempqa", {"train": 16}, 11, 5)["train"]
    prompts = [trace_format.prompt(problem) for problem in problems]
    per_token = bench_training._flops_per_token(prompts, ["So it is."] * 16)
    model = models.load("tiny-base")[0]
    inner = sum(p.numel() for p in model.model.layers.parameters())
    assert 4 * inner < per_token < 12 * inner
