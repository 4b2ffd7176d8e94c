"""Load models and tokenizers (bundled, kept, from a folder or the hub), and make new ones to pre-train."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from accelerate import PartialState
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.utils import is_flash_attn_2_available

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import TINY_BASE
from tracelib.training import model_files

BASE = TINY_BASE
PAD, END, USER, ASSISTANT = "<pad>", "<end>", "<user>", "<assistant>"
HUB_HELP = (
    "; is there a network? A gated model needs its licence accepted on its page and 'hf auth login'; "
    "without the hub, copy the repository {place} into a folder and give the folder as the model"
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}<end>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
# A word or number keeps the space after it. Byte-level BPE usually keeps the space before it. Then a name has
# other tokens after a quote or a line break than after a space, and a small model must learn both spellings
# of every name before it can copy one. Here only the last word of a quotation has a second spelling.
PIECES = Regex(r"\p{L}+ ?|\d+ ?|[^\p{L}\d]+")


@dataclass(frozen=True)
class Size:
    """Shape of a new model; the context is in tokens."""

    vocabulary: int = 6144
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    head_width: int = 64
    context: int = 1024


def usable(precision: str) -> str:
    """The precision itself, or fp32 instead of bf16 on a CPU where bf16 products are not faster.

    They are faster on Intel CPUs with AMX (without it, half the rate of fp32 was measured) and on AMD CPUs
    with AVX-512 BF16. On ARM, torch has no bf16 products that are faster on every system.
    """
    if precision != "bf16" or torch.cuda.is_available():
        return precision
    can = torch.cpu.get_capabilities()
    fast = can.get("amx_bf16") or (can.get("avx512_bf16") and "Intel" not in can.get("cpu_name", ""))
    return precision if fast else "fp32"


def device() -> str:
    """The device for models: this process's GPU, or the CPU if there is no GPU."""
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"


def processes() -> PartialState:
    """The processes that train together, on a GPU each; without GPUs, on the CPU."""
    return PartialState(cpu=not torch.cuda.is_available())


def tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a model, named as for `load`; no weights are loaded."""
    place, how = _place(name)
    with _loading(name):
        found = AutoTokenizer.from_pretrained(place, **how)
    if found.pad_token_id is None:  # as in Llama; any token will do, since padding is masked or ignored
        found.pad_token = found.eos_token
    return found


def settings(name: str) -> PretrainedConfig:
    """The settings of a model, named as for `load`; no weights are loaded."""
    place, how = _place(name)
    with _loading(name):
        return AutoConfig.from_pretrained(place, **how).get_text_config()


def positions(name: str) -> int:
    """The longest sequence that a model was made for, in tokens; 0 if its settings do not say."""
    return getattr(settings(name), "max_position_embeddings", 0)


def load(
    name: str, precision: str = "fp32", attention: str = "sdpa"
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A model and its tokenizer, on a GPU if there is one.

    Weights are read from safetensors only, and no code of a repository is run. `InputError` if the name is
    unknown or the model cannot be loaded.

    Args:
        name: ``tiny-base``, a kept model (`tracelib.training.model_files`), a folder, or
            ``owner/name@commit`` of the hub.
        precision: fp32, bf16, or 4bit: the paper's NF4 with double quantisation, which needs bitsandbytes.
        attention: sdpa, eager or flash_attention_2.
    """
    place, how = _place(name)
    if attention == "flash_attention_2" and not is_flash_attn_2_available():
        raise InputError(
            "attention flash_attention_2 needs a GPU and the package flash_attn; take sdpa or eager"
        )
    how |= {
        "dtype": torch.float32 if precision == "fp32" else torch.bfloat16,
        "attn_implementation": attention,
        "use_safetensors": True,
    }
    place_on = device()
    if precision == "4bit":
        how |= {"quantization_config": _four_bits(), "device_map": {"": place_on}}
    with _loading(name):
        model = AutoModelForCausalLM.from_pretrained(place, **how)
    return model if precision == "4bit" else model.to(place_on), tokenizer(name)


def _place(name: str) -> tuple[str, dict]:
    """A model's folder or hub name, and the arguments for transformers' ``from_pretrained``."""
    if name == "tiny-base":
        return str(BASE), {"trust_remote_code": False}
    if name in model_files.KEPT:
        return str(model_files.folder(name)), {"trust_remote_code": False}
    if Path(name).is_dir():
        return name, {"trust_remote_code": False}
    place, _, revision = name.partition("@")
    if not revision or place.count("/") != 1 or Path(place).is_dir():  # a folder has no revision
        expected = ", ".join(["tiny-base", *model_files.KEPT, "a folder, or owner/name@commit"])
        raise InputError(f"unknown model {quoted(name)}, expected {expected}")
    return place, {"trust_remote_code": False, "revision": revision}


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """Turn any error of transformers while it loads a model into an `InputError` of one line."""
    try:
        yield
    except (OSError, ValueError, ImportError) as error:
        of_hub = name not in ("tiny-base", *model_files.KEPT) and not Path(name).is_dir()
        hint = HUB_HELP.format(place=name.partition("@")[0]) if of_hub else ""
        raise InputError(f"the model '{name}' cannot be loaded: {str(error).splitlines()[0]}{hint}") from None


def _four_bits() -> BitsAndBytesConfig:
    """NF4 with double quantisation and bf16 products, as in the release's fine-tuning scripts."""
    if find_spec("bitsandbytes") is None:
        raise InputError("precision 4bit needs bitsandbytes; install the extra quant, or take bf16")
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def train_tokenizer(texts: Iterable[str], size: Size) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer: any text round-trips. The same texts give the same tokenizer."""
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
    """A randomly initialised Llama of the given size. The same seed gives the same weights."""
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
