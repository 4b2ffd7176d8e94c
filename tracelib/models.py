"""The bundled tiny model: a Llama-architecture network and a byte-level BPE tokenizer.

In this edition its weights are random: it has read nothing before fine-tuning. It shows that
the whole path works on a laptop; it does not yet say anything about the paper's question.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

PAD, END, USER, ASSISTANT = "<pad>", "<end>", "<user>", "<assistant>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
# A name or a number is the same tokens wherever it stands, after a space, a quote or a line break: a
# small model copies it without learning its variants. Lower-case words keep the space before them.
PIECES = Regex(r" ?\p{Ll}+|\p{Lu}\p{Ll}*|\d+|[^\p{Ll}\p{Lu}\d]+?(?= ?\p{Ll}|[\p{Lu}\d]|$)")


@dataclass(frozen=True)
class Size:
    """Shape of the tiny model."""

    vocabulary: int = 1024
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    context: int = 1024


def train_tokenizer(texts: Iterable[str], size: Size) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer (any text round-trips), the same for the same texts."""
    bpe = Tokenizer(models.BPE())
    pieces = pre_tokenizers.Split(PIECES, "isolated")
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pieces, as_bytes])
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size.vocabulary,
        special_tokens=[PAD, END, USER, ASSISTANT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token=PAD,
        eos_token=END,
        model_max_length=size.context,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def tiny_llama(tokenizer: PreTrainedTokenizerFast, size: Size, seed: int) -> LlamaForCausalLM:
    """A randomly initialised Llama of the given size, the same weights for the same seed."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        intermediate_size=3 * size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        max_position_embeddings=size.context,
        tie_word_embeddings=True,
        # Unit-scale logits: with the usual 0.02, frozen random embeddings cap every logit near 2.
        initializer_range=size.hidden**-0.5,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlamaForCausalLM(config)
