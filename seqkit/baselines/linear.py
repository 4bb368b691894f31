"""Linear scores of sparse rows, and the distribution they stand for.

For two classes there is one column, the score of the second class against the first; for more,
one column a class.
"""

import numpy as np
from numpy.typing import NDArray

from seqkit.baselines.rows import Rows

__all__ = ["distribution", "linear_scores"]


def linear_scores(rows: Rows, weights: np.ndarray, bias: np.ndarray) -> NDArray[np.float64]:
    """Compute rows @ weights.T + bias, (N, R), for weights (R, F) and bias (R,).

    Each row is summed in the order of its features, so that its score is the same in any batch.
    """
    index = rows.index()
    sums = [np.bincount(index, rows.values * w[rows.features], len(rows)) for w in weights]
    return np.stack(sums, axis=1) + bias


def distribution(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn scores (N, R) into probabilities (N, C) by softmax; one score is set against 0."""
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
