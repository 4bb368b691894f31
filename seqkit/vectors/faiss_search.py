"""Neighbours through faiss's flat index: the same answers, its candidates computed anew."""

from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import require
from seqkit.vectors.neighbours import MARGIN, Found, exact_best, nearest_rows
from seqkit.vectors.storage import Matrix

__all__ = ["FaissSearch"]

_SPARE = 6  # candidates asked for beyond k, to see where the scores near the k-th end


class FaissSearch:
    """A flat inner-product index of the vectors at length 1, which holds a float32 copy of them."""

    def __init__(self, matrix: Matrix, lengths: npt.NDArray[np.float32]) -> None:
        """Build the index.

        Args:
            matrix: (V, E).
            lengths: (V,) of its rows.

        Raises:
            ConfigError: faiss is not installed.
        """
        faiss: Any = require("faiss", extra="faiss", purpose="backend faiss")
        self.matrix, self.lengths = matrix, lengths
        self.index = faiss.IndexFlatIP(matrix.shape[1])
        for start, part in matrix.chunks():
            divisors = lengths[start : start + len(part), None]
            self.index.add(part / np.where(divisors > 0, divisors, 1))

    def nearest(self, queries: npt.NDArray[np.float64], *, k: int) -> Found:
        """Find the k rows of the highest cosine with each query; see `nearest_rows`.

        Where so many rows score alike that faiss may have left the right ones out, they are
        looked for without it.
        """
        wanted = min(k + _SPARE, len(self.matrix))
        scores, rows = self.index.search(queries.astype(np.float32), wanted)
        owners = np.repeat(np.arange(len(queries)), wanted)
        found = exact_best(self.matrix, queries, owners, rows.reshape(-1), k=k)
        if wanted < len(self.matrix):
            crowded = np.flatnonzero(scores[:, -1] >= scores[:, k - 1] - MARGIN)
            again = nearest_rows(self.matrix, self.lengths, queries[crowded], k=k)
            for query, answer in zip(crowded, again, strict=True):
                found[query] = answer
        return found
