"""The paper's profile, and its path on small random models in the hub's format: Llama's and Qwen3's."""

import os
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

from tests.conftest import ROOT
from tests.test_experiment import TINY
from tests.test_workflow import Project
from tracelib import experiment, grid, models, problem_sets, profiles, runs
from tracelib.files import InputError

pytestmark = pytest.mark.slow
LLAMA = (  # the shape of the families' own templates, in our words
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
    "{{ m['content'] }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
QWEN = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SHAPE = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 2048, "tie_word_embeddings": True,
}  # fmt: skip
FAMILIES = {
    "llama": (LlamaForCausalLM, LlamaConfig, LLAMA, "<|begin_of_text|>", "<|eot_id|>", None),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config, QWEN, None, "<|im_end|>", "<|endoftext|>"),
}
PAPER = {"method": "lora", "precision": "bf16", "gradient_checkpointing": True, "checkpoint_steps": 1}


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request, tmp_path_factory, tiny):
    """A random model of a family, saved as the hub keeps them; Llama's without a padding token."""
    model, config, template, bos, eos, pad = FAMILIES[request.param]
    path = tmp_path_factory.mktemp("hub") / request.param
    tokenizer = type(tiny.tokenizer)(
        tokenizer_object=tiny.tokenizer.backend_tokenizer,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        additional_special_tokens=re.findall(r"<\|\w+\|>", template.replace(str(bos), "")),
    )
    tokenizer.chat_template = template
    made = model(
        config(vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id, pad_token_id=None, **SHAPE)
    )
    made.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def test_the_papers_path_runs_on_a_model_in_the_hubs_format(folder, tmp_path):
    chosen = replace(TINY, model=str(folder), **PAPER)
    outcomes = experiment.run(chosen, tmp_path / "run")
    assert len(outcomes) == chosen.test_items
    about = runs.read_about(tmp_path / "run")
    assert about["parameters"]["precision"] == "bf16"
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()
    assert (tmp_path / "run" / "interventions.csv").is_file()


@pytest.mark.skipif("TRACELIB_DATA" not in os.environ, reason="needs the release's problems (TRACELIB_DATA)")
@pytest.mark.parametrize("dataset", ["cotempqa", "babi"])
def test_the_papers_own_problems_are_trained_and_tested_on(dataset):
    chosen = replace(TINY, dataset=dataset, train_items=12, test_items=5)
    train, test = problem_sets.load(chosen)
    assert (len(train), len(test)) == (12, 5)
    assert not {p.id for p in train} & {p.id for p in test}
    everything = problem_sets.load(replace(chosen, train_items=0, test_items=0))
    assert len(everything[1]) == {"cotempqa": 950, "babi": 376}[dataset]
    assert [p.id for p in test] == [p.id for p in everything[1] if p.id in {q.id for q in test}][:5]
    with pytest.raises(InputError, match=f"'test_items' is 9999, but {dataset} has"):
        problem_sets.load(replace(chosen, test_items=9999))


def test_four_bits_train_adapters_over_frozen_weights(folder, tmp_path):
    chosen = replace(TINY, model=str(folder), **{**PAPER, "precision": "4bit"})
    outcomes = experiment.run(chosen, tmp_path / "run")
    assert len(outcomes) == chosen.test_items
    model, _ = models.load(str(folder), "4bit")
    assert model.model.layers[0].mlp.up_proj.weight.dtype == torch.uint8  # two weights per byte
    curve = pd.read_csv(tmp_path / "run" / "loss.csv")
    assert curve["loss"].notna().all()


def test_four_bits_without_their_library_is_one_message(folder, monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="precision 4bit needs bitsandbytes; install the extra train"):
        models.load(str(folder), "4bit")


def test_without_the_hub_one_message_says_what_to_do(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"hf auth login.*give the folder as the model") as caught:
        models.load("Qwen/Qwen3-1.7B@70d244cc86ccca08cf5af4e1e306ecf908b1ad5e")
    assert "\n" not in str(caught.value)


def test_a_cluster_is_given_every_cell_with_its_gpu(tmp_path):
    pytest.importorskip("snakemake_executor_plugin_slurm")
    project = Project(tmp_path)
    shutil.copy(ROOT / "profiles" / "paper.yaml", tmp_path / "profiles")
    shutil.copytree(ROOT / "profiles" / "slurm", tmp_path / "profiles" / "slurm")
    said = project.build("--dry-run", "--executor", "profiles/slurm", profile="paper")
    assert re.search(r"^cell +48$", said, re.MULTILINE)
    assert said.count("mem_mb=64000") == 48
    assert len(re.findall(r"gpu=1\b", said)) == 48
    assert "expected a folder with Snakemake's config.yaml" in project.fail("--executor", "nowhere")


def test_the_papers_profile_is_the_papers():
    profile = profiles.load("paper")
    assert len(profile.settings) == 4 * 3
    assert len(profile.runs()) == 4 * 3 * (1 + 3 * 5)
    for run in grid.experiments(profile).values():
        assert re.fullmatch(r"(meta-llama|Qwen)/[\w.-]+@[0-9a-f]{40}", run.model)
        assert (run.lora_rank, run.lora_alpha, run.lora_dropout) == (16, 32, 0.05)
        assert (run.learning_rate, run.epochs, run.warmup_ratio, run.context) == (2e-4, 3, 0.03, 1024)
        assert run.batch_size == 16
    for line in (ROOT / "profiles" / "paper.yaml").read_text().splitlines():
        if re.match(r"\s*\w+: +\S", line):
            assert " # " in line, f"no comment: {line}"
