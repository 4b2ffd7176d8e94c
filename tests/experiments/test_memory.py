"""The memory that a run needs, compared with torch's own count, with a process, and with what there is."""

import json
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
import torch
from peft.helpers import disable_input_dtype_casting
from transformers import LlamaConfig, LlamaForCausalLM

from tests.conftest import ROOT
from tests.experiments.test_runner import TINY
from tracelib.core.errors import InputError
from tracelib.experiments import memory, profiles, runner, sweep
from tracelib.training import model_files, models, sft

CONFIG = LlamaConfig(
    vocab_size=100,
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=4,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=32,
    tie_word_embeddings=True,
)
RUN = replace(TINY, lora_rank=8, lora_dropout=0.05, intervene_items=0, batch_size=3, generation_batch=3)
GB = 1e9


def example(length: int, learned: int) -> sft.Example:
    labels = [sft.IGNORED] * (length - learned) + [1] * learned
    return {"item": "a", "input_ids": [1] * length, "labels": labels}


def test_a_shape_is_counted_as_the_model_has_it():
    of = memory.shape(CONFIG)
    model = LlamaForCausalLM(CONFIG)
    norms = (2 * 4 + 1) * 64
    assert of.linear + of.embedded == model.num_parameters() - norms
    adapted = sft.adapted(model, runner.recipe(RUN))
    assert 8 * of.adapted == sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    assert (of.heads, of.queries, of.keys, of.stored) == (4, 128, 64, 4)
    apart = memory.shape(LlamaConfig(**CONFIG.to_dict() | {"tie_word_embeddings": False}))
    assert apart.embedded == 2 * of.embedded == 2 * 100 * 64


def saved(chosen, layers: int, texts: int, length: int) -> int:
    """Bytes that autograd keeps from a forward pass, without weights and without logits."""
    config = LlamaConfig(**CONFIG.to_dict() | {"num_hidden_layers": layers})
    config._attn_implementation = chosen.attention
    model = LlamaForCausalLM(config)
    if chosen.method == "lora":
        model = model.to(torch.bfloat16 if chosen.precision == "bf16" else torch.float32)
        model = sft.adapted(model, runner.recipe(replace(RUN, lora_dropout=chosen.lora_dropout)))
    model.train()
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        kept.setdefault(storage.data_ptr(), tensor)
        return tensor

    ids = torch.randint(100, (texts, length))
    in_bf16 = torch.autocast("cpu", torch.bfloat16, enabled=chosen.precision == "bf16")
    as_it_comes = disable_input_dtype_casting(model, chosen.method == "lora" and chosen.precision == "bf16")
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), in_bf16, as_it_comes:
        model(input_ids=ids, use_cache=False, logits_to_keep=1)
    return sum(t.untyped_storage().nbytes() for place, t in kept.items() if place not in weights)


@pytest.mark.parametrize("length", [24, 150])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"attention": "eager"},
        {"lora_dropout": 0.0},
        {"precision": "bf16"},
        {"precision": "bf16", "attention": "eager"},
        {"precision": "bf16", "lora_dropout": 0.0},
        {"method": "full"},
        {"method": "full", "precision": "bf16"},
        {"method": "full", "attention": "eager"},
    ],
    ids=str,
)
def test_what_a_backward_pass_keeps_is_what_torch_keeps(change, length):
    """For three more layers. bf16 copies of weights are subtracted: the estimate counts them elsewhere."""
    chosen, of = replace(RUN, **change), memory.shape(CONFIG)
    three = memory._backward(chosen, replace(of, layers=3), (3, length, 0))
    counted = saved(chosen, 4, 3, length) - saved(chosen, 1, 3, length)
    if chosen.precision == "bf16":
        counted -= 2 * (of.linear if chosen.method == "full" else 8 * of.adapted) * 3 / 4
    assert three == pytest.approx(counted, rel=0.05)


