"""MogrifierLayer against torch.nn.LSTM, and against the equations of the paper by autograd."""

import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn import initialise
from seqkit.nn.mogrifier import MogrifierLayer

State = tuple[torch.Tensor, torch.Tensor]


def inputs(time: int = 6, *, batch: int = 3) -> tuple[torch.Tensor, State]:
    """x (B, T, 5) and a state of 4 units, in float64."""
    rng = torch.Generator().manual_seed(3)
    shapes = ((batch, time, 5), (1, batch, 4), (1, batch, 4))
    x, h, c = (torch.randn(shape, generator=rng, dtype=torch.float64) for shape in shapes)
    return x, (h, c)


def by_the_paper(layer: MogrifierLayer, x: torch.Tensor, state: State) -> tuple:
    """Equations 1 and 2 of Melis et al. (2020), then the LSTM step."""
    h, c = state[0][0], state[1][0]
    matrices = list(layer.gates)
    if layer.rank is not None:
        matrices = [left @ right for left, right in zip(matrices[::2], matrices[1::2], strict=True)]
    outputs = []
    for x_i in x.unbind(1):
        for i, matrix in enumerate(matrices, 1):
            if i % 2:
                x_i = 2 * torch.sigmoid(h @ matrix.T) * x_i
            else:
                h = 2 * torch.sigmoid(x_i @ matrix.T) * h
        sums = x_i @ layer.weight_ih.T + h @ layer.weight_hh.T + layer.bias
        enter, forget, cell, out = sums.chunk(4, 1)
        c = torch.sigmoid(forget) * c + torch.sigmoid(enter) * torch.tanh(cell)
        h = torch.sigmoid(out) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs, 1), (h[None], c[None])


