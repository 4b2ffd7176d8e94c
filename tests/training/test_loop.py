"""The training loop on one weight, by hand: gradients, clipping, the schedule, logging, resuming."""

from types import SimpleNamespace

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from tracelib.core.errors import InputError
from tracelib.training import checkpoints
from tracelib.training.loop import Pace, Step, train


class Line(torch.nn.Module):
    """y = w x, with w = 1 at first."""

    def __init__(self):
        super().__init__()
        self.config = SimpleNamespace(use_cache=True)
        self.w = torch.nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.w * x


def read(numbers: list[list[float]]) -> Step:
    batches = [{"x": torch.tensor(part), "items": [str(x) for x in part]} for part in numbers]
    return Step(batches, torch.tensor(float(sum(map(len, numbers)))))


def loss(model, batch, total):
    """The mean of y. Its gradient is the mean of x."""
    return model(batch["x"]).sum() / total


def run(steps, pace, rate=0.5, halved=False, loss=loss):
    """Train by plain gradient descent; return the weight and the losses."""
    model = Line()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    schedule = LambdaLR(optimizer, lambda step: 0.5**step if halved else 1.0)
    losses = train(model, steps, read, loss, schedule, pace, seed=1)
    return float(model.w.detach()), losses


def test_gradients_of_parts_add_up():
    """Mean of x: (0.2 + 0.4 + 0.9) / 3 = 0.5, so w = 1 - 0.5 * 0.5; the loss at w = 1 is 0.5."""
    weight, losses = run([[[0.2, 0.4], [0.9]]], Pace(log_steps=1))
    assert weight == pytest.approx(0.75)
    assert losses == [{"step": 1, "loss": pytest.approx(0.5)}]


def test_a_large_gradient_is_clipped_to_norm_one():
    assert run([[[8.0]]], Pace(1))[0] == pytest.approx(1 - 0.5 * 1.0)


def test_the_rate_follows_the_schedule():
    """Rates 0.5 and 0.25, gradients 0.4: 1 - 0.2 - 0.1."""
    assert run([[[0.4]]] * 2, Pace(1), halved=True)[0] == pytest.approx(0.7)


def test_a_logged_loss_is_the_mean_of_the_steps_since_the_last():
    """w before each step: 1, 0.8, 0.6, 0.4, 0.2; x = 0.4. The fifth step is not logged."""
    _, losses = run([[[0.4]]] * 5, Pace(log_steps=2))
    expected = [0.4 * (1 + 0.8) / 2, 0.4 * (0.6 + 0.4) / 2]
    assert losses == [{"step": 2 * n, "loss": pytest.approx(mean)} for n, mean in enumerate(expected, 1)]


def test_training_goes_on_from_the_last_checkpoint(tmp_path):
    steps = [[[0.1 * n, 0.02], [0.3]] for n in range(1, 8)]
    pace = Pace(log_steps=1, checkpoint_steps=3, folder=tmp_path)
    seen = []

    def noisy(model, batch, total):
        seen.append(batch["items"])
        return loss(model, batch, total) * (1 + 0.01 * torch.rand(()))

    whole = run(steps, pace, loss=noisy)
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint-6", "checkpoint-7"}  # also the last
    assert run(steps, pace, loss=noisy) == whole  # no step was left
    first, seen[:] = seen[:], []
    (tmp_path / "checkpoint-7" / checkpoints.SEAL).unlink()
    assert run(steps, pace, loss=noisy) == whole
    assert seen == first[-2:]


def test_a_loss_that_is_not_a_number_ends_training():
    with pytest.raises(InputError, match=r"the loss became nan at step 2, on the items nan, 0.5; lower the"):
        run([[[0.1]], [[0.2], [float("nan"), 0.5]]], Pace(1))


def test_the_bar_shows_progress_and_the_last_loss(capsys):
    run([[[0.4]]] * 2, Pace(1, progress=True))
    shown = capsys.readouterr().err
    assert "training: 100%" in shown
    assert "2/2" in shown
    assert "loss=0.320" in shown
    run([[[0.4]]] * 2, Pace(1))
    assert not capsys.readouterr().err