def test_checkpointing_and_accumulation_need_less():
    examples = [example(200, 40)] * 8
    of = replace(memory.shape(CONFIG), layers=12)
    whole = memory.needed(replace(RUN, batch_size=8), examples, [100], of)
    for change in ({"gradient_checkpointing": True}, {"accumulation": 8}, {"batch_size": 1}):
        assert memory.needed(replace(RUN, **{"batch_size": 8} | change), examples, [100], of).training < (
            whole.training
        )
    assert memory.needed(replace(RUN, accumulation=3), examples, [100], of) == memory.needed(
        replace(RUN, batch_size=1), examples, [100], of
    )


def test_the_largest_batch_counts_and_not_the_longest_text_alone():
    of = memory.shape(CONFIG)
    short, long = [example(100, 10)] * 9, [example(130, 10)]
    alone = memory.needed(replace(RUN, batch_size=3), [*short, *long], [10], of)
    batches = memory._batches(replace(RUN, batch_size=3), [*short, *long])
    assert {texts for texts, *_ in batches} == {1, 3}
    assert alone.training >= memory.needed(RUN, short, [10], of).training
    # Prompts are sorted: three of 50 tokens are read together, and one of 90 alone.
    read = replace(RUN, condition="prompted")
    several = memory.needed(read, [], [50] * 3 + [90], of).generating
    assert several == max(memory.needed(read, [], lengths, of).generating for lengths in ([50] * 3, [90]))


def test_traces_that_are_set_are_read_with_the_prompt():
    of, examples = memory.shape(CONFIG), [example(80, 30)] * 3
    free, forced = (
        memory.needed(replace(RUN, intervene_items=items), examples, [50] * 3, of) for items in (0, 2)
    )
    assert forced.generating > free.generating
    assert forced == memory.needed(RUN, examples, [80] * 3, of)
    assert memory.needed(replace(RUN, condition="vanilla", intervene_items=2), examples, [50] * 3, of) == free


def test_who_is_not_trained_needs_no_adapters():
    need = memory.needed(replace(RUN, condition="prompted"), [], [50] * 3, memory.shape(CONFIG))
    assert need.training == 0
    assert need.most == max(need)


