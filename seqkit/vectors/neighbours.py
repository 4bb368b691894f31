"""The rows most like given vectors, by the cosine: exact, many at once, in bounded memory.

A matrix product over a part of the rows at a time says which rows may be among the best, to within
what float32 can tell; those few are computed anew in float64, row for row in the same order of
sums. So the answer to a query does not depend on what else is asked with it, and rows with equal
vectors have equal scores, which the lower row wins.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.vectors.storage import Matrix

__all__ = ["MARGIN", "Neighbour", "cosines", "exact_best", "nearest_rows", "unit_rows"]

MARGIN = 1e-5
"""More than a cosine in float32 is off."""

_TILE = 512  # queries in one product
_SCORES = 1 << 20  # that one product makes: they stay in the cache
_MOST_ROWS = 1 << 14  # in one product
_RESCORED = 4096  # candidates that are computed anew together
_LEAST = float(np.finfo(np.float32).tiny)

Rows = npt.NDArray[np.int64]
Found = list[tuple[Rows, npt.NDArray[np.float64]]]


class Neighbour(NamedTuple):
    """A word that is near, and its cosine."""

    word: str
    score: float


def unit_rows(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Bring vectors (N, E) to length 1, in float64; those of length 0 stay."""
    vectors = np.asarray(vectors, np.float64)
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return vectors / np.where(lengths > _LEAST, lengths, np.inf)


def cosines(
    vectors: npt.NDArray[np.floating], queries: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Compute the cosine (N,) of each vector (N, E) with its query (N, E), which has length 1.

    A vector of zeros has cosine 0 with everything.
    """
    return np.clip((unit_rows(vectors) * queries).sum(axis=1), -1.0, 1.0)


def nearest_rows(
    matrix: Matrix,
    lengths: npt.NDArray[np.float32],
    queries: npt.NDArray[np.float64],
    *,
    k: int,
    among: Rows | None = None,
) -> Found:
    """Find the k rows of the highest cosine with each query.

    Args:
        matrix: (V, E).
        lengths: (V,) of its rows.
        queries: (N, E) float64, of length 1 each.
        k: rows wanted, at least 1.
        among: row numbers to choose from, ascending, all by default.

    Returns:
        For each query its rows and their cosines, best first, ties by row; fewer than k where
        there are not as many.
    """
    count = len(matrix) if among is None else len(among)
    k = min(k, count)
    if not k or not len(queries):
        return [(np.empty(0, np.int64), np.empty(0)) for _ in queries]
    asked = queries.astype(np.float32)
    best = np.full((len(queries), k), -np.inf, np.float32)  # the k highest scores up to now
    parts: list[tuple[Rows, Rows, npt.NDArray[np.float32]]] = []
    size = max(k, min(_MOST_ROWS, _SCORES // min(len(queries), _TILE)))
    for start in range(0, count, size):
        chosen = slice(start, start + size)
        rows: slice | Rows = chosen if among is None else among[chosen]
        factors = _inverse(lengths[rows])
        part = matrix[rows]
        if scaled := len(queries) > matrix.shape[1]:  # less to multiply than the scores are
            part = part * factors[:, None]
        for tile in range(0, len(asked), _TILE):
            scores = asked[tile : tile + _TILE] @ part.T  # (queries, rows)
            if not scaled:
                scores *= factors
            owners, places = _collect(scores, best[tile : tile + _TILE])
            found = scores[owners, places]
            numbers = places + start if among is None else among[places + start]
            parts.append((owners + tile, numbers, found))
    owners, rows, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    kept = scores >= best.min(axis=1)[owners] - MARGIN
    return exact_best(matrix, queries, owners[kept], rows[kept], k=k)


def exact_best(
    matrix: Matrix, queries: npt.NDArray[np.float64], owners: Rows, rows: Rows, *, k: int
) -> Found:
    """Compute candidates anew, and keep the k best of each query, ties by row.

    Args:
        matrix: (V, E).
        queries: (N, E) float64, of length 1 each.
        owners: (C,) which query each candidate is for.
        rows: (C,) which row it is.
        k: how many are kept.
    """
    scores = np.empty(len(rows))
    for start in range(0, len(rows), _RESCORED):
        part = slice(start, start + _RESCORED)
        scores[part] = cosines(matrix[rows[part]], queries[owners[part]])
    order = np.lexsort((rows, -scores, owners))
    bounds = np.searchsorted(owners[order], np.arange(len(queries) + 1))
    chosen = [order[bounds[i] : bounds[i + 1]][:k] for i in range(len(queries))]
    return [(rows[part], scores[part]) for part in chosen]


def _collect(scores: npt.NDArray[np.float32], best: npt.NDArray[np.float32]) -> tuple[Rows, Rows]:
    """Return queries and places of the scores that may be among the best; brings `best` up to date.

    Args:
        scores: (N, C) of one part of the rows.
        best: (N, k) the highest scores so far, their lowest first after the first part.
    """
    k = best.shape[1]
    first = best[0, 0] == -np.inf  # of the parts, which has k rows or more
    if first:
        best[:] = np.partition(scores, -k, axis=1)[:, -k:]
    worthy = scores >= best[:, :1] - np.float32(MARGIN)
    owners, places = np.divmod(np.flatnonzero(worthy), scores.shape[1])
    if len(owners) and not first:
        affected, firsts, counts = np.unique(owners, return_index=True, return_counts=True)
        wide = np.full((len(affected), k + counts.max()), -np.inf, np.float32)
        wide[:, :k] = best[affected]
        lines = np.repeat(np.arange(len(affected)), counts)
        wide[lines, k + np.arange(len(owners)) - firsts[lines]] = scores[owners, places]
        best[affected] = np.partition(wide, -k, axis=1)[:, -k:]
    return owners, places


def _inverse(lengths: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return 1 / length (V,), 0 for rows of zeros."""
    return np.float32(1) / np.where(lengths > _LEAST, lengths, np.float32(np.inf))
