"""Initial embeddings in which the spellings of a word are alike and years lie in order.

The vocabulary has several entries for one word: with and without a space after it, and with a capital. From
random weights, a model must learn for every word that its entries belong together, and for every year where
it lies. Here the initial weights hold this already.
"""

import math

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

KIN = 0.35  # share of an embedding's variance that marks a space or a capital
CALENDAR = 0.5  # share of the variance of a year's embedding that gives its place among the years
PERIODS = (400.0, 120.0, 40.0, 15.0, 6.5, 3.1)  # of the waves, in years: from all years to neighbouring ones
MIDDLE = 1960


@torch.no_grad()
def kindred_embeddings(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
    """Change embeddings in place: a word's spellings share a direction, years follow waves."""
    weight = model.model.embed_tokens.weight
    rng = torch.Generator().manual_seed(seed)
    width, size = weight.shape[1], weight.std()
    space, capital = size * torch.randn(2, width, generator=rng)
    waves = size * torch.randn(2 * len(PERIODS), width, generator=rng)
    words: dict[str, torch.Tensor] = {}
    for number, token in enumerate(tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))):
        text = tokenizer.convert_tokens_to_string([token])
        spelled = text.rstrip(" ")
        if not spelled.isalnum():
            continue
        word = words.setdefault(spelled.lower(), weight[number].clone())
        if spelled.isdecimal() and len(spelled) == 4:
            place = (CALENDAR / len(PERIODS)) ** 0.5 * _waves(int(spelled)) @ waves
            word = (1 - CALENDAR) ** 0.5 * word + place
        marks = (text != spelled) * space + (spelled != spelled.lower()) * capital
        new = word + KIN**0.5 * marks
        weight[number] = new * (size * width**0.5 / new.norm())


def _waves(year: int) -> torch.Tensor:
    turns = [2 * math.pi * (year - MIDDLE) / period for period in PERIODS]
    return torch.tensor([wave(turn) for turn in turns for wave in (math.sin, math.cos)])
