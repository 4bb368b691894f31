"""The vote of the nearest training documents, by cosine over TF-IDF."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from seqkit.baselines.rows import Rows
from seqkit.baselines.training import Training
from seqkit.baselines.weighting import inverse_document_frequency, tfidf
from seqkit.errors import require

__all__ = ["Neighbours"]

_BATCH = 64  # documents compared with all of training at once
_PRIOR_VOTE = 0.1  # the cosine of the vote that the shares of the classes cast


@dataclass(frozen=True)
class Neighbours:
    """The k nearest documents, each voting with its cosine, and all that tie with the k-th.

    The shares of the classes in training cast a small vote of their own: it decides where no word
    of a text is known, and keeps every probability above 0.
    """

    idf: np.ndarray
    """(F,) float32."""
    starts: np.ndarray
    """(N + 1,) int64; with `features` and `values`, the training documents as in Rows."""
    features: np.ndarray
    """(Z,) int32."""
    values: np.ndarray
    """(Z,) float32."""
    y: np.ndarray
    """(N,) int64, their classes."""
    prior: np.ndarray
    """(C,) float64."""
    k: np.ndarray
    """() int64, at most N."""

    @classmethod
    def fit(cls, train: Training, *, seed: int, k: int) -> "Neighbours":
        """Keep the training set; nothing is drawn, so `seed` has no effect."""
        idf = inverse_document_frequency(train.counts, train.features)
        rows = tfidf(train.counts, idf)
        nearest = np.array(min(k, len(train.y)))
        return cls(idf, rows.starts, rows.features, rows.values, train.y, train.prior, nearest)

    def probabilities(self, counts: Rows) -> np.ndarray:
        """Return the shares of the votes, (N, C) float64."""
        queries = _matrix(tfidf(counts, self.idf), len(self.idf))
        votes = [
            self._votes((queries[i : i + _BATCH] @ self._by_feature).toarray())
            for i in range(0, len(counts), _BATCH)
        ]
        total = np.concatenate([np.zeros((0, len(self.prior))), *votes]) + _PRIOR_VOTE * self.prior
        return total / total.sum(axis=1, keepdims=True)

    def _votes(self, cosines: np.ndarray) -> np.ndarray:
        """Sum the cosines (B, N) of the nearest by class: (B, C)."""
        last = cosines.shape[1] - self.k
        reach = np.partition(cosines, last, axis=1)[:, last, None]
        row, near = np.nonzero((cosines >= reach) & (cosines > 0))
        classes = len(self.prior)
        cells = row * classes + self.y[near]
        votes = np.bincount(cells, cosines[row, near], minlength=len(cosines) * classes)
        return votes.reshape(-1, classes)

    @cached_property
    def _by_feature(self) -> Any:
        """The training documents as a sparse matrix by feature, (F, N)."""
        return _matrix(Rows(self.starts, self.features, self.values), len(self.idf)).T.tocsr()


def _matrix(rows: Rows, features: int) -> Any:
    sparse = require("scipy.sparse", extra="baselines", purpose="nearest neighbours")
    return sparse.csr_matrix((rows.values, rows.features, rows.starts), (len(rows), features))
