"""The provenance of a result: package versions, hardware, git commit, hashes."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tracelib.core.paths import ROOT

PEAK_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # `ru_maxrss` per MiB: macOS counts bytes, Linux KiB
PACKAGES = (
    "tracelib", "torch", "transformers", "peft", "tokenizers", "numpy", "pandas", "scipy",
    "statsmodels", "papermill", "snakemake", "jupyter-book",
)  # fmt: skip


def versions() -> dict[str, str]:
    """The versions of Python and of the installed packages that results depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, str | int]:
    """The processor, its architecture, the number of cores, memory in GiB, and the operating system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.system(),
    }


def _processor() -> str:
    """The processor's name; on some systems its architecture, or nothing."""
    known = Path("/proc/cpuinfo")
    for line in known.read_text().splitlines() if known.is_file() else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def has_gpu() -> bool:
    """Whether runs use a GPU. They then go one at a time: each takes the first GPU, which fits one run."""
    # torch could say so itself, but its import takes seconds. Its CPU build uses no GPU.
    return shutil.which("nvidia-smi") is not None and "+cpu" not in version("torch")


def git_commit() -> str | None:
    """The checked-out commit, with ``+changes`` if files differ from it; None outside a checkout."""
    try:
        git = ["git", "-C", str(ROOT)]
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        status = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")


def job_seconds(record: Path) -> float:
    """The wall time of one job in seconds, from Snakemake's benchmark file (``work/PROFILE/times``)."""
    header, values = (line.split("\t") for line in record.read_text("utf-8").splitlines()[:2])
    return float(values[header.index("s")])


def text_hash(*texts: str) -> str:
    """The sha256 of several texts as hex digits. Lengths are hashed too: "ab", "c" differs from "a", "bc"."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()
