"""Probabilities from margins that keep the decision of the classifier."""

from collections.abc import Callable

import numpy as np

from seqkit.baselines.linear import distribution
from seqkit.baselines.training import Training

__all__ = ["fit_slope", "held_out_slope"]

_FOLDS = 5
_ENOUGH = 2000  # held-out documents: one slope needs no more, and each fold is a training


def held_out_slope(
    train: Training, margins: Callable[[Training, Training], np.ndarray], seed: int
) -> float:
    """Fit the slope on documents that the classifier was not trained on.

    Args:
        train: the whole training set, dealt into five folds.
        margins: train on the first part, return the margins (N, R) of the second.
        seed: of the folds.

    Returns:
        The slope; 1 where no document can be held out.
    """
    found, classes = [], []
    for held in train.folds(_FOLDS, seed):
        found.append(margins(train.select(~held), train.select(held)))
        classes.append(train.y[held])
        if sum(map(len, found)) >= _ENOUGH:
            break
    return fit_slope(np.concatenate(found), np.concatenate(classes)) if found else 1.0


def fit_slope(margins: np.ndarray, y: np.ndarray) -> float:
    """Find the slope a > 0 for which softmax(a * margins) has the least log loss.

    Platt scaling (1999) without its offset, or temperature scaling (Guo et al., 2017): with no
    offset the most probable class stays the one with the largest margin. As in Platt's targets,
    each class is given one more document, so that a perfect separation has a finite slope.
    """
    classes = distribution(margins).shape[1]
    target = np.full((len(y), classes), 1 / (len(y) + classes))
    target[np.arange(len(y)), y] += len(y) / (len(y) + classes)
    columns = slice(1, None) if margins.shape[1] == 1 else slice(None)

    def rises(log_slope: float) -> bool:
        excess = distribution(np.exp(log_slope) * margins) - target
        return float((excess[:, columns] * margins).sum()) > 0

    low, high = np.log(1e-3), np.log(1e3)
    while high - low > 1e-6:  # the loss is convex: halve towards where it stops falling
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return float(np.exp(low))
