"""The numbers of vectors: float32, float16, or int8 with a scale a row; in memory or mapped."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError, DataError, choices

__all__ = ["CHUNK", "Matrix", "Precision", "check_precision", "open_array", "write_array"]

Precision = Literal["float32", "float16", "int8"]
"""How a saved number is kept: 4, 2 or 1 bytes."""

CHUNK = 4096
"""Rows that are turned to float32 together."""

_SPAN = 127.0  # what the largest number of a row becomes in int8
_HALF = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False)
class Matrix:
    """A table of numbers (V, E) that is read as float32, some rows at a time."""

    values: npt.NDArray[Any]
    """(V, E) float32, float16 or int8; maybe mapped from a file."""
    scales: npt.NDArray[np.float32] | None = None
    """(V,) of int8: what the numbers of each row are multiplied by."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape  # type: ignore[return-value]

    @property
    def precision(self) -> str:
        """What its numbers are kept as."""
        return self.values.dtype.name

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> npt.NDArray[np.float32]:
        """Read rows, by numbers or a slice, as float32: (N, E), or (E,) of one row."""
        values = self.values[rows]
        if self.scales is None:
            return np.asarray(values, np.float32)
        return values * self.scales[rows][..., None]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self[:], dtype)

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Yield first row and float32 numbers (up to `size`, E) of one part after another."""
        for start in range(0, len(self), size):
            yield start, self[start : start + size]

    def lengths(self) -> npt.NDArray[np.float32]:
        """Compute the Euclidean length (V,) of each row; not finite where a number is not."""
        lengths = np.empty(len(self), np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for start, part in self.chunks():
                squares = np.einsum("ij,ij->i", part, part, dtype=np.float64, casting="safe")
                lengths[start : start + len(part)] = np.sqrt(squares)
        return lengths


def check_precision(precision: str) -> None:
    """Refuse a precision that there is not.

    Raises:
        ConfigError: with those that there are.
    """
    if precision not in get_args(Precision):
        raise ConfigError(choices("precision", precision, get_args(Precision)))


def write_array(
    path: Path, matrix: Matrix, precision: Precision, *, scales: list[npt.NDArray[np.float32]]
) -> None:
    """Write a matrix as a `.npy` file, a part at a time.

    Args:
        path: the file.
        matrix: what to write.
        precision: what its numbers become.
        scales: takes those of int8, part by part.

    Raises:
        DataError: a number that float16 cannot hold.
    """
    dtype = np.dtype(precision).newbyteorder("<")
    head = {"descr": dtype.str, "fortran_order": False, "shape": matrix.shape}
    with open(path, "wb") as handle:
        np.lib.format.write_array_header_1_0(handle, head)
        for start, part in matrix.chunks():
            if precision == "int8":
                part, factors = _to_int8(part)
                scales.append(factors)
            elif precision == "float16" and np.abs(part).max(initial=0) > _HALF:
                row = start + int(np.argmax(np.abs(part).max(axis=1) > _HALF))
                raise DataError(
                    f"row {row}: a number beyond the {_HALF:.0f} of float16: save as float32 or "
                    "int8, or scale the vectors down"
                )
            handle.write(np.ascontiguousarray(part, dtype).tobytes())
        handle.flush()
        os.fsync(handle.fileno())


def open_array(path: Path, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Map a `.npy` file.

    Raises:
        ValueError: it is no such file, or not of this dtype and shape.
    """
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    found, wanted = (array.dtype, array.shape), (np.dtype(dtype), shape)
    if found != wanted or not array.flags.c_contiguous:
        raise ValueError(f"{path.name}: {found[0]} {found[1]}, expected {wanted[0]} {wanted[1]}")
    return array


def _to_int8(
    part: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Bring each row to -127 to 127; returns it and what brings it back."""
    scales = np.abs(part).max(axis=1) / np.float32(_SPAN)
    divisors = np.where(scales > 0, scales, 1)[:, None]
    return np.rint(part / divisors).astype(np.int8), scales
