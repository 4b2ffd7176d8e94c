"""The tiny model and its tokenizer: any text round-trips, names are the same tokens everywhere."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tracelib import models


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


@pytest.mark.parametrize("name", ["Ada", "McZuru", "1948"])
def test_a_name_or_a_year_is_the_same_tokens_wherever_it_stands(tiny, name):
    def tokens(text: str) -> str:
        return " ".join(tiny.tokenizer.tokenize(text))

    for around in ("{}", "so {} left", "['{}', 'b']", "x\n{}.", 'say "{}"', "({}) then"):
        assert tokens(name) in tokens(around.format(name)), around


def test_the_tokenizer_and_the_weights_repeat(tiny, pairs):
    again = models.train_tokenizer([p + c for p, c in zip(*pairs, strict=True)], tiny.size)
    assert again.get_vocab() == tiny.tokenizer.get_vocab()
    first, second = (tiny(seed=4).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(
        first["model.embed_tokens.weight"], tiny(5).state_dict()["model.embed_tokens.weight"]
    )
