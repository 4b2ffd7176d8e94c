"""Where a result comes from: versions, hardware, commit, hashes. Recorded, never guessed."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tracelib.core.paths import ROOT

PEAK_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # what the system counts peak memory in
PACKAGES = (
    "tracelib", "torch", "transformers", "peft", "tokenizers", "numpy", "pandas", "scipy",
    "statsmodels", "papermill", "snakemake", "jupyter-book",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Installed version of Python and of each package a result depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, str | int]:
    """Processor and its architecture, cores, memory in GiB, operating system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.system(),
    }


def _processor() -> str:
    """The processor's name, where the system says it."""
    known = Path("/proc/cpuinfo")
    for line in known.read_text().splitlines() if known.is_file() else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def has_gpu() -> bool:
    """Whether runs take a GPU, and so one after the other: each takes the first, and one fits on it."""
    # torch itself would say it too, after seconds of import; its build for processors takes none.
    return shutil.which("nvidia-smi") is not None and "+cpu" not in version("torch")


def git_commit() -> str | None:
    """The checked-out commit, with ``+changes`` when the tree differs; None outside a checkout."""
    try:
        git = ["git", "-C", str(ROOT)]
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        status = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")


def job_seconds(record: Path) -> float:
    """Wall time that Snakemake's benchmark file (``work/PROFILE/times``) states for one job."""
    header, values = (line.split("\t") for line in record.read_text("utf-8").splitlines()[:2])
    return float(values[header.index("s")])


def text_hash(*texts: str) -> str:
    """sha256 over several texts, each with its length, so that no two lists of texts agree by chance."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8")
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()
