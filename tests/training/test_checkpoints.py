"""Checkpoints: a saved state is restored, a broken checkpoint is skipped, a full disk is named."""

import contextlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from tracelib.training import checkpoints

LOSSES = [{"step": 2, "loss": 0.1 + 0.2}]


class Training:
    """A model of two layers, one of them frozen, that was trained for `steps` steps."""

    def __init__(self, steps: int):
        torch.manual_seed(1)
        self.model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1))
        self.model[0].requires_grad_(False)
        self.optimizer = torch.optim.AdamW(self.model[1].parameters(), lr=0.1, fused=True)
        self.schedule = LambdaLR(self.optimizer, lambda step: 1 / (1 + step))
        self.go_on(steps)

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.model(torch.randn(5, 3)).square().mean().backward()
            self.optimizer.step()
            self.schedule.step()
            self.optimizer.zero_grad()

    def save(self, folder: Path, done: int) -> Path:
        checkpoints.save(folder, done, self.model, self.schedule, LOSSES)
        return folder / f"checkpoint-{done}"


def test_a_restored_training_goes_on_alike(tmp_path):
    first, other = Training(3), Training(0)
    saved = first.save(tmp_path, 3)
    first.go_on(4)
    assert checkpoints.load(saved, other.model, other.schedule) == LOSSES
    other.go_on(4)  # the random state is restored too
    for one, another in zip(first.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(one, another)
    assert other.schedule.get_last_lr() == first.schedule.get_last_lr()


def test_frozen_weights_are_not_saved(tmp_path):
    saved = torch.load(Training(1).save(tmp_path, 1) / checkpoints.TRAINING, weights_only=True)
    assert saved["weights"].keys() == {"1.weight", "1.bias"}


def test_the_newest_two_are_kept(tmp_path):
    training = Training(0)
    for done in (8, 9, 10, 11):
        training.save(tmp_path, done)
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint-10", "checkpoint-11"}
    assert checkpoints.step(checkpoints.last(tmp_path)) == 11


def one_bit_other(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_broken_checkpoint_is_skipped(tmp_path):
    whole = tmp_path / "whole"
    before, good = (Training(1).save(whole, done) for done in (8, 12))
    files = [path.name for path in good.iterdir()]
    assert set(files) == {checkpoints.SEAL, checkpoints.TRAINING, "random-0.pt"}
    damages = {
        "missing": lambda path: path.unlink(),
        "empty": lambda path: path.write_bytes(b""),
        "cut": lambda path: path.write_bytes(path.read_bytes()[:100]),
        "one bit": lambda path: path.write_bytes(one_bit_other(path.read_bytes())),
    }
    for name in files:
        for damage, do in damages.items():
            scratch = tmp_path / f"{name}-{damage}"
            shutil.copytree(whole, scratch)
            do(scratch / good.name / name)
            assert checkpoints.last(scratch) == scratch / before.name, (name, damage)
            assert len(list(scratch.iterdir())) == 1
    assert checkpoints.last(tmp_path / "nothing") is None


def seal(checkpoint: Path) -> None:
    (checkpoint / checkpoints.SEAL).write_text(json.dumps(checkpoints._hashes(checkpoint)))


def test_a_checkpoint_has_the_random_state_of_each_process(tmp_path, monkeypatch):
    folder = Training(1).save(tmp_path, 1)
    shutil.copy(folder / "random-0.pt", folder / "random-1.pt")
    seal(folder)
    two = SimpleNamespace(num_processes=2, main_process_first=contextlib.nullcontext)
    monkeypatch.setattr(checkpoints, "processes", lambda: two)
    assert checkpoints.last(tmp_path) == folder
    (folder / "random-1.pt").unlink()
    seal(folder)
    assert checkpoints.last(tmp_path) is None


def test_a_sealed_checkpoint_of_another_layout_is_removed(tmp_path):
    """The layout is that of transformers' Trainer."""
    (folder := tmp_path / "checkpoint-4").mkdir()
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json"):
        (folder / name).write_bytes(b"{}")
    seal(folder)
    assert checkpoints.last(tmp_path) is None
    assert not folder.exists()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs a device that is always full")
def test_a_full_disk_is_named(tmp_path, monkeypatch):
    save = torch.save
    monkeypatch.setattr(torch, "save", lambda value, place: save(value, "/dev/full"))
    with pytest.raises(OSError, match="No space left on device") as caught:
        Training(1).save(tmp_path, 1)
    assert caught.value.filename == str(tmp_path)
    with pytest.raises(RuntimeError, match="other"), checkpoints.full_disk_named(tmp_path):
        raise RuntimeError("other")
