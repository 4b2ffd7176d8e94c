"""Measures for benchmarks: units per second, products of matrices, operations per token."""

import time
from collections.abc import Callable, Iterable, Sequence

import torch
from torch.utils.flop_counter import FlopCounterMode

from tracelib.training.sft import Example, collate, masked_loss

PRODUCTS = 10  # timed products of two matrices; the best one counts


def best(work: Callable[[], int], passes: int) -> float:
    """Units per second of the best pass; `work` returns the number of its units."""
    found = []
    for _ in range(passes):
        start = time.perf_counter()
        count = work()
        found.append(count / (time.perf_counter() - start))
    return max(found)


def gemm(size: int, device: str = "cpu", dtype: torch.dtype = torch.float32) -> float:
    """Floating-point operations per second of a product of two square matrices with `size` rows."""
    one = torch.randn(size, size, device=device, dtype=dtype)

    def product() -> int:
        torch.mm(one, one)
        wait(device)
        return 2 * size**3

    wait(device)
    return best(product, PRODUCTS)


def wait(device: str) -> None:
    """Wait until a GPU has finished its work; a CPU always has."""
    if device != "cpu":
        torch.cuda.synchronize()


def flops_per_token(model, batches: Iterable[Sequence[Example]], pad: int, precision: str = "fp32") -> float:
    """Operations per token of one forward and backward pass, counted on batches; padding is no token."""
    total = tokens = 0
    for examples in batches:
        batch = collate(examples, pad)
        tensors = {name: batch[name].to(model.device) for name in ("input_ids", "labels")}
        mixed = torch.autocast(model.device.type, torch.bfloat16, enabled=precision != "fp32")
        with FlopCounterMode(display=False) as counter, mixed:
            masked_loss(model, tensors).backward()
        total += counter.get_total_flops()
        tokens += sum(len(example["input_ids"]) for example in examples)
    return total / tokens