@pytest.mark.parametrize(
    ("need", "message"),
    [
        ((9 * GB, 2 * GB, 3 * GB), r"about 9.0 GB .*\(loading\), 8.0 GB available; take a smaller model"),
        ((1 * GB, 9 * GB, 3 * GB), r"\(training\), 8.0 GB available; lower 'batch_size', raise 'accum"),
        ((1 * GB, 2 * GB, 9 * GB), r"\(generating\), 8.0 GB available; lower 'generation_batch'"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_what_to_lower(monkeypatch, need, message):
    monkeypatch.setattr(memory, "available", lambda: 8 * GB)
    with pytest.raises(InputError, match=message):
        memory.check(memory.Needed(*need))
    fits = memory.check(memory.Needed(1 * GB, 7.96 * GB, 3 * GB))
    assert fits == "about 8.0 GB of memory needed (training), 8.0 GB available"


@pytest.mark.parametrize("condition", ["correct", "prompted"])
def test_a_run_that_does_not_fit_is_refused_before_weights_are_read(condition, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("loaded"))
    monkeypatch.setattr(memory, "available", lambda: 0.1 * GB)
    with pytest.raises(InputError, match=r"of memory needed \(\w+\), 0.1 GB available; "):
        runner.run(replace(TINY, condition=condition), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_result_depends_on_the_estimate():
    for is_twin in (True, False):
        assert "tracelib.training.sft" in runner._library(is_twin, False)
        assert "tracelib.experiments.memory" not in runner._library(is_twin, False)


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A function that fakes control groups, from the process's own groups and the files of each folder."""

    def made(own: str, files: dict[str, dict[str, str]]) -> None:
        (tmp_path / "own").write_text(own)
        for folder, contents in files.items():
            (tmp_path / "fs" / folder).mkdir(parents=True, exist_ok=True)
            for name, text in contents.items():
                (tmp_path / "fs" / folder / name).write_text(text)
        monkeypatch.setattr(memory, "OWN_CGROUPS", tmp_path / "own")
        monkeypatch.setattr(memory, "CGROUPS", tmp_path / "fs")

    return made


def second(most: str, now: int, freed: int = 0) -> dict[str, str]:
    return {
        "memory.max": most,
        "memory.current": str(now),
        "memory.stat": f"anon 1\ninactive_file {freed}\n",
    }


def test_a_limit_of_the_container_counts(groups, monkeypatch):
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: type("Free", (), {"available": 50_000}))
    own = memory.psutil.Process().memory_info().rss
    groups("", {})
    assert memory.available() == pytest.approx(50_000 + own, rel=0.2)
    groups("0::/job/step\n", {"job": second("9000", 5000, 1000), "job/step": second("max", 4000), ".": {}})
    assert memory._rooms() == [5000]
    assert memory.available() == pytest.approx(5000 + own, rel=0.2)


def test_the_older_control_groups_count_too(groups):
    named = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat")
    limited = dict(zip(named, ("700", "900", "total_inactive_file 50"), strict=True))
    groups("5:cpu,cpuacct:/a\n4:memory:/a\n0::/a\n", {"memory/a": limited})
    assert memory._rooms() == [0]


def test_on_a_gpu_its_own_memory_counts(monkeypatch):
    of = memory.shape(CONFIG)
    here = memory.needed(RUN, [example(80, 30)] * 3, [50], of)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (3000, 8000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 500)
    assert memory.available() == 3500
    there = memory.needed(RUN, [example(80, 30)] * 3, [50], of)
    assert here.training - there.training == pytest.approx(memory.LIBRARIES)


# Linux gives the peak in kilobytes, macOS in bytes.
PROCESS = """
import json, resource, sys
from pathlib import Path
from tracelib.experiments import runner
from tracelib.experiments.config import from_parameters
chosen = from_parameters(json.loads(sys.argv[1]))
need = runner.memory_needed(chosen)
runner.run(chosen, Path(sys.argv[2]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps([need.most, peak]))
"""


def estimated_and_measured(chosen, folder) -> tuple[float, float]:
    command = [sys.executable, "-c", PROCESS, json.dumps(asdict(chosen)), str(folder / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return tuple(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.nightly
def test_a_process_needs_what_was_estimated(tmp_path):
    """The peak is at most the estimate, and at least half of it."""
    many = {"train_items": 96, "batch_size": 48, "facts": 20, "method": "full", "test_items": 8}
    need, peak = estimated_and_measured(replace(TINY, **many, intervene_items=0), tmp_path)
    assert peak <= need <= 2 * peak


@pytest.mark.nightly
@pytest.mark.parametrize(
    "change", [{}, {"gradient_checkpointing": True}, {"precision": "fp32"}, {"attention": "sdpa"}], ids=str
)
def test_a_process_with_the_real_model_needs_what_was_estimated(change, kept_models, monkeypatch, tmp_path):
    """The model, if it was fetched, is trained on a twin in batches of many lengths."""
    monkeypatch.setenv(model_files.VARIABLE, kept_models or "")
    if model_files.state(model_files.named("smollm2-135m")) != model_files.HERE:
        pytest.skip("smollm2-135m was not fetched: tracelib models fetch")
    small = {"train_items": 48, "test_items": 8, "intervene_items": 2, "facts": 30, "checkpoint_steps": 0}
    profile = profiles.load("smollm2")
    chosen = next(run for name, run in sweep.experiments(profile).items() if name == "babi-twin-correct-s1")
    need, peak = estimated_and_measured(replace(chosen, **small | change), tmp_path)
    assert peak <= need <= 2 * peak
