"""Correlations and their intervals beside scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.metrics.correlation import average_ranks, correlation_interval, pearson, spearman

NUMBERS = st.lists(
    st.tuples(st.integers(-5, 5), st.floats(-1, 1, width=16)), min_size=2, max_size=40
)


@given(NUMBERS)
def test_correlations_are_scipys(rows):
    stats = pytest.importorskip("scipy.stats")
    x, y = map(np.array, zip(*rows, strict=True))
    assert average_ranks(x).tolist() == stats.rankdata(x).tolist()
    if len({*x}) == 1 or len({*y}) == 1:
        assert pearson(x, y) is spearman(x, y) is None
        return
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)
    expected = np.corrcoef(x, y)[0, 1]
    assert pearson(x, y) == pytest.approx(expected, abs=1e-6)


def test_the_interval_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    x, y = np.random.default_rng(2).normal(size=(2, 40))
    theirs = stats.pearsonr(x, x + y)
    ours = correlation_interval(pearson(x, x + y), 40)
    assert ours == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    low, high = correlation_interval(0.6, 40, ranks=True)
    # Bonett and Wright: atanh(0.6) -+ 1.96 sqrt(1.18 / 37)
    assert (low, high) == pytest.approx((0.332, 0.778), abs=2e-3)


def test_intervals_at_the_ends():
    assert correlation_interval(0.5, 3) is None
    assert correlation_interval(1.0, 9) == (1.0, 1.0)
    with pytest.raises(ConfigError, match="expected -1 to 1"):
        correlation_interval(1.1, 9)
    with pytest.raises(ConfigError, match="level 2"):
        correlation_interval(0.5, 9, level=2)
    with pytest.raises(DataError, match="3 values beside 2"):
        pearson([1, 2, 3], [1, 2])
