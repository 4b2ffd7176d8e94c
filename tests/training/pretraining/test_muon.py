"""Muon against torch's own, which computes in bf16, and AdamW's part against torch's AdamW."""

from copy import deepcopy

import pytest
import torch

from tracelib.training.pretraining.muon import MuonAdamW, optimizer, orthogonal


@pytest.mark.parametrize("shape", [(3, 16, 40), (2, 40, 16), (1, 24, 24)])
def test_singular_values_come_near_one(shape):
    stack = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(stack))
    assert values.shape == torch.linalg.svdvals(stack).shape
    assert values.min() > 0.3
    assert values.max() < 1.3


def test_each_matrix_of_a_stack_is_treated_by_itself():
    stack = torch.randn(3, 8, 20, generator=torch.Generator().manual_seed(1))
    alone = torch.cat([orthogonal(stack[[number]]) for number in range(3)])
    torch.testing.assert_close(orthogonal(stack), alone)


def weights(*shapes) -> list[torch.nn.Parameter]:
    rng = torch.Generator().manual_seed(2)
    return [torch.nn.Parameter(torch.randn(shape, generator=rng)) for shape in shapes]


def trained(chosen, ours: list[torch.nn.Parameter], steps: int = 4) -> list[torch.Tensor]:
    rng = torch.Generator().manual_seed(3)
    for _ in range(steps):
        for weight in ours:
            weight.grad = torch.randn(weight.shape, generator=rng)
        chosen.step()
    return [weight.detach() for weight in ours]


def test_matrices_go_where_torchs_muon_takes_them_up_to_bf16():
    shapes = (16, 48), (48, 16), (16, 48)
    mine, theirs = weights(*shapes), weights(*shapes)
    start = weights(*shapes)
    torchs = torch.optim.Muon(theirs, lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    group = {"params": mine, "matrices": True}
    got = trained(MuonAdamW([group], lr=0.01, weight_decay=0.1), mine)
    for one, other, before in zip(got, trained(torchs, theirs), start, strict=True):
        way, expected = ((after - before.detach()).flatten() for after in (one, other))
        assert torch.cosine_similarity(way, expected, dim=0) > 0.999
        assert way.norm() == pytest.approx(float(expected.norm()), rel=0.02)


def test_the_rest_goes_where_torchs_adamw_takes_it():
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.bias, self.matrix = weights((9, 4), (4,), (4, 4))

    model, (embed, bias) = Model(), weights((9, 4), (4,), (4, 4))[:2]
    both = optimizer(model, 0.01, 0.1)
    assert [len(group["params"]) for group in both.param_groups] == [1, 2]
    rng = torch.Generator().manual_seed(3)
    plain = torch.optim.AdamW([embed, bias], lr=0.01, betas=(0.9, 0.95), weight_decay=0.1)
    for _ in range(3):
        model.embed.grad = embed.grad = torch.randn(9, 4, generator=rng)
        model.bias.grad = bias.grad = torch.randn(4, generator=rng)
        model.matrix.grad = torch.randn(4, 4, generator=rng)
        both.step()
        plain.step()
    assert torch.equal(model.embed, embed)
    assert torch.equal(model.bias, bias)


def test_a_saved_state_goes_on_the_same():
    (one,), (other,) = weights((6, 10)), weights((6, 10))
    first = MuonAdamW([{"params": [one], "matrices": True}], lr=0.01)
    trained(first, [one])
    other.data.copy_(one.data)
    second = MuonAdamW([{"params": [other], "matrices": True}], lr=0.01)
    second.load_state_dict(deepcopy(first.state_dict()))  # a state dict shares its tensors
    assert torch.equal(trained(first, [one])[0], trained(second, [other])[0])
