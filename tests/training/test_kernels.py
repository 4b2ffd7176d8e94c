"""Dropout has torch's distribution, and the loss equals torch's up to rounding; so do the gradients."""

import math

import pytest
import torch
from scipy import stats

from tracelib.training import kernels


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_entries_are_dropped_independently_with_their_probability(p):
    """A chi-squared test of positions, the binomial variance of counts, the joint rate of neighbours."""
    torch.manual_seed(1)
    count, times = 50, 4000
    gone = torch.zeros(times, count, dtype=torch.bool)
    for row in gone:
        row[kernels.drawn(count, p)] = True
    per_place = gone.sum(0).numpy()
    spread = ((per_place - times * p) ** 2).sum() / (times * p * (1 - p))
    assert 0.001 < stats.chi2.sf(spread, count) < 0.999
    variance = float(gone.sum(1).double().var()) / (count * p * (1 - p))
    assert variance == pytest.approx(1, abs=4 * (2 / times) ** 0.5)
    both = float((gone[:, 1:] & gone[:, :-1]).double().mean())
    assert both == pytest.approx(p * p, abs=4 * p / (times * count) ** 0.5)


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_drawn_indices_are_valid_and_ascending(count):
    for seed in range(30):
        torch.manual_seed(seed)
        places = kernels.drawn(count, 0.5)
        assert places.tolist() == sorted(set(places.tolist()))
        assert all(0 <= place < count for place in places)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kept_entries_and_their_gradients_are_scaled(dtype):
    torch.manual_seed(3)
    x = torch.randn(4, 8, 6, dtype=dtype).transpose(0, 1).requires_grad_()  # not contiguous
    layer = kernels.Dropout(0.25)
    y = layer(x)
    kept = y != 0
    assert 0 < kept.sum() < x.numel()
    assert y.dtype == dtype
    torch.testing.assert_close(y[kept], x[kept] / 0.75)
    factor = torch.randn_like(y)
    (y * factor).sum().backward()
    torch.testing.assert_close(x.grad, torch.where(kept, factor / 0.75, 0.0).to(dtype))
    assert layer.eval()(x) is x


def test_equal_seeds_drop_the_same():
    x, layer = torch.ones(300), kernels.Dropout(0.1)
    first, again, other = ((torch.manual_seed(seed), layer(x))[1] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("rows", [0, 1, kernels.ROWS, 2 * kernels.ROWS + 3])
def test_loss_and_gradient_equal_torchs(rows):
    torch.manual_seed(2)
    logits, targets = 20 * torch.randn(rows, 11), torch.randint(11, (rows,))
    before = logits.clone()
    ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
    (loss := kernels.cross_entropy(ours, targets) / 7).backward()
    (expected := torch.nn.functional.cross_entropy(theirs, targets, reduction="sum") / 7).backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)
    assert torch.equal(ours.detach(), before)  # not changed in place


def test_the_loss_of_bf16_logits_is_computed_in_fp32():
    torch.manual_seed(2)
    logits, targets = torch.randn(40, 900).bfloat16().requires_grad_(), torch.randint(900, (40,))
    exact = logits.detach().float().requires_grad_()
    (loss := kernels.cross_entropy(logits, targets)).backward()
    (expected := kernels.cross_entropy(exact, targets)).backward()
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(logits.grad, exact.grad.bfloat16())


def test_weights_multiply_the_losses_of_rows():
    """Two equal logits have a loss of log 2, here with weights 1 and 3. A certain token has none."""
    logits = torch.tensor([[0.0, 0.0], [5.0, 5.0], [0.0, 99.0]]).requires_grad_()
    loss = kernels.cross_entropy(logits, torch.tensor([0, 1, 1]), torch.tensor([1.0, 3.0, 7.0]))
    loss.backward()
    assert float(loss.detach()) == pytest.approx(4 * math.log(2))
    torch.testing.assert_close(logits.grad, torch.tensor([[-0.5, 0.5], [1.5, -1.5], [0.0, 0.0]]))


def test_a_logit_that_is_not_a_number_is_not_hidden():
    logits = torch.tensor([[0.0, float("nan")], [0.0, 1.0]])
    assert kernels.cross_entropy(logits, torch.tensor([0, 0])).isnan()
