"""Initialisation schemes: the bounds and shapes that their papers give."""

import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn import SCHEMES, RecurrentStack, initialise


def small() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv1d(10, 20, 3), nn.Linear(20, 30), nn.Embedding(5, 4))


def test_xavier_bounds() -> None:
    conv, linear, _ = network = small()
    initialise(network, "xavier")
    for weight, fan in ((conv.weight, 10 * 3 + 20 * 3), (linear.weight, 20 + 30)):
        bound = (6 / fan) ** 0.5
        assert 0.95 * bound < weight.abs().max() <= bound


def test_kaiming_bounds() -> None:
    conv, linear, _ = network = small()
    initialise(network, "kaiming")
    for weight, fan in ((conv.weight, 10 * 3), (linear.weight, 20)):
        bound = (6 / fan) ** 0.5  # gain of ReLU, sqrt 2, times sqrt 3 of the uniform
        assert 0.95 * bound < weight.abs().max() <= bound


def test_orthogonal_filters() -> None:
    conv, linear, _ = network = small()
    initialise(network, "orthogonal")
    rows = conv.weight.flatten(1)  # (20, 30)
    torch.testing.assert_close(rows @ rows.T, torch.eye(20), atol=1e-5, rtol=0)
    torch.testing.assert_close(linear.weight.T @ linear.weight, torch.eye(20), atol=1e-5, rtol=0)


@pytest.mark.parametrize("scheme", ["xavier", "kaiming", "orthogonal"])
def test_biases_are_zero_and_embeddings_left_alone(scheme: str) -> None:
    conv, linear, embedding = network = small()
    before = embedding.weight.detach().clone()
    initialise(network, scheme)
    assert (conv.bias == 0).all() and (linear.bias == 0).all()
    assert torch.equal(embedding.weight, before)


def test_default_leaves_all_and_an_unknown_scheme_is_refused() -> None:
    network, same = small(), small()
    initialise(network, "default")
    for a, b in zip(network.parameters(), same.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(ConfigError, match="did you mean 'xavier'"):
        initialise(network, "xavyer")
    assert SCHEMES == ("default", "xavier", "kaiming", "orthogonal")


def test_recurrent_layers_inside_a_module_are_reached() -> None:
    stack = RecurrentStack(4, 4, layers=2, bidirectional=True)
    initialise(stack, "orthogonal")
    for layer in (layer for pair in stack.layers for layer in pair):
        gate = layer.parts()[1][:4]
        torch.testing.assert_close(gate @ gate.T, torch.eye(4), atol=1e-5, rtol=0)
