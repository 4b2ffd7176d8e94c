"""Heads that copy before any training, and models that have no room for them."""

import pytest
import torch

from tracelib.training import models
from tracelib.training.pretraining import corpus
from tracelib.training.pretraining.copying import copying_heads

LENGTH = 40


@pytest.fixture(scope="module")
def tokenizer():
    return models.train_tokenizer(corpus.texts(1, 300), models.Size(vocabulary=1024))


def copied(model, seed: int = 1) -> float:
    """The least share of a repeated text that the model predicts, over several lengths."""
    rng, found = torch.Generator().manual_seed(seed), []
    for length in (10, LENGTH, 3 * LENGTH):
        once = torch.randperm(1000, generator=rng)[:length]
        twice = torch.cat([once, once])[None]
        with torch.inference_mode():
            likeliest = model(input_ids=twice).logits[0].argmax(-1)
        found.append((likeliest[length:-1] == twice[0, length + 1 :]).float().mean().item())
    return min(found)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("heads", "least"), [(2, 0.3), (4, 0.15)])  # by chance: 0.001
def test_a_text_that_was_said_before_is_gone_on_with(tokenizer, seed, heads, least):
    """With copying heads alone, and beside heads that gather recent words, whose output they also read."""
    model = models.tiny_llama(tokenizer, models.Size(vocabulary=1024, heads=heads), seed).eval()
    assert copied(model) < 0.1
    copying_heads(model, seed)
    assert copied(model) > least


def test_two_heads_find_the_line_that_shares_words_whatever_their_order(tokenizer):
    model = models.tiny_llama(tokenizer, models.Size(vocabulary=1024), 0).eval()
    copying_heads(model, 0)
    model.set_attn_implementation("eager")
    rng, found = torch.Generator().manual_seed(5), []
    for _ in range(30):
        lines = torch.randperm(1000, generator=rng)[: 5 * 16].view(5, 16)
        asked = lines[1][torch.randperm(16, generator=rng)]
        text = torch.cat([lines.flatten(), asked])[None]
        with torch.inference_mode():
            seen = model(input_ids=text, output_attentions=True).attentions[1][0, 1:3, -1, : 5 * 16]
        found.append(seen.view(2, 5, 16).sum(-1).argmax(-1) == 1)
    assert (torch.stack(found).float().mean(0) > 0.6).all()  # by chance: one line in five


def test_the_same_seed_gives_the_same_weights(tokenizer):
    one, two = (models.tiny_llama(tokenizer, models.Size(vocabulary=1024), 0) for _ in range(2))
    copying_heads(one, 3)
    copying_heads(two, 3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


@pytest.mark.parametrize("shape", [{"layers": 1}, {"heads": 1}, {"head_width": 16}])
def test_a_model_without_room_for_them_is_left_as_it_is(tokenizer, shape):
    model = models.tiny_llama(tokenizer, models.Size(vocabulary=1024, **shape), 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    copying_heads(model, 0)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
