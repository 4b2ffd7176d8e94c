"""The paper's profile, run on small random models in the hub's format: a Llama and a Qwen3."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace

import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

from tests.book.test_build import copied
from tests.conftest import ROOT
from tests.experiments.test_runner import TINY
from tracelib.book import build
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.datasets import hub, problem_sets
from tracelib.experiments import profiles, run_folder, runner, sweep
from tracelib.training import models, sft

pytestmark = pytest.mark.slow
LLAMA = (  # chat templates like the families' own, in our words; Llama's holds the date
    "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y %f') %}{% endif %}"
    "{{ bos_token }}Today: {{ date_string }}\n"
    "{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
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
    """A random model of a family, saved in the hub's format; Llama's tokenizer has no padding token."""
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
    outcomes = runner.run(chosen, tmp_path / "run")
    assert len(outcomes) == chosen.test_items
    about = run_folder.read_about(tmp_path / "run")
    assert about["parameters"]["precision"] == "bf16"
    assert (tmp_path / "run" / "model" / "adapter_model.safetensors").is_file()
    assert (tmp_path / "run" / "interventions.csv").is_file()


def test_a_prompt_is_the_same_on_every_day(folder):
    _, tokenizer = models.load(str(folder))
    text = tokenizer.decode(sft.chat_prompt(tokenizer, "Who?"))
    assert "Who?" in text
    assert ("Today: 26 Jul 2024" in text) == ("begin_of_text" in text)


@pytest.mark.skipif("TRACELIB_DATA" not in os.environ, reason="needs the release's problems (TRACELIB_DATA)")
def test_a_run_of_the_papers_profile_with_only_its_sizes_reduced(folder, tmp_path, monkeypatch, capsys):
    """The paper's problems, recipe, four bits and chat template, with the command that is used on a GPU."""
    setting = "llama-3.2-1b-cotempqa" if folder.name == "llama" else "qwen3-8b-cotempqa"
    profile = yaml.safe_load((ROOT / "profiles" / "paper.yaml").read_text())
    profile["datasets"] = {setting: profile["datasets"][setting] | {"model": str(folder)}}
    smaller = {
        "train_items": 40,
        "test_items": 6,
        "max_new_tokens": 12,
        "intervene_items": 2,
        "checkpoint_steps": 3,
    }
    profile["run"] |= smaller
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(profile, sort_keys=False))
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert main(["run", str(path), f"{setting}-correct-s1"]) == 0
    assert "6 answers," in capsys.readouterr().out
    (run,) = (tmp_path / "work").rglob("run.json")
    chosen = sweep.experiments(profiles.load("paper"))[f"{setting}-correct-s1"]
    expected = asdict(replace(chosen, model=str(folder), **smaller))
    assert run_folder.read_about(run.parent)["parameters"] | {"texts": ""} == expected
    fitting = 40 - len(
        run_folder.read_about(run.parent)["too_long"]["train"]
    )  # this tokenizer needs many tokens
    assert pd.read_csv(run.parent / "loss.csv")["step"].max() == 3 * math.ceil(fitting / 16)
    assert len(pd.read_csv(run.parent / "interventions.csv"))


