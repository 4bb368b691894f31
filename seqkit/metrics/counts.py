"""Statistics of a confusion matrix that need only its diagonal and its margins.

Each takes leading dimensions, so that thousands of resamples, or every threshold, cost one call.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import ConfigError, choices
from seqkit.metrics.arrays import aligned, class_ids

__all__ = ["AVERAGES", "STATISTICS", "Counts", "averaged", "rates", "statistic", "tally"]

AVERAGES = ("macro", "micro", "weighted")


class Counts(NamedTuple):
    """The counts of a confusion matrix, each of shape (..., C)."""

    hits: NDArray
    """Records of a class that were predicted as it: the diagonal."""
    support: NDArray
    """Records of a class in gold: the row sums."""
    called: NDArray
    """Records predicted as a class: the column sums."""


def tally(gold: ArrayLike, predicted: ArrayLike, *, classes: int | None = None) -> Counts:
    """Count (N,) gold and predicted class indices; C is `classes`, or what occurs, at least 2."""
    gold = class_ids(gold, name="gold", classes=classes)
    predicted = class_ids(predicted, name="predicted", classes=classes)
    aligned(gold, predicted, name="predicted")
    classes = classes or max(2, int(gold.max()) + 1, int(predicted.max()) + 1)
    return Counts(
        np.bincount(gold[gold == predicted], minlength=classes),
        np.bincount(gold, minlength=classes),
        np.bincount(predicted, minlength=classes),
    )


def _ratio(part: NDArray, whole: NDArray, undefined: float = 0.0) -> NDArray[np.float64]:
    out = np.full(np.broadcast_shapes(part.shape, whole.shape), undefined)
    return np.divide(part, whole, out=out, where=whole != 0)


def _mean(values: NDArray, keep: NDArray) -> NDArray[np.float64]:
    """Average over the classes in `keep`, (..., C) -> (...)."""
    return _ratio(np.where(keep, values, 0.0).sum(-1), keep.sum(-1))


def rates(counts: Counts) -> tuple[NDArray, NDArray, NDArray]:
    """Return precision, recall and F1 of each class, (..., C); 0 where nothing is divided by 0."""
    return (
        _ratio(counts.hits, counts.called),
        _ratio(counts.hits, counts.support),
        _ratio(2 * counts.hits, counts.called + counts.support),
    )


def averaged(counts: Counts, *, average: str) -> tuple[NDArray, NDArray, NDArray]:
    """Return precision, recall and F1, (...), averaged over the classes that occur anywhere."""
    if average not in AVERAGES:
        raise ConfigError(choices("average", average, AVERAGES))
    if average == "micro":  # one label a record: every error is one false and one missed call
        share = _accuracy(counts)
        return share, share, share
    if average == "macro":
        occurs = counts.support + counts.called > 0
        precision, recall, f1 = (_mean(values, occurs) for values in rates(counts))
    else:
        whole = counts.support.sum(-1)
        precision, recall, f1 = (
            _ratio((values * counts.support).sum(-1), whole) for values in rates(counts)
        )
    return precision, recall, f1


def _accuracy(counts: Counts) -> NDArray[np.float64]:
    return _ratio(counts.hits.sum(-1), counts.support.sum(-1))


def _balanced_accuracy(counts: Counts) -> NDArray[np.float64]:
    return _mean(_ratio(counts.hits, counts.support), counts.support > 0)


def _mcc(counts: Counts) -> NDArray[np.float64]:
    # Gorodkin 2004, R_K: covariance of gold and predicted indicators over their own variances
    hits, support, called = (np.asarray(part, dtype=np.float64) for part in counts)
    n = support.sum(-1)
    covariance = hits.sum(-1) * n - (support * called).sum(-1)
    variances = (n**2 - (support**2).sum(-1)) * (n**2 - (called**2).sum(-1))
    return _ratio(covariance, np.sqrt(variances))


def _f1(average: str) -> Callable[[Counts], NDArray]:
    return lambda counts: averaged(counts, average=average)[2]


STATISTICS: dict[str, Callable[[Counts], NDArray]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "macro_f1": _f1("macro"),
    "mcc": _mcc,
    "weighted_f1": _f1("weighted"),
}


def statistic(name: str, *, positive: int | None = None) -> Callable[[Counts], NDArray]:
    """Return the function Counts -> (...) of that name: one of STATISTICS, caught or blocked.

    `caught` is the share of class `positive` predicted as it, `blocked` the share of the others
    predicted as it; both are NaN where there is no record to take a share of.

    Raises:
        ConfigError: no such statistic, or caught or blocked without an index.
    """
    if name in STATISTICS:
        return STATISTICS[name]
    if name not in ("blocked", "caught"):
        raise ConfigError(choices("statistic", name, [*STATISTICS, "blocked", "caught"]))
    if positive is None or positive < 0:
        raise ConfigError(f"statistic {name!r}, positive {positive}: expected a class index")

    def share(counts: Counts) -> NDArray[np.float64]:
        hits, support = counts.hits[..., positive], counts.support[..., positive]
        if name == "caught":
            return _ratio(hits, support, np.nan)
        others = counts.support.sum(-1) - support
        return _ratio(counts.called[..., positive] - hits, others, np.nan)

    return share
