"""The training loop that fine-tuning and pre-training share: forward, backward, clip, step, log, checkpoint.

accelerate starts the processes; each has one device, and torch averages their gradients. Its `Accelerator`
is not used: it keeps one precision for as long as Python runs, and trainings of several follow each other.
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

LONGEST = 1.0  # norm of all gradients together; longer ones are cut to it

Loss = Callable[[torch.nn.Module, dict, torch.Tensor], torch.Tensor]  # of a batch, as a share of the total


class Step(NamedTuple):
    """What one process learns from in a step of the optimiser."""

    batches: list[dict]  # input_ids, labels, items; they go through the model one after the other
    total: torch.Tensor  # what all labels of the step weigh, those of other processes too


@dataclass(frozen=True)
class Pace:
    """When a loss is logged and a checkpoint written, and where; and whether a bar shows what is done."""

    log_steps: int
    checkpoint_steps: int = 0  # 0: none
    folder: Path | None = None  # of the checkpoints
    progress: bool = False


def train(
    model, steps: Sequence, read: Callable[[Any], Step], loss: Loss, schedule: LRScheduler, pace: Pace,
    seed: int, bf16: bool = False,
) -> list[dict]:  # fmt: skip
    """Train on all `steps`, or on those after the last checkpoint; returns the logged losses.

    `read` makes batches of what `steps` holds. The optimiser is that of the schedule. With `bf16` products
    are computed in it. A logged loss has the step's number and the mean over the steps since the last one.
    A loss that is not a number ends the training with an `InputError` that names the batch's items.
    """
    torch.manual_seed(seed)
    last = checkpoints.last(pace.folder) if pace.checkpoint_steps else None
    done = checkpoints.step(last) if last else 0
    data = iter(DataLoader(Subset(steps, range(done, len(steps))), batch_size=None, collate_fn=read))
    # A loader draws a random number where it begins: a checkpoint's are put back after that.
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
    """The model, within one that averages gradients where several processes train together."""
    if processes().num_processes == 1:
        return model
    return DistributedDataParallel(model, [processes().device] if torch.cuda.is_available() else None)


def _shares(model, step: Step, loss: Loss, bf16: bool, number: int) -> Iterator[torch.Tensor]:
    """Each batch's share of a step's loss, when its gradients have been added to those before."""
    for place, batch in enumerate(step.batches, 1):
        # Gradients are exchanged with the last batch, when all have been added.
        waits = isinstance(model, DistributedDataParallel) and place < len(step.batches)
        with model.no_sync() if waits else nullcontext():
            with torch.autocast(processes().device.type, torch.bfloat16, enabled=bf16):
                share = loss(model, batch, step.total)
            if not torch.isfinite(share):
                items = ", ".join(map(str, batch["items"]))
                found = f"the loss became {share.item()} at step {number}, on the items {items}"
                raise InputError(f"{found}; lower the learning rate")
            # The gradients of all processes are averaged, but the total is of all.
            share = share * processes().num_processes
            share.backward()
        yield share.detach()
