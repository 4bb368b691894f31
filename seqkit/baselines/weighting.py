"""From counts to the values that the linear baselines and the neighbours see."""

import numpy as np

from seqkit.baselines.rows import Rows

__all__ = ["binary", "inverse_document_frequency", "tfidf", "unit_length"]


def binary(counts: Rows) -> Rows:
    """Replace each count by 1."""
    return Rows(counts.starts, counts.features, np.ones_like(counts.values))


def inverse_document_frequency(counts: Rows, features: int) -> np.ndarray:
    """Compute ln((1 + N) / (1 + df)) + 1 for each feature, (F,) float32."""
    frequency = np.bincount(counts.features, minlength=features)
    return (np.log((1 + len(counts)) / (1 + frequency)) + 1).astype(np.float32)


def tfidf(counts: Rows, idf: np.ndarray) -> Rows:
    """Weigh counts by (1 + ln tf) * idf, then scale each row to length 1."""
    values = (1 + np.log(counts.values)) * idf[counts.features]
    return unit_length(Rows(counts.starts, counts.features, values))


def unit_length(rows: Rows) -> Rows:
    """Scale each row to Euclidean length 1; a row of zeros stays."""
    index = rows.index()
    norms = np.sqrt(np.bincount(index, np.square(rows.values, dtype=np.float64), len(rows)))
    norms[norms == 0] = 1
    return Rows(rows.starts, rows.features, (rows.values / norms[index]).astype(np.float32))
