"""Initial embeddings that know what spellings have in common.

A word has an entry of the vocabulary with the space after it and one without, and one more with a
capital. From random weights a model learns for each word anew that these are one word, and for each year
where it lies; written down in the weights that training starts from, this is there at once.
"""

import math

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

KIN = 0.35  # share of an embedding's variance that tells space from none, and capital from small
CALENDAR = 0.5  # share, in a year's, of its place among the years
PERIODS = (400.0, 120.0, 40.0, 15.0, 6.5, 3.1)  # in years, from the whole calendar to neighbours
MIDDLE = 1960


@torch.no_grad()
def kindred_embeddings(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
    """Give the spellings of a word one direction, years waves of their number; lengths stay as they were."""
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
