"""Models and tokenizers: any text round-trips, a name has the same tokens everywhere, errors name models."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.core.provenance import text_hash
from tracelib.core.reading import sha256
from tracelib.training import models
from tracelib.training.pretraining import corpus
from tracelib.training.pretraining.train import card, held_out_loss


@pytest.mark.parametrize(
    "text", ["plain", "Éamon\u00a0de 'Valera' <think>\n\t", "日本 🙂", "", "  two  spaces "]
)
def test_texts_round_trip_through_the_tokenizer(tiny, text):
    ids = tiny.tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tiny.tokenizer.decode(ids) == text


@given(text=st.text())
def test_any_text_round_trips_through_the_tokenizer(tiny, text):
    ids = tiny.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert tiny.tokenizer.decode(ids) == text


@pytest.mark.parametrize("name", ["Ada Mo", "Lovu", "1948"])
def test_a_name_starts_with_the_same_tokens_wherever_it_stands(tiny, name):
    def tokens(text: str) -> str:
        return " ".join(tiny.tokenizer.tokenize(text))

    for before in ("", "so ", "['", "x\n", 'say "', "("):
        assert tokens(f"{before}{name} left").endswith(tokens(f"{name} left")), before


def test_the_tokenizer_and_the_weights_repeat(tiny, pairs):
    again = models.train_tokenizer([p + c for p, c in zip(*pairs, strict=True)], tiny.size)
    assert again.get_vocab() == tiny.tokenizer.get_vocab()
    first, second = (tiny(seed=4).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(
        first["model.embed_tokens.weight"], tiny(5).state_dict()["model.embed_tokens.weight"]
    )


def test_the_bundled_base_loads_and_reads_its_held_out_text_as_its_card_says():
    model, tokenizer = models.load("tiny-base")
    about = json.loads((models.BASE / "pretraining.json").read_text())
    assert held_out_loss(model, tokenizer) == pytest.approx(about["held_out_loss"], abs=2e-3)
    assert sha256(models.BASE / "model.safetensors") == about["weights_sha256"]
    assert sum(path.stat().st_size for path in models.BASE.iterdir()) < 25e6
    assert card(about) == (models.BASE / "README.md").read_text()
    assert text_hash(*corpus.texts(about["recipe"]["seed"], 100)) == about["corpus_sha256"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gpt", "unknown model 'gpt', expected tiny-base, smollm2-135m, a folder, or owner/name@commit"),
        ("owner/name", "unknown model 'owner/name', expected"),
    ],
)
def test_an_unknown_model_is_named(name, message):
    with pytest.raises(InputError, match=message):
        models.load(name)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        models.load(str(tmp_path))


def test_a_saved_model_is_loaded_from_its_folder(tiny, tmp_path):
    tiny(3).save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    model, tokenizer = models.load(str(tmp_path))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), tiny(3).parameters(), strict=True))
    assert tokenizer.get_vocab() == tiny.tokenizer.get_vocab()


@pytest.mark.parametrize(
    ("processor", "precision"),
    [
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, "bf16"),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, "fp32"),
        ({"cpu_name": "AMD Zen4", "avx512_bf16": True, "amx_bf16": False}, "bf16"),
        ({"cpu_name": "AMD Zen2", "avx512_bf16": False, "amx_bf16": False}, "fp32"),
        ({"architecture": "arm64"}, "fp32"),
    ],
)
def test_bf16_is_used_only_where_it_is_faster(processor, precision, monkeypatch):
    monkeypatch.setattr(models.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(models.torch.cpu, "get_capabilities", lambda: processor)
    assert models.usable("bf16") == precision
    assert models.usable("fp32") == "fp32"
    monkeypatch.setattr(models.torch.cuda, "is_available", lambda: True)
    assert models.usable("bf16") == "bf16"
