"""Batched generation: prompts of similar length together; a finished text leaves its batch at once."""

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
import torch
from tqdm import tqdm
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerFast
from transformers.cache_utils import DynamicLayer

from tracelib.sft import chat_prompt

CONTINUED = ("['", "a", "A", "1")  # how what follows a start may begin


class Generated(NamedTuple):
    """What was written; and of which prompts, by their numbers, nothing or not all."""

    texts: list[str]
    unread: list[int]  # the prompt fills the context: no text
    unfinished: list[int]  # the text was cut, at its most tokens or where the context ends


@torch.inference_mode()
def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch_size: int,
    starts: Sequence[str] | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    progress: bool = False,
) -> Generated:
    """A continuation of each prompt, special tokens dropped.

    `starts` are what the assistant has already said, and are not part of what is returned.
    Temperature 0 takes the likeliest token; above it, tokens are drawn, and what is drawn for a
    prompt depends on `seed` and its number, not on its batch. A text ends with an end token, after
    `max_new_tokens`, or where the context does. A prompt that fills the context is not cut: its
    text is empty.
    """
    model.eval()
    encoded = [chat_prompt(tokenizer, prompt) for prompt in prompts]
    again = [""] * len(encoded)
    for number, start in zip(range(len(encoded)), starts or [], strict=bool(starts)):
        ids, again[number] = _begun(tokenizer, start)
        encoded[number] += ids
    room = [min(max_new_tokens, tokenizer.model_max_length - len(ids)) for ids in encoded]
    order = sorted((i for i in range(len(encoded)) if room[i] > 0), key=lambda i: len(encoded[i]))
    draws = {i: np.random.default_rng([seed, i]) for i in order} if temperature else {}
    texts, unfinished = [""] * len(encoded), []
    with tqdm(total=len(order), desc="generating", unit="item", disable=not progress) as bar:
        for first in range(0, len(order), batch_size):
            batch = order[first : first + batch_size]

            def pick(logits: torch.Tensor, rows: list[int], batch=batch) -> list[int]:
                if not temperature:
                    return logits.argmax(-1).tolist()
                return _drawn(logits / temperature, [draws[batch[row]].random() for row in rows])

            written = _decode(model, tokenizer, [encoded[i] for i in batch], [room[i] for i in batch], pick)
            for i, ids in zip(batch, written, strict=True):
                texts[i] = tokenizer.decode(ids, skip_special_tokens=True).removeprefix(again[i])
                unfinished += [i] if len(ids) == room[i] else []
            bar.update(len(batch))
    return Generated(texts, [i for i in range(len(encoded)) if room[i] <= 0], sorted(unfinished))


def _begun(tokenizer, start: str) -> tuple[list[int], str]:
    """The tokens of a start that are the same whatever follows, and the characters after them.

    A tokenizer may join the end of the start with what follows: with ``>['`` as one token, a model has never
    learned to go on after a ``>`` alone. It is left to write these characters, and they are taken off again.
    """
    texts = [start, *(start + more for more in CONTINUED)]
    every = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    kept = [
        column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*every, strict=False))
    ]
    return kept, start.removeprefix(tokenizer.decode(kept))


def _decode(model, tokenizer, prompts: list[list[int]], room: list[int], pick) -> list[list[int]]:
    """The tokens that follow each prompt: at most `room` of them, up to and without an end token."""
    ends = _ends(model, tokenizer)
    longest = max(map(len, prompts))
    fill = tokenizer.pad_token_id
    ids = torch.tensor([[fill] * (longest - len(p)) + p for p in prompts], device=model.device)
    lengths = torch.tensor([[len(p)] for p in prompts], device=model.device)
    mask = (torch.arange(longest, device=model.device) >= longest - lengths).long()
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    cache = DynamicCache(config=model.config)
    most = longest + max(room)
    cache.layers = [Reserved(most) if type(layer) is DynamicLayer else layer for layer in cache.layers]
    rows, written = list(range(len(prompts))), [[] for _ in prompts]
    while rows:
        output = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        tokens = pick(output.logits[:, -1].float(), rows)
        for row, token in zip(rows, tokens, strict=True):
            if token not in ends:
                written[row].append(token)
        kept = _close_up(
            [
                token not in ends and len(written[row]) < room[row]
                for row, token in zip(rows, tokens, strict=True)
            ]
        )
        if len(kept) < len(rows):  # the others need no more work
            cache.batch_select_indices(torch.tensor(kept, dtype=torch.long, device=model.device))
            mask, positions = mask[kept], positions[kept]
            rows, tokens = [rows[place] for place in kept], [tokens[place] for place in kept]
        ids = torch.tensor(tokens, device=model.device)[:, None]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], 1)
        positions = positions[:, -1:] + 1
    return written


class Reserved(DynamicLayer):
    """Keys and values of a layer, in memory that is taken once.

    A new token is written behind the others, and a row that goes on into the place of one that has ended;
    the layer it replaces copies all there is for either.
    """

    def __init__(self, most: int):
        super().__init__()
        self.most = most  # tokens

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_, **__):
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.reserved = [
                states.new_empty(*states.shape[:2], self.most, states.shape[-1])
                for states in (key_states, value_states)
            ]
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        for memory, states in zip(self.reserved, (key_states, value_states), strict=True):
            memory[: len(states), :, start:end] = states
        self.keys, self.values = (memory[: len(key_states), :, :end] for memory in self.reserved)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows; one of them may be put in the place of another that is not kept, no other way."""
        for place, row in enumerate(indices.tolist()):
            if row != place:
                self.keys[place], self.values[place] = self.keys[row], self.values[row]
        self.keys, self.values = self.keys[: len(indices)], self.values[: len(indices)]


def _close_up(going: Sequence[bool]) -> list[int]:
    """The places that go on, the last of them moved into the gaps that the others leave."""
    count = sum(going)
    moved = (place for place in range(count, len(going)) if going[place])
    return [place if going[place] else next(moved) for place in range(count)]


def _ends(model, tokenizer) -> set[int]:
    stated = model.generation_config.eos_token_id
    several = stated if isinstance(stated, list) else [stated]
    return {token for token in (*several, tokenizer.eos_token_id) if token is not None}


def _drawn(logits: torch.Tensor, uniform: list[float]) -> list[int]:
    """One token per row, by its cumulative distribution at a uniform number."""
    up_to = logits.double().softmax(-1).cpu().cumsum(-1)  # on a GPU this sum is not deterministic
    level = torch.tensor(uniform, dtype=up_to.dtype)[:, None] * up_to[:, -1:]
    return torch.searchsorted(up_to, level, right=True).clamp(max=logits.shape[-1] - 1)[:, 0].tolist()
