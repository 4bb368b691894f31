"""Exact scoring: one token at a time is the truth, whatever window and batch."""

import contextlib
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.models.lm_scoring import (
    Window,
    exactly,
    full_float32,
    gathered,
    read_windows,
    score_lines,
    score_stream,
)
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig

BOS, EOS, VOCABULARY = 1, 2, 30
TOKENS = np.random.default_rng(5).integers(3, VOCABULARY, 5200)


def network(cell: str = "lstm", *, gain: float = 3.0, **options: object) -> RecurrentLm:
    """A network in training mode, with every dropout on, whose guesses differ from each other."""
    torch.manual_seed(2)
    config = RecurrentLmConfig(
        cell=cell, dim=12, hidden=(14, 12), word_dropout=0.3, weight_dropout=0.3, **options
    )
    model = RecurrentLm(config, vocabulary=VOCABULARY)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(gain)
    return model


def one_by_one(model: RecurrentLm, tokens: Sequence[int], *, first: int) -> np.ndarray:
    """Step through the text, taking the whole distribution each time."""
    model.eval()
    state, before, found = model.start(1), first, []
    with torch.no_grad():
        for token in tokens:
            hidden, state = model(torch.tensor([[before]]), state)
            found.append(float(model.output.log_probs(hidden.top[0])[0, token]))
            before = int(token)
    model.train()
    return np.array(found)


def perplexity(log_probs: np.ndarray) -> float:
    return float(np.exp(-log_probs.mean()))


@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm", "minlstm", "mogrifier"])
def test_perplexity_changes_with_neither_window_nor_batch(cell: str) -> None:
    model, tokens = network(cell), TOKENS[:1033]
    expected = one_by_one(model, tokens, first=EOS)
    for window, batch in [(1, 1), (7, 1), (35, 1), (500, 1), (7, 3), (35, 3), (500, 3), (35, 10)]:
        log_probs, _ = score_stream(model, tokens, first=EOS, window=window, batch=batch)
        assert log_probs.dtype == np.float64 and log_probs.shape == tokens.shape
        assert perplexity(log_probs) == pytest.approx(perplexity(expected), rel=1e-6)
        np.testing.assert_allclose(log_probs, expected, atol=5e-5)


@pytest.mark.parametrize("window", [1, 7, 35, 500])
@pytest.mark.parametrize("batch", [1, 3, 10])
def test_long_lanes(window: int, batch: int) -> None:
    model, tokens = network("gru"), TOKENS[: 600 if window == 1 else 5200]
    expected, end = score_stream(model, tokens, first=EOS, window=64)
    log_probs, state = score_stream(model, tokens, first=EOS, window=window, batch=batch)
    assert perplexity(log_probs) == pytest.approx(perplexity(expected), rel=1e-6)
    for layer, its_like in zip(state, end, strict=True):
        for part, expected_part in zip(layer, its_like, strict=True):
            torch.testing.assert_close(part, expected_part, atol=2e-5, rtol=0)


class Counting(RecurrentLm):
    """Counts the tokens that it reads."""

    tokens = 0

    def forward(self, ids, state):
        self.tokens += ids.numel()
        return super().forward(ids, state)


class Accumulating(torch.nn.Module):
    """A recurrent layer that never forgets: the sum of all inputs; small numbers stay exact."""

    def __init__(self) -> None:
        super().__init__()
        self.train(False)

    def zero_state(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (x.new_zeros(1, x.shape[0], 12),)

    def forward(self, x: torch.Tensor, state: tuple[torch.Tensor, ...]):
        total = (x * 64).round().div(64).cumsum(1) + state[0][0][:, None]
        return total, (total[None, :, -1],)


def counting(*, forgets: bool) -> Counting:
    torch.manual_seed(2)
    model = Counting(RecurrentLmConfig(cell="lstm", dim=12, hidden=(12,)), vocabulary=VOCABULARY)
    if not forgets:
        model.layers = torch.nn.ModuleList([Accumulating()])
    return model


def test_what_forgets_is_read_little_more_than_once() -> None:
    model = counting(forgets=True)
    score_stream(model, TOKENS, first=EOS, window=16, batch=10)
    assert len(TOKENS) < model.tokens < 1.3 * len(TOKENS)


def test_what_never_forgets_is_read_again_and_still_exact() -> None:
    model = counting(forgets=False)
    expected, end = score_stream(model, TOKENS[:403], first=EOS, window=16)
    model.tokens = 0
    log_probs, state = score_stream(model, TOKENS[:403], first=EOS, window=16, batch=4)
    np.testing.assert_allclose(log_probs, expected, atol=1e-5)
    assert torch.equal(state[0][0], end[0][0])
    assert model.tokens == 3 + 100 * (4 + 3 + 2 + 1)


@settings(max_examples=15)
@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 9), st.integers(0, 60))
def test_any_length_and_a_stream_cut_in_two(n: int, window: int, batch: int, cut: int) -> None:
    model, tokens = network("lstm"), TOKENS[:n]
    options = {"window": window, "batch": batch}
    cut = min(cut, n)
    head, state = score_stream(model, tokens[:cut], first=EOS, **options)
    before = int(tokens[cut - 1]) if cut else EOS
    tail, _ = score_stream(model, tokens[cut:], first=before, state=state, **options)
    expected = one_by_one(model, tokens, first=EOS)
    np.testing.assert_allclose([*head, *tail], expected, atol=2e-5)


