"""Sealed checkpoints of a training. A broken checkpoint is detected, and the one before it is used.

A folder ``checkpoint-STEP`` holds the trained weights, the optimiser, the schedule, the losses so far, and
the random state of each process. The SHA-256 of all these files is written last.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError

from tracelib.core.atomic import write_text
from tracelib.core.reading import sha256
from tracelib.training.models import processes

SEAL = "sha256.json"  # the hashes of a checkpoint's other files
TRAINING = "training.pt"
DRAWN = "random-{}.pt"  # the random state of a process, by its number
KEPT = 2  # the newest, and one more in case the newest is broken


def last(folder: Path) -> Path | None:
    """The newest whole checkpoint in a folder, or None. Broken checkpoints are removed."""
    with processes().main_process_first():  # it removes them for all processes
        found = _by_step(folder)
        whole = [path for path in found if _is_whole(path)]
        for path in set(found) - set(whole):
            shutil.rmtree(path)
    return whole[-1] if whole else None


def step(checkpoint: Path) -> int:
    """The number of steps before a checkpoint."""
    return int(checkpoint.name.rpartition("-")[2])


def save(folder: Path, done: int, model, schedule, losses: list[dict]) -> None:
    """Write a checkpoint after `done` steps; keep only the newest two. Every process must call this."""
    checkpoint = folder / f"checkpoint-{done}"
    checkpoint.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach() for name, weight in _trained(model).items()}
    states = {"schedule": schedule.state_dict(), "optimizer": schedule.optimizer.state_dict()}
    drawn = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        drawn["cuda"] = torch.cuda.get_rng_state()
    with full_disk_named(folder):
        torch.save(drawn, checkpoint / DRAWN.format(processes().process_index))
        if processes().is_main_process:
            torch.save({"weights": weights, "losses": losses, **states}, checkpoint / TRAINING)
    processes().wait_for_everyone()
    if processes().is_main_process:
        write_text(checkpoint / SEAL, json.dumps(_hashes(checkpoint)))
        for old in _by_step(folder)[:-KEPT]:
            shutil.rmtree(old)


def load(checkpoint: Path, model, schedule) -> list[dict]:
    """Restore weights, optimiser, schedule and random state from a checkpoint; return the losses so far."""
    saved = torch.load(checkpoint / TRAINING, map_location="cpu", weights_only=True)
    with torch.no_grad():
        for name, weight in _trained(model).items():
            weight.copy_(saved["weights"][name])
    schedule.optimizer.load_state_dict(saved["optimizer"])
    schedule.load_state_dict(saved["schedule"])
    drawn = torch.load(checkpoint / DRAWN.format(processes().process_index), weights_only=True)
    torch.set_rng_state(drawn["cpu"])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state(drawn["cuda"])
    return saved["losses"]


@contextmanager
def full_disk_named(folder: str | Path) -> Iterator[None]:
    """Turn the errors of torch and safetensors on a full disk into an `OSError` that names the folder."""
    try:
        yield
    except (RuntimeError, SafetensorError) as error:
        if any(words in str(error) for words in ("No space left", "file write failed", "inline_container")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
        raise


def _by_step(folder: Path) -> list[Path]:
    return sorted(folder.glob("checkpoint-*"), key=step)


def _trained(model) -> dict[str, torch.nn.Parameter]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint is unchanged since it was sealed, and has one random state for each process."""
    try:
        sealed = json.loads((checkpoint / SEAL).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    expected = {TRAINING, *map(DRAWN.format, range(processes().num_processes))}
    return sealed.keys() == expected and sealed == _hashes(checkpoint)


def _hashes(checkpoint: Path) -> dict[str, str]:
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL)
    return {path.relative_to(checkpoint).as_posix(): sha256(path) for path in files}
