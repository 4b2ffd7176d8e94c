"""Models and tokenizers: the bundled base, kept ones, folders, the hub; and new ones, to pre-train."""

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

from tracelib.core.files import InputError, quoted
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
# Words and numbers with the space after them. Byte-level BPE usually takes the space before: then a name is
# other tokens after a quote or a line break than after a space, and a small model must learn both spellings
# of every name before it can copy one. This way only the last word of a quotation has two.
PIECES = Regex(r"\p{L}+ ?|\d+ ?|[^\p{L}\d]+")


@dataclass(frozen=True)
class Size:
    """Shape of a model made here."""

    vocabulary: int = 6144
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    head_width: int = 64
    context: int = 1024


def usable(precision: str) -> str:
    """The precision, but fp32 for bf16 on a processor whose products in bf16 are no faster.

    Fast ones have Intel's with AMX (without it half the rate of fp32 was measured) and AMD's with
    AVX-512 BF16; on ARM torch has none that are fast on every system.
    """
    if precision != "bf16" or torch.cuda.is_available():
        return precision
    can = torch.cpu.get_capabilities()
    fast = can.get("amx_bf16") or (can.get("avx512_bf16") and "Intel" not in can.get("cpu_name", ""))
    return precision if fast else "fp32"


def device() -> str:
    """Where models are put: a GPU if there is one, of several this process's own."""
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"


def processes() -> PartialState:
    """The processes that train together, on a GPU each; without GPUs, on the CPU."""
    return PartialState(cpu=not torch.cuda.is_available())


def tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a model, by the name that `load` takes, without the weights."""
    place, how = _place(name)
    with _loading(name):
        found = AutoTokenizer.from_pretrained(place, **how)
    if found.pad_token_id is None:  # Llama's have none; what is padded is masked or ignored
        found.pad_token = found.eos_token
    return found


def settings(name: str) -> PretrainedConfig:
    """The settings of a model, by the name that `load` takes, without the weights."""
    place, how = _place(name)
    with _loading(name):
        return AutoConfig.from_pretrained(place, **how).get_text_config()


def positions(name: str) -> int:
    """The longest sequence that a model was made for, in tokens, as its settings say; 0 where they do not."""
    return getattr(settings(name), "max_position_embeddings", 0)


def load(
    name: str, precision: str = "fp32", attention: str = "sdpa"
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A model and its tokenizer, on a GPU if there is one.

    By name: ``tiny-base``, a kept one (`tracelib.training.model_files`), a folder, or ``owner/name@commit``.

    Precision: fp32; bf16; or 4bit, the paper's NF4 with double quantisation, which needs bitsandbytes.
    Weights are read from safetensors only, and no code of a repository is run. `InputError` if the
    name is none of these, or the hub cannot give it.
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
    """Where a model's files are, and how transformers is to read them."""
    if name == "tiny-base":
        return str(BASE), {"trust_remote_code": False}
    if name in model_files.KEPT:
        return str(model_files.folder(name)), {"trust_remote_code": False}
    if Path(name).is_dir():
        return name, {"trust_remote_code": False}
    place, _, revision = name.partition("@")
    if not revision or place.count("/") != 1 or Path(place).is_dir():  # a folder has no revisions
        expected = ", ".join(["tiny-base", *model_files.KEPT, "a folder, or owner/name@commit"])
        raise InputError(f"unknown model {quoted(name)}, expected {expected}")
    return place, {"trust_remote_code": False, "revision": revision}


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """Whatever keeps transformers from loading a model, as one line."""
    try:
        yield
    except (OSError, ValueError, ImportError) as error:
        of_hub = name not in ("tiny-base", *model_files.KEPT) and not Path(name).is_dir()
        hint = HUB_HELP.format(place=name.partition("@")[0]) if of_hub else ""
        raise InputError(f"the model '{name}' cannot be loaded: {str(error).splitlines()[0]}{hint}") from None


def _four_bits() -> BitsAndBytesConfig:
    """NF4 with double quantisation, products in bf16 (the release's fine-tuning scripts)."""
    if find_spec("bitsandbytes") is None:
        raise InputError("precision 4bit needs bitsandbytes; install the extra quant, or take bf16")
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


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
