"""A tiny model in a wheel: a GGUF file as llama.cpp writes it, made from random weights."""

import zipfile
from dataclasses import replace
from pathlib import Path

import gguf
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tracelib.core.reading import sha256
from tracelib.training import model_fetch, model_files

NAME = "smollm2-135m"
KEPT = model_files.KEPT[NAME]
HEADS = 2
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = ["Ċ Ċ", "Ġ Ġ", "a b"]


def alphabet() -> list[str]:
    """The characters that stand for the 256 bytes in GPT-2's vocabulary, by byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(others)) for byte in range(256)]


def llama(seed: int = 0) -> LlamaForCausalLM:
    """The model whose weights are packed."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(SPECIAL) + 256 + len(MERGES),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=128,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    return LlamaForCausalLM(config)


def pack(model: LlamaForCausalLM, path: Path) -> Path:
    """Write a GGUF file in fp32, with the MLP's last projection in 4 bits (Q4_1) as in the real model."""
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_freq_base(100_000.0)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*SPECIAL, *alphabet(), *(merge.replace(" ", "") for merge in MERGES)])
    writer.add_token_types([3] * len(SPECIAL) + [1] * (256 + len(MERGES)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template(TEMPLATE)
    weights = model.model.state_dict()
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, weight in weights.items():
        stem, _, kind = f"model.{name}".rpartition(".")
        array = weight.numpy()
        if "q_proj" in name or "k_proj" in name:  # llama.cpp interleaves the halves of each head
            array = array.reshape(HEADS, 2, -1, array.shape[1]).swapaxes(1, 2).reshape(array.shape)
        packed = gguf.GGMLQuantizationType.Q4_1 if "down_proj" in name else None
        array = gguf.quants.quantize(array, packed) if packed else array
        writer.add_tensor(f"{names.get_name(stem)}.{kind}", array, raw_dtype=packed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def wheel(packed: Path, folder: Path) -> Path:
    """Write a wheel with this file in it; pip takes it for the real package."""
    stem = f"{KEPT.package.replace('-', '_')}-{KEPT.version}"
    path = folder / f"{stem}-py3-none-any.whl"
    about = (
        f"Metadata-Version: 2.1\nName: {KEPT.package}\nVersion: {KEPT.version}\nRequires-Dist: not-there\n"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(packed, KEPT.packed)
        archive.writestr(f"{stem}.dist-info/METADATA", about)
        archive.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def description(packed: Path, scratch: Path) -> model_files.Kept:
    """The real model's description with the tiny model's checksums."""
    folder = scratch / "converted"
    folder.mkdir()
    model_fetch.convert(packed, folder)
    return replace(
        KEPT,
        packed_size=packed.stat().st_size,
        packed_sha256=sha256(packed),
        weights_sha256=sha256(folder / model_files.WEIGHTS),
        answer="",  # random weights know no answer
    )
