"""Curves and areas against scikit-learn, with many ties, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import DataError
from seqkit.metrics import average_precision, pr_curve, roc_auc, roc_curve

reference = pytest.importorskip("sklearn.metrics")

# few distinct scores, so that ties within and across the classes are the rule
RECORDS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([-1.5, 0.0, 0.1, 0.25, 0.5, 0.75, 1.0])),
    min_size=2,
    max_size=40,
)
BOTH = RECORDS.filter(lambda records: len({gold for gold, _ in records}) == 2)


@given(BOTH)
def test_roc_is_scikit_learns(records):
    gold, scores = zip(*records, strict=True)
    expected = reference.roc_curve(gold, scores, drop_intermediate=False)
    for ours, theirs in zip(roc_curve(gold, scores), expected, strict=True):
        assert ours == pytest.approx(theirs)
    assert roc_auc(gold, scores) == pytest.approx(reference.roc_auc_score(gold, scores))


@given(BOTH)
def test_precision_recall_is_scikit_learns(records):
    gold, scores = zip(*records, strict=True)
    expected = reference.precision_recall_curve(gold, scores)
    for ours, theirs in zip(pr_curve(gold, scores), expected, strict=True):
        assert ours == pytest.approx(theirs)
    area = reference.average_precision_score(gold, scores)
    assert average_precision(gold, scores) == pytest.approx(area)


@given(BOTH)
def test_auc_is_the_chance_that_a_positive_outranks_a_negative(records):
    positives = [score for gold, score in records if gold]
    negatives = [score for gold, score in records if not gold]
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    assert roc_auc(*zip(*records, strict=True)) == wins / (len(positives) * len(negatives))


@given(st.integers(0, 2**32 - 1))
def test_one_vs_rest_is_scikit_learns(seed):
    generator = np.random.default_rng(seed)
    gold = np.append([0, 1, 2], generator.integers(0, 3, 12))
    scores = generator.dirichlet([1, 1, 1], size=15).round(1)
    scores[:, 2] = 1 - scores[:, 0] - scores[:, 1]  # rows that sum to 1 for scikit-learn
    expected = reference.roc_auc_score(gold, scores, multi_class="ovr")
    assert roc_auc(gold, scores) == pytest.approx(expected)
    expected = reference.average_precision_score(gold, scores)
    assert average_precision(gold, scores) == pytest.approx(expected)


def test_areas_without_both_classes_are_undefined():
    assert roc_auc([1, 1], [0.2, 0.3]) is None
    assert roc_auc([0, 0], [0.2, 0.3]) is None
    assert average_precision([0, 0], [0.2, 0.3]) is None
    assert average_precision([1, 1], [0.2, 0.3]) == 1.0


def test_a_class_that_gold_lacks_is_left_out_of_the_mean():
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    assert roc_auc([0, 1, 0], scores) == 1.0
    assert roc_auc([0, 0, 0], scores) is None


def test_curves_without_both_classes_are_refused():
    with pytest.raises(DataError, match="a ROC needs both"):
        roc_curve([1, 1], [0.2, 0.3])
    with pytest.raises(DataError, match="no positive record"):
        pr_curve([0, 0], [0.2, 0.3])


@pytest.mark.parametrize("scores", [[0.1, float("nan")], [0.1, float("inf")], [0.1], ["a", "b"]])
def test_scores_that_cannot_be_ranked_are_refused(scores):
    with pytest.raises(DataError, match="scores"):
        roc_auc([0, 1], scores)
