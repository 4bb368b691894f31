"""RecurrentLayer and RecurrentStack against torch's own modules."""

import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.nn import CELLS, RecurrentLayer, RecurrentStack, initialise

TORCH = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
NAMES = ("weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l")


def copy_into(reference: nn.RNNBase, layer: RecurrentLayer, suffix: str) -> None:
    with torch.no_grad():
        for name, part in zip(NAMES, layer.parts(), strict=True):
            getattr(reference, f"{name}{suffix}").copy_(part)


@pytest.mark.parametrize("cell", CELLS)
def test_one_layer_is_torch_s_own_forward_and_gradient(cell: str) -> None:
    torch.manual_seed(1)
    layer = RecurrentLayer(5, 7, cell=cell)
    reference = TORCH[cell](5, 7, batch_first=True)
    copy_into(reference, layer, "0")
    x = torch.randn(3, 6, 5, requires_grad=True)
    start = layer.zero_state(x)
    start = tuple(torch.randn_like(part) for part in start)

    h, state = layer(x, start)
    h.square().sum().backward()
    ours, x.grad = x.grad, None
    expected, last = reference(x, start if cell == "lstm" else start[0])
    expected.square().sum().backward()

    assert torch.equal(h, expected)
    assert all(
        torch.equal(a, b) for a, b in zip(state, last if cell == "lstm" else [last], strict=True)
    )
    torch.testing.assert_close(ours, x.grad)
    for name, gradient in zip(NAMES, layer.parts(layer.weights.grad), strict=True):
        torch.testing.assert_close(gradient, getattr(reference, f"{name}0").grad)


def test_an_lstm_step_by_hand() -> None:
    layer = RecurrentLayer(1, 1, cell="lstm")
    with torch.no_grad():  # i, f, g, o from x; nothing from h; bias of the output gate 1
        layer.weights.copy_(torch.tensor([1.0, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]))
    x = torch.tensor(0.5)
    cell = torch.sigmoid(1 * x) * torch.tanh(3 * x)
    h, (last, memory) = layer(x.view(1, 1, 1))
    torch.testing.assert_close(memory.squeeze(), cell)
    torch.testing.assert_close(h.squeeze(), torch.sigmoid(4 * x + 1) * torch.tanh(cell))
    assert torch.equal(last.squeeze(), h.squeeze())


