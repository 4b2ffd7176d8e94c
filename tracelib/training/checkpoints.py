"""Checkpoints of a training: sealed, so that a broken one is known as such and the one before it is taken.

A folder ``checkpoint-STEP`` holds the trained weights, the optimiser, the schedule and the losses so far; of
each process the state of its random numbers; and, written last, the sha256 of all of these.
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

SEAL = "sha256.json"  # in a checkpoint: what its files hold
TRAINING = "training.pt"
DRAWN = "random-{}.pt"  # by process
KEPT = 2  # the newest, and one more in case that it breaks


def last(folder: Path) -> Path | None:
    """The newest whole checkpoint of a training, if there is one; broken ones are removed."""
    with processes().main_process_first():  # the others find them gone
        found = _by_step(folder)
        whole = [path for path in found if _is_whole(path)]
        for path in set(found) - set(whole):
            shutil.rmtree(path)
    return whole[-1] if whole else None


def step(checkpoint: Path) -> int:
    """How many steps were done."""
    return int(checkpoint.name.rpartition("-")[2])


def save(folder: Path, done: int, model, schedule, losses: list[dict]) -> None:
    """Write a checkpoint after so many steps, and remove all but the newest two. Every process calls this."""
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
    """Put weights, optimiser, schedule and random numbers back to where they were; returns the losses."""
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
    """What torch and safetensors say of a full disk, as the `OSError` that it is."""
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
    """Whether a checkpoint was sealed, holds what it did then, and is of as many processes as there are."""
    try:
        sealed = json.loads((checkpoint / SEAL).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    expected = {TRAINING, *map(DRAWN.format, range(processes().num_processes))}
    return sealed.keys() == expected and sealed == _hashes(checkpoint)


def _hashes(checkpoint: Path) -> dict[str, str]:
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL)
    return {path.relative_to(checkpoint).as_posix(): sha256(path) for path in files}
