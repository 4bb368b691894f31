"""Weights of a mixture: by hand, against a grid, and what is refused."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.metrics import fit_weights, mix, mixture


def test_by_hand():
    """d/dw of 2 log(.2 + .6 w) + log(.8 - .6 w) is 0 where 2 (.8 - .6 w) = .2 + .6 w."""
    first, second = np.log([0.8, 0.8, 0.2]), np.log([0.2, 0.2, 0.8])
    assert fit_weights([first, second]) == pytest.approx([7 / 9, 2 / 9], abs=1e-3)
    many = [np.tile(part, 1000) for part in (first, second)]
    assert fit_weights(many).tolist() == pytest.approx(fit_weights([first, second]).tolist())


def test_a_mixture_by_hand():
    found = mix([np.log([0.5, 0.2, 0.1]), np.array([-math.inf, math.log(0.4), -900.0])], [0.5, 0.5])
    assert found == pytest.approx(np.log([0.25, 0.3, 0.05]))
    alone = mix([np.array([-math.inf, -800.0]), np.array([-1.0, -2.0])], [1.0, 0.0])
    assert alone.tolist() == [-math.inf, -800.0]


@settings(max_examples=30)
@given(
    models=st.integers(2, 3),
    tokens=st.integers(1, 40),
    seed=st.integers(0, 1000),
    chunk=st.sampled_from([3, 1 << 18]),
)
def test_no_weights_on_a_grid_are_better(models, tokens, seed, chunk):
    rng = np.random.default_rng(seed)
    log_probs = -rng.exponential(3.0, (models, tokens))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixture, "_CHUNK", chunk)
        weights = fit_weights(list(log_probs))
    assert weights.sum() == pytest.approx(1) and weights.min() >= 0
    best = mix(list(log_probs), weights).mean()
    steps = np.linspace(0, 1, 21)
    for grid in itertools.product(steps, repeat=models - 1):
        if sum(grid) <= 1:
            other = [*grid, max(0.0, 1 - sum(grid))]
            assert best >= mix(list(log_probs), other).mean() - 1e-6


def test_equal_models_share_and_a_model_without_use_gets_nothing():
    log_probs = np.log(np.random.default_rng(0).random(50))
    assert fit_weights([log_probs, log_probs]).tolist() == [0.5, 0.5]
    assert fit_weights([log_probs, log_probs - 1])[0] == pytest.approx(1, abs=1e-6)
    assert fit_weights([log_probs]).tolist() == [1.0]


def test_impossible_tokens_of_one_model():
    first, second = np.array([-1.0, -np.inf, -1.0]), np.array([-4.0, -2.0, -4.0])
    weights = fit_weights([first, second])
    assert 0 < weights[1] < 1 and np.isfinite(mix([first, second], weights)).all()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], r"\[\] log-probabilities"),
        ([[], []], r"\[0, 0\] log-probabilities"),
        ([[-1.0], [-1.0, -2.0]], r"\[1, 2\] log-probabilities"),
        ([[-1.0, -np.inf], [-2.0, -np.inf]], "token 2 has the log-probabilities"),
        ([[-1.0, np.nan], [-2.0, -1.0]], "token 2 has the log-probabilities"),
    ],
)
def test_what_has_no_weights(parts, message):
    with pytest.raises(DataError, match=message):
        fit_weights([np.array(part) for part in parts])
