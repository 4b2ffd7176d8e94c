"""Batched generation: prompts of similar length together; a finished text leaves its batch at once.

A prompt with several starts is read once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import NamedTuple

import numpy as np
import torch
from peft import PeftModel
from peft.helpers import disable_input_dtype_casting
from tqdm import tqdm
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerFast
from transformers.cache_utils import DynamicLayer

from tracelib.training.sft import chat_prompt

Tokens = list[int]
CONTINUED = ("['", "a", "A", "1")  # possible beginnings of the text after a start


class Generated(NamedTuple):
    """The generated texts, and the numbers of the prompts whose text is empty or was cut."""

    texts: list[str]
    unread: list[int]  # the prompt fills the context, so there is no text
    unfinished: list[int]  # the text reached `max_new_tokens` or the end of the context


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
    doing: str = "generating",
) -> Generated:
    """The model's answer to each prompt, without special tokens.

    A text ends at an end token, after `max_new_tokens`, or at the end of the context. A prompt that fills the
    context is not cut; its text is empty.

    Args:
        starts: for each prompt, the beginning of the answer, which the model continues. It is not returned.
        temperature: 0 takes the most likely token. Above 0, tokens are drawn. The draws for a prompt depend
            on `seed` and the prompt's number, not on its batch.
        progress: whether to show a bar with the time left, labelled `doing`.
    """
    model.eval()
    heads = [chat_prompt(tokenizer, prompt) for prompt in prompts]
    begun = [_begun(tokenizer, start) for start in starts] if starts else [([], "")] * len(heads)
    said = [ids for ids, _ in begun]
    lengths = [len(head) + len(start) for head, start in zip(heads, said, strict=True)]
    room = [min(max_new_tokens, tokenizer.model_max_length - length) for length in lengths]
    order = sorted((i for i in range(len(heads)) if room[i] > 0), key=lambda i: lengths[i])
    draws = {i: np.random.default_rng([seed, i]) for i in order} if temperature else {}
    texts, unfinished = [""] * len(heads), []
    with (
        _in_one_piece(model.get_output_embeddings()),
        _as_trained(model),
        tqdm(total=len(order), desc=doing, unit="item", disable=not progress) as bar,
    ):
        for batch, unread, read in _batches(model, tokenizer, order, heads, said, batch_size):

            def pick(logits: torch.Tensor, rows: list[int], batch=batch) -> list[int]:
                if not temperature:
                    return logits.argmax(-1).tolist()
                return _drawn(logits / temperature, [draws[batch[row]].random() for row in rows])

            written = _decode(model, tokenizer, unread, [room[i] for i in batch], pick, read)
            for i, ids in zip(batch, written, strict=True):
                texts[i] = tokenizer.decode(ids, skip_special_tokens=True).removeprefix(begun[i][1])
                unfinished += [i] if len(ids) == room[i] else []
            bar.update(len(batch))
    return Generated(texts, [i for i in range(len(heads)) if room[i] <= 0], sorted(unfinished))


@contextmanager
def _in_one_piece(head: torch.nn.Module) -> Iterator[None]:
    """Pass the output layer its input as one block of memory.

    The input is a slice: the last position of each row. For a slice, torch computes one product per row, and
    copies the layer's weights for each. They are the largest matrix of a small model.
    """
    hook = head.register_forward_pre_hook(lambda _, hidden: (hidden[0].contiguous(),))
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def _as_trained(model: PreTrainedModel) -> Iterator[None]:
    """Compute the products of adapters in bf16 if the model's weights are in bf16, as in training.

    Adapters are kept in fp32. By default, peft casts their inputs to fp32, and what they are added to as
    well. That takes half as long again.
    """
    if not (isinstance(model, PeftModel) and model.dtype == torch.bfloat16):
        yield
        return
    with disable_input_dtype_casting(model), torch.autocast(model.device.type, torch.bfloat16):
        yield


class Read(NamedTuple):
    """Prompts that a model has read, one per row: keys and values by layer, and a mask (0 on padding)."""

    layers: list[tuple[torch.Tensor, torch.Tensor]]
    mask: torch.Tensor

    def rows(self, places: list[int]) -> "Read":
        """The rows at these places; a place may be repeated."""
        return Read([(keys[places], values[places]) for keys, values in self.layers], self.mask[places])


def _batches(
    model, tokenizer, order: list[int], heads: list[Tokens], said: list[Tokens], batch_size: int
) -> Iterator[tuple[list[int], list[Tokens], Read | None]]:
    """Yield each batch: the numbers of its prompts, the tokens still to read, and what was read before.

    If prompts (`heads`) have two starts each on average, or more, they are read first, `batch_size` at once.
    The last token of a prompt is read with its start, so that there is always a token to read.
    """
    different = list(dict.fromkeys(tuple(heads[i]) for i in order))
    if 2 * len(different) > len(order) or not all(
        type(layer) is DynamicLayer for layer in _cache(model).layers
    ):
        for batch in _parts(order, batch_size):
            yield batch, [heads[i] + said[i] for i in batch], None
        return
    for some in _parts(sorted(different, key=len), batch_size):
        read = _read(model, tokenizer, [list(head[:-1]) for head in some])
        place = {head: number for number, head in enumerate(some)}
        mine = sorted((i for i in order if tuple(heads[i]) in place), key=lambda i: len(said[i]))
        for batch in _parts(mine, batch_size):
            rows = read.rows([place[tuple(heads[i])] for i in batch])
            yield batch, [heads[i][-1:] + said[i] for i in batch], rows


def _parts(things: list, size: int) -> Iterator[list]:
    for first in range(0, len(things), size):
        yield things[first : first + size]


def _cache(model) -> DynamicCache:
    return DynamicCache(config=model.config)


def _read(model, tokenizer, prompts: list[Tokens]) -> Read:
    ids, mask = _padded(prompts, tokenizer.pad_token_id, model.device)
    cache = _cache(model)
    model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=_positions(mask),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return Read([(layer.keys, layer.values) for layer in cache.layers], mask)


def _padded(prompts: list[Tokens], fill: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids padded on the left, and a mask that is 0 on padding: (prompts, longest) each."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[fill] * (longest - len(p)) + p for p in prompts], device=device)
    lengths = torch.tensor([[len(p)] for p in prompts], device=device)
    return ids, (torch.arange(longest, device=device) >= longest - lengths).long()


def _positions(mask: torch.Tensor) -> torch.Tensor:
    return (mask.cumsum(1) - 1).clamp(min=0)


def _begun(tokenizer, start: str) -> tuple[Tokens, str]:
    """The tokens of a start that do not depend on the text after it, and the remaining characters.

    A tokenizer may join the end of the start with the text after it. If ``>['`` is one token, a model has
    never learned to go on after ``>`` alone. So the model writes the remaining characters itself, and they
    are removed from its text.
    """
    texts = [start, *(start + more for more in CONTINUED)]
    every = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    kept = [
        column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*every, strict=False))
    ]
    return kept, start.removeprefix(tokenizer.decode(kept))


def _decode(
    model, tokenizer, prompts: list[Tokens], room: list[int], pick, read: Read | None = None
) -> list[Tokens]:
    """The tokens that the model writes after each prompt: at most `room`, without the end token.

    Args:
        pick: chooses a token for each row from its logits.
        read: what the model has read before the prompts, if anything.
    """
    ends = _ends(model, tokenizer)
    ids, mask = _padded(prompts, tokenizer.pad_token_id, model.device)
    if read:
        mask = torch.cat([read.mask, mask], 1)
    positions = _positions(mask)[:, -ids.shape[1] :]
    cache = _cache(model)
    most = mask.shape[1] + max(room)
    cache.layers = [Reserved(most) if type(layer) is DynamicLayer else layer for layer in cache.layers]
    for layer, states in zip(cache.layers, read.layers if read else [], strict=bool(read)):
        layer.update(*states)
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
        if len(kept) < len(rows):  # finished rows leave the batch
            cache.batch_select_indices(torch.tensor(kept, dtype=torch.long, device=model.device))
            mask, positions = mask[kept], positions[kept]
            rows, tokens = [rows[place] for place in kept], [tokens[place] for place in kept]
        ids = torch.tensor(tokens, device=model.device)[:, None]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], 1)
        positions = positions[:, -1:] + 1
    return written


class Reserved(DynamicLayer):
    """Keys and values of a layer, in memory that is reserved once.

    A new token is written after the others. A row that goes on is moved to the place of a row that has ended.
    The layer of transformers copies everything in both cases. That took 14 % more processor time with 64 long
    prompts of the bundled base, and 4 % more with 16 prompts of SmolLM2 (see the page on speed).
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
        """Keep these rows. A kept row may move only to the place of a row that is not kept."""
        for place, row in enumerate(indices.tolist()):
            if row != place:
                self.keys[place], self.values[place] = self.keys[row], self.values[row]
        self.keys, self.values = self.keys[: len(indices)], self.values[: len(indices)]


def _close_up(going: Sequence[bool]) -> list[int]:
    """The places of the rows that go on. The last of them fill the gaps that ended rows leave."""
    count = sum(going)
    moved = (place for place in range(count, len(going)) if going[place])
    return [place if going[place] else next(moved) for place in range(count)]


def _ends(model, tokenizer) -> set[int]:
    stated = model.generation_config.eos_token_id
    several = stated if isinstance(stated, list) else [stated]
    return {token for token in (*several, tokenizer.eos_token_id) if token is not None}


def _drawn(logits: torch.Tensor, uniform: list[float]) -> list[int]:
    """Draw one token per row: invert its cumulative distribution at a uniform number from 0 to 1."""
    up_to = logits.double().softmax(-1).cpu().cumsum(-1)  # on a GPU this sum is not deterministic
    level = torch.tensor(uniform, dtype=up_to.dtype)[:, None] * up_to[:, -1:]
    return torch.searchsorted(up_to, level, right=True).clamp(max=logits.shape[-1] - 1)[:, 0].tolist()
