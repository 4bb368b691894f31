"""Optimisers, clipping and L1 against torch itself and against hand-made figures."""

import math
from dataclasses import replace

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.train.optim import (
    OptimConfig,
    add_l1,
    clip_gradients,
    make_optimizer,
    takes_sparse,
)

OURS_AND_TORCHS = [
    (OptimConfig(name="sgd", lr=0.1), torch.optim.SGD, {"lr": 0.1}),
    (
        OptimConfig(name="sgd", lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    (OptimConfig(name="adagrad", lr=0.1), torch.optim.Adagrad, {"lr": 0.1}),
    (
        OptimConfig(name="rmsprop", momentum=0.5),
        torch.optim.RMSprop,
        {"lr": 1e-3, "momentum": 0.5},
    ),
    (
        OptimConfig(name="adam", weight_decay=0.1),
        torch.optim.Adam,
        {"lr": 1e-3, "weight_decay": 0.1},
    ),
    (
        OptimConfig(name="adamw", weight_decay=0.1),
        torch.optim.AdamW,
        {"lr": 1e-3, "weight_decay": 0.1},
    ),
]


def descend(make, device="cpu"):
    """Make five steps down a bowl."""
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0, 3.0], device=device))
    optimizer = make([weight])
    for _ in range(5):
        optimizer.zero_grad()
        (weight**2 @ torch.tensor([1.0, 2.0, 3.0], device=device)).backward()
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize(("config", "kind", "options"), OURS_AND_TORCHS)
def test_each_is_that_of_torch(config, kind, options):
    ours = descend(lambda weights: make_optimizer(config, weights))
    theirs = descend(lambda weights: kind(weights, **options))
    assert torch.equal(ours, theirs)


def test_weights_that_want_no_gradient_are_left_out():
    layer = torch.nn.Linear(2, 2)
    layer.bias.requires_grad_(False)
    (group,) = make_optimizer(OptimConfig(), layer.parameters()).param_groups
    assert len(group["params"]) == 1


@pytest.mark.parametrize("name", ["sgd", "adagrad", "rmsprop", "adam", "adamw"])
def test_weights_may_be_left_alone_by_the_decay(name):
    config = OptimConfig(name=name, lr=0.1, weight_decay=0.5)
    table, matrix, bare = (torch.nn.Parameter(torch.ones(3)) for _ in range(3))
    optimizer = make_optimizer(config, [table, matrix], undecayed=[table])
    alone = make_optimizer(replace(config, weight_decay=0.0), [bare])
    for _ in range(3):
        for weight in (table, matrix, bare):
            weight.grad = torch.tensor([0.1, -0.2, 0.0])
        optimizer.step()
        alone.step()
    assert torch.equal(table, bare)
    assert not torch.equal(matrix, table)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.5, 0.0]


def test_without_a_decay_there_is_one_group():
    weights = [torch.nn.Parameter(torch.ones(1)) for _ in range(2)]
    assert len(make_optimizer(OptimConfig(), weights, undecayed=weights[:1]).param_groups) == 1