@pytest.mark.parametrize("rounds", range(7))
@pytest.mark.parametrize("rank", [None, 2])
def test_outputs_state_and_gradients_are_those_of_the_equations(
    rounds: int, rank: int | None
) -> None:
    if not rounds:
        rank = None
    torch.manual_seed(1)
    layer = MogrifierLayer(5, 4, rounds=rounds, rank=rank).double()
    x, state = inputs()
    wanted = [x, *state, *layer.parameters()]
    for tensor in wanted:
        tensor.requires_grad_()
    results = []
    for run in (layer, lambda *args: by_the_paper(layer, *args)):
        h, (last, memory) = run(x, state)
        loss = h.square().sum() + (3 * last).sum() + memory.pow(3).sum()
        results.append((h, last, memory, *torch.autograd.grad(loss, wanted)))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_without_rounds_it_is_torch_s_lstm() -> None:
    torch.manual_seed(2)
    layer, reference = MogrifierLayer(5, 4, rounds=0), nn.LSTM(5, 4, batch_first=True)
    with torch.no_grad():
        reference.weight_ih_l0.copy_(layer.weight_ih)
        reference.weight_hh_l0.copy_(layer.weight_hh)
        reference.bias_ih_l0.copy_(layer.bias)
        reference.bias_hh_l0.zero_()
    x, state = inputs(30)
    x, state = x.float(), (state[0].float(), state[1].float())
    h, last = layer(x, state)
    expected, expected_last = reference(x, state)
    torch.testing.assert_close(h, expected, atol=1e-5, rtol=0)
    for ours, theirs in zip(last, expected_last, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_the_state_carries_from_window_to_window() -> None:
    layer = MogrifierLayer(5, 4).double()
    x, state = inputs(11)
    whole, last = layer(x, state)
    parts = []
    for part in x.split(3, 1):
        h, state = layer(part, state)
        parts.append(h)
    torch.testing.assert_close(torch.cat(parts, 1), whole)
    for ours, theirs in zip(state, last, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_no_state_is_a_state_of_zeros() -> None:
    layer = MogrifierLayer(5, 4).double()
    x, _ = inputs()
    assert torch.equal(layer(x)[0], layer(x, layer.zero_state(x))[0])
    assert [tuple(part.shape) for part in layer.zero_state(x)] == [(1, 3, 4)] * 2


def test_weight_drop_is_one_mask_a_window_of_the_recurrent_matrix() -> None:
    torch.manual_seed(4)
    layer = MogrifierLayer(5, 4, weight_dropout=0.5).double()
    x, state = inputs()
    layer(x, state)[0].sum().backward()
    dropped = layer.weight_hh.grad == 0
    assert 0.2 < dropped.double().mean() < 0.8
    assert all((part.grad != 0).all() for part in (layer.weight_ih, layer.bias, *layer.gates))

    torch.manual_seed(5)
    h, _ = layer(x, state)
    torch.manual_seed(5)
    mask = torch.empty_like(layer.weight_hh).bernoulli_(0.5) * 2
    plain = MogrifierLayer(5, 4).double()
    plain.load_state_dict(layer.state_dict())
    with torch.no_grad():
        plain.weight_hh.mul_(mask)
    torch.testing.assert_close(h, plain(x, state)[0])
    assert torch.equal(layer.eval()(x, state)[0], layer(x, state)[0])


@pytest.mark.parametrize("rank", [None, 3])
def test_autocast_keeps_the_cell_in_float32(rank: int | None) -> None:
    torch.manual_seed(6)
    layer = MogrifierLayer(5, 4, rank=rank)
    x, (h, c) = inputs(40)
    x, state = x.float(), (h.float(), c.float())
    expected, _ = layer(x, state)
    exact = torch.autograd.grad(expected.square().sum(), list(layer.parameters()))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs, (last, memory) = layer(x.bfloat16(), state)
        loss = outputs.float().square().sum()
    assert (outputs.dtype, last.dtype, memory.dtype) == (*[torch.bfloat16] * 2, torch.float32)
    torch.testing.assert_close(outputs.float(), expected, atol=0.03, rtol=0)
    for ours, theirs in zip(
        torch.autograd.grad(loss, list(layer.parameters())), exact, strict=True
    ):
        assert ours.dtype == torch.float32
        assert (ours - theirs).norm() < 0.05 * theirs.norm()


@pytest.mark.parametrize("scheme", ["orthogonal", "xavier", "kaiming"])
def test_gates_are_initialised_one_by_one(scheme: str) -> None:
    torch.manual_seed(7)
    layer = MogrifierLayer(6, 6, rounds=3)
    initialise(layer, scheme)
    for gate in (*layer.weight_ih.split(6), *layer.weight_hh.split(6), *layer.gates):
        if scheme == "orthogonal":
            torch.testing.assert_close(gate @ gate.T, torch.eye(6), atol=1e-5, rtol=0)
        else:
            bound = (6 / 12) ** 0.5 if scheme == "xavier" else (6 / 6) ** 0.5
            assert 0.7 * bound < gate.abs().max() <= bound
    assert layer.bias.tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12


def test_a_rank_saves_weights() -> None:
    whole = MogrifierLayer(30, 20, rounds=5)
    low = MogrifierLayer(30, 20, rounds=5, rank=4)
    assert sum(map(torch.numel, whole.gates)) == 5 * 30 * 20
    assert sum(map(torch.numel, low.gates)) == 5 * 4 * (30 + 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounds": -1}, "rounds -1: must be 0 or more"),
        ({"rank": 0}, "rank 0: must lie between 1 and 3"),
        ({"rank": 4}, r"rank 4: .* between 1 and 3, the smaller size of the layer \(5 x 3\)"),
        ({"rounds": 0, "rank": 2}, "rank 2: 0 rounds have no matrices"),
        ({"weight_dropout": 1.0}, r"weight dropout 1.0: .*\[0, 1\)"),
    ],
)
def test_bad_options_fail_at_construction(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MogrifierLayer(5, 3, **options)


def test_bad_sizes_fail_at_construction() -> None:
    with pytest.raises(ConfigError, match="sizes must be 1 or more"):
        MogrifierLayer(5, 0)