def test_the_network_is_left_as_it_was_and_the_state_can_be_trained_from() -> None:
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    precision = torch.backends.cudnn.rnn.fp32_precision
    _, state = score_stream(model, TOKENS[:50], first=EOS, batch=2, window=5)
    assert model.training and all(layer.training for layer in model.layers)
    assert torch.backends.cudnn.rnn.fp32_precision == precision
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    hidden, _ = model(torch.tensor([[3, 4]]), state)
    model.output.loss(hidden.top[0], torch.tensor([4, 5])).backward()
    with exactly(model.eval()):
        pass
    assert not model.training


def test_full_precision_costs_nothing_where_it_is_given() -> None:
    cpu = torch.device("cpu")
    assert isinstance(full_float32(cpu), contextlib.nullcontext)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with full_float32(cpu):
            assert not torch.is_autocast_enabled("cpu")
        assert torch.is_autocast_enabled("cpu")


def test_autocast_around_it_does_not_reach_in() -> None:
    model = network()
    expected, _ = score_stream(model, TOKENS[:50], first=EOS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        log_probs, _ = score_stream(model, TOKENS[:50], first=EOS)
    assert np.array_equal(log_probs, expected)


def test_windows_hold_what_the_network_says() -> None:
    model = network()
    with exactly(model):
        windows = list(read_windows(model, TOKENS[:20], first=EOS, window=8))
    assert [len(window.gold) for window in windows] == [8, 8, 4]
    assert all(isinstance(window, Window) for window in windows)
    log_probs = gathered([window.log_probs for window in windows])
    np.testing.assert_allclose(log_probs, one_by_one(model, TOKENS[:20], first=EOS), atol=1e-5)
    with torch.no_grad():
        scored = model.output.score(windows[2].top, windows[2].gold)
    np.testing.assert_allclose(scored.numpy(), log_probs[16:], atol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "minlstm", "mogrifier"])
@pytest.mark.parametrize("tokens_per_batch", [1, 10, 64, 8192])
def test_lines_are_each_for_itself(cell: str, tokens_per_batch: int) -> None:
    model = network(cell)
    lines = [TOKENS[start : start + n].tolist() for start, n in enumerate([3, 0, 7, 1, 12, 12, 5])]
    scored = score_lines(model, lines, bos=BOS, eos=EOS, tokens_per_batch=tokens_per_batch)
    for line, log_probs in zip(lines, scored, strict=True):
        expected = one_by_one(model, [*line, EOS], first=BOS)
        np.testing.assert_allclose(log_probs, expected, atol=1e-5)
    assert model.training


def test_no_lines_have_no_scores() -> None:
    assert score_lines(network(), [], bos=BOS, eos=EOS) == []


def test_options_out_of_range() -> None:
    with pytest.raises(ConfigError, match="window 0: must be 1 or more"):
        score_stream(network(), TOKENS, first=EOS, window=0)
    with pytest.raises(ConfigError, match="batch -1"):
        score_stream(network(), TOKENS, first=EOS, batch=-1)
    with pytest.raises(ConfigError, match="tokens_per_batch 0"):
        score_lines(network(), [[3]], bos=BOS, eos=EOS, tokens_per_batch=0)


@pytest.mark.gpu
@pytest.mark.parametrize("cell", ["gru", "lstm", "minlstm"])
def test_on_a_gpu_too(cell: str) -> None:
    model = network(cell)
    expected, _ = score_stream(model, TOKENS, first=EOS)
    for window, batch in [(500, 1), (35, 10)]:
        log_probs, _ = score_stream(model.cuda(), TOKENS, first=EOS, window=window, batch=batch)
        assert perplexity(log_probs) == pytest.approx(perplexity(expected), rel=1e-5)
