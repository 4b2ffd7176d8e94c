"""Models and tokenizers: the bundled base, folders in hub format, the hub; and new ones, to pre-train."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from tracelib.files import InputError

BASE = Path(__file__).parent / "assets" / "tiny-base"
PAD, END, USER, ASSISTANT = "<pad>", "<end>", "<user>", "<assistant>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
# Words and numbers with the space after them. Byte-level BPE usually takes the space before: then a name is
# other tokens after a quote or a line break than after a space, and a small model must learn both spellings
# of every name before it can copy one. This way only the last word of a quotation has two.
PIECES = Regex(r"\p{L}+ ?|\d+ ?|[^\p{L}\d]+")


@dataclass(frozen=True)
class Size:
    """Shape of a model made here."""

    vocabulary: int = 4096
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    head_width: int = 64
    context: int = 1024


def load(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A model in single precision and its tokenizer: ``tiny-base``, a folder, or ``owner/name@commit``.

    Weights are read from safetensors only, and no code of a repository is run. `InputError` if the
    name is none of these, or the hub cannot give it.
    """
    place, _, revision = name.partition("@")
    if place == "tiny-base":
        place = str(BASE)
    elif not Path(place).is_dir() and not (revision and place.count("/") == 1):
        raise InputError(f"unknown model '{name}', expected tiny-base, a folder, or owner/name@commit")
    safe = {"revision": revision or None, "trust_remote_code": False}
    try:
        model = AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, use_safetensors=True, **safe)
        return model, AutoTokenizer.from_pretrained(place, **safe)
    except (OSError, ValueError) as error:
        raise InputError(f"the model '{name}' cannot be loaded: {str(error).splitlines()[0]}") from None


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
        head_dim=size.head_width,
        attention_bias=True,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        max_position_embeddings=size.context,
        tie_word_embeddings=True,
        # Unit-scale logits: with the usual 0.02, frozen random embeddings cap every logit near 2.
        initializer_range=size.hidden**-0.5,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlamaForCausalLM(config)
