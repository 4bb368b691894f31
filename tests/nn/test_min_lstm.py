"""MinLstmLayer against the equations of the paper, one step after the other."""

import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.nn import initialise
from seqkit.nn.min_lstm import MinLstmLayer


def layer_and_input(time: int) -> tuple[MinLstmLayer, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    layer = MinLstmLayer(5, 7)
    torch.nn.init.normal_(layer.bias)
    return layer, torch.randn(3, time, 5), torch.randn(1, 3, 7)


def by_the_paper(layer: MinLstmLayer, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """Vanilla minLSTM with normalised gates, from left to right, and the g of its appendix."""
    (w_f, w_i, w_h), (b_f, b_i, b_h) = layer.weight.chunk(3), layer.bias.chunk(3)
    outputs = []
    for x_t in x.unbind(1):
        f, i = torch.sigmoid(x_t @ w_f.T + b_f), torch.sigmoid(x_t @ w_i.T + b_i)
        z = x_t @ w_h.T + b_h
        candidate = torch.where(z >= 0, z + 0.5, torch.sigmoid(z))
        h = f / (f + i) * h + i / (f + i) * candidate
        outputs.append(h)
    return torch.stack(outputs, 1)


@pytest.mark.parametrize("time", [1, 5, 40])
def test_the_parallel_form_is_the_sequential_one(time: int) -> None:
    layer, x, start = layer_and_input(time)
    x.requires_grad_()
    results = []
    for h in (layer(x, (start,))[0], by_the_paper(layer, x, start[0])):
        results.append((h, *torch.autograd.grad(h.square().sum(), [x, *layer.parameters()])))
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("window", [1, 7, 13])
def test_the_state_carries_from_window_to_window(window: int) -> None:
    layer, x, start = layer_and_input(20)
    whole, (last,) = layer(x, (start,))
    state, parts = (start,), []
    for part in x.split(window, 1):
        h, state = layer(part, state)
        parts.append(h)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=0)
    torch.testing.assert_close(state[0], last, atol=1e-5, rtol=0)
    assert last.shape == (1, 3, 7) and torch.equal(last[0], whole[:, -1])


def test_no_state_is_a_state_of_zeros() -> None:
    layer, x, _ = layer_and_input(4)
    (zeros,) = layer.zero_state(x)
    assert zeros.shape == (1, 3, 7) and not zeros.any()
    assert torch.equal(layer(x)[0], layer(x, (zeros,))[0])


def test_units_begin_with_memories_of_all_lengths() -> None:
    """Without input, c tokens on, f'^c of what a unit held is left: half, after these many."""
    layer = MinLstmLayer(5, 100)
    start = torch.full((1, 1, 100), 100.0)
    h = layer(torch.zeros(1, 1, 5), (start,))[0]
    forget = (h.flatten() - 0.5) / (100 - 0.5)  # h = f' 100 + (1 - f') g(0)
    half_lives = torch.log(torch.tensor(0.5)) / torch.log(forget)
    assert half_lives.diff().gt(0).all()
    assert half_lives[0] < 0.5 and 30 < half_lives[-1] < 50


def test_gates_of_any_size_stay_finite() -> None:
    layer, x, _ = layer_and_input(10)
    x = (x * 1e4).requires_grad_()  # both gates 0 in float32 here and there
    h, _ = layer(x)
    h.sum().backward()
    assert torch.isfinite(h).all() and torch.isfinite(x.grad).all()


def test_the_window_runs_in_float32_under_autocast() -> None:
    layer, x, start = layer_and_input(20)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        h, (last,) = layer(x, (start,))
    assert h.dtype == last.dtype == torch.float32
    torch.testing.assert_close(h, layer(x, (start,))[0], atol=0.05, rtol=0.05)


@pytest.mark.parametrize("scheme", ["orthogonal", "xavier", "kaiming"])
def test_gates_are_initialised_one_by_one(scheme: str) -> None:
    torch.manual_seed(2)
    layer = MinLstmLayer(6, 6)
    bias = layer.bias.detach().clone()
    torch.nn.init.normal_(layer.bias)
    initialise(layer, scheme)
    for gate in layer.weight.split(6):
        if scheme == "orthogonal":
            torch.testing.assert_close(gate @ gate.T, torch.eye(6), atol=1e-5, rtol=0)
        else:
            bound = (6 / 12) ** 0.5 if scheme == "xavier" else (6 / 6) ** 0.5
            assert 0.7 * bound < gate.abs().max() <= bound
    assert torch.equal(layer.bias, bias)


def test_bad_sizes_fail_at_construction() -> None:
    with pytest.raises(ConfigError, match="minlstm layer of 0 x 3: sizes must be 1 or more"):
        MinLstmLayer(0, 3)