@pytest.mark.parametrize("cell", CELLS)
def test_the_state_carries_from_window_to_window(cell: str) -> None:
    torch.manual_seed(2)
    layer = RecurrentLayer(4, 6, cell=cell)
    x = torch.randn(2, 10, 4)
    whole, last = layer(x)
    state, windows = None, []
    for window in x.split(3, dim=1):
        h, state = layer(window, state)
        windows.append(h)
    torch.testing.assert_close(torch.cat(windows, 1), whole)
    for a, b in zip(state, last, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("count", [1, 2, 16, 17, 64])
def test_a_step_of_generation_is_a_step(cell: str, count: int) -> None:
    torch.manual_seed(11)
    layer = RecurrentLayer(4, 6, cell=cell).eval()
    x = torch.randn(count, 5, 4)
    expected, last = layer(x)
    state, steps = layer.zero_state(x), []
    with torch.no_grad():
        for column in x.split(1, 1):
            h, state = layer(column, state)
            steps.append(h)
    torch.testing.assert_close(torch.cat(steps, 1), expected, atol=1e-6, rtol=0)
    for part, its_like in zip(state, last, strict=True):
        torch.testing.assert_close(part, its_like, atol=1e-6, rtol=0)


def test_the_short_way_is_for_steps_of_few_sequences_without_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer, taken = RecurrentLayer(4, 6), []
    step = torch.lstm_cell
    monkeypatch.setattr(torch, "lstm_cell", lambda *args: taken.append(1) or step(*args))

    def goes(count: int, *, time: int = 1, state: bool = True, grad: bool = False) -> bool:
        taken.clear()
        x = torch.randn(count, time, 4)
        with torch.set_grad_enabled(grad):
            layer(x, layer.zero_state(x) if state else None)
        return bool(taken)

    assert not goes(1)  # in training
    layer.eval()
    assert goes(1) and goes(16)
    assert not (goes(17) or goes(1, time=2) or goes(1, state=False) or goes(1, grad=True))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_stack_is_torch_s_own_on_packed_sequences(
    cell: str, layers: int, bidirectional: bool
) -> None:
    torch.manual_seed(3)
    stack = RecurrentStack(4, 5, layers=layers, cell=cell, bidirectional=bidirectional)
    reference = TORCH[cell](4, 5, layers, batch_first=True, bidirectional=bidirectional)
    for depth, directions in enumerate(stack.layers):
        for direction, layer in enumerate(directions):
            copy_into(reference, layer, f"{depth}{'_reverse' if direction else ''}")
    lengths = torch.tensor([6, 1, 3, 6, 2])
    x = torch.randn(5, 6, 4)

    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(reference(packed)[0], batch_first=True)
    h = stack(x, lengths)
    assert h.shape[2] == stack.output_size
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(h[row, :length], expected[row, :length])


def test_padding_changes_nothing_within_the_lengths() -> None:
    torch.manual_seed(4)
    stack = RecurrentStack(4, 5, layers=2, bidirectional=True, layer_norm=True)
    lengths = torch.tensor([3, 0, 2])
    x = torch.randn(3, 3, 4)
    other = torch.cat([x, torch.full((3, 4, 4), 1e3)], 1)
    other[2, 2] = -1e3
    short, long = stack(x, lengths), stack(other, lengths)
    torch.testing.assert_close(short[0, :3], long[0, :3])
    torch.testing.assert_close(short[2, :2], long[2, :2])
    assert torch.isfinite(long).all()


def test_layer_norm_normalises_each_position() -> None:
    torch.manual_seed(5)
    h = RecurrentStack(4, 8, layer_norm=True)(torch.randn(2, 3, 4), torch.tensor([3, 3]))
    torch.testing.assert_close(h.mean(-1), torch.zeros(2, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(h.var(-1, correction=0), torch.ones(2, 3), atol=1e-2, rtol=0)


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_are_views_of_one_tensor(cell: str) -> None:
    layer = RecurrentLayer(3, 4, cell=cell)
    parts = layer.parts()
    assert [tuple(part.shape) for part in parts] == [tuple(shape) for shape in layer.shapes]
    assert sum(part.numel() for part in parts) == layer.weights.numel()
    assert {part.untyped_storage().data_ptr() for part in parts} == {layer.weights.data_ptr()}
    assert [name for name, _ in layer.named_parameters()] == ["weights"]
    assert layer.weights.abs().max() <= 4**-0.5


def seen_weights(layer: RecurrentLayer, monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The weights that a forward pass of an LSTM layer hands to torch."""
    seen = []
    run = torch.lstm

    def spy(x: torch.Tensor, state: tuple, weights: list[torch.Tensor], *rest: object) -> tuple:
        seen.extend(weights)
        return run(x, state, weights, *rest)

    monkeypatch.setattr(torch, "lstm", spy)
    layer(torch.randn(2, 3, layer.input_size))
    monkeypatch.undo()
    return seen


def test_weight_drop_masks_the_recurrent_matrix_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(6)
    layer = RecurrentLayer(30, 40, weight_dropout=0.25)
    before = layer.weights.detach().clone()
    w_ih, w_hh, b_ih, b_hh = layer.parts()
    seen = seen_weights(layer, monkeypatch)
    for own, used in ((w_ih, seen[0]), (b_ih, seen[2]), (b_hh, seen[3])):
        assert torch.equal(own, used)
    kept = seen[1] != 0
    torch.testing.assert_close(seen[1][kept], (w_hh / 0.75)[kept])  # expectation is kept
    assert abs(kept.float().mean().item() - 0.75) < 0.02
    assert len({part.untyped_storage().data_ptr() for part in seen}) == 1  # still one flat tensor
    assert torch.equal(layer.weights, before)
    again = seen_weights(layer, monkeypatch)
    assert not torch.equal(again[1], seen[1])  # a new mask each pass

    layer.eval()
    assert all(
        torch.equal(a, b)
        for a, b in zip(seen_weights(layer, monkeypatch), layer.parts(), strict=True)
    )


def test_dropped_recurrent_weights_get_no_gradient() -> None:
    torch.manual_seed(7)
    layer = RecurrentLayer(3, 20, cell="gru", weight_dropout=0.5)
    layer(torch.randn(2, 6, 3))[0].sum().backward()
    gradients = layer.parts(layer.weights.grad)
    assert 0.4 < (gradients[1] == 0).float().mean() < 0.6
    assert all((gradients[i] != 0).all() for i in (0, 2, 3))


@pytest.mark.parametrize("cell", CELLS)
def test_dropouts_rest_in_evaluation(cell: str) -> None:
    torch.manual_seed(8)
    options = {"layers": 2, "cell": cell, "bidirectional": True}
    stack = RecurrentStack(4, 5, **options, locked_dropout=0.5, weight_dropout=0.5)
    plain = RecurrentStack(4, 5, **options)
    plain.load_state_dict(stack.state_dict())
    x, lengths = torch.randn(3, 4, 4), torch.tensor([4, 2, 3])
    assert torch.equal(stack.eval()(x, lengths), plain.eval()(x, lengths))
    assert not torch.equal(stack.train()(x, lengths), stack(x, lengths))


def test_locked_dropout_acts_between_layers_alone() -> None:
    torch.manual_seed(10)
    x, lengths = torch.randn(3, 4, 4), torch.tensor([4, 2, 3])
    for layers in (1, 2):
        stack = RecurrentStack(4, 5, layers=layers, locked_dropout=0.5)
        assert torch.equal(stack(x, lengths), stack.eval()(x, lengths)) == (layers == 1)


@pytest.mark.parametrize("scheme", ["orthogonal", "xavier", "kaiming"])
def test_gates_are_initialised_one_by_one(scheme: str) -> None:
    torch.manual_seed(9)
    layer = RecurrentLayer(6, 6, cell="lstm")
    initialise(layer, scheme)
    w_ih, w_hh, b_ih, b_hh = layer.parts()
    for gate in (*w_ih.split(6), *w_hh.split(6)):
        if scheme == "orthogonal":
            torch.testing.assert_close(gate @ gate.T, torch.eye(6), atol=1e-5, rtol=0)
        else:
            bound = (6 / 12) ** 0.5 if scheme == "xavier" else (6 / 6) ** 0.5
            assert 0.7 * bound < gate.abs().max() <= bound
    assert (b_ih + b_hh).tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12


def test_bad_sizes_and_names_fail_at_construction() -> None:
    with pytest.raises(ConfigError, match="did you mean 'lstm'"):
        RecurrentLayer(3, 3, cell="lsmt")
    with pytest.raises(ConfigError, match="sizes must be 1 or more"):
        RecurrentLayer(3, 0)
    with pytest.raises(ConfigError, match="layers 0"):
        RecurrentStack(3, 3, layers=0)
    with pytest.raises(ConfigError, match=r"weight dropout 1.0: .*\[0, 1\)"):
        RecurrentStack(3, 3, weight_dropout=1.0)
