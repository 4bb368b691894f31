"""Log loss against scikit-learn, calibration error against a loop and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.metrics import calibration_error, log_loss, reliability

reference = pytest.importorskip("sklearn.metrics")


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.sampled_from(["float32", "float64"]))
def test_log_loss_is_scikit_learns(seed, classes, dtype):
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, classes, 30)
    # a concentration this small yields rows with exact zeros and ones
    table = generator.dirichlet([0.02] * classes, size=30).astype(dtype)
    expected = reference.log_loss(gold, table, labels=range(classes))
    assert log_loss(gold, table) == pytest.approx(expected, rel=1e-5)


def test_a_certain_mistake_costs_a_finite_amount():
    assert log_loss([0], [[0.0, 1.0]]) == pytest.approx(-math.log(2**-52))
    assert log_loss([0], np.array([[0, 1]], dtype=np.float32)) == pytest.approx(-math.log(2**-23))


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_calibration_error_is_what_a_loop_over_bins_says(seed, bins):
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, 3, 50)
    table = generator.dirichlet([0.5] * 3, size=50)
    total = 0.0
    for m in range(bins):
        inside = [
            (max(row), int(np.argmax(row) == label))
            for row, label in zip(table, gold, strict=True)
            if m / bins < max(row) <= (m + 1) / bins
        ]
        total += abs(sum(right for _, right in inside) - sum(sure for sure, _ in inside))
    assert calibration_error(gold, table, bins=bins) == pytest.approx(total / 50)


def test_calibration_error_by_hand():
    # sure of 0.8, right 3 times of 4; sure of 1.0, right 1 time of 2
    gold = [0, 0, 0, 1, 0, 1]
    table = [[0.8, 0.2]] * 4 + [[1.0, 0.0]] * 2
    assert calibration_error(gold, table) == pytest.approx((4 * 0.05 + 2 * 0.5) / 6)
    bins = reliability(gold, table)
    assert bins.count.tolist() == [0] * 11 + [4, 0, 0, 2]  # 0.8 = 12/15 closes the twelfth bin
    assert bins.accuracy[11] == 0.75


@pytest.mark.parametrize(
    "table", [[[2.0, -1.0]], [[0.2, 0.2]], [[3.1, -0.4]], [0.5], [[float("nan"), 1.0]]]
)
def test_what_is_no_distribution_is_refused(table):
    with pytest.raises(DataError, match="probabilities"):
        log_loss([0], table)


def test_no_bins_are_refused():
    with pytest.raises(ConfigError, match="bins 0"):
        calibration_error([0], [[0.5, 0.5]], bins=0)
