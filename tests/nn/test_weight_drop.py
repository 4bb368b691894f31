"""Weight drop on RecurrentLayer: what it computes over windows, and what it costs."""

import time
import warnings

import pytest
import torch
from torch import nn

from seqkit.nn import CELLS, RecurrentLayer

TORCH = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
HIDDEN, BATCH, WINDOW = 200, 20, 35  # ptb-small's


@pytest.mark.parametrize("rate", [0.0, 0.5])
@pytest.mark.parametrize("cell", CELLS)
def test_windows_with_the_state_passed_in_are_torch_s(cell: str, rate: float) -> None:
    """Each window of a pass with weight drop is torch's module with that window's masked matrix."""
    torch.manual_seed(1)
    layer = RecurrentLayer(5, 7, cell=cell, weight_dropout=rate)
    reference = TORCH[cell](5, 7, batch_first=True)
    x = torch.randn(3, 20, 5)
    state = tuple(torch.randn_like(part) for part in layer.zero_state(x))
    expected_state = state if cell == "lstm" else state[0]
    for seed, window in enumerate(x.split(6, 1)):
        with torch.no_grad():
            for name, part in zip(NAMES, layer.parts(), strict=True):
                getattr(reference, name).copy_(part)
            if rate:
                torch.manual_seed(seed)
                reference.weight_hh_l0.mul_(
                    torch.empty(layer.parts()[1].numel())
                    .bernoulli_(1 - rate)
                    .view_as(reference.weight_hh_l0)
                    / (1 - rate)
                )
        torch.manual_seed(seed)
        h, state = layer(window, state)
        expected, expected_state = reference(window, expected_state)
        torch.testing.assert_close(h, expected, atol=1e-5, rtol=0)
    last = expected_state if cell == "lstm" else (expected_state,)
    for ours, theirs in zip(state, last, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def step_seconds(device: str, *, repeats: int) -> list[float]:
    """Median seconds of a training step of two LSTM layers, without and with weight drop."""
    torch.manual_seed(2)
    x = torch.randn(BATCH, WINDOW, HIDDEN, device=device)
    steps = []
    for rate in (0.0, 0.5):
        layers = nn.ModuleList(
            RecurrentLayer(HIDDEN, HIDDEN, weight_dropout=rate) for _ in range(2)
        ).to(device)
        output = nn.Linear(HIDDEN, 1000, device=device)
        weights = [*layers.parameters(), *output.parameters()]
        steps.append((layers, output, torch.optim.SGD(weights, 0.1)))
    taken: list[list[float]] = [[], []]
    for repeat in range(repeats + 3):
        for number, (layers, output, optimiser) in enumerate(steps):
            if device == "cuda":
                torch.cuda.synchronize()
            began = time.perf_counter()
            h = x
            for layer in layers:
                h, _ = layer(h)
            output(h).square().mean().backward()
            optimiser.step()
            optimiser.zero_grad()
            if device == "cuda":
                torch.cuda.synchronize()
            if repeat >= 3:  # the first ones warm up
                taken[number].append(time.perf_counter() - began)
    return [sorted(seconds)[repeats // 2] for seconds in taken]


def check_cost(device: str, *, repeats: int) -> None:
    measured = []
    for _ in range(3):  # a busy machine is no fault of the code
        without, dropped = step_seconds(device, repeats=repeats)
        measured.append(dropped / without)
        if measured[-1] <= 1.15:
            return
    pytest.fail(f"a step with weight drop takes {measured} times one without it")


@pytest.mark.slow
def test_a_step_with_weight_drop_costs_little_more() -> None:
    check_cost("cpu", repeats=31)


@pytest.mark.gpu
def test_a_step_with_weight_drop_costs_little_more_on_a_gpu() -> None:
    check_cost("cuda", repeats=101)


@pytest.mark.gpu
@pytest.mark.parametrize("cell", CELLS)
def test_cudnn_finds_the_weights_in_one_chunk(cell: str) -> None:
    layer = RecurrentLayer(8, 16, cell=cell, weight_dropout=0.5).cuda()
    x = torch.randn(4, 10, 8, device="cuda")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*contiguous chunk")
        layer(x)[0].sum().backward()
        layer.eval()(x)


@pytest.mark.gpu
def test_cudnn_says_so_where_they_are_not() -> None:
    layer = RecurrentLayer(8, 16).cuda()
    x = torch.randn(4, 10, 8, device="cuda")
    apart = [part.clone() for part in layer.parts()]
    with pytest.warns(UserWarning, match="contiguous chunk"):
        torch.lstm(x, layer.zero_state(x), apart, True, 1, 0.0, True, False, True)
