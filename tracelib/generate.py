"""Batched greedy generation: prompts of similar length together, padded on the left."""

from collections.abc import Sequence

import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from tracelib.sft import chat_prompt


@torch.inference_mode()
def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch_size: int,
    progress: bool = False,
) -> list[str]:
    """The greedy continuation of each prompt, in the prompts' order, special tokens dropped."""
    model.eval()
    encoded = [chat_prompt(tokenizer, prompt) for prompt in prompts]
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    texts = [""] * len(encoded)
    with tqdm(total=len(order), desc="generating", unit="item", disable=not progress) as bar:
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            prompts_now = [encoded[i] for i in batch]
            for index, text in zip(batch, _batch(model, tokenizer, prompts_now, max_new_tokens), strict=True):
                texts[index] = text
            bar.update(len(batch))
    return texts


def _batch(model, tokenizer, prompts: list[list[int]], max_new_tokens: int) -> list[str]:
    longest = max(map(len, prompts))
    ids = torch.tensor([[tokenizer.pad_token_id] * (longest - len(p)) + p for p in prompts])
    lengths = torch.tensor([[len(p)] for p in prompts])
    mask = (torch.arange(longest) >= longest - lengths).long()
    generated = model.generate(
        input_ids=ids.to(model.device),
        attention_mask=mask.to(model.device),
        max_new_tokens=max_new_tokens,
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
    )
    return tokenizer.batch_decode(generated[:, longest:], skip_special_tokens=True)
