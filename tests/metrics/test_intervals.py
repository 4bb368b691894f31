"""Bootstrap intervals: the fast draw of counts against resampling records one by one."""

import numpy as np
import pytest

from seqkit import metrics
from seqkit.errors import ConfigError, DataError
from seqkit.metrics import bootstrap_interval, intervals_for, wilson

GENERATOR = np.random.default_rng(5)
GOLD = np.array([0] * 160 + [1] * 40)
PREDICTED = np.where(GENERATOR.random(200) < 0.85, GOLD, 1 - GOLD)


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "macro_f1", "mcc"])
def test_drawing_counts_is_resampling_records(name):
    fast = bootstrap_interval(name, GOLD, PREDICTED, samples=4000)
    slow = bootstrap_interval(getattr(metrics, name), GOLD, PREDICTED, samples=4000, seed=1)
    assert fast == pytest.approx(slow, abs=0.02)


@pytest.mark.parametrize("name", ["caught", "blocked"])
def test_shares_of_one_class_are_resampled_alike(name):
    function = getattr(metrics, name)
    fast = bootstrap_interval(name, GOLD, PREDICTED, positive=1, samples=4000)
    slow = bootstrap_interval(
        lambda gold, predicted: function(gold, predicted, positive=1), GOLD, PREDICTED, samples=4000
    )
    assert fast == pytest.approx(slow, abs=0.025)


def test_the_interval_of_the_accuracy_is_nearly_wilsons():
    right = int((GOLD == PREDICTED).sum())
    fast = bootstrap_interval("accuracy", GOLD, PREDICTED)
    assert fast == pytest.approx(wilson(right, 200), abs=0.02)


def test_an_auc_is_resampled_by_records():
    scores = GOLD + GENERATOR.normal(size=200)
    low, high = bootstrap_interval(metrics.roc_auc, GOLD, scores, samples=500)
    assert low < metrics.roc_auc(GOLD, scores) < high
    # Hanley and McNeil 1982: the standard error of an area of this size on 160 and 40 records
    area = metrics.roc_auc(GOLD, scores)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + 39 * (q1 - area**2) + 159 * (q2 - area**2)
    assert high - low == pytest.approx(2 * 1.96 * (variance / 6400) ** 0.5, rel=0.25)


def test_same_seed_same_interval():
    assert intervals_for(GOLD, PREDICTED, labels=["a", "b"]) == intervals_for(
        GOLD, PREDICTED, labels=["a", "b"]
    )


def test_all_statistics_bracket_their_figure():
    found = intervals_for(GOLD, PREDICTED, labels=["ham", "spam"], positive="spam")
    assert sorted(found) == ["accuracy", "blocked", "caught", "macro_f1", "mcc"]
    for name in ("accuracy", "macro_f1", "mcc"):
        low, high = found[name]
        assert low < getattr(metrics, name)(GOLD, PREDICTED) < high


def test_shares_at_their_ends_take_wilsons_interval():
    gold, predicted = [0] * 50 + [1] * 10, [0] * 60
    found = intervals_for(gold, predicted, labels=["ham", "spam"], positive="spam")
    assert found["caught"] == wilson(0, 10)
    assert found["blocked"] == wilson(0, 50)
    assert found["mcc"] == (0.0, 0.0)  # one class called: zero on every test set


def test_figures_without_errors_keep_an_interval():
    gold = [0] * 50 + [1] * 50
    found = intervals_for(gold, gold, labels=["a", "b"])
    assert found["accuracy"] == wilson(100, 100)
    low, high = found["mcc"]
    # evenly spread errors on two classes of the same size: mcc = 2 * accuracy - 1
    assert (low, high) == (pytest.approx(2 * wilson(100, 100)[0] - 1), 1.0)


def test_a_class_that_a_resample_misses_is_left_out_of_its_share():
    # one of two spam caught: resamples without spam would pull the interval towards 0 or fail
    low, high = bootstrap_interval(
        "caught", [0] * 200 + [1, 1], [0] * 201 + [1], positive=1, samples=200
    )
    assert (low, high) == (0.0, 1.0)


def test_many_classes_are_drawn_in_batches():
    gold = np.arange(6000) % 3000
    predicted = np.where(np.arange(6000) < 3000, gold, (gold + 1) % 3000)
    low, high = bootstrap_interval("accuracy", gold, predicted, samples=1000)
    assert low < 0.5 < high


def test_what_cannot_be_resampled_is_refused():
    with pytest.raises(ConfigError, match="did you mean 'accuracy'"):
        bootstrap_interval("acuracy", [0], [0])
    with pytest.raises(ConfigError, match="expected a class index"):
        bootstrap_interval("caught", [0], [0])
    with pytest.raises(ConfigError, match="samples 0"):
        bootstrap_interval("mcc", [0], [0], samples=0)
    with pytest.raises(ConfigError, match="level 95"):
        intervals_for([0], [0], labels=["a", "b"], level=95)
    with pytest.raises(DataError, match="undefined on every resample"):
        bootstrap_interval(metrics.roc_auc, [0, 0], [0.1, 0.2], samples=5)
    with pytest.raises(DataError, match="class index 2"):
        intervals_for([0, 2], [0, 1], labels=["a", "b"])
