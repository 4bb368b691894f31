"""Gradient by lag: worked out by hand for one unit, and against differences for whole networks."""

from typing import NamedTuple

import pytest
import torch
from torch import nn

from seqkit.nn import RecurrentLayer
from seqkit.train.lags import gradient_by_lag


class Hidden(NamedTuple):
    """What a network returns beside its state."""

    top: torch.Tensor
    raw: torch.Tensor
    layers: list[torch.Tensor]


class Sum(nn.Module):
    """A loss whose gradient is 1."""

    def loss(self, h, gold):
        return h.sum()


class CrossEntropy(nn.Linear):
    """A full softmax."""

    def loss(self, h, gold):
        return nn.functional.cross_entropy(self(h), gold, reduction="sum")


class Linear(nn.Module):
    """The recurrence h_t = w h_{t-1} + x_t."""

    def __init__(self, weight, size=1):
        super().__init__()
        self.weight, self.hidden = nn.Parameter(torch.tensor(weight)), size

    def forward(self, x, state):
        h = state[0][0]
        outputs = []
        for column in x.unbind(1):
            h = self.weight * h + column
            outputs.append(h)
        return torch.stack(outputs, 1), (h[None],)


class Network(nn.Module):
    """Layers one above the other with the interface of the recurrent language model."""

    def __init__(self, layers, output, *, size, vocabulary=7, dropout=0.5):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.layers, self.output = nn.ModuleList(layers), output
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, state):
        h, outputs, after = self.embedding(ids), [], []
        for layer, before in zip(self.layers, state, strict=True):
            h, last = layer(self.dropout(h), before)
            outputs.append(h)
            after.append(last)
        return Hidden(self.dropout(h), h, outputs), tuple(after)

    def start(self, count):
        x = self.embedding.weight.new_zeros(count, 1, 1)
        return tuple(layer.zero_state(x) for layer in self.layers)


def stack(cells, *, hidden=4, dtype=torch.float32):
    """A network of recurrent layers and its start, seeded."""
    torch.manual_seed(0)
    layers = [RecurrentLayer(hidden, hidden, cell=cell) for cell in cells]
    return Network(layers, CrossEntropy(hidden, 7), size=hidden).to(dtype)


@pytest.mark.parametrize("weight", [0.5, 1.0, -1.5])
def test_a_linear_recurrence_by_hand(weight):
    network = Network([Linear(weight)], Sum(), size=1)
    state = ((torch.zeros(1, 3, 1),),)
    ids = torch.zeros(3, 6, dtype=torch.int64)
    (norms,) = gradient_by_lag(network, ids, ids, state)
    assert norms == pytest.approx([abs(weight) ** k for k in range(7)])


def test_a_tanh_unit_by_hand():
    network = stack(["tanh"], hidden=1)
    network.output = Sum()
    w_ih, w_hh, b_ih, b_hh = (p.detach().flatten() for p in network.layers[0].parts())
    ids = torch.tensor([[1, 5, 2, 6, 3]])
    h, slopes = torch.tensor([0.3]), []
    state = ((h.view(1, 1, 1),),)
    for x in network.embedding.weight.detach()[ids[0]]:
        h = torch.tanh(w_ih * x + b_ih + w_hh * h + b_hh)
        slopes.append((w_hh * (1 - h**2)).abs().item())
    expected = [1.0]
    for slope in reversed(slopes):
        expected.append(expected[-1] * slope)
    assert gradient_by_lag(network, ids, ids, state)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("cells", [["lstm"], ["gru", "tanh"], ["tanh", "lstm", "gru"]])
def test_it_is_the_gradient_by_differences(cells):
    """Run to T - k, nudge each number of the state, run on: the loss moves as the norm says."""
    network = stack(cells, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(7, (2, 5), generator=generator)
    targets = torch.randint(7, (2, 5), generator=generator)
    found = gradient_by_lag(network, ids, targets, network.start(2))
    network.eval()

    def loss(tail, state, row):
        top = network(ids[row : row + 1, tail:], state)[0].top
        return network.output.loss(top[:, -1], targets[row : row + 1, -1])

    with torch.no_grad():
        for lag in (1, 3, 5):
            state = network.start(2)
            if lag < 5:
                state = network(ids[:, : 5 - lag], state)[1]
            for layer in range(len(cells)):
                norms = []
                for row in range(2):
                    own = [[part[:, row : row + 1].clone() for part in s] for s in state]
                    squares = 0.0
                    for part in own[layer]:
                        for unit in range(4):
                            part[..., unit] += 1e-5
                            above = loss(5 - lag, own, row)
                            part[..., unit] -= 2e-5
                            slope = (above - loss(5 - lag, own, row)) / 2e-5
                            part[..., unit] += 1e-5
                            squares += float(slope) ** 2
                    norms.append(squares**0.5)
                assert found[layer][lag] == pytest.approx(sum(norms) / 2, rel=1e-4)


def test_at_lag_0_only_the_last_layer_counts():
    network = stack(["lstm", "lstm"])
    ids = torch.ones(1, 3, dtype=torch.int64)
    first, last = gradient_by_lag(network, ids, ids, network.start(1))
    assert first[0] == 0.0 < last[0]
    hidden, _ = network.eval()(ids, network.start(1))
    (slope,) = torch.autograd.grad(network.output.loss(hidden.top[:, -1], ids[:, -1]), hidden.raw)
    assert last[0] == pytest.approx(slope[:, -1].norm().item(), rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_left_changed(training):
    network = stack(["lstm", "gru"]).train(training)
    ids, state = torch.ones(2, 4, dtype=torch.int64), network.start(2)
    for weight in network.parameters():
        weight.grad = torch.ones_like(weight)
    generator = torch.get_rng_state()
    with torch.no_grad():
        first = gradient_by_lag(network, ids, ids, state)
    assert [len(norms) for norms in first] == [5, 5]
    assert first == gradient_by_lag(network, ids, ids, state)  # nothing random
    assert network.training is training and network.dropout.training is training
    assert all((weight.grad == 1).all() for weight in network.parameters())
    assert not any(part.requires_grad for layer in state for part in layer)
    assert torch.equal(generator, torch.get_rng_state())
    assert torch.backends.cudnn.enabled


def test_frozen_weights_let_the_gradient_through():
    network = stack(["lstm"])
    ids = torch.ones(1, 4, dtype=torch.int64)
    expected = gradient_by_lag(network, ids, ids, network.start(1))
    network.requires_grad_(False)
    assert gradient_by_lag(network, ids, ids, network.start(1)) == expected


def test_a_state_from_inference_mode_is_taken():
    network = stack(["lstm"])
    ids = torch.ones(1, 4, dtype=torch.int64)
    with torch.inference_mode():
        state = network.start(1)
    assert gradient_by_lag(network, ids, ids, state)[0][0] > 0


@pytest.mark.gpu
def test_on_cuda_it_is_the_same():
    network = stack(["lstm", "gru"])
    ids = torch.arange(12).reshape(2, 6) % 7
    expected = gradient_by_lag(network, ids, ids, network.start(2))
    network.cuda()
    found = gradient_by_lag(network, ids.cuda(), ids.cuda(), network.start(2))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)