def test_two_processes_train_as_one_that_splits_its_steps(tmp_path):
    """As `accelerate launch` does on GPUs: each process takes half of every step, and one generates."""
    own = {"train_items": 32, "epochs": 2, "checkpoint_steps": 3, "intervene_items": 0, "lora_dropout": 0.0}
    knobs = asdict(replace(TINY, **own))
    setting = {"dataset": knobs.pop("dataset")}
    profile = {
        "datasets": {"two": setting},
        "conditions": [knobs.pop("condition")],
        "seeds": [knobs.pop("seed")],
    }
    path = tmp_path / "mini.yaml"
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    made = {}
    for processes in (2, 1):
        project = tmp_path / str(processes)
        project.mkdir()
        shutil.copytree(ROOT / "tracelib", project / "tracelib", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("notebooks", "constraints.txt"):
            (project / name).symlink_to(ROOT / name)
        path.write_text(yaml.safe_dump(profile | {"run": knobs | {"accumulation": 2 // processes}}))
        together = ["torch.distributed.run", "--nproc_per_node", "2", "-m"] if processes == 2 else []
        command = [sys.executable, "-m", *together, "tracelib", "run", path, "two-correct-s1"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, env=alone, timeout=300)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("8 answers,") == 1
        made[processes] = project / "work" / "mini" / "runs" / "two-correct-s1"
        assert not list(made[processes].parent.glob(".*/checkpoint-*"))
    two, one = (pd.read_csv(made[number] / "loss.csv") for number in (2, 1))
    assert one["step"].max() == 8
    assert two["loss"].to_numpy() == pytest.approx(one["loss"].to_numpy(), rel=1e-4)
    adapters = [load_file(made[number] / "model" / "adapter_model.safetensors") for number in (2, 1)]
    for name, weights in adapters[1].items():
        # Adam's first steps are the sign of the gradient; near zero, rounding may flip the sign.
        assert torch.isclose(adapters[0][name], weights, atol=1e-4).float().mean() > 0.98, name


@pytest.mark.skipif("TRACELIB_DATA" not in os.environ, reason="needs the release's problems (TRACELIB_DATA)")
@pytest.mark.parametrize("dataset", ["cotempqa", "babi"])
def test_the_papers_own_problems_are_trained_and_tested_on(dataset):
    chosen = replace(TINY, dataset=dataset, train_items=12, test_items=5, facts=0)
    train, test = problem_sets.load(chosen)
    assert (len(train), len(test)) == (12, 5)
    assert not {p.id for p in train} & {p.id for p in test}
    everything = problem_sets.load(replace(chosen, train_items=0, test_items=0))
    assert len(everything[1]) == {"cotempqa": 950, "babi": 376}[dataset]
    assert [p.id for p in test] == [p.id for p in everything[1] if p.id in {q.id for q in test}][:5]
    with pytest.raises(InputError, match=f"'test_items' is 9999, but {dataset} has"):
        problem_sets.load(replace(chosen, test_items=9999))


def test_marco_is_read_from_files_where_they_are_and_the_message_says_where(tmp_path, monkeypatch):
    record = {
        "query": "who?", "query_type": "PERSON", "answers": ["Ada"], "wellFormedAnswers": [],
        "passages": [{"is_selected": 1, "passage_text": "It was Ada.", "url": "a"}],
    }  # fmt: skip
    (folder := tmp_path / "marco").mkdir()
    for split in ("train", "validation"):
        lines = [json.dumps(record | {"query_id": n, "query": f"who {split} {n}?"}) for n in range(9)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines))
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    chosen = replace(TINY, dataset="marco", train_items=2, test_items=1, facts=0)
    train, test = problem_sets.load(chosen)
    assert [len(train), len(test)] == [2, 1]
    assert all("train" in p.question for p in train)
    assert "validation" in test[0].question

    def unreachable(*_):
        raise InputError("no hub")

    monkeypatch.setattr(hub, "load", unreachable)
    assert problem_sets.load(chosen) == (train, test)
    (folder / "validation.jsonl").unlink()
    with pytest.raises(InputError, match=r"no hub; or put its records, .* into .*marco/validation.jsonl"):
        problem_sets.load(chosen)


def test_four_bits_train_adapters_over_frozen_weights(folder, tmp_path):
    chosen = replace(TINY, model=str(folder), **{**PAPER, "precision": "4bit"})
    outcomes = runner.run(chosen, tmp_path / "run")
    assert len(outcomes) == chosen.test_items
    model, _ = models.load(str(folder), "4bit")
    assert model.model.layers[0].mlp.up_proj.weight.dtype == torch.uint8  # two weights per byte
    curve = pd.read_csv(tmp_path / "run" / "loss.csv")
    assert curve["loss"].notna().all()
    adapters = load_file(tmp_path / "run" / "model" / "adapter_model.safetensors")
    moved = [name for name, weights in adapters.items() if ".lora_B" in name and weights.abs().sum() > 0]
    assert len(moved) == len(adapters) / 2 > 0  # half of the weights (B) start at zero


def test_four_bits_without_their_library_is_one_message(folder, monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="precision 4bit needs bitsandbytes; install the extra quant"):
        models.load(str(folder), "4bit")


def test_without_the_hub_one_message_says_what_to_do(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"hf auth login.*give the folder as the model") as caught:
        models.load("Qwen/Qwen3-1.7B@70d244cc86ccca08cf5af4e1e306ecf908b1ad5e")
    assert "\n" not in str(caught.value)


def test_a_cluster_is_given_every_cell_with_its_gpu(tmp_path):
    pytest.importorskip("snakemake_executor_plugin_slurm")
    project = copied(tmp_path, (ROOT / "profiles" / "paper.yaml").read_text())
    shutil.copytree(ROOT / "profiles" / "slurm", tmp_path / "slurm")
    said = project.build("--dry-run", "--executor", "slurm")
    assert re.search(r"^cell +48$", said, re.MULTILINE)
    assert said.count("mem_mb=64000") == 48
    assert len(re.findall(r"gpu=1\b", said)) == 48
    assert "expected a folder with Snakemake's config.yaml" in project.fail("--executor", "nowhere")


def test_the_papers_profile_is_the_papers():
    profile = profiles.load("paper")
    assert len(profile.settings) == 4 * 3
    assert len(profile.runs()) == 4 * 3 * (1 + 3 * 5)
    for run in sweep.experiments(profile).values():
        assert re.fullmatch(r"(meta-llama|Qwen)/[\w.-]+@[0-9a-f]{40}", run.model)
        assert (run.lora_rank, run.lora_alpha, run.lora_dropout) == (16, 32, 0.05)
        assert (run.learning_rate, run.epochs, run.warmup_ratio, run.context) == (2e-4, 3, 0.03, 1024)
        assert run.batch_size == 16