@pytest.mark.gpu
@pytest.mark.parametrize(("config", "kind", "options"), OURS_AND_TORCHS)
def test_on_cuda_each_is_that_of_torch(config, kind, options):
    ours = descend(lambda weights: make_optimizer(config, weights), "cuda")
    theirs = descend(lambda weights: kind(weights, **options), "cpu")
    torch.testing.assert_close(ours.cpu(), theirs)


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["sgd", "adagrad"])
def test_on_cuda_sparse_gradients_are_taken(name):
    table = torch.nn.Embedding(5, 3, sparse=True, device="cuda")
    optimizer = make_optimizer(OptimConfig(name=name, lr=0.1), table.parameters())
    before = table.weight.detach().clone()
    table(torch.tensor([0, 2], device="cuda")).sum().backward()
    optimizer.step()
    assert (table.weight != before).any(1).tolist() == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (OptimConfig(name="adamm"), "did you mean 'adam'"),
        (OptimConfig(lr=0.0), "optim.lr 0.0"),
        (OptimConfig(lr=-1.0), "optim.lr -1.0"),
        (OptimConfig(lr=math.nan), "optim.lr nan"),
        (OptimConfig(lr=math.inf), "optim.lr inf"),
        (OptimConfig(weight_decay=-0.1), "optim.weight_decay -0.1"),
        (OptimConfig(l1=math.nan), "optim.l1 nan"),
        (OptimConfig(name="sgd", momentum=-0.1), "optim.momentum -0.1"),
        (OptimConfig(clip=0.0), "optim.clip 0.0"),
        (OptimConfig(clip=math.nan), "optim.clip nan"),
        (OptimConfig(name="adam", momentum=0.9), "adam has none"),
        (OptimConfig(name="sgd", nesterov=True), "nesterov needs"),
        (OptimConfig(name="rmsprop", nesterov=True, momentum=0.9), "nesterov needs"),
    ],
)
def test_what_cannot_be_is_refused(config, message):
    with pytest.raises(ConfigError, match=message):
        make_optimizer(config, [torch.nn.Parameter(torch.ones(1))])


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (OptimConfig(name="sgd"), True),
        (OptimConfig(name="adagrad"), True),
        (OptimConfig(name="adam"), False),
        (OptimConfig(name="sgd", momentum=0.9), False),
        (OptimConfig(name="adagrad", weight_decay=0.1), False),
        (OptimConfig(name="adagrad", l1=0.1), False),
    ],
)
def test_takes_sparse(config, expected):
    assert takes_sparse(config) is expected


def gradients(*, sparse):
    """The same gradients of a table and a layer, the table's rows sparse or dense."""
    torch.manual_seed(0)
    table, layer = torch.nn.Embedding(5, 3, sparse=sparse), torch.nn.Linear(3, 2)
    layer(table(torch.tensor([0, 2, 2, 4]))).square().sum().backward()
    return [table.weight, *layer.parameters()]


@pytest.mark.parametrize("limit", [None, 0.1, 1e6])
@pytest.mark.parametrize("sparse", [False, True])
def test_clipping_is_that_of_torch(limit, sparse):
    ours, theirs = gradients(sparse=sparse), gradients(sparse=False)
    expected = torch.nn.utils.clip_grad_norm_(theirs, math.inf if limit is None else limit)
    assert clip_gradients(ours, limit) == pytest.approx(float(expected), rel=1e-6)
    for our, their in zip(ours, theirs, strict=True):
        grad = our.grad.to_dense() if our.grad.is_sparse else our.grad
        torch.testing.assert_close(grad, their.grad, rtol=1e-5, atol=1e-8)


def test_clipping_by_hand():
    one, other = torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))
    one.grad, other.grad = torch.tensor([3.0]), torch.tensor([-4.0])
    assert clip_gradients([one, other, torch.nn.Parameter(torch.zeros(1))], 2.5) == 5.0
    assert (one.grad.item(), other.grad.item()) == (1.5, -2.0)


def test_clipping_without_gradients():
    assert clip_gradients([torch.nn.Parameter(torch.zeros(1))], 1.0) == 0.0


def test_l1_by_hand():
    weight = torch.nn.Parameter(torch.tensor([2.0, -3.0, 0.0]))
    weight.grad = torch.tensor([1.0, 1.0, 1.0])
    add_l1([weight], 0.5)
    assert weight.grad.tolist() == [1.5, 0.5, 1.0]


def test_l1_is_the_gradient_of_the_penalty():
    weight = torch.nn.Parameter(torch.tensor([2.0, -3.0]))
    weight.grad = torch.zeros(2)
    add_l1([weight], 0.3)
    (penalty,) = torch.autograd.grad(0.3 * weight.abs().sum(), weight)
    assert torch.equal(weight.grad, penalty)
