"""How good the probabilities are: log loss and calibration."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError
from seqkit.metrics.arrays import distributions

__all__ = ["Reliability", "calibration_error", "log_loss", "reliability"]


def log_loss(gold: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean of -log p(gold) in nats.

    Probabilities are kept away from 0 and 1 by the machine epsilon of their dtype, as scikit-learn
    does: a certain mistake costs 36 nats in float64, 16 in float32.

    Args:
        gold: class indices, (N,).
        probabilities: (N, C), rows that sum to 1.

    Raises:
        DataError: shapes that do not fit, or rows that are no distribution.
    """
    ids, table = distributions(gold, probabilities)
    epsilon = float(np.finfo(table.dtype).eps)
    of_gold = table[np.arange(len(ids)), ids].astype(np.float64)
    return float(-np.log(np.clip(of_gold, epsilon, 1 - epsilon)).mean())


class Reliability(NamedTuple):
    """What was promised and what was kept, for each bin of confidence, (bins,) each."""

    edges: NDArray[np.float64]
    """Bounds of the bins, (bins + 1,); a bin includes its upper bound."""
    confidence: NDArray[np.float64]
    """Mean probability of the most probable class; 0 in an empty bin."""
    accuracy: NDArray[np.float64]
    """Share of records whose most probable class is right; 0 in an empty bin."""
    count: NDArray[np.int64]
    """Records in the bin."""


def reliability(gold: ArrayLike, probabilities: ArrayLike, *, bins: int = 15) -> Reliability:
    """Bin records by the probability of their most probable class (Guo et al. 2017, section 2).

    Args:
        gold: class indices, (N,).
        probabilities: (N, C), rows that sum to 1.
        bins: number of bins of equal width over [0, 1].

    Raises:
        ConfigError: fewer than one bin.
        DataError: shapes that do not fit, or rows that are no distribution.
    """
    if bins < 1:
        raise ConfigError(f"bins {bins}: expected 1 or more")
    ids, table = distributions(gold, probabilities)
    best = table.argmax(axis=1)
    confidence = table[np.arange(len(ids)), best].astype(np.float64)
    edges = np.arange(bins + 1) / bins
    index = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    filled = np.maximum(count, 1)
    return Reliability(
        edges,
        np.bincount(index, weights=confidence, minlength=bins) / filled,
        np.bincount(index, weights=best == ids, minlength=bins) / filled,
        count,
    )


def calibration_error(gold: ArrayLike, probabilities: ArrayLike, *, bins: int = 15) -> float:
    """Return the expected calibration error (Guo et al. 2017, equation 3).

    The mean over records of |accuracy - confidence| of the record's bin; see `reliability`.
    """
    table = reliability(gold, probabilities, bins=bins)
    return float(table.count @ np.abs(table.accuracy - table.confidence) / table.count.sum())
