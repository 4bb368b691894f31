"""Counts against scikit-learn on drawn predictions, and against cases worked by hand."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.metrics import (
    accuracy,
    balanced_accuracy,
    blocked,
    caught,
    confusion,
    macro_f1,
    mcc,
    per_class,
    precision_recall_f1,
)

reference = pytest.importorskip("sklearn.metrics")


@st.composite
def predictions(draw, most=4):
    """Draw (gold, predicted) of 1 to 40 records with up to `most` classes, often lopsided."""
    classes = draw(st.integers(2, most))
    pair = st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1))
    return tuple(map(list, zip(*draw(st.lists(pair, min_size=1, max_size=40)), strict=True)))


@given(predictions())
def test_accuracy_and_confusion_are_scikit_learns(pair):
    gold, predicted = pair
    assert accuracy(gold, predicted) == pytest.approx(reference.accuracy_score(gold, predicted))
    expected = reference.confusion_matrix(gold, predicted, labels=range(4))
    assert (confusion(gold, predicted, classes=4) == expected).all()


@given(predictions())
def test_averages_are_scikit_learns(pair):
    for average in ("macro", "micro", "weighted"):
        expected = reference.precision_recall_fscore_support(
            *pair, average=average, zero_division=0
        )[:3]
        assert precision_recall_f1(*pair, average=average) == pytest.approx(expected)
    assert macro_f1(*pair) == pytest.approx(
        reference.f1_score(*pair, average="macro", zero_division=0)
    )


@given(predictions())
def test_per_class_is_scikit_learns(pair):
    expected = reference.precision_recall_fscore_support(*pair, labels=range(4), zero_division=0)
    for ours, theirs in zip(per_class(*pair, classes=4), expected, strict=True):
        assert ours == pytest.approx(theirs)


@given(predictions())
def test_balanced_accuracy_is_the_mean_recall_of_gold_classes(pair):
    expected = reference.recall_score(*pair, average=None, labels=sorted(set(pair[0]))).mean()
    assert balanced_accuracy(*pair) == pytest.approx(expected)


@given(predictions())
def test_mcc_is_scikit_learns(pair):
    if len(set(pair[0])) > 1 or len(set(pair[1])) > 1:
        assert mcc(*pair) == pytest.approx(reference.matthews_corrcoef(*pair))
    else:  # scikit-learn calls one class, predicted right, 0.0 as well; it warns of it
        assert mcc(*pair) == 0.0


def test_mcc_by_hand():
    # 90 ham right, 10 ham blocked, 5 spam missed, 45 spam caught
    gold = [0] * 100 + [1] * 50
    predicted = [0] * 90 + [1] * 10 + [0] * 5 + [1] * 45
    expected = (45 * 90 - 10 * 5) / (55 * 50 * 100 * 95) ** 0.5
    assert mcc(gold, predicted) == pytest.approx(expected)


def test_perfect_mcc_is_exactly_one():
    gold = np.arange(24_999) % 7
    assert mcc(gold, gold) == 1.0


def test_caught_and_blocked_by_hand():
    gold = [0, 0, 0, 0, 1, 1, 2]
    predicted = [0, 0, 1, 0, 1, 0, 1]
    assert caught(gold, predicted, positive=1) == 1 / 2
    assert blocked(gold, predicted, positive=1) == 2 / 5


def test_caught_of_a_class_that_does_not_occur_is_zero():
    assert caught([0, 0], [0, 1], positive=1) == 0.0
    assert caught([0, 0], [0, 1], positive=5) == 0.0
    assert blocked([1, 1], [1, 0], positive=1) == 0.0


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([], [], "at least one record"),
        ([0, 1], [0], "predicted: 1 records, but gold has 2"),
        ([0, -1], [0, 1], "class index -1"),
        ([0.0, 1.0], [0, 1], "whole numbers"),
        ([[0, 1]], [0, 1], "shape"),
    ],
)
def test_what_cannot_be_counted_is_refused(gold, predicted, message):
    with pytest.raises(DataError, match=message):
        accuracy(gold, predicted)


def test_an_index_out_of_range_is_refused():
    with pytest.raises(DataError, match="class index 2, expected 0 to 1"):
        confusion([0, 2], [0, 1], classes=2)


def test_an_unknown_average_is_refused():
    with pytest.raises(ConfigError, match="did you mean 'macro'"):
        precision_recall_f1([0], [0], average="macr")


def test_a_negative_positive_class_is_refused():
    with pytest.raises(ConfigError, match="expected a class index"):
        caught([0], [0], positive=-1)


def test_importing_costs_numpy_alone():
    heavy = "{'matplotlib', 'scipy', 'sklearn', 'torch'}"
    code = f"import seqkit.metrics, sys; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
