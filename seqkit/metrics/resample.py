"""Resample records with replacement by drawing how often each distinct record comes up."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqkit.errors import ConfigError
from seqkit.metrics.counts import Counts

__all__ = ["Cells", "binomial_draws", "cells", "check_sampling", "counts_of", "multinomial_draws"]

_NUMBERS_AT_ONCE = 4_000_000  # bounds the memory of one batch of draws, about 32 MB


class Cells(NamedTuple):
    """The distinct records and how many there are of each."""

    columns: NDArray[np.int64]
    """Class indices, (number of columns, K)."""
    count: NDArray[np.int64]
    """Records of each kind, (K,)."""


def check_sampling(samples: int, level: float) -> None:
    """Raise ConfigError unless there is a sample to draw and the level is within (0, 1)."""
    if samples < 1:
        raise ConfigError(f"samples {samples}: expected 1 or more, such as 2000")
    if not 0 < level < 1:
        raise ConfigError(f"level {level}: expected between 0 and 1, such as 0.95")


def cells(*columns: NDArray[np.int64]) -> Cells:
    """Group N records, given as columns of class indices (N,), by what they hold."""
    distinct, count = np.unique(np.stack(columns), axis=1, return_counts=True)
    return Cells(distinct, count)


def multinomial_draws(
    count: NDArray[np.int64], samples: int, generator: np.random.Generator, *, classes: int
) -> Iterator[NDArray[np.int64]]:
    """Yield batches, (S, K), of how often each kind comes up when the records are resampled.

    The counts of a resample with replacement are multinomial: the same distribution as drawing
    records one by one, at a cost of K instead of N a sample. All batches hold `samples` rows.
    """
    total = int(count.sum())
    for size in _batches(samples, max(len(count), classes)):
        yield generator.multinomial(total, count / total, size=size)


def binomial_draws(
    count: NDArray[np.int64], samples: int, generator: np.random.Generator, *, classes: int
) -> Iterator[NDArray[np.int64]]:
    """Yield batches, (S, K), of how many records of each kind a fair coin picks."""
    for size in _batches(samples, max(len(count), classes)):
        yield generator.binomial(count, 0.5, size=(size, len(count)))


def _batches(samples: int, width: int) -> Iterator[int]:
    at_once = max(1, _NUMBERS_AT_ONCE // width)
    for start in range(0, samples, at_once):
        yield min(at_once, samples - start)


def counts_of(
    draws: NDArray[np.int64],
    gold: NDArray[np.int64],
    predicted: NDArray[np.int64],
    classes: int,
) -> Counts:
    """Turn draws (S, K) of kinds with these gold and predicted classes (K,) into Counts (S, C)."""
    right = gold == predicted
    return Counts(
        _sums(draws[:, right], gold[right], classes),
        _sums(draws, gold, classes),
        _sums(draws, predicted, classes),
    )


def _sums(draws: NDArray[np.int64], group: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Add up the columns (S, K) that belong to the same group (K,), (S, classes)."""
    out = np.zeros((len(draws), classes), dtype=np.int64)
    if group.size:
        order = np.argsort(group, kind="stable")
        present, starts = np.unique(group[order], return_index=True)
        out[:, present] = np.add.reduceat(draws[:, order], starts, axis=1)
    return out
