"""Activations against a network that is worked by hand, correlations against NumPy's."""

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.models.units import Track, correlations, read_units, strongest

V = 10


class Hidden(NamedTuple):
    top: torch.Tensor
    raw: torch.Tensor
    layers: list[torch.Tensor]


class Uneven(nn.Module):
    """Gives id i the probability (i + 1) / 55 whatever came before."""

    def score(self, h, gold):
        return torch.log((gold + 1) / 55)


class Counter(nn.Module):
    """Layer 0: the sum of the ids so far, and the last one. Layer 1: how many were read."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, 1)
        self.output = Uneven()
        self.vocabulary = V
        self.windows = []

    def start(self, count):
        return ((torch.zeros(1, count, 2),), (torch.zeros(1, count, 1),))

    def forward(self, ids, state):
        self.windows.append(ids.shape[1])
        (low,), (high,) = state
        total = low[0, :, :1] + ids.cumsum(1)
        read = high[0] + torch.arange(1, ids.shape[1] + 1.0)
        layers = [torch.stack([total, ids.float()], -1), read[..., None]]
        last = tuple((layer[None, :, -1],) for layer in layers)
        return Hidden(layers[1], layers[1], layers), last


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5, 256])
def test_the_state_goes_on_over_windows(window):
    network = Counter().train()
    reading = read_units(network, [[5, 1, 4, 2]], first=2, window=window)
    assert reading.layers[0].tolist() == [[7, 5], [8, 1], [12, 4], [14, 2]]  # 2 stands before
    assert reading.layers[1].tolist() == [[2], [3], [4], [5]]
    expected = [math.log((id + 1) / 55) for id in (5, 1, 4, 2)]
    assert reading.log_probs.tolist() == pytest.approx(expected)
    assert max(network.windows) <= window
    assert network.training


def test_each_sequence_starts_anew():
    reading = read_units(Counter(), [[5, 1], [7]], first=1)
    assert reading.layers[0][:, 0].tolist() == [6, 7, 8]
    assert reading.layers[1].ravel().tolist() == [2, 3, 2]
    assert reading.log_probs.shape == (3,)


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="window 0"):
        read_units(Counter(), [[5]], first=1, window=0)


def test_correlations_are_those_of_numpy():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(3, 40)).astype(np.float32)
    units = (rng.normal(size=(40, 5)) + 100).astype(np.float32)
    units[:, 2] = -3 * features[1] + 7
    found = correlations(features, units)
    assert found == pytest.approx(np.corrcoef(features, units.T)[:3, 3:], abs=1e-6)
    assert found[1, 2] == pytest.approx(-1)


def test_what_does_not_vary_has_no_correlation():
    features = np.array([[1, 1, 1], [0, 1, 2]], np.float32)
    units = np.array([[0.1, 3], [0.1, 1], [0.1, 2]], np.float32)
    assert correlations(features, units).tolist() == [[0, 0], [0, pytest.approx(-0.5)]]
    assert correlations(np.zeros((2, 0)), np.zeros((0, 3))).tolist() == [[0, 0, 0]] * 2


def test_the_strongest_come_first_of_all_layers():
    feature = np.array([[0, 1, 0, 1]], np.float32)
    low = np.array([[1, 5], [0, 5], [1, 5], [0, 5]], np.float32)  # r = -1, none
    high = np.array([[0, 0], [1, 1], [0, 0], [0, 1]], np.float32)  # r = 0.577, 1
    assert strongest(feature, [low, high], count=3) == [
        [
            Track(0, 0, pytest.approx(-1)),
            Track(1, 1, pytest.approx(1)),
            Track(1, 0, pytest.approx(1 / math.sqrt(3))),
        ]
    ]
    assert strongest(np.ones((1, 4)), [low], count=3) == [[]]
