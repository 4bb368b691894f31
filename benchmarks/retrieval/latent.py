"""Vectors of documents, made of the documents themselves, and searched for those of queries."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqkit.search.analysis import Analyzer
from seqkit.search.fusion import VectorIndex

__all__ = ["LatentVectors"]


class LatentVectors:
    """Latent semantic indexing (Deerwester et al. 1990), by scikit-learn.

    (1 + ln tf) idf of the terms, rows of length 1, and the largest singular values of that.
    """

    def __init__(
        self, ids: Sequence[str], texts: Sequence[str], analyzer: Analyzer, *, dimensions: int
    ) -> None:
        """Make the vectors of documents.

        Args:
            ids: theirs.
            texts: theirs; nothing else is learned from.
            analyzer: makes the terms.
            dimensions: of the vectors.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        def terms(text: str) -> list[str]:
            return [term for term in analyzer.query(text) if term is not None]

        self._weights = TfidfVectorizer(analyzer=terms, sublinear_tf=True)
        self._svd = TruncatedSVD(dimensions, algorithm="arpack", random_state=0)
        vectors = self._svd.fit_transform(self._weights.fit_transform(texts))
        self._index = VectorIndex(ids, _of_length_1(vectors))

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[str]]:
        """Return for each query the ids of the k documents whose vectors are nearest."""
        vectors = _of_length_1(self._svd.transform(self._weights.transform(texts)))
        return [[found.id for found in self._index.search(vector, k=k)] for vector in vectors]


def _of_length_1(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
