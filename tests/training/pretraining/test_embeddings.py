"""Spellings of a word are close, years are close to their neighbours, and nothing else has changed."""

import itertools

import pytest
import torch

from tracelib.training import models
from tracelib.training.pretraining import corpus
from tracelib.training.pretraining.embeddings import kindred_embeddings

SIZE = models.Size()


@pytest.fixture(scope="module")
def tokenizer():
    return models.train_tokenizer(corpus.texts(1, 2000), SIZE)


@pytest.fixture(scope="module")
def tables(tokenizer):
    """Embeddings before and after, each (6144, 128)."""
    model = models.tiny_llama(tokenizer, SIZE, 0)
    before = model.model.embed_tokens.weight.detach().clone()
    kindred_embeddings(model, tokenizer, 0)
    return before, model.model.embed_tokens.weight.detach()


def number(tokenizer, text: str) -> int:
    (only,) = tokenizer(text, add_special_tokens=False)["input_ids"]
    return only


def likeness(table, one: int, other: int) -> float:
    return float(torch.cosine_similarity(table[one], table[other], dim=0))


def test_the_spellings_of_a_word_are_alike_and_words_are_not(tokenizer, tables):
    table = tables[1]
    words = ("kitchen", "garden", "table", "Union")
    for word in words:
        assert likeness(table, number(tokenizer, word), number(tokenizer, f"{word} ")) > 0.6
    for one, other in itertools.combinations(words, 2):
        assert abs(likeness(table, number(tokenizer, one), number(tokenizer, other))) < 0.5


def test_the_space_is_the_same_for_all_words(tokenizer, tables):
    table = tables[1]
    ways = [table[number(tokenizer, f"{w} ")] - table[number(tokenizer, w)] for w in ("garden", "table")]
    assert torch.cosine_similarity(*ways, dim=0) > 0.6


def test_years_are_the_more_alike_the_nearer(tokenizer, tables):
    table = tables[1]
    year = {y: number(tokenizer, str(y)) for y in (1950, 1951, 1960, 2010)}
    near, middle, far = (likeness(table, year[1950], year[other]) for other in (1951, 1960, 2010))
    assert near > middle > far - 0.2
    assert near > 0.25


def test_lengths_stay_and_marks_are_untouched(tokenizer, tables):
    before, after = tables
    expected = before.std() * SIZE.hidden**0.5
    changed = [n for n in range(len(tokenizer)) if not torch.equal(before[n], after[n])]
    torch.testing.assert_close(after[changed].norm(dim=1), expected.expand(len(changed)))
    for text in ("<end>", "<user>", ".", "['"):
        assert number(tokenizer, text) not in changed


def test_the_same_seed_gives_the_same_table(tokenizer, tables):
    again = models.tiny_llama(tokenizer, SIZE, 0)
    kindred_embeddings(again, tokenizer, 0)
    assert torch.equal(again.model.embed_tokens.weight.detach(), tables[1])
