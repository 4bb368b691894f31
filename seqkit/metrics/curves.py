"""ROC and precision-recall curves and the areas under them; equal scores move together."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError
from seqkit.metrics.arrays import aligned, binary, class_ids, finite

__all__ = ["average_precision", "pr_curve", "ranked", "roc_auc", "roc_curve"]


def ranked(gold: ArrayLike, scores: ArrayLike) -> tuple[NDArray, NDArray, NDArray]:
    """Count what each threshold calls positive, from the strictest to the loosest.

    Args:
        gold: 1 for positive and 0 for negative, (N,).
        scores: scores of the positive class, (N,).

    Returns:
        The K distinct scores in falling order (float64), and the true and the false positives
        (int64) among the records that score at least as much, (K,) each.
    """
    ids, values = binary(gold, scores)
    order = np.argsort(-values, kind="stable")
    ids, values = ids[order], values[order]
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    true = np.cumsum(ids)[last]
    return values[last], true, last + 1 - true


def roc_curve(gold: ArrayLike, scores: ArrayLike) -> tuple[NDArray, NDArray, NDArray]:
    """Return false positive rates, true positive rates and thresholds, (K + 1,) each.

    The first point is (0, 0) at threshold infinity; every distinct score adds one (scikit-learn's
    drop_intermediate=False).

    Raises:
        DataError: gold holds only one of the two classes.
    """
    thresholds, true, false = ranked(gold, scores)
    if not true[-1] or not false[-1]:
        raise DataError(f"gold: {true[-1]} positive and {false[-1]} negative, a ROC needs both")
    return (
        np.append(0.0, false / false[-1]),
        np.append(0.0, true / true[-1]),
        np.append(np.inf, thresholds),
    )


def pr_curve(gold: ArrayLike, scores: ArrayLike) -> tuple[NDArray, NDArray, NDArray]:
    """Return precision (K + 1,), recall (K + 1,) and thresholds (K,), rising thresholds.

    The last point is precision 1 at recall 0 and has no threshold, as in scikit-learn.

    Raises:
        DataError: gold holds no positive.
    """
    thresholds, true, false = ranked(gold, scores)
    if not true[-1]:
        raise DataError("gold: no positive record, a precision-recall curve needs one")
    precision, recall = true / (true + false), true / true[-1]
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]


def roc_auc(gold: ArrayLike, scores: ArrayLike) -> float | None:
    """Return the area under the ROC curve: the chance that a positive outranks a negative.

    Args:
        gold: 0 and 1, (N,); or class indices, (N,), with a column of scores a class.
        scores: scores of class 1, (N,); or (N, C), and the result is the unweighted mean over
            each class against the rest, classes without a positive or a negative left out.

    Returns:
        The area, or None where no class has both positives and negatives.
    """
    return _mean_one_vs_rest(_roc_auc, gold, scores)


def average_precision(gold: ArrayLike, scores: ArrayLike) -> float | None:
    """Return the sum over thresholds of the step in recall times the precision there.

    Shapes and averaging as in `roc_auc`; None where gold has no positive.
    """
    return _mean_one_vs_rest(_average_precision, gold, scores)


def _mean_one_vs_rest(
    area: Callable[[ArrayLike, ArrayLike], float | None], gold: ArrayLike, scores: ArrayLike
) -> float | None:
    table = np.asarray(scores)
    if table.ndim < 2:
        return area(gold, scores)
    table = finite(table, name="scores", ndim=2)
    ids = class_ids(gold, name="gold", classes=table.shape[1])
    aligned(ids, table, name="scores")
    areas = [area(ids == k, table[:, k]) for k in range(table.shape[1])]
    defined = [value for value in areas if value is not None]
    return float(np.mean(defined)) if defined else None


def _roc_auc(gold: ArrayLike, scores: ArrayLike) -> float | None:
    _, true, false = ranked(gold, scores)
    positives, negatives = int(true[-1]), int(false[-1])
    if not positives or not negatives:
        return None
    # twice the area of the trapezoids in whole numbers: exact whatever the order of the ties
    heights = true + np.append(0, true[:-1])
    return int(np.diff(false, prepend=0) @ heights) / (2 * positives * negatives)


def _average_precision(gold: ArrayLike, scores: ArrayLike) -> float | None:
    _, true, false = ranked(gold, scores)
    if not true[-1]:
        return None
    return float(np.diff(true, prepend=0) @ (true / (true + false)) / true[-1])
