"""The continuous cache against a double loop over the past, in float64."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.models import lm_cache
from seqkit.models.lm_cache import Cache, cached_log_probs, fit_cache, mix_cache
from seqkit.models.lm_scoring import Window, score_stream
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig

EOS, VOCABULARY = 2, 12
TOKENS = np.random.default_rng(3).integers(2, VOCABULARY, 300)


def network() -> RecurrentLm:
    torch.manual_seed(4)
    model = RecurrentLm(RecurrentLmConfig(dim=8, hidden=(8,)), vocabulary=VOCABULARY)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)
    return model


def by_hand(model: RecurrentLm, tokens: np.ndarray, cache: Cache) -> np.ndarray:
    """For each token, over each remembered position (Grave et al. 2017, eq. 3 and 4)."""
    inputs = torch.tensor([[EOS, *tokens[:-1].tolist()]])
    with torch.no_grad():
        top = model.eval()(inputs, model.start(1))[0].top[0]
        log_p = model.output.log_probs(top)[range(len(tokens)), tokens].double().numpy()
    h = top.double().numpy()
    found = []
    for t, word in enumerate(tokens):
        same = every = 0.0
        for i in range(max(0, t - cache.size), t):
            weight = math.exp(cache.theta * float(h[t] @ h[i]))
            every += weight
            same += weight * (tokens[i] == word)
        p = math.exp(log_p[t])
        found.append(
            math.log((1 - cache.weight) * p + cache.weight * same / every) if t else log_p[t]
        )
    return np.array(found)


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
@pytest.mark.parametrize("window", [1, 10, 64, 500])
def test_the_double_loop_agrees(size: int, window: int) -> None:
    model, cache = network(), Cache(size=size, theta=0.7, weight=0.2)
    log_probs = cached_log_probs(model, TOKENS, first=EOS, cache=cache, window=window)
    assert model.training
    np.testing.assert_allclose(log_probs, by_hand(model, TOKENS, cache), atol=1e-5)


@settings(max_examples=20)
@given(st.integers(0, 40), st.integers(1, 50), st.floats(0, 3), st.floats(0, 0.99))
def test_any_length_size_and_weights(n: int, size: int, theta: float, weight: float) -> None:
    model, cache = network(), Cache(size=size, theta=theta, weight=weight)
    log_probs = cached_log_probs(model, TOKENS[:n], first=EOS, cache=cache, window=9)
    expected = by_hand(model, TOKENS[:n], cache) if n else []
    np.testing.assert_allclose(log_probs, expected, atol=1e-5)


def test_blocks_of_a_window_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    model, cache = network(), Cache(size=50)
    expected = cached_log_probs(model, TOKENS, first=EOS, cache=cache)
    monkeypatch.setattr(lm_cache, "_CELLS", 1)
    log_probs = cached_log_probs(model, TOKENS, first=EOS, cache=cache)
    np.testing.assert_allclose(log_probs, expected, atol=1e-6)


def test_four_tokens_worked_by_hand() -> None:
    """h = 1, 1, 0, 1 with theta = log 2, so a remembered position counts 2 where h h_i = 1."""
    window = Window(
        torch.tensor([[1.0], [1.0], [0.0], [1.0]]),
        torch.tensor([5, 6, 5, 6]),
        torch.tensor([0.25, 0.5, 0.5, 0.125]).log(),
    )
    log_probs = mix_cache([window], Cache(size=10, theta=math.log(2), weight=0.5))
    # token 0: no cache; 1: remembers (5): 0; 2: (5, 6), counting 1 and 1: 1/2;
    # 3: (5, 6, 5), counting 2, 2, 1: 2/5
    expected = [0.25, 0.5 * 0.5, 0.5 * 0.5 + 0.5 * 0.5, 0.5 * 0.125 + 0.5 * 0.4]
    np.testing.assert_allclose(np.exp(log_probs), expected, rtol=1e-6)
    forgetful = mix_cache([window], Cache(size=1, theta=math.log(2), weight=0.5))
    np.testing.assert_allclose(np.exp(forgetful), [0.25, 0.25, 0.25, 0.0625], rtol=1e-6)


def test_huge_products_overflow_nothing() -> None:
    window = Window(1e4 * torch.ones(3, 2), torch.tensor([1, 1, 1]), torch.full((3,), -2000.0))
    log_probs = mix_cache([window], Cache(theta=100.0, weight=0.5))
    np.testing.assert_allclose(log_probs, [-2000, math.log(0.5), math.log(0.5)])


def test_without_weight_it_is_the_network() -> None:
    log_probs = cached_log_probs(network(), TOKENS, first=EOS, cache=Cache(weight=0.0))
    expected, _ = score_stream(network(), TOKENS, first=EOS)
    np.testing.assert_allclose(log_probs, expected, atol=1e-6)


def test_what_comes_later_changes_nothing_before() -> None:
    changed = TOKENS.copy()
    changed[150:] = 7
    one, other = (
        cached_log_probs(network(), tokens, first=EOS, cache=Cache())
        for tokens in (TOKENS, changed)
    )
    assert np.array_equal(one[:150], other[:150])


def test_fitting_tries_every_pair() -> None:
    model, thetas, weights = network(), [0.0, 0.5, 2.0], [0.0, 0.1, 0.6]
    text = np.concatenate([TOKENS[:40]] * 5)  # it repeats itself: a cache helps
    sums = {}
    for theta in thetas:
        for weight in weights:
            cache = Cache(size=60, theta=theta, weight=weight)
            sums[cache] = cached_log_probs(model, text, first=EOS, cache=cache).sum()
    best = fit_cache(model, text, first=EOS, size=60, thetas=thetas, weights=weights)
    assert best == max(sums, key=sums.__getitem__)
    assert best.weight > 0 and model.training


def test_of_equals_the_first_is_taken() -> None:
    best = fit_cache(network(), TOKENS, first=EOS, size=9, thetas=[0.4, 0.2], weights=[0.0, 0.0])
    assert best == Cache(size=9, theta=0.4, weight=0.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "cache size 0"),
        ({"theta": -0.1}, "cache theta -0.1"),
        ({"theta": math.nan}, "cache theta nan"),
        ({"weight": 1.0}, r"cache weight 1.0: lies in \[0, 1\)"),
        ({"weight": -0.5}, "cache weight -0.5"),
    ],
)
def test_options_out_of_range(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Cache(**options)


def test_what_cannot_be_fitted() -> None:
    options = {"first": EOS, "size": 5}
    with pytest.raises(ConfigError, match="at least one theta and one weight"):
        fit_cache(network(), TOKENS, **options, thetas=[0.1], weights=[])
    with pytest.raises(ConfigError, match="at least one theta and one weight"):
        fit_cache(network(), TOKENS, **options, thetas=[], weights=[0.1])
    with pytest.raises(ConfigError, match="cache weight 2"):
        fit_cache(network(), TOKENS, **options, thetas=[0.1], weights=[0.1, 2])
    with pytest.raises(DataError, match="no tokens"):
        fit_cache(network(), TOKENS[:0], **options, thetas=[0.1], weights=[0.1])
