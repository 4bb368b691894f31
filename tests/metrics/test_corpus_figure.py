"""Figures of sums over sentences: intervals and comparisons beside others that are known."""

import numpy as np
import pytest

from seqkit import metrics
from seqkit.errors import ConfigError, DataError
from seqkit.metrics import CorpusFigure, paired_figures


def share(wrong):
    """The share of ones as a figure: a mean, for which other functions give the interval."""
    wrong = np.asarray(wrong)
    return CorpusFigure(np.stack([wrong, np.ones_like(wrong)], 1), lambda s: s[:, 0] / s[:, 1])


def test_the_interval_of_a_mean_is_that_of_the_bootstrap_of_means():
    wrong = np.random.default_rng(1).integers(0, 2, 300)
    low, high = share(wrong).interval(samples=4000)
    others = metrics.mean_interval(wrong, samples=4000)
    assert (low, high) == pytest.approx(others, abs=0.01)
    assert low < share(wrong).value == wrong.mean() < high


def test_a_part_is_the_figure_of_its_sentences():
    wrong = np.array([1, 0, 1, 1])
    assert share(wrong).part(np.array([True, True, False, False])).value == 0.5
    with pytest.raises(DataError, match="at least one sentence"):
        share(wrong).part(np.zeros(4, bool))


def test_a_comparison_agrees_with_the_paired_bootstrap_of_accuracy():
    generator = np.random.default_rng(2)
    gold = np.zeros(400, np.int64)
    a = (generator.random(400) < 0.2).astype(np.int64)
    b = np.where(generator.random(400) < 0.1, 1 - a, a)
    found = paired_figures(share(a), share(b), samples=4000)
    known = metrics.paired_bootstrap(gold, b, a, samples=4000)  # accuracy falls as errors rise
    assert found.difference == pytest.approx(known.difference)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.008)
    assert found.p == pytest.approx(known.p, abs=0.05)


def test_a_system_beside_itself_does_not_differ():
    wrong = share([1, 0, 1, 1, 0])
    assert paired_figures(wrong, wrong) == (0.0, 0.0, 0.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    wrong = share(np.arange(50) % 3 == 0)
    assert wrong.interval(seed=3) == wrong.interval(seed=3) != wrong.interval(seed=4)


def test_what_cannot_be_resampled_is_refused():
    with pytest.raises(DataError, match="3 sentences and 2"):
        paired_figures(share([1, 0, 1]), share([1, 0]))
    with pytest.raises(ConfigError, match="samples 0"):
        share([1, 0]).interval(samples=0)
    with pytest.raises(DataError, match="at least one sentence"):
        CorpusFigure(np.zeros((0, 2)), lambda sums: sums[:, 0])
