"""Paired tests against scipy, against each other, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit import metrics
from seqkit.errors import ConfigError, DataError
from seqkit.metrics import mcnemar, paired_bootstrap, paired_randomization

scipy_stats = pytest.importorskip("scipy.stats")


def discordant(only_a: int, only_b: int, both: int = 50) -> tuple[list[int], list[int], list[int]]:
    """Build (gold, a, b): records right in a alone, in b alone, in both."""
    gold = [1] * (only_a + only_b + both)
    a = [1] * only_a + [0] * only_b + [1] * both
    b = [0] * only_a + [1] * only_b + [1] * both
    return gold, a, b


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_binomial_test(only_a, only_b):
    n = only_a + only_b
    expected = scipy_stats.binomtest(only_a, n).pvalue if n else 1.0
    assert mcnemar(*discordant(only_a, only_b)) == pytest.approx(expected)


def test_mcnemar_by_hand():
    # 1 against 5: 2 * (1 + 6) / 64
    assert mcnemar(*discordant(1, 5)) == 14 / 64


def test_mcnemar_of_very_many_records_neither_overflows_nor_vanishes():
    expected = scipy_stats.binomtest(9_800, 20_000).pvalue
    assert mcnemar(*discordant(9_800, 10_200)) == pytest.approx(expected)


@pytest.mark.parametrize(("only_a", "only_b"), [(3, 12), (8, 9), (20, 6)])
def test_randomized_accuracy_is_mcnemar(only_a, only_b):
    columns = discordant(only_a, only_b)
    assert paired_randomization(*columns) == pytest.approx(mcnemar(*columns), abs=0.015)


@pytest.fixture(scope="module")
def systems():
    generator = np.random.default_rng(3)
    gold = generator.integers(0, 3, 300)
    better = np.where(generator.random(300) < 0.85, gold, generator.integers(0, 3, 300))
    worse = np.where(generator.random(300) < 0.70, gold, generator.integers(0, 3, 300))
    return gold, better, worse


@pytest.mark.parametrize("name", ["macro_f1", "mcc"])
def test_drawing_counts_is_resampling_records(systems, name):
    fast = paired_bootstrap(*systems, name)
    slow = paired_bootstrap(*systems, getattr(metrics, name), seed=1)
    assert fast.difference == pytest.approx(slow.difference)
    assert fast[1:3] == pytest.approx(slow[1:3], abs=0.015)
    fast = paired_randomization(*systems, name, samples=1000)
    slow = paired_randomization(*systems, getattr(metrics, name), samples=1000, seed=1)
    assert fast == pytest.approx(slow, abs=0.02)


def test_the_difference_has_the_sign_of_the_better(systems):
    gold, better, worse = systems
    ahead = paired_bootstrap(gold, better, worse)
    behind = paired_bootstrap(gold, worse, better)
    assert ahead.difference == pytest.approx(-behind.difference)
    assert 0 < ahead.low < ahead.difference < ahead.high
    assert ahead.p < 0.05 and behind.p < 0.05


def test_a_system_does_not_differ_from_itself(systems):
    gold, better, _ = systems
    assert paired_bootstrap(gold, better, better, "mcc") == (0.0, 0.0, 0.0, 1.0)
    assert paired_randomization(gold, better, better, "mcc", samples=100) == 1.0


def test_equal_systems_are_called_different_as_often_as_promised():
    generator = np.random.default_rng(0)
    rejected = 0
    for trial in range(300):
        gold = generator.integers(0, 2, 80)
        a, b = (np.where(generator.random(80) < 0.8, gold, 1 - gold) for _ in range(2))
        rejected += paired_randomization(gold, a, b, "mcc", samples=199, seed=trial) <= 0.05
    assert rejected / 300 <= 0.05 + 0.03


def test_scores_may_be_compared_by_a_function(systems):
    generator = np.random.default_rng(4)
    gold = np.arange(120) % 2
    strong, weak = gold + generator.normal(size=120), generator.normal(size=120)
    found = paired_bootstrap(gold, strong, weak, metrics.roc_auc, samples=300)
    assert found.low > 0 and found.p < 0.05
    assert paired_randomization(gold, strong, weak, metrics.roc_auc, samples=300) < 0.05


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match="b: 1 records, but gold has 2"):
        mcnemar([0, 1], [0, 1], [0])
    with pytest.raises(ConfigError, match="metric 'caught': choose from"):
        paired_bootstrap([0], [0], [0], "caught")
    with pytest.raises(ConfigError, match="samples 0"):
        paired_randomization([0], [0], [0], samples=0)
    with pytest.raises(DataError, match="undefined on these records"):
        paired_bootstrap([0, 0], [0.1, 0.2], [0.2, 0.1], metrics.roc_auc, samples=5)
