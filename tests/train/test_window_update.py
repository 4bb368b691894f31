"""An update on a window, against the same written out by hand."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqkit.errors import ConfigError, SeqkitError
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.activation import activation_penalty
from seqkit.nn.softmax import FullSoftmax
from seqkit.nn.state import detach
from seqkit.train.optim import OptimConfig
from seqkit.train.window_update import Carried, WindowUpdater

V, B, T = 19, 3, 6
CPU = torch.device("cpu")
DRY = {"input_dropout": 0.0, "hidden_dropout": 0.0, "output_dropout": 0.0}


def make(**options):
    torch.manual_seed(1)
    config = RecurrentLmConfig(**{"dim": 8, "hidden": (6, 8), **DRY, **options})
    return RecurrentLm(config, vocabulary=V)


def updater(network, *, lr=0.5, optim=None, **options):
    config = optim or OptimConfig(name="sgd", lr=lr, clip=None)
    optimizer = torch.optim.SGD(network.parameters(), lr)
    return WindowUpdater(network, optimizer, config=config, device=CPU, **options)


def window(time=T, *, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(V, (B, time), generator=generator), torch.randint(
        V, (B, time), generator=generator
    )


def by_hand(network, inputs, targets, state, *, lr, clip=None, alpha=0.0, beta=0.0, keep=None):
    """One step of SGD; returns the summed loss, the norm and the state after."""
    keep = torch.ones_like(targets, dtype=torch.bool) if keep is None else keep
    hidden, after = network.train()(inputs, state)
    logits = functional.linear(hidden.top, network.output.weight, network.output.bias)
    nats = functional.cross_entropy(logits[keep], targets[keep], reduction="sum")
    loss = nats / int(keep.sum())
    loss = loss + activation_penalty(hidden.top, hidden.raw, alpha=alpha, beta=beta)
    network.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), math.inf if clip is None else clip)
    with torch.no_grad():
        for weight in network.parameters():
            weight.sub_(lr * weight.grad)
    return nats.detach(), norm, detach(after)


def same_weights(one, other):
    for (name, got), wanted in zip(one.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-4, msg=lambda m, n=name: n + m)


@pytest.mark.parametrize("cell", ["lstm", "minlstm", "mogrifier"])
@pytest.mark.parametrize("clip", [None, 0.05, 100.0])
@pytest.mark.parametrize("penalties", [{}, {"alpha": 2.0, "beta": 1.0}])
def test_three_windows_are_those_of_a_loop_by_hand(cell, clip, penalties):
    network, other = make(cell=cell), make(cell=cell)
    config = OptimConfig(name="sgd", lr=0.5, clip=clip)
    step = updater(network, optim=config, **penalties)
    state = expected_state = network.start(B)
    for seed in (2, 3, 4):
        inputs, targets = window(seed=seed)
        update = step.update(inputs, targets, state)
        nats, norm, expected_state = by_hand(
            other, inputs, targets, expected_state, lr=0.5, clip=clip, **penalties
        )
        torch.testing.assert_close(update.nats, nats, atol=1e-4, rtol=1e-5)
        torch.testing.assert_close(update.norm, norm, atol=1e-5, rtol=1e-4)
        assert update.tokens == B * T
        assert not any(p.requires_grad for layer in update.state for p in layer)
        assert not (update.nats.requires_grad or update.norm.requires_grad)
        state = update.state
        same_weights(network, other)
    for part, its_like in zip(sum(state, ()), sum(expected_state, ()), strict=True):
        torch.testing.assert_close(part, its_like, atol=1e-5, rtol=0)


def test_what_is_not_kept_does_not_count():
    network, other = make(), make()
    inputs, targets = window()
    keep = torch.arange(T) < torch.tensor([6, 2, 4])[:, None]
    update = updater(network).update(inputs, targets, network.start(B), keep)
    nats, _, _ = by_hand(other, inputs, targets, other.start(B), lr=0.5, keep=keep)
    assert update.tokens == 12
    torch.testing.assert_close(update.nats, nats)
    same_weights(network, other)

    third, scrambled = make(), targets.masked_fill(~keep, 1)
    again = updater(third).update(inputs, scrambled, third.start(B), keep)
    assert torch.equal(again.nats, update.nats)
    assert all(map(torch.equal, third.parameters(), network.parameters()))


def test_a_step_does_not_grow_with_the_window():
    """The mean over the tokens is followed, so twice the same window is one step of it."""
    network, other = make(cell="tanh"), make(cell="tanh")
    inputs, targets = window()
    updater(network).update(inputs, targets, network.start(B))
    updater(other).update(inputs.repeat(2, 1), targets.repeat(2, 1), other.start(2 * B))
    same_weights(network, other)


def test_the_l1_penalty_is_part_of_the_gradient():
    network, other = make(), make()
    inputs, targets = window()
    config = OptimConfig(name="sgd", lr=0.5, clip=None, l1=0.1)
    updater(network, optim=config).update(inputs, targets, network.start(B))
    signs = [0.1 * weight.detach().sign() for weight in other.parameters()]
    by_hand(other, inputs, targets, other.start(B), lr=0.5)
    with torch.no_grad():
        for weight, sign in zip(other.parameters(), signs, strict=True):
            weight.sub_(0.5 * sign)
    same_weights(network, other)


def test_a_network_in_evaluation_is_trained_with_its_dropouts():
    network = make(output_dropout=0.5).eval()
    step, (inputs, targets) = updater(network, lr=1e-9), window()
    losses = {step.update(inputs, targets, network.start(B)).nats.item() for _ in range(4)}
    assert len(losses) == 4 and network.training


def test_bf16_on_the_cpu_stays_near_and_keeps_weights_and_state_in_float32():
    network, other = make(dim=32, hidden=(32,)), make(dim=32, hidden=(32,))
    inputs, targets = window(40)
    update = updater(network, precision="bf16").update(inputs, targets, network.start(B))
    expected = updater(other).update(inputs, targets, other.start(B))
    torch.testing.assert_close(update.nats, expected.nats, atol=0, rtol=1e-2)
    torch.testing.assert_close(update.norm, expected.norm, atol=0, rtol=3e-2)
    tensors = [*network.parameters(), *sum(update.state, ()), update.nats, update.norm]
    assert {tensor.dtype for tensor in tensors} == {torch.float32}


def test_fitting_one_window_reaches_a_loss_near_nothing():
    network, (inputs, targets) = make(dim=32, hidden=(32,)), window()
    optimizer = torch.optim.Adam(network.parameters(), 0.02)
    step = WindowUpdater(network, optimizer, config=OptimConfig(clip=1.0), device=CPU)
    losses = [step.update(inputs, targets, network.start(B)).nats.item() for _ in range(120)]
    assert losses[0] == pytest.approx(B * T * math.log(V), rel=0.1)
    assert losses[-1] < 0.05 * losses[0]


def test_the_end_of_memory_is_said_in_one_line(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate ...")

    monkeypatch.setattr(FullSoftmax, "loss", full)
    network = make()
    with pytest.raises(SeqkitError, match=r"out of memory on cpu, with 3 streams in windows of 6"):
        updater(network).update(*window(), network.start(B))


@pytest.mark.parametrize("name", ["alpha", "beta"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_penalties_out_of_range(name, value):
    with pytest.raises(ConfigError, match=f"regularise.{name} {value}: must be 0 or more"):
        updater(make(), **{name: value})


def test_graphs_are_refused_where_they_cannot_be():
    with pytest.raises(ConfigError, match="--cuda-graphs on cpu: they are for GPUs"):
        updater(make(), graphs=True)
    network = make(tied=False, output="adaptive", cutoffs=(6,))
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    with pytest.raises(ConfigError, match="--cuda-graphs with an adaptive softmax"):
        WindowUpdater(
            network, optimizer, config=OptimConfig(), device=torch.device("cuda"), graphs=True
        )


def test_what_a_checkpoint_holds_is_enough_to_go_on(tmp_path):
    network = make()
    step, carried = updater(network), Carried(network.start(B))
    carried.state = step.update(*window(), carried.state).state
    torch.save({"step": step.state_dict(), "carried": carried.state_dict()}, tmp_path / "c")
    saved = torch.load(tmp_path / "c", weights_only=True)

    again, back = updater(make()), Carried(network.start(B))
    again.load_state_dict(saved["step"])
    back.load_state_dict(saved["carried"])
    again.network.load_state_dict(network.state_dict())
    one = step.update(*window(seed=5), carried.state)
    other = again.update(*window(seed=5), back.state)
    assert torch.equal(one.nats, other.nats)
    assert all(map(torch.equal, sum(one.state, ()), sum(other.state, ())))
