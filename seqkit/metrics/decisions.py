"""How good the predicted classes are: from gold and predicted indices to one number.

A quotient with nothing to divide by is 0.0, as with scikit-learn's zero_division=0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.metrics.arrays import aligned, class_ids
from seqkit.metrics.counts import Counts, averaged, rates, statistic, tally

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "blocked",
    "caught",
    "confusion",
    "macro_f1",
    "mcc",
    "per_class",
    "precision_recall_f1",
]


def confusion(
    gold: ArrayLike, predicted: ArrayLike, *, classes: int | None = None
) -> NDArray[np.int64]:
    """Count gold against predicted: (C, C) int64, a row for each gold class.

    Args:
        gold: class indices, (N,).
        predicted: class indices, (N,).
        classes: C; by default the classes that occur, from 0 to the highest.

    Raises:
        DataError: no records, lengths that differ, or an index out of range.
    """
    rows = class_ids(gold, name="gold", classes=classes)
    columns = class_ids(predicted, name="predicted", classes=classes)
    aligned(rows, columns, name="predicted")
    classes = classes or int(max(rows.max(), columns.max())) + 1
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


def accuracy(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Return the share of records that are right."""
    return float(statistic("accuracy")(tally(gold, predicted)))


def balanced_accuracy(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean recall over the classes that occur in gold."""
    return float(statistic("balanced_accuracy")(tally(gold, predicted)))


def macro_f1(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean F1 over the classes that occur in gold or predicted."""
    return float(statistic("macro_f1")(tally(gold, predicted)))


def mcc(gold: ArrayLike, predicted: ArrayLike) -> float:
    """Return the Matthews correlation coefficient; for several classes, R_K of Gorodkin (2004).

    0.0 where gold or predicted holds one class only.

    >>> mcc([0, 0, 1, 1], [0, 0, 1, 0])
    0.5773502691896258
    """
    return float(statistic("mcc")(tally(gold, predicted)))


def precision_recall_f1(
    gold: ArrayLike, predicted: ArrayLike, *, average: str = "macro"
) -> tuple[float, float, float]:
    """Return precision, recall and F1, averaged over the classes of gold and predicted.

    Args:
        gold: class indices, (N,).
        predicted: class indices, (N,).
        average: macro (mean over the classes that occur in either), micro (pooled counts) or
            weighted (mean weighted by the class's records in gold).

    Raises:
        ConfigError: another `average`.
    """
    precision, recall, f1 = averaged(tally(gold, predicted), average=average)
    return float(precision), float(recall), float(f1)


def per_class(
    gold: ArrayLike, predicted: ArrayLike, *, classes: int | None = None
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return precision, recall, F1 (float64) and support (int64) of each class, (C,) each."""
    counts = tally(gold, predicted, classes=classes)
    return *rates(counts), counts.support


def caught(gold: ArrayLike, predicted: ArrayLike, *, positive: int) -> float:
    """Return the share of class `positive` that is predicted as it (its recall)."""
    return _share("caught", tally(gold, predicted), positive)


def blocked(gold: ArrayLike, predicted: ArrayLike, *, positive: int) -> float:
    """Return the share of the other classes predicted as `positive` (false positive rate)."""
    return _share("blocked", tally(gold, predicted), positive)


def _share(name: str, counts: Counts, positive: int) -> float:
    function = statistic(name, positive=positive)
    if positive >= counts.hits.shape[-1]:  # a class that occurs nowhere
        return 0.0
    value = float(function(counts))
    return 0.0 if np.isnan(value) else value
