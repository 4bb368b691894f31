"""Take what callers hold (lists, arrays) in, checked: everything behind it may trust its shape."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqkit.errors import DataError

__all__ = ["aligned", "binary", "class_ids", "distributions", "finite"]


def class_ids(values: ArrayLike, *, name: str, classes: int | None = None) -> NDArray[np.int64]:
    """Return class indices as int64, shape (N,), all within [0, classes).

    Raises:
        DataError: not one-dimensional, empty, not whole numbers, or out of range.
    """
    ids = np.asarray(values)
    if ids.ndim != 1 or not ids.size:
        raise DataError(f"{name}: shape {ids.shape}, expected (N,) with at least one record")
    if ids.dtype.kind not in "biu":
        raise DataError(f"{name}: dtype {ids.dtype}, expected class indices (whole numbers)")
    if ids.min() < 0 or (classes is not None and ids.max() >= classes):
        wrong = ids.min() if ids.min() < 0 else ids.max()
        top = "" if classes is None else f" to {classes - 1}"
        raise DataError(f"{name}: class index {wrong}, expected 0{top}")
    return ids.astype(np.int64)


def aligned(gold: NDArray, other: NDArray, *, name: str) -> None:
    """Raise DataError unless `other` has a row for each record of `gold`."""
    if len(gold) != len(other):
        raise DataError(f"{name}: {len(other)} records, but gold has {len(gold)}")


def finite(values: ArrayLike, *, name: str, ndim: int) -> NDArray[np.floating]:
    """Return `values` as a float array of `ndim` dimensions; NaN and infinity raise DataError."""
    array = np.asarray(values)
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    if array.ndim != ndim or array.dtype.kind != "f":
        raise DataError(
            f"{name}: {array.dtype} of shape {array.shape}, expected numbers in {ndim} dimension(s)"
        )
    if not np.isfinite(array).all():
        raise DataError(f"{name}: NaN or infinity in it, expected finite numbers")
    return array


def binary(gold: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return gold (N,) of 0 and 1 with the scores (N,) of the positive class as float64."""
    ids = class_ids(gold, name="gold", classes=2)
    values = finite(scores, name="scores", ndim=1).astype(np.float64)
    aligned(ids, values, name="scores")
    return ids, values


def distributions(
    gold: ArrayLike, probabilities: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """Return gold (N,) with probabilities (N, C), each row in [0, 1] and summing to 1 +- 0.01."""
    table = finite(probabilities, name="probabilities", ndim=2)
    ids = class_ids(gold, name="gold", classes=table.shape[1])
    aligned(ids, table, name="probabilities")
    sums = table.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero((np.abs(sums - 1) > 0.01) | (table.min(axis=1) < 0))
    if wrong.size:
        row = wrong[0]
        raise DataError(
            f"probabilities: row {row} has sum {sums[row]:.4g} and least {table[row].min():.4g}, "
            "expected a distribution: pass probabilities, not scores or logits"
        )
    return ids, table
