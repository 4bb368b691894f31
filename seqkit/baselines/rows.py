"""Sparse rows: the features of each document and their values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Rows"]


@dataclass(frozen=True)
class Rows:
    """A sparse matrix of N documents with Z entries, the features of a row in ascending order."""

    starts: np.ndarray
    """(N + 1,) int64: row i is the entries from starts[i] to starts[i + 1]."""
    features: np.ndarray
    """(Z,) int32."""
    values: np.ndarray
    """(Z,) float32."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def concatenate(cls, parts: Sequence["Rows"]) -> "Rows":
        """Put parts under one another."""
        counts = [np.diff(part.starts) for part in parts]
        return cls(
            np.concatenate([[0], *counts]).cumsum(),
            np.concatenate([np.zeros(0, np.int32), *(part.features for part in parts)]),
            np.concatenate([np.zeros(0, np.float32), *(part.values for part in parts)]),
        )

    def index(self) -> np.ndarray:
        """Return the row of each entry, (Z,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def select(self, rows: np.ndarray) -> "Rows":
        """Return the rows at these positions, in this order."""
        counts = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], counts]).cumsum()
        entries = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], counts)
        return Rows(starts, self.features[entries], self.values[entries])
