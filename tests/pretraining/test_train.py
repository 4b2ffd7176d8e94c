"""Pre-training on a model of a few thousand parameters: it learns, and a killed one ends the same."""

import json
import math
from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tracelib import models, sft
from tracelib.files import InputError
from tracelib.pretraining import corpus
from tracelib.pretraining.train import Recipe, card, held_out_loss, pretrain, sparse_loss

TINY = Recipe(
    steps=40, batch_size=8, learning_rate=0.01, warmup_steps=2, checkpoint_steps=10, vocabulary_texts=60,
    size=models.Size(vocabulary=300, hidden=32, layers=1, heads=2),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    pretrain(folder / "base", folder / "scratch", TINY)
    return folder / "base"


def test_the_folder_is_what_from_pretrained_reads(base):
    model = AutoModelForCausalLM.from_pretrained(base, trust_remote_code=False, use_safetensors=True)
    tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
    assert tokenizer.decode(tokenizer("Éa 日本 <x>", add_special_tokens=False)["input_ids"]) == "Éa 日本 <x>"
    about = json.loads((base / "pretraining.json").read_text())
    assert about["held_out_loss"] == pytest.approx(held_out_loss(model, tokenizer), abs=1e-4)
    assert about["held_out_loss"] < math.log(300) - 1  # much better than guessing
    assert f"{about['parameters']:,} parameters" in (base / "README.md").read_text()
    assert (base / "README.md").read_text() == card(about)
    assert not any(path.suffix in (".bin", ".pt", ".pkl") for path in base.rglob("*"))


@torch.inference_mode()
def test_the_loss_is_that_of_fine_tuning_up_to_bf16(base):
    model, tokenizer = models.load(str(base))
    (batch,) = corpus.held_out(tokenizer, 1, 12)
    batch = sft.collate(batch, tokenizer.pad_token_id)
    exact = float(sft.completion_loss(model, batch))
    assert float(sparse_loss(model, batch)) == pytest.approx(exact, rel=0.01)
    assert float(sparse_loss(model, batch, 7)) == pytest.approx(
        float(sft.completion_loss(model, batch, 7)), rel=0.01
    )


def test_killed_and_resumed_ends_with_the_same_weights(base, tmp_path, monkeypatch):
    def killed(number):
        if number == 26:
            raise KeyboardInterrupt
        return read(corpora[-1], number)

    read, corpora = corpus.Corpus.__getitem__, []
    monkeypatch.setattr(corpus.Corpus, "__getitem__", lambda self, n: (corpora.append(self), killed(n))[1])
    with pytest.raises(KeyboardInterrupt):
        pretrain(tmp_path / "base", tmp_path / "scratch", TINY)
    assert not (tmp_path / "base").exists()
    monkeypatch.setattr(corpus.Corpus, "__getitem__", read)
    broken = tmp_path / "scratch" / "checkpoint-26"  # one that was being written
    broken.mkdir()
    (broken / "trainer_state.json").write_text('{"step')
    pretrain(tmp_path / "base", tmp_path / "scratch", TINY)
    assert not broken.exists()
    for name in ("model.safetensors", "tokenizer.json", "loss.csv"):
        assert (tmp_path / "base" / name).read_bytes() == (base / name).read_bytes(), name


def test_checkpoints_of_another_recipe_are_refused(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "recipe.json").write_text("{}")
    with pytest.raises(InputError, match="another recipe"):
        pretrain(tmp_path / "base", tmp_path / "scratch", TINY)


def test_a_loss_that_is_not_a_number_stops_it(tmp_path):
    with pytest.raises(InputError, match=r"at step \d+, on the items [\d, ]+; lower the learning rate"):
        pretrain(tmp_path / "base", tmp_path / "scratch", replace(TINY, learning_rate=1e30, steps=60))
    assert not (tmp_path / "base").exists()
