"""The learning-rate range test on losses of known shape, and on a bowl worked out by hand."""

import math

import numpy as np
import pytest
import torch

from seqkit.errors import ConfigError, SeqkitError
from seqkit.train.lr_range import learning_rate_range


def losses(values):
    """An update that returns these losses, whatever the rate."""
    remaining = iter(values)
    return lambda rate: next(remaining)


def test_rates_grow_by_a_constant_factor():
    found = learning_rate_range(lambda rate: 1.0, low=1e-4, high=10.0, steps=51)
    assert found.rates == pytest.approx(np.geomspace(1e-4, 10.0, 51))
    assert found.losses == found.smoothed == (1.0,) * 51
    assert found.suggestion is None and not found.exploded


def test_the_suggestion_is_where_the_loss_falls_most_steeply():
    # flat, down slowly, down steeply around step 60, up again
    steps = np.arange(100)
    curve = np.interp(steps, [0, 30, 50, 70, 80, 99], [9.0, 9.0, 8.5, 6.0, 5.8, 7.0])
    found = learning_rate_range(losses(curve), low=1e-5, high=1.0, steps=100)
    assert 55 <= found.rates.index(found.suggestion) <= 65
    noisy = curve + np.random.default_rng(0).normal(0, 0.05, 100)
    found = learning_rate_range(losses(noisy), low=1e-5, high=1.0, steps=100)
    assert 50 <= found.rates.index(found.suggestion) <= 70


def test_smoothing_is_a_centred_mean():
    values = np.random.default_rng(1).random(60)
    found = learning_rate_range(losses(values), low=1.0, high=2.0, steps=60)
    expected = [values[i - min(3, i, 59 - i) : i + min(3, i, 59 - i) + 1].mean() for i in range(60)]
    assert found.smoothed == pytest.approx(expected)


def test_it_ends_when_the_mean_is_4_times_the_best():
    # of the means over 5: 1 until the first of the 11s, then 3, then 5
    found = learning_rate_range(losses([1.0] * 20 + [11.0] * 30), low=1.0, high=2.0, steps=50)
    assert found.losses == (1.0,) * 20 + (11.0,) * 2
    assert found.exploded


@pytest.mark.parametrize("last", [math.nan, math.inf])
def test_it_ends_when_the_loss_is_not_finite(last):
    found = learning_rate_range(losses([3.0] * 9 + [last]), low=1.0, high=2.0, steps=50)
    assert found.losses == (3.0,) * 9 and len(found.rates) == 9
    assert found.exploded


def test_a_bowl_explodes_beyond_two_over_its_curvature():
    """SGD on a w^2 / 2: w is multiplied by 1 - rate * a, which shrinks it up to 2 / a."""
    weight = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)

    def update(rate):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = 10 * weight**2 / 2
        loss.backward()
        optimizer.step()
        return loss.item() + 0.1

    found = learning_rate_range(update, low=1e-5, high=100.0, steps=140)
    assert found.exploded
    by_hand, w = [], 1.0
    for rate in found.rates:
        by_hand.append(5 * w * w + 0.1)
        w *= 1 - 10 * rate
    assert found.losses == pytest.approx(by_hand, rel=1e-4)
    assert 0.2 < found.rates[-1] < 2.0
    assert found.suggestion < 0.2 / 2


def test_rows_for_a_log():
    found = learning_rate_range(losses([2.0] * 12), low=0.5, high=2.0, steps=12)
    assert found.rows()[0] == {"lr": 0.5, "loss": 2.0, "smoothed": 2.0}
    assert len(found.rows()) == 12


@pytest.mark.parametrize(
    ("low", "high", "steps", "message"),
    [
        (0.0, 1.0, 20, "from 0.0 to 1.0"),
        (1.0, 1.0, 20, "must rise"),
        (1e-3, math.inf, 20, "must rise"),
        (math.nan, 1.0, 20, "must rise"),
        (1e-3, 1.0, 9, "9 steps"),
    ],
)
def test_what_is_no_range_is_refused(low, high, steps, message):
    with pytest.raises(ConfigError, match=message):
        learning_rate_range(lambda rate: 1.0, low=low, high=high, steps=steps)


def test_a_loss_that_is_never_finite_is_said():
    with pytest.raises(SeqkitError, match="not finite after 1 updates"):
        learning_rate_range(losses([1.0, math.nan]), low=1e-3, high=1.0, steps=50)
