"""The training loop that fine-tuning and pre-training share: forward, backward, clip, step, log, checkpoint.

accelerate starts the processes. Each process has one device, and torch averages their gradients. accelerate's
`Accelerator` is not used, because it fixes one precision for the whole life of a Python process, and one
process may run trainings of different precisions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from accelerate.utils import reduce, send_to_device
from torch.nn.parallel import DistributedDataParallel
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader, Subset
from tqdm import tqdm

from tracelib.core.errors import InputError
from tracelib.training import checkpoints
from tracelib.training.models import processes

LONGEST = 1.0  # the largest norm of all gradients together; above it they are clipped

# (model, batch, total) -> the batch's share of a step's loss
Loss = Callable[[torch.nn.Module, dict, torch.Tensor], torch.Tensor]


class Step(NamedTuple):
    """The batches of one process in one step of the optimiser."""

    batches: list[dict]  # input_ids, labels, items; the model reads one after the other
    total: torch.Tensor  # the weight of the step's labels, over all processes


@dataclass(frozen=True)
class Pace:
    """When to log a loss and to write a checkpoint, in steps; and whether to show a progress bar."""

    log_steps: int
    checkpoint_steps: int = 0  # 0: no checkpoints
    folder: Path | None = None  # of the checkpoints
    progress: bool = False


def train(
    model, steps: Sequence, read: Callable[[Any], Step], loss: Loss, schedule: LRScheduler, pace: Pace,
    seed: int, bf16: bool = False,
) -> list[dict]:  # fmt: skip
    """Train on all `steps`, or on those after the last checkpoint.

    `InputError` if a loss is not a number; it names the items of the batch.

    Args:
        read: makes the batches of one entry of `steps`.
        schedule: of the learning rate, with its optimiser.
        bf16: whether matrix products are computed in bf16.

    Returns:
        The logged losses: step (its number), loss (the mean over the steps since the last logged loss).
    """
    torch.manual_seed(seed)
    last = checkpoints.last(pace.folder) if pace.checkpoint_steps else None
    done = checkpoints.step(last) if last else 0
    data = iter(DataLoader(Subset(steps, range(done, len(steps))), batch_size=None, collate_fn=read))
    # A loader draws a random number when it starts, so the random state is restored after that.
    losses = checkpoints.load(last, model, schedule) if last else []
    model.config.use_cache = False
    model.train()
    parallel = _parallel(model)
    since, logged = torch.zeros((), device=processes().device), done
    hidden = not (pace.progress and processes().is_main_process)
    with tqdm(total=len(steps), initial=done, desc="training", dynamic_ncols=True, disable=hidden) as bar:
        for number, step in enumerate(data, done + 1):
            for share in _shares(parallel, send_to_device(step, since.device), loss, bf16, number):
                since += share
            torch.nn.utils.clip_grad_norm_(model.parameters(), LONGEST)
            schedule.optimizer.step()
            schedule.step()
            schedule.optimizer.zero_grad()
            bar.update()
            if number % pace.log_steps == 0:
                losses.append({"step": number, "loss": reduce(since, "mean").item() / (number - logged)})
                since, logged = torch.zeros_like(since), number
                bar.set_postfix(loss=f"{losses[-1]['loss']:.3f}")
            if pace.checkpoint_steps and (number % pace.checkpoint_steps == 0 or number == len(steps)):
                checkpoints.save(pace.folder, number, model, schedule, losses)
    return losses


def _parallel(model: torch.nn.Module) -> torch.nn.Module:
    """The model; wrapped, if several processes train together, so that their gradients are averaged."""
    if processes().num_processes == 1:
        return model
    return DistributedDataParallel(model, [processes().device] if torch.cuda.is_available() else None)


def _shares(model, step: Step, loss: Loss, bf16: bool, number: int) -> Iterator[torch.Tensor]:
    """Add up the gradients of a step's batches; yield each batch's share of the step's loss."""
    for place, batch in enumerate(step.batches, 1):
        # Processes exchange their gradients once, with the last batch of the step.
        waits = isinstance(model, DistributedDataParallel) and place < len(step.batches)
        with model.no_sync() if waits else nullcontext():
            with torch.autocast(processes().device.type, torch.bfloat16, enabled=bf16):
                share = loss(model, batch, step.total)
            if not torch.isfinite(share):
                items = ", ".join(map(str, batch["items"]))
                found = f"the loss became {share.item()} at step {number}, on the items {items}"
                raise InputError(f"{found}; lower the learning rate")
            # torch averages gradients over processes, but the total is the sum over processes.
            share = share * processes().num_processes
            share.backward()
        yield share.detach()
