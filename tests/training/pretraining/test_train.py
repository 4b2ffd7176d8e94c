"""Pre-training a model of a few thousand parameters: it learns, and resuming gives the same weights."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tracelib.core.errors import InputError
from tracelib.training import models, sft
from tracelib.training.pretraining import corpus, train
from tracelib.training.pretraining.train import Recipe, card, held_out_loss, pretrain, reply_loss

TINY = Recipe(
    steps=40, practice_steps=20, batch_size=8, learning_rate=0.01, warmup_steps=2, checkpoint_steps=10,
    vocabulary_texts=60, size=models.Size(vocabulary=300, hidden=32, layers=1, heads=2),
)  # fmt: skip


GROUP = corpus.GROUP


@pytest.fixture(scope="module", autouse=True)
def _one_thread_and_few_texts():
    """Texts are made in groups. A small group saves time here, where few texts are read."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "GROUP", 64)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    pretrain(folder / "base", folder / "scratch", TINY)
    return folder / "base"


def test_from_pretrained_reads_the_folder(base):
    model = AutoModelForCausalLM.from_pretrained(base, trust_remote_code=False, use_safetensors=True)
    tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
    assert tokenizer.decode(tokenizer("Éa 日本 <x>", add_special_tokens=False)["input_ids"]) == "Éa 日本 <x>"
    about = json.loads((base / "pretraining.json").read_text())
    assert about["held_out_loss"] == pytest.approx(held_out_loss(model, tokenizer), abs=1e-4)
    assert about["held_out_loss"] < math.log(300) - 1  # much better than guessing
    assert f"{about['parameters']:,} parameters" in (base / "README.md").read_text()
    assert (base / "README.md").read_text() == card(about)
    assert not any(path.suffix in (".bin", ".pt", ".pkl") for path in base.rglob("*"))
    assert "**Practice.** 20 more steps" in card(about)
    assert "**Practice.**" not in card(about | {"recipe": about["recipe"] | {"practice_steps": 0}})


@torch.inference_mode()
def test_the_loss_weighs_a_reply_by_the_root_of_its_length(base):
    """By hand, from the fp32 loss of each token: three documents; the longest has two replies."""
    model, _ = models.load(str(base))
    texts = [([5, 6, 7, 8, 9, 10, 11, 12, 13], "--xx-xxxx"), ([9, 8, 7, 6, 5], "---xx"), ([20, 21], "-x")]
    batch = [
        {
            "item": "1",
            "input_ids": ids,
            "labels": [t if m == "x" else sft.IGNORED for t, m in zip(ids, marks, strict=True)],
        }
        for ids, marks in texts
    ]
    total = weight = 0.0
    for (ids, marks), replies in zip(texts, ([[2, 3], [5, 6, 7, 8]], [[3, 4]], [[1]]), strict=True):
        logs = model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
        for reply in replies:
            assert all(marks[at] == "x" for at in reply)
            total -= sum(float(logs[at - 1, ids[at]]) for at in reply) / len(reply) ** 0.5
            weight += len(reply) ** 0.5
    assert float(reply_loss(model, sft.collate(batch, 0))) == pytest.approx(total / weight, rel=0.01)


def test_killed_in_either_part_and_resumed_ends_with_the_same_weights(base, tmp_path, monkeypatch):
    read = corpus.Corpus.__getitem__
    for part, length, at in (("", TINY.steps, 26), ("practice", TINY.practice_steps, 16)):

        def killed(texts, number, last=(length, at)):
            if (len(texts), number) == last:
                raise KeyboardInterrupt
            return read(texts, number)

        monkeypatch.setattr(corpus.Corpus, "__getitem__", killed)
        with pytest.raises(KeyboardInterrupt):
            pretrain(tmp_path / "base", tmp_path / "scratch", TINY)
        assert not (tmp_path / "base").exists()
        broken = tmp_path / "scratch" / part / f"checkpoint-{at}"  # a checkpoint that was being written
        broken.mkdir()
        (broken / "trainer_state.json").write_text('{"step')
    monkeypatch.setattr(corpus.Corpus, "__getitem__", read)
    pretrain(tmp_path / "base", tmp_path / "scratch", TINY)
    assert not any((tmp_path / "scratch").rglob("checkpoint-[12]6"))
    for name in ("model.safetensors", "tokenizer.json", "loss.csv"):
        assert (tmp_path / "base" / name).read_bytes() == (base / name).read_bytes(), name


def test_checkpoints_of_another_recipe_are_refused(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "recipe.json").write_text("{}")
    with pytest.raises(InputError, match="another recipe"):
        pretrain(tmp_path / "base", tmp_path / "scratch", TINY)


def test_several_processes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "processes", lambda: SimpleNamespace(num_processes=2))
    with pytest.raises(InputError, match="one process"):
        pretrain(tmp_path / "base", tmp_path / "scratch", TINY)


def test_a_loss_that_is_not_a_number_stops_pretraining(tmp_path):
    with pytest.raises(InputError, match=r"at step \d+, on the items [\d, ]+; lower the learning rate"):
        pretrain(tmp_path / "base", tmp_path / "scratch", replace(TINY, learning_rate=1e30, steps=60))
    assert not (tmp_path / "base").exists()


@pytest.mark.nightly
def test_this_code_reproduces_the_first_steps_of_the_bundled_base(tmp_path, monkeypatch):
    """The vocabulary is equal. So is the first logged loss, up to small differences between processors."""

    monkeypatch.setattr(corpus, "GROUP", GROUP)
    # Each part ends with its first logged loss. Until then, the learning rate rises as in a whole training.
    monkeypatch.setattr(corpus.Corpus, "__len__", lambda texts: train.LOG_STEPS)
    about = json.loads((models.BASE / "pretraining.json").read_text())
    own = about["recipe"]
    recipe = Recipe(**own | {"size": models.Size(**own["size"])})
    assert recipe == Recipe(), "the bundled base is of another recipe"
    again = pretrain(tmp_path / "again", tmp_path / "scratch", recipe)
    for name in ("corpus_sha256", "practice_sha256"):
        assert again[name] == about[name]
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "again" / name).read_bytes() == (models.BASE / name).read_bytes()
    first, kept = (pd.read_csv(folder / "loss.csv").iloc[0] for folder in (tmp_path / "again", models.BASE))
    assert first["step"] == kept["step"]
    assert first["loss"] == pytest.approx(kept["loss"], abs=0.05)
