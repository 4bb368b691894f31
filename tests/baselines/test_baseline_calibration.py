"""The slope of the probabilities, and the folds it is fitted on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from seqkit.baselines.calibration import fit_slope, held_out_slope
from seqkit.baselines.linear import distribution
from seqkit.baselines.rows import Rows
from seqkit.baselines.training import Training


def training(y, groups=None):
    n = len(y)
    rows = Rows(np.arange(n + 1), np.zeros(n, np.int32), np.ones(n, np.float32))
    groups = np.arange(n) if groups is None else np.asarray(groups)
    return Training(rows, 1, np.asarray(y), int(max(y)) + 1, groups)


@pytest.mark.parametrize("classes", [2, 5])
def test_slope_has_the_least_log_loss(classes):
    generator = np.random.default_rng(classes)
    margins = generator.normal(size=(20_000, 1 if classes == 2 else classes))
    true = distribution(1.7 * margins)
    y = (true.cumsum(axis=1) < generator.random((len(true), 1))).sum(axis=1)
    best = minimize_scalar(
        lambda a: log_loss(y, distribution(a * margins), labels=range(classes)), bounds=(0.1, 9)
    )
    assert fit_slope(margins, y) == pytest.approx(best.x, rel=2e-3)
    assert fit_slope(margins, y) == pytest.approx(1.7, rel=0.1)


def test_slope_of_a_perfect_separation_is_finite_and_of_noise_small():
    margins = np.linspace(-1, 1, 100)[:, None]
    assert 1 < fit_slope(margins, (margins[:, 0] > 0).astype(int)) < 1000
    assert fit_slope(margins, (margins[:, 0] < 0).astype(int)) == pytest.approx(1e-3, rel=1e-4)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), min_size=1), st.integers(0, 9))
def test_folds_keep_copies_together_and_every_class_in_training(documents, seed):
    groups = [group for group, _ in documents]
    y = np.unique([label for _, label in documents], return_inverse=True)[1]
    train = training(y, groups)
    times = np.zeros(len(y), int)
    for held in train.folds(4, seed):
        assert not set(train.groups[held]) & set(train.groups[~held])
        assert set(y[~held]) == set(y)
        times += held
    assert times.max() <= 1


def test_folds_hold_out_each_document_once_and_deal_classes_evenly():
    y = np.repeat([0, 1], [80, 20])
    held = list(training(y).folds(5, seed=0))
    np.testing.assert_array_equal(np.sum(held, axis=0), 1)
    assert [np.bincount(y[h]).tolist() for h in held] == [[16, 4]] * 5


def test_nothing_to_hold_out_gives_slope_one():
    def never(part, held):
        raise AssertionError

    assert held_out_slope(training([0, 1, 2]), never, seed=0) == 1


def test_large_sets_need_one_fold():
    calls = []

    def margins(part, held):
        calls.append(len(held.y))
        return np.where(held.y == 1, 1.0, -1.0)[:, None]

    held_out_slope(training(np.arange(10_000) % 2), margins, seed=0)
    assert calls == [2000]


def test_distribution_survives_huge_scores():
    np.testing.assert_array_equal(distribution(np.array([[-1e4], [1e4]])), [[1, 0], [0, 1]])
